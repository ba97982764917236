"""What recorded answers of a real WooCommerce 11.0.1 are made of: their fields in order, and the kinds."""

from __future__ import annotations

from typing import Any

_ADDRESS = "first_name last_name company address_1 address_2 city state postcode country"
_PERSON = "first_name last_name company address_1 address_2 city postcode country state"
_LINE_META = "meta_data[id# key$ value$ display_key$ display_value$]"
_TAXES = "taxes[]"


def _texts(names: str) -> str:
    return " ".join(f"{name}$" for name in names.split())


ADDRESS, PERSON = _texts(_ADDRESS), _texts(_PERSON)
LINE = (
    "id# name$ product_id# variation_id# quantity# tax_class$ subtotal$ subtotal_tax$ total$ total_tax$ "
    f"{_TAXES} {_LINE_META} sku$ global_unique_id$ price# image{{id$ src$}} parent_name-"
)
ORDER = (
    "id# parent_id# status$ currency$ version$ prices_include_tax? date_created$ date_modified$ "
    "discount_total$ discount_tax$ shipping_total$ shipping_tax$ cart_tax$ total$ total_tax$ customer_id# "
    f"order_key$ billing{{{ADDRESS} email$ phone$}} shipping{{{ADDRESS} phone$}} payment_method$ "
    "payment_method_title$ transaction_id$ customer_ip_address$ customer_user_agent$ created_via$ "
    f"customer_note$ date_completed- date_paid$ cart_hash$ number$ meta_data[] line_items[{LINE}] "
    f"tax_lines[] shipping_lines[id# method_title$ method_id$ instance_id$ total$ total_tax$ {_TAXES} "
    f"tax_status$ meta_data[]] fee_lines[id# name$ tax_class$ tax_status$ amount$ total$ total_tax$ {_TAXES} "
    "meta_data[]] coupon_lines[] refunds[id# reason$ total$ total_tax$] payment_url$ is_editable? "
    "needs_payment? needs_processing? date_created_gmt$ date_modified_gmt$ date_completed_gmt- "
    "date_paid_gmt$ currency_symbol$"
)
REFUND = (
    "id# date_created$ date_created_gmt$ amount$ reason$ refunded_by# refunded_payment? "
    f"meta_data[id# key$ value$] line_items[{LINE}] shipping_lines[] tax_lines[] fee_lines[]"
)
CUSTOMER = (
    "id# date_created$ date_created_gmt$ date_modified$ date_modified_gmt$ email$ first_name$ last_name$ "
    f"role$ username$ billing{{{PERSON} email$ phone$}} shipping{{{PERSON} phone$}} is_paying_customer? "
    "avatar_url$ meta_data[id# key$ value$]"
)


def shape(row: dict[str, Any]) -> str:
    """Return the fields of a row in order: `$` text, `#` number, `?` true or false, `-` null; no links."""
    return " ".join(f"{name}{_kind(value)}" for name, value in row.items() if name != "_links")


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{shape(value)}}}"
    if isinstance(value, list):
        return f"[{shape(value[0])}]" if value else "[]"
    if isinstance(value, bool):
        return "?"
    return "-" if value is None else "$" if isinstance(value, str) else "#"

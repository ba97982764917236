"""Say which keys a store has, and what each kind of store adds to them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from pydantic import ValidationInfo, field_validator

from syncd.config.model import ABOUT_LIMITS, Limit, no_limit_twice
from syncd.config.section import NamedSection, SecretText, Section, Text, key
from syncd.config.values import (
    BaseUrl,
    Instant,
    Interval,
    PlannedInterval,
    PositiveDuration,
    PriceTier,
    TaxRule,
    refuse_plain_http,
)


def no_word_twice(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words. Raises ValueError when one is there twice."""
    twice = next((word for word in words if words.count(word) > 1), None)
    if twice is not None:
        raise ValueError(f"has {twice!r} twice")
    return words


class Brake(Section):
    """When a change is held for a person: shares of the store's linked listings in 24 hours."""

    zero: Decimal = key(Decimal("0.2"), ge=0, le=1, about="Share of listings that may go to zero stock.")
    unpublish: Decimal = key(
        Decimal("0.1"), ge=0, le=1, about="Share of listings that may be taken off sale."
    )
    price: Decimal = key(Decimal("0.2"), ge=0, le=1, about="Share of listings whose price may move.")
    price_move: Decimal = key(
        Decimal("0.5"), gt=0, about="A price counts as moved from this change on (0.5 is 50 %)."
    )
    minimum: int = key(20, ge=0, about="Fewer affected listings than this never brake.")


class Listing(Section):
    """What the store should show for a product."""

    fields: tuple[Literal["name", "price", "stock"], ...] = key(
        ("name", "price", "stock"), min_length=1, about="What syncd keeps in step."
    )
    price_tier: PriceTier = key(
        "default",
        about='`"default"` is DefaultSellPrice; or a sell-price tier by number (1 to 10) or name. '
        "A product without that price keeps the one in the store.",
    )
    tax: TaxRule = key(
        "exclusive",
        about='`"exclusive"`, a rate (`0.15`), or a rate per tax class (`{ standard = 0.15 }`): what to add '
        "to Unleashed's price when the store's prices include tax.",
    )
    warehouses: tuple[Text, ...] = key(
        (), about="Warehouse codes whose stock counts. Empty: all, summed by Unleashed."
    )
    buffer: Decimal = key(Decimal(0), ge=0, about="Units kept back from sale.")
    create: bool = key(False, about="Create listings for products that the store lacks.")
    publish: bool = key(False, about="Put created listings on sale at once.")
    obsolete: Literal["draft", "out_of_stock", "leave"] = key(
        "draft",
        about="What happens to the listing of an obsolete product: `draft` hides it, `out_of_stock` shows "
        "zero, `leave` does nothing.",
    )
    manage_stock: Literal["leave", "enable"] = key(
        "leave", about="Whether to switch on stock keeping for listings where the store has it off."
    )
    brake: Brake = key({}, about="When a change is held for a person.")

    _distinct = field_validator("fields", "warehouses")(no_word_twice)


class Customers(Section):
    """How the store's customers find their Unleashed record."""

    match: tuple[Literal["code", "email"], ...] = key(
        ("code", "email"), min_length=1, about="What two records are linked by."
    )
    code_field: str = key(
        "",
        about="The store's field that holds the account code (WooCommerce: a meta key). "
        "Empty: not matched by code.",
    )
    create: bool = key(
        True, about="Create the customer when an order needs one; the customers job only links."
    )
    guests: Text = key(
        "create", about='`"create"`, or `"house:CODE"` to post the orders of guests to one customer.'
    )
    prefix: str = key(
        "WEB-", about="Begins the code of a created customer; 10 characters of its e-mail's hash follow."
    )

    _distinct = field_validator("match")(no_word_twice)

    @field_validator("guests")
    @classmethod
    def _house(cls, guests: str) -> str:
        kind, _, code = guests.partition(":")
        if guests != "create" and (kind != "house" or not code.strip()):
            raise ValueError('must be "create" or "house:CODE"')
        return guests


class WriteBack(Section):
    """What the store is told when Unleashed completes an order."""

    completed: str = key("", about="The status to set; empty: none.")
    tracking: bool = key(False, about="Whether to copy the tracking number.")


class Orders(Section):
    """How the store's orders reach Unleashed."""

    since: Instant | None = key(
        None,
        example="2026-11-21T00:00:00Z",
        unset="24 hours before first contact",
        about="Orders created before this instant are left alone.",
    )
    when: tuple[Text, ...] | Literal["paid"] = key(
        "paid",
        about='`"paid"`, or a list of the store\'s statuses. Others are looked at again at each change.',
    )
    status: Literal["Parked", "Placed", "Completed"] = key(
        "Parked", about="The status of the order in Unleashed."
    )
    prefix: str = key(
        "WEB-",
        about="OrderNumber is the prefix and the order's id; it must differ between stores of an account.",
    )
    warehouse: Text | None = key(
        None, example='"W1"', unset="the account's default", about="The warehouse that ships."
    )
    tax_codes: Mapping[str, Text] | None = key(
        None,
        example='{ standard = "GST" }',
        unset="the account's one code whose rate equals the line's",
        about='Unleashed\'s tax code per tax class of the store, or per rate (`"0%"`).',
    )
    shipping_product: Text | None = key(
        None,
        example='"FREIGHT"',
        unset="created once when first needed",
        about="The product that shipping is posted as.",
    )
    create_products: bool = key(True, about="Create products that an order names and Unleashed lacks.")
    refunds: Literal["task", "credit"] = key(
        "task", about="`task` tells a person, `credit` writes a credit note."
    )
    negative_fees: Literal["park", "line"] = key(
        "park", about="A fee below zero: `park` leaves the order to a person, `line` posts a negative price."
    )
    write_back: WriteBack = key({}, about="What the store is told when Unleashed completes the order.")
    give_up_after: PositiveDuration = key(
        "3d", about="How long an order is tried before it is given up, loudly."
    )

    @field_validator("when", mode="wrap")
    @classmethod
    def _paid_or_statuses(cls, when: Any, check: Any) -> Any:
        if when != "paid" and (not isinstance(when, (list, tuple)) or not when):
            raise ValueError('must be "paid" or a list of the store\'s statuses')
        return check(when)


class Schedule(Section):
    """How often each job runs; `"off"` switches one off."""

    recent: Interval = key(
        "48m",
        about="Changed products and stock, from Unleashed to the store. Unless it is set, up to 58m where "
        "calls are short: see `syncd plan`.",
    )
    orders: Interval = key("5m", about="New orders, from the store to Unleashed.")
    customers: Interval = key("6h", about="Customers, linked on both sides.")
    rotation: PlannedInterval = key(
        "auto",
        about="The products and listings nobody has looked at for longest; `auto` as `syncd plan` shows.",
    )
    sweep: PlannedInterval = key(
        "auto",
        about="A full read that proves it saw every row; `auto` as `syncd plan` shows.",
    )


class Store(NamedSection):
    """A web shop or POS; the name is yours."""

    kind: str = key(example='"woocommerce"', about="What kind of store it is.")
    account: str = key(
        "", example='"main"', unset="the only account", about="The Unleashed account it belongs to."
    )
    mode: Literal["live", "shadow"] = key(
        "live", about="`shadow` decides, writes nothing and reports; `syncd init` begins with it."
    )
    identity: Text | None = key(
        None,
        example='"shop-1"',
        unset="the shop's own id or its home URL",
        about="How syncd recognises the shop; `syncd check --accept-identity STORE` confirms a change.",
    )
    canary: Text | None = key(
        None, example='"TEA-100"', unset="none", about="A product code that must be found on both sides."
    )
    limits: tuple[Limit, ...] = key((), about=ABOUT_LIMITS)
    listing: Listing = key({}, about="What the store should show.")
    customers: Customers = key({}, about="How customers are linked.")
    orders: Orders = key({}, about="How orders are posted.")
    schedule: Schedule = key({}, about="How often each job runs.")

    _distinct = field_validator("limits")(no_limit_twice)


class WooCommerceStore(Store):
    """A WooCommerce shop."""

    insecure: bool = key(False, about="Allow plain http beyond this machine.")
    base_url: BaseUrl = key(example='"https://shop.example"', about="The shop's address, without /wp-json.")
    consumer_key: Text = key(
        hidden=True, example='"ck_0000"', about="The consumer key from WooCommerce under Advanced > REST API."
    )
    consumer_secret: SecretText = key(
        secret=True, example="/run/secrets/shop_secret", about="The consumer secret that belongs to it."
    )
    auth: Literal["auto", "basic", "query", "oauth1"] = key(
        "auto",
        about="How requests are signed: `auto` is basic on https and oauth1 on http; or `basic`, `query`, "
        "`oauth1`.",
    )

    @field_validator("base_url")
    @classmethod
    def _https(cls, url: str, info: ValidationInfo) -> str:
        return refuse_plain_http(url, insecure=info.data.get("insecure", False))


KINDS: dict[str, type[Store]] = {"woocommerce": WooCommerceStore}
"""Every kind of store and the keys it has."""

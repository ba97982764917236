"""What a write to a product or variation changes: the decision, without carrying it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.emulator.woocommerce_numbers import number_of, stored_price, stored_stock
from syncd.emulator.woocommerce_shelf import PLAIN_FIELDS, Item, Shelf
from syncd.emulator.woocommerce_shop import Refused, Settings
from syncd.emulator.woocommerce_values import (
    STATUSES,
    STOCK_STATUSES,
    hides_from_the_uniqueness_check,
    php_bool,
    php_text,
    slug_of,
    stored_name,
    stored_sku,
)

_VISIBILITIES = ("visible", "catalog", "search", "hidden")


def changes(item: Item, sent: Mapping[str, Any], shelf: Shelf, settings: Settings) -> dict[str, Any]:
    """Return what saving `sent` into `item` changes, as values for Shelf.change.

    `sent` is the body as it came (a batch item) or after WordPress sanitised it (a single write);
    what is null counts as not sent. Raises Refused for a SKU that a live record carries.
    """
    body = {name: value for name, value in sent.items() if value is not None}
    found: dict[str, Any] = {name: body[name] for name in PLAIN_FIELDS if name in body}
    found |= {"backorders": body["backorders"]} if body.get("backorders") in ("no", "notify", "yes") else {}
    if "status" in body:
        found["status"] = body["status"] if body["status"] in STATUSES else "draft"
    if "sku" in body:
        found["sku"] = _free_sku(php_text(body["sku"]), item.id, shelf, settings)
    if isinstance(sent.get("meta_data"), list):
        found["meta"] = merged_meta(item.meta, sent["meta_data"], shelf)
    found |= _variation_changes(item, body, shelf) if item.is_variation else _product_changes(body)
    found |= _stock_changes(item, body, settings)
    found |= _price_changes(item, found.get("type", item.type), body, settings)
    return found


def _product_changes(body: Mapping[str, Any]) -> dict[str, Any]:
    """What comes to no name ("", "0", a script) leaves the name as it was."""
    found: dict[str, Any] = {}
    if "name" in body and stored_name(name := php_text(body["name"])) not in ("", "0"):
        found["name"] = name
    if body.get("slug"):
        found["slug"] = slug_of(php_text(body["slug"]))
    if "type" in body:
        found["type"] = body["type"] if body["type"] in ("variable", "grouped", "external") else "simple"
    if body.get("catalog_visibility", "visible") not in _VISIBILITIES:
        raise Refused(400, "product_invalid_catalog_visibility", "Invalid catalog visibility option.")
    if "attributes" in body:
        found["attributes"] = [_product_attribute(each) for each in _records(body["attributes"])]
    return found


def _product_attribute(sent: Mapping[str, Any]) -> dict[str, Any]:
    flags = {name: bool(sent.get(name)) for name in ("visible", "variation")}
    options = [php_text(each) for each in sent.get("options") or []]
    where = {
        "id": sent.get("id") or 0,
        "name": php_text(sent.get("name")),
        "position": sent.get("position") or 0,
    }
    return {**where, **flags, "options": options}


def _variation_changes(item: Item, body: Mapping[str, Any], shelf: Shelf) -> dict[str, Any]:
    """An attribute the parent does not use for variations is left out without a word."""
    if "attributes" not in body:
        return {}
    parent = shelf.get(item.parent_id)
    used = {
        slug_of(each["name"]): each for each in (parent.attributes if parent else []) if each["variation"]
    }
    kept = []
    for each in _records(body["attributes"]):
        if known := used.get(slug_of(php_text(each.get("name")))):
            kept.append({"id": known["id"], "name": known["name"], "option": php_text(each.get("option"))})
    return {"attributes": kept}


def _stock_changes(item: Item, body: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """A quantity for something whose stock is not managed is dropped without a word (section 4.2)."""
    found: dict[str, Any] = {}
    if body.get("stock_status") is not None:
        known = body["stock_status"] in STOCK_STATUSES
        found["stock_status"] = body["stock_status"] if known else "instock"
    if not settings.manage_stock:
        return found
    managed = item.manage_stock
    if "manage_stock" in body:
        found["manage_stock"] = managed = php_bool(body["manage_stock"])
    if managed and "stock_quantity" in body:
        found["stock_quantity"] = stored_stock(body["stock_quantity"], settings.integer_stock)
    elif managed and "inventory_delta" in body:
        delta = stored_stock(body["inventory_delta"], settings.integer_stock)
        found["stock_quantity"] = (item.stock_quantity or 0) + delta
    return found


def _price_changes(item: Item, kind: str, body: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """A parent's own price stays empty; a sale price that is no lower is cleared (section 5.1)."""
    if kind in ("variable", "grouped"):
        return {"regular_price": "", "sale_price": ""}
    found = {"regular_price": item.regular_price, "sale_price": item.sale_price}
    for name in found:
        if name in body:
            found[name] = stored_price(body[name], settings.decimal_separator)
    if found["sale_price"] and number_of(found["sale_price"]) >= number_of(found["regular_price"]):
        found["sale_price"] = ""
    return found


def _free_sku(sent: str, own_id: int, shelf: Shelf, settings: Settings) -> str:
    sku = stored_sku(sent)
    if settings.unique_skus and not hides_from_the_uniqueness_check(sku):
        for other in shelf.with_sku(sku):
            if other.id != own_id and other.status != "trash":
                data = {"resource_id": other.id, "unique_sku": _suggestion(sku, shelf)}
                raise Refused(400, "product_invalid_sku", "Invalid or duplicated SKU.", **data)
    return sku


def _suggestion(sku: str, shelf: Shelf) -> str:
    at = 1
    while shelf.with_sku(f"{sku}-{at}"):
        at += 1
    return f"{sku}-{at}"


def refuse_held_sku(sku: str, shelf: Shelf) -> None:
    """Raise Refused if any record holds the SKU of a product to be made, trashed ones too (section 5.3).

    This second check has no switch and no blind spot, and is made for new products only, not for
    variations (obtain_lock_on_sku_for_concurrent_requests, since 9.3).
    """
    if sku not in ("", "0") and shelf.with_sku(sku):
        text = f"The product with SKU ({sku}) you are trying to insert is already present in the lookup table"
        raise Refused(400, "woocommerce_rest_product_not_created", text)


def merged_meta(had: list[dict[str, Any]], sent: list[Any], shelf: Shelf) -> list[dict[str, Any]]:
    """Meta is updated by id, else by key, else added; a null value takes it away."""
    kept = [dict(each) for each in had]
    for each in _records(sent):
        by_id = [one for one in kept if each.get("id") and one["id"] == each["id"]]
        by_key = [one for one in kept if one["key"] == each.get("key")]
        target = next(iter(by_id or by_key), None)
        if each.get("value") is None:
            kept = [one for one in kept if one is not target]
        elif target is not None:
            target |= {"key": each.get("key", target["key"]), "value": each["value"]}
        elif each.get("key"):
            kept.append({"id": shelf.next_meta_id(), "key": each["key"], "value": each["value"]})
    return kept


def _records(sent: Any) -> list[Mapping[str, Any]]:
    return [each for each in sent if isinstance(each, Mapping)] if isinstance(sent, list) else []

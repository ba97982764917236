"""Batches of products or of one parent's variations: unchecked, one after another, each for itself.

Follows reference section 4.3: HTTP 200 even when items fail, answers in the order of the request,
deletes are for good.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.emulator.woocommerce_products import Products
from syncd.emulator.woocommerce_shop import Answer, Ask, Refused, Shop

_ACTIONS = ("create", "update", "delete")


def batch(shop: Shop, products: Products, ask: Ask) -> Answer:
    """Carry out create, update and delete, in that order; an empty batch answers an empty list.

    Raises Refused with 413 for more items than the shop takes, and whatever `shop.item_saved` raises
    where a fault cuts the batch off: then the items so far stay saved.
    """
    text = "you are not allowed to batch manipulate this resource"
    shop.demand(ask, "products", "cannot_batch", text)
    sent = {action: _items(ask.body.get(action)) for action in _ACTIONS}
    if sum(map(len, sent.values())) > shop.settings.batch_limit:
        text = f"Unable to accept more than {shop.settings.batch_limit} items for this request."
        raise Refused(413, "woocommerce_rest_request_entity_too_large", text)
    parent = ask.ids[0] if ask.ids else None
    answered: dict[str, list[dict[str, Any]]] = {}
    for action in _ACTIONS:
        for item in sent[action]:
            if action != "delete" or _number(item):
                row = _one(action, item, products, parent)
                answered.setdefault(action, []).append(row)
                shop.spend(shop.settings.batch_item_seconds)
                shop.item_saved()
    return Answer(answered or [])


def _one(action: str, item: Any, products: Products, parent: int | None) -> dict[str, Any]:
    body = item if isinstance(item, Mapping) else {}
    try:
        if action == "create":
            return products.created(body, parent)
        if action == "update":
            return products.changed(body, parent)
        return products.removed(_number(item), parent, force=True)
    except Refused as refused:
        named = {"create": 0, "update": body.get("id"), "delete": _number(item)}[action]
        return {"id": named, "error": refused.body()}


def _items(sent: Any) -> list[Any]:
    return sent if isinstance(sent, list) else []


def _number(item: Any) -> int:
    return int(item) if isinstance(item, int) or (isinstance(item, str) and item.isdigit()) else 0

"""How products and variations look on the wire, field for field as WooCommerce 11.0.1 answers them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from syncd.emulator.woocommerce_numbers import number_of
from syncd.emulator.woocommerce_shelf import Item
from syncd.emulator.woocommerce_shop import Shop
from syncd.emulator.woocommerce_values import slug_of

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_SHARED_DEFAULTS: dict[str, Any] = {
    "description": "",
    "date_on_sale_from": None,
    "date_on_sale_from_gmt": None,
    "date_on_sale_to": None,
    "date_on_sale_to_gmt": None,
    "virtual": False,
    "downloadable": False,
    "downloads": [],
    "download_limit": -1,
    "download_expiry": -1,
    "tax_status": "taxable",
    "low_stock_amount": None,
    "weight": "",
    "dimensions": {"length": "", "width": "", "height": ""},
    "shipping_class": "",
    "shipping_class_id": 0,
    "menu_order": 0,
    "global_unique_id": "",
}
_PRODUCT_DEFAULTS: dict[str, Any] = {
    **_SHARED_DEFAULTS,
    "featured": False,
    "catalog_visibility": "visible",
    "short_description": "",
    "external_url": "",
    "button_text": "",
    "tax_class": "",
    "sold_individually": False,
    "reviews_allowed": True,
    "average_rating": "0.00",
    "rating_count": 0,
    "upsell_ids": [],
    "cross_sell_ids": [],
    "purchase_note": "",
    "categories": [{"id": 15, "name": "Uncategorized", "slug": "uncategorized"}],
    "brands": [],
    "tags": [],
    "images": [],
    "default_attributes": [],
    "grouped_products": [],
    "related_ids": [],
    "post_password": "",
}


def product(item: Item, shop: Shop, *, edit: bool = False) -> dict[str, Any]:
    """Return an item as /products shows it; a variation found by SKU comes in this form too.

    `edit` is the form writes answer in. Quantities in units, null when not managed; money as text in
    the shop's currency; times once in site time, once in UTC, both without offset.
    """
    price = price_of(item, shop)
    variable = item.type == "variable"
    return {
        "id": item.id,
        "name": _family_name(item, shop),
        "slug": f"{item.slug}__trashed" if item.status == "trash" and not edit else item.slug,
        "permalink": _permalink(item, shop),
        **_dates(item, shop),
        **_PRODUCT_DEFAULTS,
        **({"categories": [], "reviews_allowed": False} if item.is_variation else {}),
        **item.extra,
        "type": item.type,
        "status": item.status,
        "sku": item.sku,
        **_prices(item, price),
        "total_sales": str(item.total_sales) if item.is_variation else item.total_sales,
        **_stock(item, shop),
        "shipping_required": not item.extra.get("virtual", False),
        "shipping_taxable": item.extra.get("tax_status", "taxable") == "taxable",
        "parent_id": item.parent_id,
        "attributes": _attributes(item),
        "variations": [
            each.id for each in shop.shelf.children(item.id) if each.status in ("publish", "private")
        ],
        "price_html": f'<span class="amount">{price}</span>' if price else "",
        "meta_data": item.meta,
        "has_options": variable,
        **(_edit_only(item, shop) if edit else {}),
        "_links": _product_links(item, shop),
    }


def variation(item: Item, shop: Shop, *, edit: bool = False) -> dict[str, Any]:
    """Return a variation as its own endpoints show it; units and times as in `product`."""
    tax_class = item.extra.get("tax_class", "parent")
    parent = shop.parent_of(item)
    inherited = parent.extra.get("tax_class", "") if parent else ""
    return {
        "id": item.id,
        "type": "variation",
        **_dates(item, shop),
        **_SHARED_DEFAULTS,
        **item.extra,
        "permalink": _permalink(item, shop),
        "sku": item.sku,
        **_prices(item, price_of(item, shop)),
        "purchasable": price_of(item, shop) != "" and item.status == "publish",
        "status": item.status,
        "tax_class": inherited if tax_class == "parent" and not edit else tax_class,
        **_stock(item, shop),
        "image": None,
        "gallery_image_ids": [],
        "attributes": _attributes(item),
        "meta_data": item.meta,
        "name": _options(item),
        "parent_id": item.parent_id,
        "_links": {
            **_links(shop.url(f"/products/{item.parent_id}/variations"), item.id),
            "up": [{"href": shop.url(f"/products/{item.parent_id}")}],
        },
    }


def price_of(item: Item, shop: Shop) -> str:
    """Return the price a customer pays, as text; of a parent the lowest of its variations."""
    if item.type != "variable":
        return item.sale_price or item.regular_price
    prices = [
        child.sale_price or child.regular_price
        for child in shop.shelf.children(item.id)
        if child.status == "publish"
    ]
    return min((price for price in prices if price), key=number_of, default="")


def only(data: Any, wanted: Iterable[str]) -> Any:
    """Return the answer trimmed to `_fields`: of each row of a list, else of the object's top level.

    Dots reach inside, as in `environment.version`. A batch answer is an object, so that `_fields=id`
    leaves nothing of it.
    """
    paths = [path.split(".") for path in wanted]
    if isinstance(data, list):
        return [_picked(row, paths) for row in data]
    return _picked(data, paths)


def _picked(row: Any, paths: list[list[str]]) -> Any:
    if not isinstance(row, dict):
        return row
    wanted: dict[str, list[list[str]]] = {}
    for path in paths:
        wanted.setdefault(path[0], []).append(path[1:])
    return {
        name: value if [] in wanted[name] else _picked(value, wanted[name])
        for name, value in row.items()
        if name in wanted
    }


def _dates(item: Item, shop: Shop) -> dict[str, str]:
    return {
        "date_created": shop.local(item.created),
        "date_created_gmt": shop.gmt(item.created),
        "date_modified": shop.local(item.modified),
        "date_modified_gmt": shop.gmt(item.modified),
    }


def _prices(item: Item, price: str) -> dict[str, Any]:
    return {
        "price": price,
        "regular_price": item.regular_price,
        "sale_price": item.sale_price,
        "on_sale": bool(item.sale_price),
        "purchasable": price != "",
    }


def _stock(item: Item, shop: Shop) -> dict[str, Any]:
    """A variation that leaves its stock to a managing parent says "parent" and repeats the quantity."""
    parent = shop.parent_of(item)
    shared = parent is not None and parent.manage_stock and not item.manage_stock
    holder = parent if parent is not None and shared else item
    managed: bool | str = "parent" if shared else item.manage_stock
    quantity = holder.stock_quantity
    backorders = holder.backorders
    return {
        "manage_stock": managed if shop.settings.manage_stock else False,
        "stock_quantity": quantity,
        "stock_status": holder.stock_status,
        "backorders": backorders,
        "backorders_allowed": backorders != "no",
        "backordered": holder.stock_status == "onbackorder",
    }


def _attributes(item: Item) -> list[dict[str, Any]]:
    if item.is_variation:
        return [
            {"id": each["id"], "name": each["name"], "slug": slug_of(each["name"]), "option": each["option"]}
            for each in item.attributes
        ]
    return [
        {"id": each["id"], "name": each["name"], "slug": each["name"], **_after_name(each)}
        for each in item.attributes
    ]


def _after_name(attribute: dict[str, Any]) -> dict[str, Any]:
    return {name: attribute[name] for name in ("position", "visible", "variation", "options")}


def _options(item: Item) -> str:
    return ", ".join(str(each["option"]) for each in item.attributes)


def _family_name(item: Item, shop: Shop) -> str:
    parent = shop.parent_of(item)
    if parent is None:
        return item.name
    return f"{parent.name} - {_options(item)}" if item.attributes else parent.name


def _permalink(item: Item, shop: Shop) -> str:
    parent = shop.parent_of(item)
    if parent is not None:
        query = "&".join(f"attribute_{slug_of(each['name'])}={each['option']}" for each in item.attributes)
        return f"{shop.home}/product/{parent.slug}/?{query}"
    if item.status in ("publish", "private"):
        return f"{shop.home}/product/{item.slug}/"
    return f"{shop.home}/?post_type=product&p={item.id}"


def _edit_only(item: Item, shop: Shop) -> dict[str, Any]:
    return {"permalink_template": f"{shop.home}/product/%pagename%/", "generated_slug": item.slug}


def _product_links(item: Item, shop: Shop) -> dict[str, Any]:
    links = _links(shop.url("/products"), item.id)
    if item.parent_id:
        links["up"] = [{"href": shop.url(f"/products/{item.parent_id}")}]
    return links


def _links(collection: str, item_id: int) -> dict[str, Any]:
    return {
        "self": [{"href": f"{collection}/{item_id}", "targetHints": {"allow": _METHODS}}],
        "collection": [{"href": collection}],
    }

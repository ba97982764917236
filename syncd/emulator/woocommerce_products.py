"""The endpoints for products and variations, one record or one list at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syncd.emulator.woocommerce_query import Finder, page_links
from syncd.emulator.woocommerce_schema import PRODUCT_FIELDS, VARIATION_FIELDS, check, nulls_filled
from syncd.emulator.woocommerce_shape import product, variation
from syncd.emulator.woocommerce_shelf import Item
from syncd.emulator.woocommerce_shop import Answer, Ask, Refused, Shop
from syncd.emulator.woocommerce_values import stored_sku
from syncd.emulator.woocommerce_write import changes, refuse_held_sku

_ELSEWHERE = (
    "To manipulate product variations you should use the "
    "/products/&lt;product_id&gt;/variations/&lt;id&gt; endpoint."
)


@dataclass(slots=True)
class Products:
    """Products and variations of one shop. Refusals carry WooCommerce's codes (reference section 11).

    As in WordPress, what was sent is checked before whether the caller may send it.
    """

    shop: Shop
    finder: Finder

    def list_products(self, ask: Ask) -> Answer:
        """GET /products: no variations, unless a SKU was asked for."""
        return self._list(ask, "/products", variations=False)

    def list_variations(self, ask: Ask) -> Answer:
        """GET /products/{id}/variations; of an id that is no parent it is an empty list."""
        return self._list(ask, f"/products/{ask.ids[0]}/variations", variations=True, parent=ask.ids[0])

    def list_all_variations(self, ask: Ask) -> Answer:
        """GET /variations, of all parents; refused as an unknown route before 10.3."""
        if not self.shop.settings.variations_endpoint:
            raise no_route()
        return self._list(ask, "/variations", variations=True)

    def read_product(self, ask: Ask) -> Answer:
        """GET /products/{id}: 404 if missing, even to a caller without rights; a trashed one is shown."""
        item = self._found(ask.ids[0], "product", 404)
        self.shop.demand(ask, "view", "cannot_view", "you cannot view this resource")
        return Answer(product(item, self.shop))

    def create_product(self, ask: Ask) -> Answer:
        """POST /products: 201; on sale at once unless a status was sent."""
        check(ask.body, PRODUCT_FIELDS, self.shop.settings)
        self.shop.demand(ask, "products", "cannot_create", "you are not allowed to create resources")
        row = self.created(nulls_filled(ask.body, PRODUCT_FIELDS), None)
        return Answer(row, 201, {"Location": self.shop.url(f"/products/{row['id']}")})

    def change_product(self, ask: Ask) -> Answer:
        """PUT /products/{id}: 400 if missing, where a GET says 404."""
        check(ask.body, PRODUCT_FIELDS, self.shop.settings)
        self._found(ask.ids[0], "product", 400)
        self.shop.demand(ask, "products", "cannot_edit", "you are not allowed to edit this resource")
        return Answer(self.changed({**nulls_filled(ask.body, PRODUCT_FIELDS), "id": ask.ids[0]}, None))

    def remove_product(self, ask: Ask) -> Answer:
        """DELETE /products/{id}: to the trash, or for good with force=true."""
        self._found(ask.ids[0], "product", 404)
        self.shop.demand(ask, "products", "cannot_delete", "you are not allowed to delete this resource")
        return Answer(self.removed(ask.ids[0], None, force=_forced(ask)))

    def read_variation(self, ask: Ask) -> Answer:
        item = self._variation(ask.ids[1], ask.ids[0])
        self.shop.demand(ask, "view", "cannot_view", "you cannot view this resource")
        return Answer(variation(item, self.shop))

    def create_variation(self, ask: Ask) -> Answer:
        check(ask.body, VARIATION_FIELDS, self.shop.settings)
        self.shop.demand(ask, "products", "cannot_create", "you are not allowed to create resources")
        row = self.created(nulls_filled(ask.body, VARIATION_FIELDS), ask.ids[0])
        where = self.shop.url(f"/products/{ask.ids[0]}/variations/{row['id']}")
        return Answer(row, 201, {"Location": where})

    def change_variation(self, ask: Ask) -> Answer:
        """PUT: the variation and its parent move; 404 if missing, also under another parent."""
        check(ask.body, VARIATION_FIELDS, self.shop.settings)
        self._variation(ask.ids[1], ask.ids[0])
        self.shop.demand(ask, "products", "cannot_edit", "you are not allowed to edit this resource")
        body = {**nulls_filled(ask.body, VARIATION_FIELDS), "id": ask.ids[1]}
        return Answer(self.changed(body, ask.ids[0]))

    def remove_variation(self, ask: Ask) -> Answer:
        """DELETE: to the trash, or for good with force=true, whatever the documentation says."""
        self._variation(ask.ids[1], ask.ids[0])
        self.shop.demand(ask, "products", "cannot_delete", "you are not allowed to delete this resource")
        return Answer(self.removed(ask.ids[1], ask.ids[0], force=_forced(ask)))

    # The same for one record, as a batch uses it too: no checks of type or word.

    def created(self, body: Mapping[str, Any], parent: int | None) -> dict[str, Any]:
        """Put up one record, a variation if there is a parent, and return it as answered."""
        kind = "product" if parent is None else "product_variation"
        if body.get("id"):
            raise Refused(400, f"woocommerce_rest_{kind}_exists", f"Cannot create existing {kind}.")
        owner = self.shop.shelf.get(parent) if parent is not None else None
        if parent is not None and (owner is None or owner.is_variation):
            text = "Cannot set attributes due to invalid parent product."
            raise Refused(404, "woocommerce_rest_product_variation_invalid_parent", text)
        blank = Item(0, type="simple" if parent is None else "variation", parent_id=parent or 0)
        values = changes(blank, body, self.shop.shelf, self.shop.settings)
        if parent is None:
            refuse_held_sku(stored_sku(values.get("sku", "")), self.shop.shelf)
            values = {"name": "Product", **values}
        item = self.shop.shelf.create({"type": blank.type, "parent_id": blank.parent_id, **values})
        return self._shown(item)

    def changed(self, body: Mapping[str, Any], parent: int | None) -> dict[str, Any]:
        """Save one record and return it as answered. Raises Refused if missing or of the other kind."""
        item_id = _id_of(body)
        if parent is None:
            item = self._found(item_id, "product", 400)
            self._refuse_variation(item)
        else:
            item = self._variation(item_id, parent)
        values = changes(item, body, self.shop.shelf, self.shop.settings)
        return self._shown(self.shop.shelf.change(item, values))

    def removed(self, item_id: int, parent: int | None, *, force: bool) -> dict[str, Any]:
        """Trash or delete one record and return it as it was before."""
        if parent is None:
            item = self._found(item_id, "product", 404)
            self._refuse_variation(item)
        else:
            item = self._variation(item_id, parent)
        row = self._shown(item)
        if force:
            self.shop.shelf.delete(item_id)
        elif item.status == "trash":
            kind = "product" if parent is None else "product_variation"
            raise Refused(410, "woocommerce_rest_already_trashed", f"The {kind} has already been deleted.")
        else:
            self.shop.shelf.trash(item_id)
        return row

    def _list(self, ask: Ask, path: str, *, variations: bool, parent: int | None = None) -> Answer:
        page = self.finder.page(ask.params, variations=variations, parent=parent)
        self.shop.demand(ask, "view", "cannot_view", "you cannot list resources")
        shape = variation if variations else product
        headers = {"X-WP-Total": str(page.total), "X-WP-TotalPages": str(page.pages)}
        links = page_links(page, ask.params, self.shop.url(path))
        return Answer([shape(item, self.shop) for item in page.items], headers=headers, links=links)

    def _shown(self, item: Item) -> dict[str, Any]:
        shape = variation if item.is_variation else product
        return shape(item, self.shop, edit=True)

    def _found(self, item_id: int, kind: str, status: int) -> Item:
        item = self.shop.shelf.get(item_id)
        if item is None:
            raise Refused(status, f"woocommerce_rest_{kind}_invalid_id", "Invalid ID.")
        return item

    def _variation(self, item_id: int, parent: int) -> Item:
        item = self._found(item_id, "product_variation", 404)
        if not item.is_variation or item.parent_id != parent:
            raise Refused(404, "woocommerce_rest_product_variation_invalid_id", "Invalid ID.")
        return item

    def _refuse_variation(self, item: Item) -> None:
        if item.is_variation:
            raise Refused(404, "woocommerce_rest_invalid_product_id", _ELSEWHERE)


def no_route() -> Refused:
    """Return the refusal of a path or method nobody answers."""
    text = "No route was found matching the URL and request method."
    return Refused(404, "rest_no_route", text)


def _id_of(body: Mapping[str, Any]) -> int:
    sent = body.get("id")
    return int(sent) if isinstance(sent, int) or (isinstance(sent, str) and sent.isdigit()) else 0


def _forced(ask: Ask) -> bool:
    sent = ask.body.get("force", ask.params.get("force", "false"))
    return str(sent).lower() in ("true", "1")

"""What a WooCommerce shop has on its shelf: products and variations, and who changed them how."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from syncd.emulator.woocommerce_numbers import Number, stock_status_for
from syncd.emulator.woocommerce_seed import CatalogueProduct, Placing, placings
from syncd.emulator.woocommerce_values import sku_key, slug_of, stored_name, stored_sku


@dataclass(slots=True)
class Item:
    """One product or variation as the shop's database holds it.

    `created` and `modified` are whole seconds since 1970 UTC; prices are texts in the shop's currency,
    incl. or excl. tax as the shop is set; `name` is already HTML-escaped. `extra` holds the other
    writable fields (description, tax_class, weight …) under their wire names.
    """

    id: int
    type: str = "simple"
    name: str = ""
    slug: str = ""
    sku: str = ""
    status: str = "publish"
    parent_id: int = 0
    regular_price: str = ""
    sale_price: str = ""
    manage_stock: bool = False
    stock_quantity: Number | None = None
    stock_status: str = "instock"
    backorders: str = "no"
    total_sales: int = 0
    attributes: list[dict[str, Any]] = field(default_factory=list)
    meta: list[dict[str, Any]] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    created: int = 0
    modified: int = 0

    @property
    def is_variation(self) -> bool:
        return self.type == "variation"


PLAIN_FIELDS = (
    *("description", "short_description", "purchase_note", "tax_class", "tax_status", "weight"),
    *("shipping_class", "global_unique_id", "date_on_sale_from", "date_on_sale_from_gmt"),
    *("date_on_sale_to", "date_on_sale_to_gmt", "virtual", "downloadable", "featured", "menu_order"),
    *("sold_individually", "reviews_allowed", "low_stock_amount", "dimensions", "upsell_ids"),
    *("cross_sell_ids", "categories", "brands", "tags", "images", "catalog_visibility"),
)
"""Wire fields that are kept and shown as they came."""
_FIELDS = frozenset(each.name for each in fields(Item)) - {"id", "extra", "created", "modified"}


class Shelf:
    """Products and variations in memory, found by id and by SKU, with ids that count up from 11.

    Without a clock everything is stamped with `opened`; an emulator gives its own clock to a shelf
    that has none.
    """

    def __init__(
        self,
        clock: Callable[[], datetime] | None = None,
        *,
        opened: datetime = datetime(2026, 1, 1, tzinfo=UTC),
    ) -> None:
        self.clock = clock
        self.revision = 0
        self._opened = opened
        self._items: dict[int, Item] = {}
        self._by_sku: dict[str, list[int]] = {}
        self._children: dict[int, list[int]] = {}
        self._by_change: dict[bool, list[tuple[int, int]]] = {False: [], True: []}
        self._slugs: dict[str, int] = {}
        self._last_id = 10
        self._last_meta_id = 0

    @classmethod
    def from_catalogue(
        cls,
        products: Iterable[CatalogueProduct],
        *,
        share_listed: float = 1.0,
        clock: Callable[[], datetime] | None = None,
    ) -> Shelf:
        """Return a shop that already sells `share_listed` (0…1) of the catalogue, spread evenly.

        Products with a parent become variations of a variable product, the others simple products.
        """
        shelf = cls(clock)
        for placing in placings(list(products), share_listed):
            shelf._place(placing)
        return shelf

    # What a test or a demo does to the shop.

    def add_simple(
        self, sku: str, name: str, regular_price: str = "", stock: Number | None = None, **values: Any
    ) -> Item:
        """Put up a simple product; stock None means that its stock is not managed."""
        return self.create({"type": "simple", **_basics(sku, name, regular_price, stock), **values})

    def add_variable(
        self, sku: str, name: str, options: Iterable[str] = (), stock: Number | None = None, **values: Any
    ) -> Item:
        """Put up a parent of variations with one attribute, Size; with a stock it manages theirs."""
        size = {"id": 0, "name": "Size", "position": 0, "visible": True, "variation": True}
        attributes = [{**size, "options": list(options)}]
        basics = _basics(sku, name, "", stock)
        return self.create({"type": "variable", **basics, "attributes": attributes, **values})

    def add_variation(
        self,
        parent: Item | int,
        sku: str,
        regular_price: str = "",
        stock: Number | None = None,
        option: str = "",
        **values: Any,
    ) -> Item:
        """Put up a variation; stock None leaves the stock to the parent, if that manages it."""
        owner = self[parent if isinstance(parent, int) else parent.id]
        option = option or sku
        if owner.attributes and option not in owner.attributes[0]["options"]:
            owner.attributes[0]["options"].append(option)
        attribute = {"id": 0, "name": owner.attributes[0]["name"] if owner.attributes else "Size"}
        basics = _basics(sku, "", regular_price, stock)
        own = {"attributes": [{**attribute, "option": option}], "parent_id": owner.id}
        return self.create({"type": "variation", **basics, **own, **values})

    def edit(self, item_id: int, **values: Any) -> Item:
        """Change fields as a person in the admin pages does: date_modified moves.

        `stock` is short for a managed stock_quantity. Raises KeyError for an unknown id or field.
        """
        if "stock" in values:
            stock = values.pop("stock")
            values |= {"manage_stock": stock is not None, "stock_quantity": stock}
        return self.change(self[item_id], values)

    def edit_meta(self, item_id: int, stock: Number) -> Item:
        """Write the quantity past WooCommerce, as plugins and imports do: date_modified stays.

        The stock status stays too, which is how such a ghost looks on a real shop (reference 3.4).
        """
        item = self[item_id]
        item.stock_quantity = stock
        self.revision += 1
        return item

    def sell(self, item_id: int, quantity: Number = 1) -> Item:
        """Take a sold quantity off the shelf: the item and its parent move, as at checkout."""
        item = self[item_id]
        owner = self._items.get(item.parent_id, item)
        holder = item if item.manage_stock else owner
        item.total_sales += int(quantity)
        if holder.manage_stock:
            self.change(holder, {"stock_quantity": (holder.stock_quantity or 0) - quantity})
        if holder.manage_stock and holder is not item:
            self.change(item, {})
        return item

    def trash(self, item_id: int) -> None:
        """Move to the trash, variations with their parent: out of every list, but the SKU stays taken."""
        for item in (self[item_id], *self.children(item_id)):
            notes = {"_wp_trash_meta_status": item.status, "_wp_desired_post_slug": item.slug}
            kept = [{"id": self.next_meta_id(), "key": key, "value": value} for key, value in notes.items()]
            self.change(item, {"status": "trash", "meta": [*item.meta, *kept]})

    def delete(self, item_id: int) -> None:
        """Delete for good, variations with their parent; nothing tells that it ever was."""
        for item in (*self.children(item_id), self[item_id]):
            self._unindex(item)
            if item.is_variation:
                self._children[item.parent_id].remove(item.id)
            del self._items[item.id]
            self.revision += 1

    # What the emulator reads and does.

    def __getitem__(self, item_id: int) -> Item:
        return self._items[item_id]

    def __len__(self) -> int:
        return len(self._items)

    def get(self, item_id: int) -> Item | None:
        return self._items.get(item_id)

    def all(self) -> Iterable[Item]:
        """Return everything, trash included, in order of id."""
        return self._items.values()

    def with_sku(self, sku: str) -> list[Item]:
        """Return all that carry the SKU, whatever its case, trash included, lowest id first."""
        return [self._items[each] for each in self._by_sku.get(sku_key(sku), ())]

    def children(self, item_id: int) -> list[Item]:
        return [self._items[each] for each in self._children.get(item_id, ())]

    def by_change(self, *, variations: bool) -> list[tuple[int, int]]:
        """Return (modified, id) of what is not in the trash, oldest change first. Not to be altered."""
        return self._by_change[variations]

    def next_meta_id(self) -> int:
        self._last_meta_id += 1
        return self._last_meta_id

    def next_id(self) -> int:
        """Return the next number of the site's posts, which products and orders share."""
        self._last_id += 1
        return self._last_id

    def create(self, values: dict[str, Any]) -> Item:
        """Put up a new item with the next id; `values` as in `change`."""
        now = self._now()
        item = Item(self.next_id(), type=values.get("type", "simple"), created=now, modified=now)
        item.parent_id = values.get("parent_id", 0)
        self._items[item.id] = item
        if item.is_variation:
            self._children.setdefault(item.parent_id, []).append(item.id)
        self._index(item)
        return self.change(item, values)

    def change(self, item: Item, values: dict[str, Any]) -> Item:
        """Save: set the values, derive the stock status, move date_modified, and the parent's too.

        Values are named as Item's fields or as in PLAIN_FIELDS; any other name is a KeyError.
        """
        self._unindex(item)
        for name, value in _as_stored(values).items():
            if name in _FIELDS:
                setattr(item, name, value)
            elif name in PLAIN_FIELDS:
                item.extra = {**item.extra, name: value}
            else:
                raise KeyError(name)
        item.slug = item.slug or self._free_slug(item)
        self._settle(item)
        item.modified = self._now()
        self._index(item)
        self.revision += 1
        if item.is_variation and item.parent_id in self._items:
            self.change(self._items[item.parent_id], {})
        return item

    def _settle(self, item: Item) -> None:
        if item.manage_stock:
            item.stock_status = stock_status_for(item.stock_quantity, item.backorders)
        else:
            item.stock_quantity, item.backorders = None, "no"
            if item.type == "variable":
                found = {child.stock_status for child in self.children(item.id) if child.status != "trash"}
                order = ("instock", "onbackorder", "outofstock")
                item.stock_status = next((each for each in order if each in found), "outofstock")

    def _index(self, item: Item) -> None:
        if item.sku:
            insort(self._by_sku.setdefault(sku_key(item.sku), []), item.id)
        if item.status not in ("trash", "auto-draft"):
            insort(self._by_change[item.is_variation], (item.modified, item.id))

    def _unindex(self, item: Item) -> None:
        if item.sku:
            self._by_sku[sku_key(item.sku)].remove(item.id)
        if item.status not in ("trash", "auto-draft"):
            order = self._by_change[item.is_variation]
            del order[bisect_left(order, (item.modified, item.id))]

    def _free_slug(self, item: Item) -> str:
        parent = self._items.get(item.parent_id)
        option = "-".join(str(each.get("option", "")) for each in item.attributes)
        base = slug_of(item.name or (f"{parent.name} {option}" if parent else "")) or "product"
        self._slugs[base] = taken = self._slugs.get(base, 0) + 1
        return base if taken == 1 else f"{base}-{taken}"

    def _now(self) -> int:
        return int((self.clock() if self.clock else self._opened).timestamp())

    def _place(self, placing: Placing) -> None:
        """Put up one product of a catalogue, unless its SKU is taken: case and spaces do not tell apart."""
        if placing.sku and self.with_sku(stored_sku(placing.sku)):
            return
        if not placing.options:
            self.add_simple(placing.sku, placing.name, placing.price, placing.stock)
            return
        parent = self.add_variable(placing.sku, placing.name)
        for each in placing.options:
            if not self.with_sku(stored_sku(each.sku)):
                self.add_variation(parent, each.sku, each.price, each.stock, each.option)


def _basics(sku: str, name: str, price: str, stock: Number | None) -> dict[str, Any]:
    managed = {"manage_stock": stock is not None, "stock_quantity": stock}
    return {"sku": sku, "name": name, "regular_price": price, **managed}


def _as_stored(values: dict[str, Any]) -> dict[str, Any]:
    cleaners = {"name": stored_name, "sku": stored_sku}
    return {name: cleaners[name](value) if name in cleaners else value for name, value in values.items()}

"""What an order does to the shelf: take goods off it, put them back, and keep count on its lines.

Follows wc-stock-functions.php and wc_restock_refunded_items of WooCommerce 10.5.2; the recorded answers of
11.0.1 show the same `_reduced_stock` on the lines, and that it goes when the goods come back.
"""

from __future__ import annotations

from syncd.emulator.woocommerce_numbers import Number
from syncd.emulator.woocommerce_orders_records import Line, Order
from syncd.emulator.woocommerce_shelf import Item, Shelf

REDUCED, RESTOCKED = "_reduced_stock", "_restock_refunded_items"


def take(order: Order, shelf: Shelf, *, managed: bool) -> None:
    """Take the goods of an order off the shelf, each line once; nothing where the shop manages no stock."""
    if not managed:
        return
    for line in order.of("line_item"):
        holder = _holder(line, shelf)
        if holder is not None and not line.tagged(REDUCED):
            move(shelf, holder, -line.quantity)
            tag(line, REDUCED, line.quantity, shelf)
    order.stock_reduced = True


def give_back(order: Order, shelf: Shelf) -> None:
    """Put what an order still holds back on the shelf."""
    for line in order.of("line_item"):
        held = line.tagged(REDUCED)
        holder = _holder(line, shelf)
        if held and holder is not None:
            move(shelf, holder, held)
        line.meta = [each for each in line.meta if each["key"] != REDUCED]
    order.stock_reduced = False


def restock(line: Line, quantity: Number, shelf: Shelf) -> None:
    """Put refunded goods back: the line's count falls, to 0 in the end, and says how many came back."""
    holder = _holder(line, shelf)
    held = line.tagged(REDUCED)
    if not held or not quantity or holder is None:
        return
    move(shelf, holder, quantity)
    tag(line, REDUCED, held - quantity, shelf)
    tag(line, RESTOCKED, line.tagged(RESTOCKED) + quantity, shelf)


def adjust(line: Line, quantity: Number, shelf: Shelf) -> None:
    """Move the difference when a person changes the quantity of a line whose goods are taken already."""
    holder = _holder(line, shelf)
    held = line.tagged(REDUCED)
    if held and holder is not None:
        move(shelf, holder, held - quantity)
        tag(line, REDUCED, quantity, shelf)


def move(shelf: Shelf, holder: Item, by: Number) -> None:
    """Change what is on the shelf; date_modified moves, of the parent too."""
    shelf.change(holder, {"stock_quantity": (holder.stock_quantity or 0) + by})


def tag(line: Line, key: str, value: Number, shelf: Shelf) -> None:
    """Keep a number on a line, as text."""
    for each in line.meta:
        if each["key"] == key:
            each["value"] = str(value)
            return
    line.meta.append({"id": shelf.next_meta_id(), "key": key, "value": str(value)})


def _holder(line: Line, shelf: Shelf) -> Item | None:
    """Return what carries the stock of a line: the item, its parent, or nothing that is managed."""
    item = shelf.get(line.stock_id)
    if item is None:
        return None
    holder = item if item.manage_stock else shelf.get(item.parent_id)
    return holder if holder is not None and holder.manage_stock else None

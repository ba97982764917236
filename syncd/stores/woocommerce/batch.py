"""Put writes into batches WooCommerce takes, and read from its answer what became of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from syncd.core.model import Content, Done, FieldName, ListingStatus, Refused, Shown, Write
from syncd.stores.woocommerce.fitting import code_problem, name_to_html, price_text
from syncd.stores.woocommerce.wire import Ref, WooSettings, row_id, shown

META_GUID = "_syncd_guid"
_TRACK = (
    "Switch on 'Track stock quantity for this product' in WooCommerce, or set manage_stock = \"enable\" "
    "in the store's [listing], then run `syncd resync CODE`."
)
_TRACK_SHOP = "Switch on 'Enable stock management' under WooCommerce > Settings > Products > Inventory."
_FREE_CODE = (
    "Restore that product under WordPress > Products > Bin and it is linked by its code, or delete it "
    "there permanently. If the bin does not hold it, search the shop for a SKU that differs by case only."
)
_ALIKE = (
    "For WooCommerce codes that differ only by case or accents are the same. If that product is another "
    "one, give one of the two another code; else link it with `syncd links set`."
)


@dataclass(frozen=True, slots=True)
class Item:
    """One write, ready to be sent: `ref` None creates, `body` is its JSON."""

    write: Write
    ref: Ref | None
    body: Mapping[str, Any]

    @property
    def parent(self) -> int | None:
        """The product whose variations' batch it belongs to; None: the products' batch."""
        return self.ref.product if self.ref and self.ref.variation is not None else None

    @property
    def label(self) -> str:
        return f"{self.write.code} (product {self.ref or 'new'})"


def prepare(write: Write, settings: WooSettings) -> Item | Refused:
    """Return the write as an item, or why it must not be sent.

    The batch endpoint checks no value (reference section 4.3): "abc" would become 0 and "12,50" 1250,
    so only values of the right kind leave this function.
    """
    if why := _objection(write):
        return Refused(write.key, *why)
    if write.ref is None:
        return Item(write, None, _new(write))
    ref = Ref.parse(write.ref)
    if ref is None:
        return Refused(
            write.key, f"{write.ref!r} is no product of a WooCommerce shop.", "Run `syncd links unset`."
        )
    return Item(write, ref, _changed(write.content, ref, settings))


def batches(items: Sequence[Item]) -> Iterator[tuple[str, list[Item]]]:
    """Yield the path of each batch endpoint needed and all its items: products first, then each parent's."""
    by_parent: dict[int | None, list[Item]] = {}
    for item in items:
        by_parent.setdefault(item.parent, []).append(item)
    for parent in sorted(by_parent, key=lambda parent: parent or 0):
        path = "products/batch" if parent is None else f"products/{parent}/variations/batch"
        yield path, by_parent[parent]


def body(items: Sequence[Item]) -> dict[str, list[Mapping[str, Any]]]:
    """Return the JSON of one batch."""
    parts = {
        "update": [item.body for item in items if item.ref],
        "create": [item.body for item in items if not item.ref],
    }
    return {name: part for name, part in parts.items() if part}


def outcomes(
    items: Sequence[Item], answer: Mapping[str, Any], settings: WooSettings
) -> list[Done | Refused] | None:
    """Return one outcome per item, in the order sent; None if the answer is not about these items.

    A batch answers 200 with each item's record or error, in the order of the request (section 4.3).
    """
    results: dict[int, Any] = {}
    for name, wanted in (
        ("update", [item for item in items if item.ref]),
        ("create", [item for item in items if not item.ref]),
    ):
        got = answer.get(name, [])
        if not isinstance(got, list) or len(got) != len(wanted):
            return None
        results |= {id(item): row for item, row in zip(wanted, got, strict=True)}
    if not all(_is_about(item, results[id(item)]) for item in items):
        return None
    return [_outcome(item, results[id(item)], settings) for item in items]


def _objection(write: Write) -> tuple[str, str] | None:
    content, do = write.content, "This is an error in syncd; please report it."
    if content.status is ListingStatus.TRASH:
        return f"{write.code} was to be put into the shop's bin, which syncd never does.", do
    if content.price is not None and not (content.price.is_finite() and content.price >= 0):
        return f"{content.price} is no price for {write.code}.", do
    if content.stock is not None and not (content.stock.is_finite() and content.stock == int(content.stock)):
        return f"{content.stock} is no whole number of {write.code}.", do
    problem = code_problem(write.code) if write.ref is None else ""
    if problem:
        what = f"WooCommerce cannot keep the code {write.code!r}: it {problem}."
        return what, "Change the code in Unleashed, or create the product in the shop by hand and link it."
    return None


def _changed(content: Content, ref: Ref, settings: WooSettings) -> dict[str, Any]:
    changed: dict[str, Any] = {"id": ref.product if ref.variation is None else ref.variation}
    if content.name is not None and ref.variation is None:
        changed["name"] = name_to_html(content.name)
    if content.price is not None:
        changed["regular_price"] = price_text(content.price)
    if content.stock is not None:
        changed |= {"manage_stock": True} if settings.manage_stock == "enable" else {}
        changed["stock_quantity"] = int(content.stock)
    if content.status is not None:
        # A variation with status draft disappears from its parent's page in the shop's admin.
        hidden = "draft" if ref.variation is None else "private"
        changed["status"] = "publish" if content.status is ListingStatus.LIVE else hidden
    return changed


def _new(write: Write) -> dict[str, Any]:
    content = write.content
    new: dict[str, Any] = {
        "type": "simple",
        "status": "publish" if content.status is ListingStatus.LIVE else "draft",
        "sku": write.code,
        "name": name_to_html(content.name or write.code),
        "meta_data": [{"key": META_GUID, "value": write.key}],
    }
    if content.price is not None:
        new["regular_price"] = price_text(content.price)
    if content.stock is not None:
        new |= {"manage_stock": True, "stock_quantity": int(content.stock)}
    return new


def _is_about(item: Item, row: Any) -> bool:
    if not isinstance(row, dict):
        return False
    if item.ref is None:
        return "error" in row or row_id(row) > 0
    return bool(row_id(row) == item.body["id"])


def _outcome(item: Item, row: Mapping[str, Any], settings: WooSettings) -> Done | Refused:
    if "error" in row:
        return Refused(item.write.key, *_why_refused(item, row["error"]))
    record = shown(row, settings, item.parent or 0)
    if why := _mismatch(item, record):
        return Refused(item.write.key, *why)
    return Done(item.write.key, _with_tax_class(record, item.write.expected))


def _with_tax_class(record: Shown, expected: Shown | None) -> Shown:
    """A write answers "parent" for a tax class that reads show as the parent's own."""
    if record.tax_class != "parent":
        return record
    return replace(record, tax_class="" if expected is None else expected.tax_class)


def gone(items: Sequence[Item]) -> list[Done | Refused]:
    """Return the outcomes of items whose parent product is no longer there."""
    error = {"code": "woocommerce_rest_product_invalid_id"}
    return [Refused(item.write.key, *_why_refused(item, error)) for item in items]


def _why_refused(item: Item, error: Any) -> tuple[str, str]:
    """Section 5.3 and 11: by code, never by the translated message."""
    code = str(error.get("code", "")) if isinstance(error, dict) else ""
    data = error.get("data") if isinstance(error, dict) else None
    if code == "product_invalid_sku" and item.ref is None:
        owner = data.get("resource_id") if isinstance(data, dict) else None
        what = f"The code {item.write.code} already belongs to product {owner or '(not named by the shop)'}."
        return what, _ALIKE
    if code == "woocommerce_rest_product_not_created":
        return f"The code {item.write.code} is held by a product in the shop's bin.", _FREE_CODE
    if code.endswith("_invalid_id") or code == "woocommerce_rest_invalid_product_id":
        what = f"{item.label} is no longer in the shop."
        return what, "Nothing to do if it was deleted on purpose; the next look tells syncd."
    if code.endswith(("_cannot_edit", "_cannot_create")):
        what = f"The key's user may not change {item.label}, or it has another parent product now."
        return what, "Give that user the role Shop manager; for a moved variation run `syncd links unset`."
    return (
        f"The shop refused {item.label}: {code or 'without a code'}.",
        "See what the shop's own admin page says about it.",
    )


def _mismatch(item: Item, record: Shown) -> tuple[str, str] | None:
    """WooCommerce drops a value without a word, with 200 (section 4.2): compare what came back."""
    sent = item.write.content
    if item.ref is None and record.code != item.write.code:
        what = (
            f"The shop created product {record.ref} with the code {record.code!r}, not {item.write.code!r}."
        )
        return what, "A plugin changes SKUs; give the product its code in the shop."
    for field in sent.set_fields():
        if record.content.get(field) != sent.get(field):
            return _difference(item, field, record)
    return None


def _difference(item: Item, field: FieldName, record: Shown) -> tuple[str, str]:
    sent, got = item.write.content.get(field), record.content.get(field)
    if reason := record.locked.get(field):
        do = _TRACK if field == "stock" else "Nothing to do: leave this field to the shop."
        return f"The shop did not take the {field} of {item.label}: {reason}.", do
    if field == "stock" and got is None:
        return f"The shop did not take the stock of {item.label}: it tracks no stock at all.", _TRACK_SHOP
    what = f"The shop answered {field} {got} where {sent} was sent for {item.label}."
    return what, "A plugin in the shop may change it; look there, then run `syncd resync CODE`."

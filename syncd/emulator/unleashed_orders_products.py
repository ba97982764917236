"""Products as they are posted to an emulated Unleashed: created, or overwritten with what was left out."""

from __future__ import annotations

from decimal import Decimal

from syncd.emulator.unleashed_books import Books
from syncd.emulator.unleashed_customers_records import same
from syncd.emulator.unleashed_orders_body import Body, invalid
from syncd.emulator.unleashed_orders_settings import SalesSettings
from syncd.emulator.unleashed_records import DEFAULTS, TIERS, Product

_NUMBERS = {
    "DefaultSellPrice",
    "DefaultPurchasePrice",
    "Weight",
    "Width",
    "Height",
    "Depth",
    "MinimumSellPrice",
}
_NUMBERS |= {"LastCost", "PackSize", "MinStockAlertLevel", "MaxStockAlertLevel", "ReOrderPoint"}
_FLAGS = {name for name, value in DEFAULTS.items() if isinstance(value, bool)}
_PARTS = {"UnitOfMeasure", "ProductGroup", "ProductSubGroup", "ProductBrand", "Supplier", "AttributeSet"}
_TIERS = {f"SellPriceTier{number}" for number in range(1, TIERS + 1)}
_KNOWN = {"Guid", "ProductCode", "ProductDescription", "Obsolete", *DEFAULTS, *_TIERS}
_NAME_LENGTH = 500


class PostedProducts:
    """The way of products into the books of one company."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self._waiting: dict[str, str] = {}

    def posted(self, path_guid: str | None, body: Body, settings: SalesSettings) -> str:
        """Create a product, or overwrite the one with this guid, and return the guid (documents: Products).

        Raise Refused for what the vendor takes no product with.
        """
        body.only(_KNOWN)
        guid = self._guid_for(path_guid, body)
        before = self.books.product(guid)
        code = body.needed_text("ProductCode", self.books.code_limit or 10_000)
        self._refuse_taken(guid, code, settings)
        fields = self._fields(before, body, settings)
        fields["name"] = body.needed_text("ProductDescription", _NAME_LENGTH)
        fields["obsolete"] = body.flag("Obsolete") or False
        if before is not None:
            self.books.change_product(guid, code=code, **fields)  # type: ignore[arg-type]
        elif guid in self._waiting:
            raise invalid("There is a product with this Guid already.")
        else:
            self._waiting[guid] = code
            self.books.add_product(code, guid=guid, late=settings.seen_after, **fields)  # type: ignore[arg-type]
        return guid

    def _guid_for(self, path_guid: str | None, body: Body) -> str:
        given = body.guid("Guid")
        if path_guid and given and path_guid.lower() != given:
            raise invalid("The Guid of the body is not that of the address.")
        return (path_guid or given or self.books.guid("posted product", len(self._waiting))).lower()

    def _refuse_taken(self, guid: str, code: str, settings: SalesSettings) -> None:
        for seen in [guid for guid in self._waiting if self.books.product(guid)]:
            del self._waiting[seen]
        others = {product.guid: product.code for product in self.books.products()} | self._waiting
        taken = {same(there, settings) for other, there in others.items() if other != guid}
        if same(code, settings) in taken:
            raise invalid(f"Product code {code} is already in use.")

    def _fields(self, before: Product | None, body: Body, settings: SalesSettings) -> dict[str, object]:
        """Return the fields as posted; what is left out is blank, or kept as the settings have it."""
        names = [name for name in DEFAULTS if name not in ("CreatedBy", "LastModifiedBy")]
        keeps = before is not None and settings.upsert == "keeps"
        posted = {name: _value(body, name) for name in names if body.has(name) or not keeps}
        tiers = {number: _tier(body, number) for number in range(1, TIERS + 1)}
        if keeps:
            tiers = {number: value for number, value in tiers.items() if body.has(f"SellPriceTier{number}")}
        return {**posted, "tiers": tiers, "CreatedBy": "api@unleashedsoftware.com"}


def _value(body: Body, name: str) -> object:
    if not body.has(name):
        return DEFAULTS[name]
    if name in _NUMBERS:
        return body.number(name)
    if name in _FLAGS:
        return DEFAULTS[name] if body.flag(name) is None else body.flag(name)
    if name in _PARTS:
        part = body.part(name)
        return dict(part.values) if part else None
    return body.text(name)


def _tier(body: Body, number: int) -> str | None:
    """Return a tier's price; its `Value` is a text or null (reference 4.3)."""
    part = body.part(f"SellPriceTier{number}")
    value = part.text("Value") if part else None
    if value is not None and not Decimal(value).is_finite():
        raise invalid(f"SellPriceTier{number}.Value is not a number.")
    return value

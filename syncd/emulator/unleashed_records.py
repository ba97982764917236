"""What an emulated Unleashed company keeps about one product, and the words for changing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

ZERO = Decimal("0.0000")
TIERS = 10

ATTRIBUTES = {
    "ProductCode": "code",
    "ProductDescription": "name",
    "Obsolete": "obsolete",
    "LastModifiedOn": "modified",
    "CreatedOn": "created",
}
"""Vendor fields that are attributes of Product; everything else is in Product.fields."""

WORDS = {
    "price": "DefaultSellPrice",
    "cost": "AverageLandPrice",
    "barcode": "Barcode",
    "weight": "Weight",
    "group": "ProductGroup",
    "sellable": "IsSellable",
    "component": "IsComponent",
    "assembled": "IsAssembledProduct",
    "never_diminishing": "NeverDiminishing",
    "serialized": "IsSerialized",
    "batch_tracked": "IsBatchTracked",
    "source_id": "SourceId",
}
"""Short words the mutators take as well as the vendor's names."""

DEFAULTS: dict[str, object] = {
    "Barcode": None,
    "PackSize": None,
    "Width": None,
    "Height": None,
    "Depth": None,
    "Weight": None,
    "MinStockAlertLevel": None,
    "MaxStockAlertLevel": None,
    "ReOrderPoint": None,
    "UnitOfMeasure": None,
    "NeverDiminishing": False,
    "LastCost": None,
    "DefaultPurchasePrice": None,
    "DefaultSellPrice": None,
    "CustomerSellPrice": None,
    "AverageLandPrice": None,
    "Notes": None,
    "Images": None,
    "ImageUrl": None,
    "XeroTaxCode": None,
    "XeroTaxRate": None,
    "TaxablePurchase": True,
    "TaxableSales": True,
    "XeroSalesTaxCode": None,
    "XeroSalesTaxRate": None,
    "IsComponent": False,
    "IsAssembledProduct": False,
    "CanAutoAssemble": False,
    "ProductGroup": None,
    "ProductSubGroup": None,
    "ProductBrand": None,
    "XeroSalesAccount": None,
    "XeroCostOfGoodsAccount": None,
    "PurchaseAccount": None,
    "BinLocation": None,
    "Supplier": None,
    "AttributeSet": None,
    "SourceId": None,
    "SourceVariantParentId": None,
    "IsSerialized": False,
    "IsBatchTracked": False,
    "IsSellable": True,
    "IsPurchasable": True,
    "MinimumSellPrice": None,
    "MinimumSaleQuantity": None,
    "MinimumOrderQuantity": None,
    "CreatedBy": "keeper@example.test",
    "LastModifiedBy": "keeper@example.test",
}
"""Every further field of a product row with what a bare product has there (reference 4.3)."""


@dataclass(frozen=True, slots=True)
class Stock:
    """Quantities of one product in one warehouse, or in all, and when a movement last touched them."""

    on_hand: Decimal = ZERO
    allocated: Decimal = ZERO
    modified: datetime | None = None

    @property
    def available(self) -> Decimal:
        """On hand less allocated; below zero when more was promised than is there."""
        return self.on_hand - self.allocated


@dataclass(slots=True)
class Product:
    """One product as the company holds it. `total` sums `stock` and is None before any movement."""

    guid: str
    code: str
    name: str = ""
    obsolete: bool = False
    created: datetime | None = None
    modified: datetime | None = None
    fields: dict[str, object] = field(default_factory=dict)
    tiers: dict[int, str | None] = field(default_factory=dict)
    stock: dict[str, Stock] = field(default_factory=dict)
    total: Stock | None = None
    version: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        """The place in the vendor's order by code, which does not tell upper from lower case."""
        return (self.code.upper(), self.code, self.guid)

    def value(self, name: str) -> object:
        """Return a further field by the vendor's name, or what a bare product has there."""
        return self.fields.get(name, DEFAULTS[name])


def sorted_out(
    given: Mapping[str, object],
) -> tuple[dict[str, object], dict[str, object], dict[int, str | None]]:
    """Split what a mutator was given into attributes, further fields and tiers.

    Names are the vendor's or the short words above; `tiers` maps tier numbers to a price or None.
    Raise KeyError for a name no product has.
    """
    attributes: dict[str, object] = {}
    fields: dict[str, object] = {}
    tiers: dict[int, str | None] = {}
    for name, value in given.items():
        vendor = WORDS.get(name, name)
        if name == "tiers":
            tiers = tier_texts(value)
        elif vendor in ATTRIBUTES or name in ATTRIBUTES.values():
            attributes[ATTRIBUTES.get(vendor, name)] = value
        elif vendor in DEFAULTS:
            fields[vendor] = value
        else:
            raise KeyError(f"a product has no field {name!r}")
    return attributes, fields, tiers


def tier_texts(tiers: object) -> dict[int, str | None]:
    """Return tier prices as the vendor keeps them: text with four places or more, or None.

    Raise KeyError for a tier number outside 1 to 10.
    """
    if not isinstance(tiers, Mapping):
        raise TypeError("tiers is a mapping of tier number to price")
    if strange := set(tiers) - set(range(1, TIERS + 1)):
        raise KeyError(f"there is no tier {sorted(strange)}")
    return {number: _tier_text(price) for number, price in tiers.items()}


def _tier_text(price: object) -> str | None:
    if price is None or isinstance(price, str):
        return price
    number = quantity(price)
    exponent = number.as_tuple().exponent
    padded = number.quantize(ZERO) if isinstance(exponent, int) and exponent > -4 else number
    return format(padded, "f")


def quantity(number: object) -> Decimal:
    """Return an exact number. Raise TypeError for a float, which is none."""
    if isinstance(number, Decimal):
        return number
    if isinstance(number, int | str) and not isinstance(number, bool):
        return Decimal(number)
    raise TypeError(f"write {number!r} as Decimal, int or text")


def summed(stock: Mapping[str, Stock]) -> Stock | None:
    """Return all warehouses as one, stamped with the latest movement; None without any row."""
    if not stock:
        return None
    rows = list(stock.values())
    on_hand = sum((row.on_hand for row in rows[1:]), rows[0].on_hand)
    allocated = sum((row.allocated for row in rows[1:]), rows[0].allocated)
    stamps = [row.modified for row in rows if row.modified is not None]
    return Stock(on_hand, allocated, max(stamps, default=None))

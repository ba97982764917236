"""The books of one emulated Unleashed company: products, stock, warehouses, and how they change."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from uuid import NAMESPACE_URL, uuid5

from syncd.emulator.catalogue import Catalogue, CatalogueProduct
from syncd.emulator.unleashed_records import TIERS, Product, Stock, quantity, sorted_out, summed

AT_ONCE = timedelta(0)
_BY_CODE = attrgetter("key")
_STAMPS = ("created", "modified")


@dataclass(slots=True)
class Warehouse:
    """A place that holds stock."""

    guid: str
    code: str
    name: str
    is_default: bool = False
    obsolete: bool = False
    modified: datetime | None = None


@dataclass(slots=True)
class _Late:
    due: datetime
    guid: str
    carry_out: Callable[[], None]


class Books:
    """What the company knows. Every mutator stamps `LastModifiedOn` from the clock unless told not to.

    `clock` gives aware UTC times. Guids follow from `seed` and the order of creation, so the same
    calls give the same books. With `late`, a change carries the stamp of now but is committed, and
    seen by anyone, only that much later; a further change to the same product commits it first.
    """

    def __init__(self, clock: Callable[[], datetime], seed: int = 7) -> None:
        self.clock, self.seed = clock, seed
        self.code_limit: int | None = 100
        self.warehouses: dict[str, Warehouse] = {}
        self.tier_names: list[str] = [""] * TIERS
        self.company: dict[str, object] = {
            "CompanyName": "Example Tea Ltd",
            "BaseCurrencyCode": "NZD",
            "DefaultTaxRate": Decimal("0.15"),
        }
        self.taxes: list[dict[str, object]] = []
        self.add_tax_code("GST", "0.15", "Sales tax")
        self.add_tax_code("ZERO", "0", "Zero-rated")
        self.currencies: list[dict[str, object]] = [_currency(self.guid("currency", 1))]
        self._products: dict[str, Product] = {}
        self._ordered: list[Product] = []
        self._late: list[_Late] = []
        self._made = 0
        self._versions = 0

    @classmethod
    def from_catalogue(cls, catalogue: Catalogue, clock: Callable[[], datetime]) -> Books:
        """Open books that hold the catalogue, its stamps spread over the two years before now."""
        books = cls(clock, catalogue.seed)
        for code, name in catalogue.warehouses.items():
            books.add_warehouse(code, name, default=not books.warehouses)
        for number, name in catalogue.tier_names.items():
            books.tier_names[number - 1] = name
        for place, item in enumerate(catalogue.products):
            books._enter(item, clock() - timedelta(days=1 + place * 997 % 730, seconds=place * 7919 % 86_400))
        return books

    def guid(self, kind: str, which: int | str) -> str:
        """Return the guid the seed gives one record of a kind, named by number or text."""
        return str(uuid5(NAMESPACE_URL, f"https://emulator.test/{self.seed}/{kind}/{which}"))

    def products(self) -> Sequence[Product]:
        """Return all committed products in the vendor's order by code. Do not change the list."""
        return self._ordered

    def product(self, guid: str) -> Product | None:
        """Return the committed product with this guid in any letter case, or None."""
        return self._products.get(guid.lower())

    def by_code(self, code: str) -> list[Product]:
        """Return the products with exactly this code."""
        return [product for product in self._ordered if product.code == code]

    def add_warehouse(
        self, code: str, name: str = "", *, default: bool = False, obsolete: bool = False, bump: bool = True
    ) -> str:
        """Add a warehouse and return its guid."""
        guid = self.guid("warehouse", len(self.warehouses) + 1)
        stamp = self._now() if bump else None
        self.warehouses[code] = Warehouse(guid, code, name or code, default, obsolete, stamp)
        return guid

    def add_tax_code(
        self, code: str, rate: str, description: str = "", *, obsolete: bool = False, for_sales: bool = True
    ) -> str:
        """Add a tax code and return its guid; `rate` is a fraction, "0.15" for 15 %."""
        guid = self.guid("tax", len(self.taxes) + 1)
        self.taxes.append(
            {
                "Guid": guid,
                "TaxCode": code,
                "Description": description or code,
                "TaxRate": Decimal(rate),
                "CanApplyToExpenses": True,
                "CanApplyToRevenue": for_sales,
                "Obsolete": obsolete,
                "LastModifiedOn": None,
            }
        )
        return guid

    def add_product(
        self,
        code: str,
        name: str = "",
        price: Decimal | int | str | None = None,
        *,
        guid: str | None = None,
        bump: bool = True,
        late: timedelta = AT_ONCE,
        **fields: object,
    ) -> str:
        """Add a product and return its guid; prices are ex tax in the company's currency."""
        self._made += 1
        guid = (guid or self.guid("product", self._made)).lower()
        stamp = self._now()
        given = {"code": code, "name": name, "price": None if price is None else quantity(price), **fields}
        stamps = {"created": stamp, "modified": stamp if bump else None}
        attributes, others, tiers = sorted_out({**stamps, **given})
        self._refuse_long(attributes)
        product = Product(guid, code, fields=others, tiers=tiers)
        self._set(product, attributes)
        self._commit(guid, late, lambda: self._insert(product))
        return guid

    def change_product(
        self, guid: str, *, bump: bool = True, late: timedelta = AT_ONCE, **fields: object
    ) -> None:
        """Set fields of a product by the vendor's names or short words (see unleashed_records).

        `LastModifiedOn` among the fields overrides the stamp. `tiers` sets the tiers it names. Raise
        KeyError for an unknown product or field, ValueError for a code longer than the company takes.
        """
        stamps: dict[str, object] = {"modified": self._now()} if bump else {}
        attributes, others, tiers = sorted_out({**stamps, **fields})
        self._refuse_long(attributes)
        self._refuse_unknown(guid)
        self._commit(guid.lower(), late, lambda: self._change(guid, attributes, others, tiers))

    def set_stock(
        self,
        guid: str,
        warehouse: str,
        on_hand: Decimal | int | str,
        allocated: Decimal | int | str = 0,
        *,
        bump: bool = True,
        late: timedelta = AT_ONCE,
    ) -> None:
        """Set what one warehouse holds of a product and has promised; the product's stamp stays.

        Raise KeyError for an unknown product or warehouse.
        """
        if warehouse not in self.warehouses:
            raise KeyError(f"there is no warehouse {warehouse!r}")
        self._refuse_unknown(guid)
        stamp = self._now() if bump else None
        counted = Stock(quantity(on_hand), quantity(allocated), stamp)
        self._commit(guid.lower(), late, lambda: self._count(guid, warehouse, counted, bump))

    def delete_product(self, guid: str, *, late: timedelta = AT_ONCE) -> None:
        """Remove a product with its stock for good, as a person can in the web pages; no list says so."""
        self._refuse_unknown(guid)
        self._commit(guid.lower(), late, lambda: self._remove(guid))

    def settle(self) -> None:
        """Commit the late changes that are due by the clock."""
        if self._late:
            now = self._now()
            self._carry_out([late for late in self._late if late.due <= now])

    def _commit(self, guid: str, late: timedelta, carry_out: Callable[[], None]) -> None:
        earlier = [waiting for waiting in self._late if waiting.guid == guid]
        if late > AT_ONCE:
            due = max([self._now() + late, *(waiting.due for waiting in earlier)])
            self._late.append(_Late(due, guid, carry_out))
        else:
            self._carry_out(earlier)
            carry_out()

    def _carry_out(self, due: list[_Late]) -> None:
        for late in sorted(due, key=lambda late: late.due):
            self._late.remove(late)
            late.carry_out()

    def _insert(self, product: Product) -> None:
        if product.guid in self._products:
            raise ValueError(f"there is a product {product.guid} already")
        self._products[product.guid] = product
        self._touch(product)
        insort(self._ordered, product, key=_BY_CODE)

    def _change(
        self,
        guid: str,
        attributes: dict[str, object],
        fields: dict[str, object],
        tiers: dict[int, str | None],
    ) -> None:
        product = self._products.get(guid.lower())
        if product is None:  # an earlier late change removed it
            return
        self._unplace(product)
        self._set(product, attributes)
        product.fields.update(fields)
        product.tiers.update(tiers)
        self._touch(product)
        insort(self._ordered, product, key=_BY_CODE)

    def _count(self, guid: str, warehouse: str, counted: Stock, bump: bool) -> None:
        product = self._products.get(guid.lower())
        if product is None:  # an earlier late change removed it
            return
        before = product.stock.get(warehouse)
        kept = before.modified if before is not None and not bump else counted.modified
        product.stock[warehouse] = Stock(counted.on_hand, counted.allocated, kept)
        product.total = summed(product.stock)
        self._touch(product)

    def _remove(self, guid: str) -> None:
        if product := self._products.pop(guid.lower(), None):
            self._unplace(product)

    def _unplace(self, product: Product) -> None:
        del self._ordered[bisect_left(self._ordered, product.key, key=_BY_CODE)]

    def _touch(self, product: Product) -> None:
        self._versions += 1
        product.version = self._versions

    def _set(self, product: Product, attributes: dict[str, object]) -> None:
        for name, value in attributes.items():
            is_stamp = name in _STAMPS and value is not None
            setattr(product, name, _utc(value) if is_stamp else value)

    def _enter(self, item: CatalogueProduct, stamp: datetime) -> None:
        self.add_product(
            item.code,
            item.name,
            item.price,
            guid=item.guid,
            tiers=item.tiers,
            created=stamp - timedelta(days=200),
            modified=stamp,
            obsolete=item.obsolete,
            sellable=item.sellable,
            component=item.component,
            assembled=item.assembled,
            never_diminishing=item.never_diminishing,
            barcode=item.barcode,
            cost=item.cost,
            group={"Guid": self.guid("group", item.group), "GroupName": item.group, "LastModifiedOn": None},
        )
        product = self._products[item.guid]
        moved = stamp + timedelta(hours=5)
        product.stock = {code: Stock(*amounts, moved) for code, amounts in item.stock.items()}
        product.total = summed(product.stock)

    def _refuse_long(self, attributes: dict[str, object]) -> None:
        code = attributes.get("code", "")
        if self.code_limit is not None and isinstance(code, str) and len(code) > self.code_limit:
            raise ValueError(f"a product code has at most {self.code_limit} characters")

    def _refuse_unknown(self, guid: str) -> None:
        known = guid.lower() in self._products or any(late.guid == guid.lower() for late in self._late)
        if not known:
            raise KeyError(f"there is no product {guid}")

    def _now(self) -> datetime:
        return _utc(self.clock())


def _utc(moment: object) -> datetime:
    """Return the moment cut to whole milliseconds, as the vendor keeps it; refuse naive times."""
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise TypeError(f"{moment!r} is not an aware time")
    utc = moment.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def _currency(guid: str) -> dict[str, object]:
    return {
        "Guid": guid,
        "CurrencyCode": "NZD",
        "Description": "New Zealand, Dollars",
        "DefaultBuyRate": None,
        "DefaultSellRate": None,
        "LastModifiedOn": None,
    }

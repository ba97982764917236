"""The examples: a product, its stock, and a small shop that keeps what it is told as well as it can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from syncd.core.listing import ListingRules, Stock, decide_listing
from syncd.core.model import (
    AccountFacts,
    Content,
    Link,
    Listing,
    ListingStatus,
    Product,
    Shown,
    StockRow,
    StoreFacts,
    Tier,
)
from syncd.core.money import rounded
from syncd.core.product_match import Rivals
from syncd.core.product_plan import Note, Plan, plan_product

GUID = "0b7f0c52-6f0e-4f0a-9d3b-2a5f7a1c9e01"
OTHER = "7d1d8a1e-2c5b-4a53-8f0e-9a1b2c3d4e5f"
TIERS = (Tier(1, "Retail", Decimal("12.50")), Tier(2, "Trade", None), Tier(3, "", Decimal("7")))
TEA = Product(GUID, "TEA-100", "Green tea 100 g", price=Decimal("9.50"), tiers=TIERS)
OBSOLETE_TEA = replace(TEA, obsolete=True)
ACCOUNT = AccountFacts(currency="NZD")
SHOP = StoreFacts("woocommerce:shop.example.test", "NZD", prices_include_tax=False, price_decimals=2)
RULES = ListingRules()
CREATE = ListingRules(create=True)
PUBLISH = ListingRules(create=True, publish=True)
UNLINKED = Link(GUID)
ADOPTED = Link(GUID, ref="12", code="TEA-100")
CREATED = replace(ADOPTED, created=True, owned=frozenset({"name", "price", "status"}))
LIVE, HIDDEN, TRASH = ListingStatus.LIVE, ListingStatus.HIDDEN, ListingStatus.TRASH
IN_STEP = Content("Green tea 100 g", Decimal("9.50"), Decimal(19), LIVE)
OLD = Content("Old tea", Decimal("8.00"), Decimal(3), LIVE)


def stock(zero_if_absent: frozenset[str] = frozenset(), **available: str) -> Stock:
    """Return what is known of the stock: `total` is Unleashed's own sum, the others are warehouses."""
    names = {("" if name == "total" else name): Decimal(text) for name, text in available.items()}
    return Stock({name: StockRow(GUID, name, number) for name, number in names.items()}, zero_if_absent)


NINETEEN = stock(total="19")
UNKNOWN = Stock({})


def listing_of(
    product: Product = TEA,
    known: Stock = NINETEEN,
    rules: ListingRules = RULES,
    account: AccountFacts = ACCOUNT,
    store: StoreFacts = SHOP,
    link: Link = UNLINKED,
    tax_class: str = "",
) -> Listing:
    """Decide a listing, with the ordinary example for whatever is not given."""
    return decide_listing(product, known, rules, account, store, link, tax_class)


def fit(content: Content) -> Content:
    """Return what the example shop can hold: 20 characters of name, cents, whole units."""
    return Content(
        None if content.name is None else content.name[:20].strip(),
        None if content.price is None else rounded(content.price, 2),
        None if content.stock is None else content.stock.to_integral_value(ROUND_FLOOR),
        content.status,
    )


def shown(content: Content = OLD, ref: str = "12", code: str = "TEA-100", **more: Any) -> Shown:
    """Return what the shop shows for record `ref`."""
    return Shown(ref, code, content, **more)


def plan(
    record: Shown | None,
    link: Link = UNLINKED,
    *,
    product: Product = TEA,
    known: Stock = NINETEEN,
    rules: ListingRules = RULES,
    store: StoreFacts = SHOP,
    rivals: Rivals | None = None,
    creates: bool = True,
) -> Plan:
    """Plan the example product, with the ordinary example for whatever is not given."""

    def listing(link: Link, tax_class: str) -> Listing:
        return listing_of(product, known, rules, store=store, link=link, tax_class=tax_class)

    return plan_product(product, listing, record, link, rivals or Rivals(), rules, fit, creates=creates)


def note(planned: Plan, name: str) -> Note:
    """Return the plan's note on one field; fails if there is none."""
    return next(each for each in planned.notes if each.field == name)


@dataclass(slots=True)
class Shelf:
    """A shop with room for one record, and the link that is remembered beside it."""

    record: Shown | None
    link: Link
    locked: Mapping[str, str] = field(default_factory=dict)

    def carry_out(self, planned: Plan) -> None:
        """Write what was planned, as a store confirms it, and remember the plan's link."""
        self.link = planned.link
        if planned.action == "create":
            self.record = Shown("12", "TEA-100", planned.content)
        elif planned.action == "write":
            assert self.record is not None
            changed = {name: planned.content.get(name) for name in planned.content.set_fields()}
            self.record = replace(self.record, content=replace(self.record.content, **changed))  # type: ignore[arg-type]

    def edit(self, **changes: Any) -> None:
        """Change the record the way a person does in the shop."""
        assert self.record is not None
        self.record = replace(self.record, content=replace(self.record.content, **changes))

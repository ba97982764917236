"""What becomes of an order: a sale, something to be created first, a person's task, or nothing yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from syncd.core.model import AccountFacts, Product, Warehouse
from syncd.core.order import Address, StoreOrder
from syncd.core.order_plan import Books, Ready, WaitingFor, plan_order
from syncd.core.order_products import FREIGHT, Shelf
from syncd.core.order_rules import OrderRules, Verdict
from syncd.core.order_sums import posted_lines
from syncd.core.sale import Customer, NewCustomer, NewProduct, Parked, Sale, TaxCode
from syncd.core.sale_identity import Names, order_guid, product_guid
from tests.core.order_examples import (
    ACCOUNT,
    BOOKS,
    CREATED,
    D1,
    FREIGHT_PRODUCT,
    GIA,
    GST,
    NAMES,
    RECORDED,
    RULES,
    SHELF,
    WORKED,
    line,
    order,
)

NEW = NewCustomer("n", "WEB-X", "Gia Hart", email="gia@example.test", claim="gia@example.test")
EMPTY = Shelf()


def plan(
    of: StoreOrder = WORKED,
    customer: Customer | NewCustomer | Parked = GIA,
    shelf: Shelf = SHELF,
    books: Books = BOOKS,
    rules: OrderRules = RULES,
    imported: bool = False,
) -> Ready | WaitingFor | Parked | Verdict:
    """Return the plan of the worked order in the example account, but for what is given."""
    return plan_order(of, customer, shelf, books, rules, imported)


def sale(
    of: StoreOrder = WORKED, shelf: Shelf = SHELF, rules: OrderRules = RULES, books: Books = BOOKS
) -> Sale:
    """Return the sale that an order becomes; fails if it becomes none."""
    found = plan(of, shelf=shelf, rules=rules, books=books)
    assert isinstance(found, Ready), found
    return found.sale


def said(found: Ready | WaitingFor | Parked | Verdict) -> str:
    """Return the sentences of a parked order; fails if it is not parked."""
    assert isinstance(found, Parked), found
    return f"{found.reason} {found.do}"


def test_the_worked_order_becomes_a_sale() -> None:
    """Every field of the worked order, as Unleashed is to get it."""
    made = sale()
    assert made.guid == order_guid(NAMES, "33")
    assert (made.order_number, made.source_id, made.customer_ref) == (
        "WEB-33", "woocommerce:shop.example.test:33", "2026-0033",
    )  # fmt: skip
    assert (made.status, made.order_date, made.warehouse) == ("Parked", date(2026, 11, 21), "W1")
    assert (made.customer_guid, made.customer_code, made.currency) == (GIA.guid, "GIA", "NZD")
    assert (made.tax_code, made.tax_rate) == ("GST", Decimal("0.15"))
    assert (made.sub_total, made.tax_total, made.total) == (Decimal("59"), Decimal("8.85"), Decimal("67.85"))
    assert (made.comments, made.delivery.city) == ("Coupons: ten", "Auckland")
    first, second = made.lines
    assert (first.number, first.product_guid, first.code, first.quantity) == (1, D1.guid, "D1", Decimal(3))
    assert (first.unit_price, first.discount_rate, first.line_total, first.line_tax) == (
        Decimal("20"), Decimal("0.1"), Decimal("54"), Decimal("8.1"),
    )  # fmt: skip
    assert (second.number, second.code, second.comments) == (2, "FREIGHT", "Line 27")
    assert second.line_total == Decimal(5)


def test_the_same_order_is_the_same_sale() -> None:
    """Nothing in a sale depends on when it was planned; a change of status in the store changes nothing."""
    assert sale() == sale(replace(WORKED, status="completed", modified=CREATED + timedelta(days=1)))
    assert len({each.guid for each in sale().lines} | {sale().guid}) == 3


def test_the_recorded_order_waits_for_what_is_missing() -> None:
    """Two unknown products, and one product for shipping and the fee, are created once each."""
    found = plan(RECORDED, shelf=EMPTY)
    assert isinstance(found, WaitingFor)
    assert [(each.code, str(each.price), each.taxable) for each in found.products] == [
        ("TEA-59442", "9.5000", False), ("TEE-59442-S", "25.0000", False), (FREIGHT, "0", True),
    ]  # fmt: skip
    assert found.products[0].guid == product_guid(NAMES, "TEA-59442")
    assert [each.never_diminishing for each in found.products] == [False, False, True]
    assert found.customer is None


def test_what_was_created_is_found_again() -> None:
    """Once the missing products are there, even renamed by somebody, the order is ready."""
    found = plan(RECORDED, shelf=EMPTY)
    assert isinstance(found, WaitingFor)
    made = {each.guid: Product(each.guid, f"{each.code}-NEW", each.name) for each in found.products}
    assert [each.product_guid for each in sale(RECORDED, Shelf({}, made)).lines][:2] == list(made)[:2]


def test_a_new_customer_is_waited_for() -> None:
    """The order is not ready before its customer is there."""
    assert plan(customer=NEW) == WaitingFor((), NEW)


def test_nothing_is_created_for_an_order_that_is_parked() -> None:
    """An order that does not add up waits for a person, not for products or a customer."""
    bad = replace(RECORDED, total=Decimal("50.00"))
    assert "a difference of -1.00 NZD" in said(plan(bad, customer=NEW, shelf=EMPTY))


@pytest.mark.parametrize(
    ("products", "linked", "expected"),
    [
        ([D1], {"17": D1.guid}, D1.guid),
        ([replace(D1, code="RENAMED")], {"17": D1.guid}, D1.guid),
        ([D1], {}, D1.guid),
        ([replace(D1, code=" D1 ")], {}, D1.guid),
        ([replace(D1, gone=True), replace(D1, guid="z")], {"17": D1.guid}, "z"),
        ([replace(D1, obsolete=True), replace(D1, guid="z")], {}, "z"),
        ([replace(D1, obsolete=True)], {}, D1.guid),
    ],
)
def test_how_a_line_finds_its_product(products: list[Product], linked: dict[str, str], expected: str) -> None:
    """By the link, else by the trimmed code; one in use before an obsolete one, never one that is gone."""
    shelf = Shelf(linked, {each.guid: each for each in (*products, FREIGHT_PRODUCT)})
    assert sale(shelf=shelf).lines[0].product_guid == expected


@pytest.mark.parametrize(
    ("of", "shelf", "rules", "says"),
    [
        (order(line("1", "1", "9.00", "1.35", code="")), EMPTY, RULES, "without a code"),
        (order(line("1", "1", "9.00", "1.35", code="D" * 101)), EMPTY, RULES, "longer than the 100"),
        (WORKED, EMPTY, replace(RULES, create_products=False), "create_products is off"),
        (WORKED, SHELF, replace(RULES, shipping_product="POST"), "needs the product POST"),
        (
            WORKED,
            Shelf({}, {"x": replace(D1, guid="x"), "y": replace(D1, guid="y", code="D1 ")}),
            RULES,
            "several products with that code",
        ),
    ],
)
def test_products_that_a_person_must_settle(
    of: StoreOrder, shelf: Shelf, rules: OrderRules, says: str
) -> None:
    """No code, no leave to create, a wrong shipping product, two candidates: parked."""
    text = said(plan(of, shelf=shelf, rules=rules))
    assert says in text
    assert "syncd orders retry 33" in text


def test_shipping_goes_to_the_configured_product() -> None:
    """Shipping and fees are lines of the product that orders.shipping_product names."""
    post = Product("p", "POST", "Postage")
    made = sale(shelf=replace(SHELF, products={**SHELF.products, "p": post}),
                rules=replace(RULES, shipping_product=" POST"))  # fmt: skip
    assert made.lines[1].product_guid == "p"


NEGATIVE = order(line("1", "1", "10.00", "1.50"), line("2", "1", "-2.00", "-0.30", kind="fee"))


def test_a_negative_fee_is_parked_unless_wanted() -> None:
    """No document says that Unleashed takes a negative price; who wants to try says so."""
    assert 'orders.negative_fees = "line"' in said(plan(NEGATIVE))
    made = sale(NEGATIVE, rules=replace(RULES, negative_fees="line"))
    assert [str(each.unit_price) for each in made.lines] == ["10.00", "-2.00"]
    assert (str(made.sub_total), str(made.tax_total)) == ("8.00", "1.20")


@pytest.mark.parametrize(
    ("account", "customer", "rules", "says"),
    [
        (replace(ACCOUNT, currency="AUD"), GIA, RULES, "is in NZD, the Unleashed account in AUD"),
        (ACCOUNT, replace(GIA, currency="AUD"), RULES, "customer GIA is kept in AUD"),
        (ACCOUNT, GIA, replace(RULES, warehouse="W9"), "orders.warehouse names W9"),
        (ACCOUNT, Parked("No customer.", "Decide."), RULES, "No customer. Decide."),
        (ACCOUNT, GIA, replace(RULES, tax_codes={"standard": "VAT"}), "names VAT for standard"),
    ],
)
def test_what_does_not_fit_the_account(
    account: AccountFacts, customer: Customer | Parked, rules: OrderRules, says: str
) -> None:
    """Another currency, an unknown warehouse or tax code, an open question about the customer: parked."""
    books = replace(BOOKS, account=account)
    assert says in said(plan(customer=customer, books=books, rules=rules))


@pytest.mark.parametrize(
    ("warehouses", "configured", "expected"),
    [
        (ACCOUNT.warehouses, None, "W1"),
        (ACCOUNT.warehouses, "W2", "W2"),
        ((Warehouse("ONLY", ""),), None, "ONLY"),
        ((Warehouse("A", ""), Warehouse("B", "")), None, None),
        ((Warehouse("A", "", obsolete=True, default=True), Warehouse("B", "")), None, "B"),
        ((), "W7", "W7"),  # the account would not say which it has
    ],
)
def test_the_warehouse(
    warehouses: tuple[Warehouse, ...], configured: str | None, expected: str | None
) -> None:
    """The configured warehouse, else the default one, else the only one, else Unleashed's own choice."""
    books = replace(BOOKS, account=AccountFacts(currency="NZD", warehouses=warehouses))
    assert sale(rules=replace(RULES, warehouse=configured), books=books).warehouse == expected


@pytest.mark.parametrize(("tracked", "status"), [(False, "Completed"), (True, "Placed")])
def test_tracked_products_are_never_completed(tracked: bool, status: str) -> None:
    """An order with serial or batch numbers is placed, and completed by a person."""
    shelf = replace(SHELF, tracked=frozenset({D1.guid}) if tracked else frozenset())
    assert sale(shelf=shelf, rules=replace(RULES, status="Completed")).status == status


def test_texts_are_cut_where_unleashed_has_no_room() -> None:
    """A long note or address does not keep an order from being posted."""
    there = replace(WORKED.buyer, shipping=Address(street="S" * 300))
    made = sale(replace(WORKED, note="N" * 3000, number="9" * 600, buyer=there))
    assert (len(made.comments), len(made.customer_ref), len(made.delivery.street)) == (2048, 500, 100)
    assert made.comments.endswith("…")


def test_comments_keep_what_no_field_takes() -> None:
    """Note, coupons, payment, a discount without a rate, and an address the customer's record lacks."""
    odd = order(line("1", "3", "5501.23", "825.18", before="6000.00"))
    of = replace(odd, note="Ring twice.\r\n", coupons=("ten", "vip"), payment="Bank transfer")
    found = plan(of, customer=replace(GIA, emails=()))
    assert isinstance(found, Ready)
    assert found.sale.comments.splitlines() == [
        "Ring twice.", "Coupons: ten, vip", "Paid by: Bank transfer", "E-mail: gia@example.test",
    ]  # fmt: skip
    assert found.sale.lines[0].comments == "discount 498.77 NZD"


@pytest.mark.parametrize(
    ("of", "rules", "judgement"),
    [
        (replace(WORKED, paid=False, status="on-hold"), RULES, "not yet"),
        (replace(WORKED, cancelled=True), RULES, "cancelled"),
        (WORKED, replace(RULES, when=("completed",)), "not yet"),
        (WORKED, replace(RULES, since=CREATED + timedelta(seconds=1)), "too old"),
        (
            replace(WORKED, cancelled=True),
            replace(RULES, since=datetime(2027, 1, 1, tzinfo=UTC)),
            "cancelled",
        ),
    ],
)
def test_orders_that_are_not_posted(of: StoreOrder, rules: OrderRules, judgement: str) -> None:
    """Not yet paid, not in the wanted status, cancelled, or older than orders.since."""
    found = plan(of, rules=rules)
    assert isinstance(found, Verdict)
    assert found.judgement == judgement
    assert found.reason


def test_what_is_wanted_by_status_and_time() -> None:
    """An order counts in a listed status though it is not paid, and at the very second of orders.since."""
    unpaid = replace(WORKED, paid=False)
    rules = replace(RULES, when=("on-hold", "processing"), since=CREATED)
    assert sale(unpaid, rules=rules).order_number == "WEB-33"


def test_an_import_takes_old_orders_only() -> None:
    """A person may import what is older than orders.since, but not what is not paid or cancelled."""
    rules = replace(RULES, since=CREATED + timedelta(days=1))
    assert isinstance(plan(rules=rules, imported=True), Ready)
    assert isinstance(plan(replace(WORKED, cancelled=True), rules=rules, imported=True), Verdict)


def test_the_orders_own_tax_code_is_that_of_its_largest_line() -> None:
    """Unleashed asks for one code for the order beside those of the lines."""
    low = TaxCode("LOW", Decimal("0.07"))
    of = order(line("1", "1", "1.00", "0.15"), line("2", "1", "9.00", "0.63", "0.07"))
    assert sale(of, books=replace(BOOKS, taxes=(GST, low))).tax_code == "LOW"


def test_an_order_without_a_number_is_parked() -> None:
    """A prefix that leaves no room for a long id is said with the key to shorten."""
    long = replace(WORKED, id="0b7f0c52-6f0e-4f0a-9d3b-2a5f7a1c9e01")
    assert "Shorten orders.prefix" in said(plan(long, rules=replace(RULES, prefix="SHOP-OF-US-")))


def test_two_stores_of_an_account_share_what_they_create() -> None:
    """A product both lack has one guid; their orders have two."""
    other = replace(BOOKS, names=Names("woocommerce:other.example.test", NAMES.account))
    here, there = plan(RECORDED, shelf=EMPTY), plan(RECORDED, shelf=EMPTY, books=other)
    assert isinstance(here, WaitingFor)
    assert isinstance(there, WaitingFor)
    assert [each.guid for each in here.products] == [each.guid for each in there.products]
    assert all(isinstance(each, NewProduct) for each in here.products)
    assert len(posted_lines(RECORDED)) == 4

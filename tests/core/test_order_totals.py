"""Totals are proven to the cent before anything is sent, or the order is parked with the difference."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.cent_moves import move_cents, tax
from syncd.core.order import OrderLine, StoreOrder
from syncd.core.order_totals import Proof, prove, round_to_sum
from syncd.core.sale import Parked
from tests.core.order_examples import RECORDED, WORKED, line, order

CENT = Decimal("0.01")
FIFTEEN = Decimal("0.15")


def proven(of: StoreOrder, rate: str = "0.15") -> Proof:
    """Return the proof of an order with one rate; fails if it is parked."""
    found = prove(of, [Decimal(rate)] * len(of.lines))
    assert isinstance(found, Proof), found
    return found


def refused(of: StoreOrder, rate: str = "0.15") -> Parked:
    """Return why an order is parked; fails if it is not."""
    found = prove(of, [Decimal(rate)] * len(of.lines))
    assert isinstance(found, Parked), found
    return found


def texts(proof: Proof) -> list[tuple[str, ...]]:
    """Return quantity, price, discount, total and tax of each line as texts."""
    return [
        tuple(
            str(each)
            for each in (
                part.line.quantity,
                part.price.unit_price,
                part.price.discount_rate,
                part.total,
                part.tax,
            )
        )
        for part in proof.lines
    ]


def test_the_worked_order_of_the_reference() -> None:
    """Three pieces at 20.00 less 10 %, and shipping of 5.00, are 67.85 with 8.85 tax."""
    proof = proven(WORKED)
    assert texts(proof) == [("3", "20.00", "0.1", "54.00", "8.10"), ("1", "5.00", "0", "5.00", "0.75")]
    assert (str(proof.sub_total), str(proof.tax_total), str(proof.total)) == ("59.00", "8.85", "67.85")
    assert proof.policy == "recomputed"
    assert proof.certain


def test_the_recorded_order() -> None:
    """An order of a shop without taxes, with shipping and a fee, is posted as it is."""
    proof = proven(RECORDED, rate="0")
    assert [row[1] for row in texts(proof)] == ["9.50", "25.00", "5.00", "2.00"]
    assert (str(proof.total), str(proof.tax_total), proof.certain) == ("51.00", "0.00", True)


@pytest.mark.parametrize(
    ("lines", "total", "tax", "nets", "taxes", "policy"),
    [
        # one piece at 20.00 with tax, shown with six decimals
        ([("1", "17.391304", "2.61")], "20.00", "2.61", ["17.39"], ["2.61"], "recomputed"),
        # three such lines, tax rounded once at the end: nets add up to 52.17, tax to 7.83
        (
            [("1", "17.391304", "2.608696")] * 3,
            "60.00",
            "7.826088",
            ["17.39"] * 3,
            ["2.61"] * 3,
            "recomputed",
        ),
        # 0.30 × 15 % is 0.045: up is 0.05, to the even cent is 0.04
        ([("1", "0.30", "0.05")], "0.35", "0.05", ["0.30"], ["0.05"], "half up"),
        ([("1", "0.30", "0.04")], "0.34", "0.04", ["0.30"], ["0.04"], "half even"),
        # ten pieces with 0.01 of tax each on 0.09 (0.0135): a cent per piece, not 0.14
        ([("10", "0.90", "0.10")], "1.00", "0.10", ["0.90"], ["0.10"], "as the store has it"),
        # 0.05 × 15 % = 0.0075, thrice: 0.02 in the end, 0.01 each by line
        ([("1", "0.05", "0.0075")] * 3, "0.17", "0.0225", ["0.05"] * 3, ["0.00", "0.01", "0.01"], "rest"),
        # a whole order for nothing
        ([("2", "0.00", "0.00")], "0.00", "0.00", ["0.00"], ["0.00"], "recomputed"),
    ],
)
def test_the_ladder(
    lines: list[tuple[str, str, str]], total: str, tax: str, nets: list[str], taxes: list[str], policy: str
) -> None:
    """Each rung is taken only when the safer ones do not give the store's tax, and is named."""
    made = [line(str(at), *figures) for at, figures in enumerate(lines)]
    proof = proven(order(*made, total=total, tax=tax))
    assert [str(each.total) for each in proof.lines] == nets
    assert sorted(str(each.tax) for each in proof.lines) == sorted(taxes)
    assert proof.policy.startswith(policy)


def test_cents_move_between_lines() -> None:
    """3.49 and 10.05 with tax: 3.03 × 15 % is a cent short, 3.04 and 8.73 give the store's 0.46 and 1.31."""
    shop = order(
        line("1", "1", "3.034783", "0.46"), line("2", "1", "8.73913", "1.31"), total="13.54", tax="1.77"
    )
    proof = proven(shop)
    assert [(str(each.total), str(each.tax)) for each in proof.lines] == [("3.04", "0.46"), ("8.73", "1.31")]
    assert (str(proof.sub_total), str(proof.tax_total), proof.policy) == ("11.77", "1.77", "cents moved")


@given(st.lists(st.decimals(0, 500, places=6), min_size=1, max_size=9), st.integers(-2, 2))
def test_moved_cents_leave_the_sum_and_make_the_tax(exact: list[Decimal], off: int) -> None:
    """Totals that moved add up as before, lie within a cent of the store's, and give the tax wanted."""
    nets = [each.quantize(CENT, "ROUND_HALF_UP") for each in exact]
    goal = sum((tax(net, FIFTEEN, CENT) for net in nets), Decimal(0)) + off * CENT
    moved = move_cents(exact, nets, FIFTEEN, goal, CENT)
    assert moved is None or sum(moved) == sum(nets)
    assert moved is None or sum(tax(net, FIFTEEN, CENT, "ROUND_HALF_EVEN") for net in moved) == goal
    assert moved is None or all(abs(new - old) < CENT for new, old in zip(moved, exact, strict=True))


def test_the_rest_goes_on_the_line_with_the_most_tax() -> None:
    """A cent that no rounding explains lies on the largest line's tax, as the reference has it (7.3)."""
    small, large = line("1", "1", "0.0333", "0.004995"), line("2", "1", "9.0333", "1.354995")
    proof = proven(order(small, large, total="10.43", tax="1.37"))
    assert [str(each.tax) for each in proof.lines] == ["0.00", "1.37"]
    assert proof.policy == "rest on one line"


def test_taxes_of_several_rates_stay_apart() -> None:
    """What the store took at each rate is what is posted at that rate."""
    lines = (line("1", "1", "10.00", "1.90", "0.19"), line("2", "3", "1.05", "0.07", "0.07"),
             line("3", "1", "3.00", "0.57", "0.19"))  # fmt: skip
    proof = prove(order(*lines), [Decimal("0.19"), Decimal("0.07"), Decimal("0.19")])
    assert isinstance(proof, Proof)
    assert [str(each.tax) for each in proof.lines] == ["1.90", "0.07", "0.57"]


@pytest.mark.parametrize(
    ("before", "total", "tax", "price", "rate"),
    [
        ("60.00", "54.00", "8.10", "20.00", "0.1"),
        ("60.00", "0.00", "0.00", "20.00", "1.0"),  # a coupon of 100 %
        ("6000.00", "5501.23", "825.18", "1833.743", "0"),  # 498.77 off: no short rate gives it
        ("10.00", "10.00", "1.50", "3.333", "0"),  # three for ten
        ("52.173913", "46.956522", "7.04", "17.391", "0.1"),  # 10 % off 20.00 with tax
        ("60.00", "66.00", "9.90", "22.00", "0"),  # dearer than listed
    ],
)
def test_discounts(before: str, total: str, tax: str, price: str, rate: str) -> None:
    """A discount is a rate where a short one gives the total, else it is in the price."""
    charged = (Decimal(total) + Decimal(tax)).quantize(CENT)
    proof = proven(order(line("1", "3", total, tax, before=before), total=str(charged), tax=tax))
    assert (str(proof.lines[0].price.unit_price), str(proof.lines[0].price.discount_rate)) == (price, rate)


def test_a_price_has_more_decimals_only_where_the_total_needs_them() -> None:
    """Ten thousand pieces for 3333.33 need a price of six decimals, and then the shortest is taken."""
    proof = proven(order(line("1", "10000", "3333.33", "500.00")))
    assert str(proof.lines[0].price.unit_price) == "0.333333"
    assert not proof.certain


@pytest.mark.parametrize(
    ("currency", "total", "tax", "charged"),
    [("JPY", "1089", "163", "1252"), ("KWD", "1.234", "0.185", "1.419")],
)
def test_currencies_with_no_or_three_decimals(currency: str, total: str, tax: str, charged: str) -> None:
    """Amounts have the currency's own decimals; what the account then rounds to is not certain."""
    proof = proven(order(line("1", "1", total, tax), currency=currency))
    assert (str(proof.total), str(proof.tax_total), proof.certain) == (charged, tax, False)


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (order(), "has no line to post"),
        (replace(WORKED, total=Decimal("62.85")), "a difference of -5.00 NZD"),
        (replace(WORKED, total=Decimal("67.86")), "a difference of 0.01 NZD"),
        (replace(WORKED, total_tax=Decimal("8.84")), "says it holds 8.84 NZD of tax"),
        (replace(WORKED, total=Decimal("67.855")), "finer than that currency goes"),
        (replace(WORKED, total=Decimal("-1")), "has a negative total"),
        (replace(WORKED, total=Decimal("NaN")), "an amount that cannot be meant"),
        (replace(WORKED, total=Decimal("1E+400")), "an amount that cannot be meant"),
        (order(line("1", "-1", "5.00", "0.75")), "a line with the quantity -1: D1"),
        (order(line("1", "0", "5.00", "0.75")), "a line with the quantity 0: D1"),
        (order(line("1", "1", "10.00", "2.00")), "which is not 15 % of 10.00"),
        (order(*[line(str(at), "1", "1.00", "0.15") for at in range(801)]), "has 801 lines"),
    ],
)
def test_figures_that_cannot_be_posted(bad: StoreOrder, says: str) -> None:
    """An order that does not add up is a person's business; the sentence names the difference."""
    parked = refused(bad)
    assert says in parked.reason
    assert "syncd orders" in parked.do


def test_tax_without_a_taxed_line() -> None:
    """Tax on a line whose code has none is refused, however little it is."""
    assert "which is not 0 % of 10.00" in refused(order(line("1", "100", "10.00", "0.50")), "0").reason


def test_rounding_explains_only_what_it_can() -> None:
    """Lines with six decimals may differ from the total by what rounding each of them moves, no more."""
    three = [line(str(at), "1", "17.391304", "2.61") for at in range(3)]
    assert proven(order(*three, total="60.00", tax="7.83")).policy == "recomputed"
    assert "a difference of -0.02" in refused(order(*three, total="59.98", tax="7.83")).reason


def test_lines_of_nothing_are_left_out() -> None:
    """Free shipping and a line taken out have nothing to post; a free product has."""
    gone, free = line("2", "0", "0.00", "0.00"), line("3", "1", "0.00", "0.00", kind="shipping")
    gift = line("4", "1", "0.00", "0.00")
    of = order(line("1", "1", "10.00", "1.50"), gone, free, gift)
    found = prove(of, [FIFTEEN, FIFTEEN])
    assert isinstance(found, Proof)
    assert [each.line.id for each in found.lines] == ["1", "4"]


AMOUNTS = st.lists(st.decimals(min_value=-1000, max_value=100_000, places=6), min_size=1, max_size=12)


@given(AMOUNTS, st.integers(-3, 3))
def test_amounts_are_rounded_to_a_sum(amounts: list[Decimal], off: int) -> None:
    """Rounded amounts add up to the sum wanted, each within a cent of what it was."""
    wanted = sum(amounts, Decimal(0)).quantize(CENT) + off * CENT
    found = round_to_sum(amounts, wanted, CENT)
    if found is not None:
        assert sum(found) == wanted
        assert all(abs(new - old) < CENT for new, old in zip(found, amounts, strict=True))
    assert found is not None or off != 0


def bought(number: int, quantity: int, price: Decimal, off: int) -> OrderLine:
    """Return a line as a shop has it that rounds its tax line by line."""
    before = price * quantity
    total = before * (100 - off) / 100
    tax = (total * FIFTEEN).quantize(CENT, "ROUND_HALF_UP")
    return OrderLine(str(number), "product", "Thing", Decimal(quantity), before, total, tax, "1", "A")


PRICES = st.decimals(min_value=0, max_value=5000, places=4)
LINES = st.builds(bought, st.integers(1, 10**6), st.integers(1, 500), PRICES, st.integers(0, 100))


@given(st.lists(LINES, min_size=1, max_size=10))
def test_every_cart_of_one_rate_is_proven(lines: list[OrderLine]) -> None:
    """Whatever is bought at prices of up to four decimals, the posted totals are the store's to the cent."""
    tax = sum((each.tax for each in lines), Decimal(0))
    nets = sum((each.total.quantize(CENT, "ROUND_HALF_UP") for each in lines), Decimal(0))
    proof = proven(order(*lines, total=str(nets + tax), tax=str(tax)))
    assert (proof.total, proof.tax_total) == (nets + tax, tax)
    assert sum(each.total + each.tax for each in proof.lines) == proof.total
    for each in proof.lines:
        exact = each.line.quantity * each.price.unit_price * (1 - each.price.discount_rate)
        assert abs(exact - each.total) < CENT / 2

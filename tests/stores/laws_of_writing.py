"""Laws about values: what is written is shown, and what is refused is said."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from syncd.core.model import Content, ListingStatus, Refused, Write
from tests.stores.shop import HIDDEN, LIVE, TEA, TRASH, LawBook, done_of, refusal_of, set_part

names = st.text(max_size=60) | st.sampled_from(
    [
        "A & B",
        "&amp; already",
        "<script>alert(1)</script>",
        "5 < 6 > 4",
        "I <3 tea",
        'A 12" pipe \\" \\\\ end',
        "C:\\temp\\new",
        " spaced  out ",
        "tab\tand\nline",
        "nul\0l",
        "emoji 🫖 and 茶",
        "&#92; &lt;b&gt;",
        "50 %20 off",
        "",
        "0",
    ]
)
prices = st.decimals("-1", "999999", allow_nan=False, places=5) | st.sampled_from(
    [Decimal("0.005"), Decimal("1E+2"), Decimal("1E-400"), Decimal("-0"), Decimal("NaN"), Decimal("1E+400")]
)
stocks = st.decimals("-10", "99999", allow_nan=False, places=3) | st.sampled_from(
    [Decimal("-0.5"), Decimal("1E+3"), Decimal("Infinity"), Decimal("1E+400")]
)
contents = st.builds(
    Content,
    name=st.none() | names,
    price=st.none() | prices,
    stock=st.none() | stocks,
    status=st.none() | st.sampled_from(ListingStatus),
)
few = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow],
)


class WritingLaws(LawBook):
    """What is written is shown, and a refused record is an outcome."""

    @few
    @given(content=contents)
    def test_a_created_listing_shows_what_fits(self, content: Content) -> None:
        """Look after create shows exactly what fit said the store can hold."""
        shop = self.open_shop()
        fitting = shop.store.fit(content, shop.facts)
        done = done_of(shop, Write("k", None, "TEA-100", fitting))
        found = shop.store.look(codes=["TEA-100"])["TEA-100"]
        assert set_part(found.content, fitting) == fitting
        assert set_part(done.shown.content, fitting) == fitting

    @few
    @given(content=contents)
    def test_a_changed_listing_shows_what_fits(self, content: Content) -> None:
        """Look after an update shows the fitting values, and the other fields as they were."""
        shop = self.open_shop()
        ref = shop.put("TEA-100")
        fitting = shop.store.fit(content, shop.facts)
        done_of(shop, Write("k", ref, "TEA-100", fitting))
        found = shop.store.look(refs=[ref])[ref].content
        changed = {field: fitting.get(field) for field in fitting.set_fields()}
        assert found == replace(TEA, **changed)  # type: ignore[arg-type]

    @few
    @given(content=contents)
    @example(content=Content("x", Decimal("NaN"), Decimal("sNaN"), TRASH))
    def test_fitting_twice_is_fitting_once(self, content: Content) -> None:
        """fit(fit(x)) is fit(x), and nothing that fits is negative, fractional or binned."""
        shop = self.open_shop()
        once = shop.store.fit(content, shop.facts)
        assert shop.store.fit(once, shop.facts) == once
        assert once.status is not TRASH
        assert once.price is None or once.price >= 0
        assert once.stock is None or once.stock >= 0
        assert once.stock is None or not shop.store.traits.integer_stock or once.stock == int(once.stock)

    def test_prices_are_rounded_half_up(self) -> None:
        """A half cent goes up, as on an invoice."""
        shop = self.open_shop()
        fitting = shop.store.fit(Content(price=Decimal("9.125")), replace(shop.facts, price_decimals=2))
        assert fitting.price == Decimal("9.13")

    def test_writing_the_same_changes_nothing(self) -> None:
        """A write of what is already shown is confirmed and leaves everything as it was."""
        shop = self.open_shop()
        ref = shop.put("TEA-100")
        before = shop.store.look(refs=[ref])
        done_of(shop, Write("k", ref, "TEA-100", TEA))
        assert shop.store.look(refs=[ref]) == before

    def test_one_field_leaves_the_others_alone(self) -> None:
        """A stock write touches neither name, price nor status."""
        shop = self.open_shop()
        ref = shop.put("TEA-100")
        done_of(shop, Write("k", ref, "TEA-100", Content(stock=Decimal(3))))
        assert shop.store.look(refs=[ref])[ref].content == replace(TEA, stock=Decimal(3))

    def test_a_created_listing_is_hidden_unless_said_otherwise(self) -> None:
        """Nothing goes on sale by being created; with status LIVE it does."""
        shop = self.open_shop()
        quiet = done_of(shop, Write("k1", None, "QUIET", replace(TEA, status=None)))
        loud = done_of(shop, Write("k2", None, "LOUD", TEA))
        assert (quiet.shown.content.status, loud.shown.content.status) == (HIDDEN, LIVE)

    # What is refused.

    def test_a_refusal_stops_nobody_else(self) -> None:
        """A refused record is an outcome with a sentence; the others of the batch go through."""
        shop = self.open_shop()
        ref, gone = shop.put("TEA-100"), shop.put("TEA-200")
        shop.remove(gone)
        stock = Content(stock=Decimal(1))
        writes = [
            Write("gone", gone, "TEA-200", stock),
            Write("taken", None, "TEA-100", TEA),
            Write("good", ref, "TEA-100", stock),
            Write("new", None, "TEA-300", TEA),
        ]
        outcomes = {outcome.key: outcome for outcome in shop.store.write(writes)}
        assert set(outcomes) == {"gone", "taken", "good", "new"}
        assert [key for key, outcome in sorted(outcomes.items()) if isinstance(outcome, Refused)] == [
            "gone",
            "taken",
        ]
        assert all(each.reason.endswith(".") for each in outcomes.values() if isinstance(each, Refused))
        assert shop.store.look(refs=[ref])[ref].content.stock == 1

    def test_a_code_held_by_the_bin_is_refused(self) -> None:
        """The sentence says that the bin holds the code, and how to free it."""
        shop = self.open_shop()
        shop.bin(shop.put("TEA-100"))
        refused = refusal_of(shop, Write("k", None, "TEA-100", TEA))
        assert "bin" in refused.reason
        assert refused.do
        assert shop.count() == 1

    def test_untracked_stock_is_locked_and_refused(self) -> None:
        """A record whose stock the shop does not track says so when looked at and when written."""
        shop = self.open_shop()
        ref = shop.put("GIFT", replace(TEA, stock=None))
        found = shop.store.look(refs=[ref])[ref]
        assert found.content.stock is None
        assert "stock" in found.locked
        assert "track" in refusal_of(shop, Write("k", ref, "GIFT", Content(stock=Decimal(3)))).reason

    def test_nothing_is_put_into_the_bin(self) -> None:
        """A write of status TRASH is refused, whoever asks for it."""
        shop = self.open_shop()
        ref = shop.put("TEA-100")
        refusal_of(shop, Write("k", ref, "TEA-100", Content(status=TRASH)))
        assert shop.store.look(refs=[ref])[ref].content.status is LIVE

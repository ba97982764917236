"""The laws every store keeps, written once: a store's own test file says how its shop is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from math import ceil
from typing import ClassVar, Literal, Protocol

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from syncd.core.model import Content, Done, ListingStatus, Refused, Shown, StoreFacts, Write
from syncd.errors import AuthRejected, BadAnswer, OutcomeUnknown, RemoteError, Throttled, Unavailable
from syncd.stores.base import Store

Trouble = Literal[
    "lost",  # the next call is carried out, its answer is lost
    "throttled",  # the next call is one too many
    "down",  # the shop answers that it cannot, also when asked again
    "html",  # a page instead of data
    "half",  # the next call is carried out, its answer stops half way
    "key",  # the credentials are no longer accepted
]
LIVE, HIDDEN, TRASH = ListingStatus.LIVE, ListingStatus.HIDDEN, ListingStatus.TRASH
TEA = Content("Green tea", Decimal("9.50"), Decimal(12), LIVE)


class Shop(Protocol):
    """A store and the shop behind it, which its owner and its troubles can change."""

    facts: StoreFacts
    batch: int
    """Records a first write call carries."""
    exact_sizes: bool
    """Whether the batch size stays as it is while the shop is quick."""

    @property
    def store(self) -> Store: ...

    def put(self, code: str, content: Content = TEA) -> str:
        """The owner lists something; return its ref. Stock None: not tracked."""
        ...

    def twin(self, code: str) -> str:
        """A second record with a code that is already there, as plug-ins allow; return its ref."""
        ...

    def bin(self, ref: str) -> None: ...

    def restore(self, ref: str) -> None:
        """Take back out of the bin, on sale."""
        ...

    def remove(self, ref: str) -> None:
        """Delete for good."""
        ...

    def count(self) -> int:
        """Return how many records there are, the bin included."""
        ...

    def calls(self) -> int:
        """Return how many calls the store has made so far."""
        ...

    def trouble(self, kind: Trouble) -> None: ...

    def break_off_after(self, saved: int) -> None:
        """Let the next batch save only so many records, and its answer be lost."""
        ...


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
ODD_CODES = [
    "TEA,GREEN",
    ",",
    "TEA 100 G",
    "thé-vert-é",
    "茶-1",
    "SALT&PEPPER",
    "A+B",
    "50%",
    "0",
    "a/b?c#d=e",
    'it\'s "quoted"',
    "[brackets]",
    "semi;colon",
]


class StoreLaws:
    """Inherit, say how a shop is opened, and list in `exempt` which law cannot hold and why."""

    exempt: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls) -> None:
        for law in cls.exempt:
            getattr(StoreLaws, law)
            setattr(cls, law, None)

    def open_shop(self) -> Shop:
        raise NotImplementedError

    # What is written is shown.

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

    # What is found.

    def test_what_is_absent_is_absent(self) -> None:
        """Unknown refs and codes are missing from the answer; so is what is not a ref at all."""
        shop = self.open_shop()
        ref = shop.put("TEA-100")
        shop.remove(ref)
        assert shop.store.look(refs=[ref, "999999", "no ref", ""], codes=["TEA-100", "NOPE"]) == {}

    def test_found_by_ref_and_by_code_alike(self) -> None:
        """The answer is keyed by what was asked, and both ways show the same record."""
        shop = self.open_shop()
        ref = shop.put("TEA-100")
        found = shop.store.look(refs=[ref], codes=["TEA-100"])
        assert set(found) == {ref, "TEA-100"}
        assert found[ref] == found["TEA-100"]
        assert (found[ref].ref, found[ref].code, found[ref].content) == (ref, "TEA-100", TEA)

    def test_the_same_code_twice_is_reported(self) -> None:
        """The smallest ref is returned and names its twins."""
        shop = self.open_shop()
        first, second, third = shop.put("TEA-100"), shop.twin("TEA-100"), shop.twin("TEA-100")
        found = shop.store.look(codes=["TEA-100"])["TEA-100"]
        assert found.ref == first
        assert sorted(found.duplicates) == sorted([second, third])

    @pytest.mark.parametrize("asked", ["tea-100", "TEA 100", "TEA-1OO", "TEA-100-", "TEÁ-100"])
    def test_a_similar_code_does_not_match(self, asked: str) -> None:
        """Case, spaces, dashes and accents count."""
        shop = self.open_shop()
        shop.put("TEA-100")
        assert shop.store.look(codes=[asked]) == {}

    @pytest.mark.parametrize("code", ODD_CODES)
    def test_odd_codes_are_found(self, code: str) -> None:
        """Codes with commas, spaces, signs and other scripts are created, and found among others."""
        shop = self.open_shop()
        shop.put("PLAIN")
        ref = done_of(shop, Write("k", None, code, TEA)).shown.ref
        found = shop.store.look(codes=[code, "PLAIN"])
        assert found[code].ref == ref
        assert found[code].code == code
        assert set(found) == {code, "PLAIN"}

    def test_the_bin_is_found_by_ref_only(self) -> None:
        """A binned record is shown as TRASH to who knows its ref, and not found by its code."""
        shop = self.open_shop()
        ref = shop.put("TEA-100")
        shop.bin(ref)
        found = shop.store.look(refs=[ref], codes=["TEA-100"])
        assert set(found) == {ref}
        assert found[ref].content.status is TRASH

    def test_three_hundred_codes_cost_three_calls(self) -> None:
        """A look asks for a hundred codes at a time, and so for refs."""
        shop = self.open_shop()
        refs = [shop.put(f"TEA-{n}") for n in range(300)]
        before = shop.calls()
        assert len(shop.store.look(codes=[f"TEA-{n}" for n in range(300)])) == 300
        assert shop.calls() - before == 3
        assert len(shop.store.look(refs=refs)) == 300
        assert shop.calls() - before == 6

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

    # What goes wrong on the way.

    def test_a_lost_answer_is_in_doubt_and_can_be_looked_up(self) -> None:
        """No answer to a write is OutcomeUnknown, and a look tells that it was carried out."""
        shop = self.open_shop()
        ref = shop.put("TEA-100")
        shop.trouble("lost")
        with pytest.raises(OutcomeUnknown):
            list(shop.store.write([Write("k", ref, "TEA-100", Content(stock=Decimal(1)))]))
        assert shop.store.look(refs=[ref])[ref].content.stock == 1

    def test_a_lost_create_is_not_repeated(self) -> None:
        """Looked up by its code after a lost answer, a new listing is found and not made twice."""
        shop = self.open_shop()
        shop.trouble("lost")
        with pytest.raises(OutcomeUnknown):
            list(shop.store.write([Write("k", None, "TEA-100", TEA)]))
        assert shop.store.look(codes=["TEA-100"])["TEA-100"].content == TEA
        refusal_of(shop, Write("k", None, "TEA-100", TEA))
        assert shop.count() == 1

    def test_a_batch_that_broke_off_is_half_saved(self) -> None:
        """What was reported before stays done; of the broken batch a look tells which are saved."""
        shop = self.open_shop()
        refs = [shop.put(f"TEA-{n}") for n in range(10)]
        shop.break_off_after(4)
        with pytest.raises(OutcomeUnknown):
            list(shop.store.write([Write(f"k{ref}", ref, ref, Content(stock=Decimal(1))) for ref in refs]))
        stocks = [shop.store.look(refs=[ref])[ref].content.stock for ref in refs]
        assert stocks == [Decimal(1)] * 4 + [Decimal(12)] * 6

    def test_outcomes_come_batch_by_batch(self) -> None:
        """When the second batch is lost, the outcomes of the first have been told."""
        shop = self.open_shop()
        refs = [shop.put(f"TEA-{n}") for n in range(shop.batch + 1)]
        outcomes = shop.store.write([Write(ref, ref, ref, Content(stock=Decimal(1))) for ref in refs])
        told = [next(outcomes) for _ in range(shop.batch)]
        shop.trouble("lost")
        with pytest.raises(OutcomeUnknown):
            next(outcomes)
        assert [outcome.key for outcome in told] == refs[: shop.batch]

    def test_writes_cost_one_call_a_batch(self) -> None:
        """n writes cost n over the batch size, rounded up; fewer once the shop has proved quick."""
        shop = self.open_shop()
        count = 2 * shop.batch + 1
        refs = [shop.put(f"TEA-{n}") for n in range(count)]
        before = shop.calls()
        outcomes = list(shop.store.write([Write(r, r, r, Content(stock=Decimal(1))) for r in refs]))
        assert sorted(outcome.key for outcome in outcomes) == sorted(refs)
        cost = shop.calls() - before
        assert cost == ceil(count / shop.batch) if shop.exact_sizes else cost <= ceil(count / shop.batch)

    @pytest.mark.parametrize(
        ("kind", "error"), [("throttled", Throttled), ("down", OutcomeUnknown), ("html", OutcomeUnknown)]
    )
    def test_a_turned_away_write_changes_nothing(self, kind: Trouble, error: type[RemoteError]) -> None:
        """Too many requests, a fault and a strange page raise; the shop is as before."""
        shop = self.open_shop()
        ref = shop.put("TEA-100")
        shop.trouble(kind)
        with pytest.raises(error):
            list(shop.store.write([Write("k", ref, "TEA-100", Content(stock=Decimal(1)))]))
        assert shop.store.look(refs=[ref])[ref].content == TEA

    @pytest.mark.parametrize(
        ("kind", "error"), [("throttled", Throttled), ("down", Unavailable), ("key", AuthRejected)]
    )
    def test_a_turned_away_look_says_why(self, kind: Trouble, error: type[RemoteError]) -> None:
        """Too many requests, a fault and refused credentials are told apart, each with what to do."""
        shop = self.open_shop()
        ref = shop.put("TEA-100")
        shop.trouble(kind)
        with pytest.raises(error) as caught:
            shop.store.look(refs=[ref])
        assert caught.value.do

    def test_a_page_instead_of_data_is_not_believed(self) -> None:
        """HTML with status 200 is no empty shop."""
        shop = self.open_shop()
        ref = shop.put("TEA-100")
        shop.trouble("html")
        with pytest.raises(BadAnswer):
            shop.store.look(refs=[ref])

    def test_half_an_answer_is_not_believed(self) -> None:
        """A look cut short is repeated or refused, and a write cut short is in doubt."""
        shop = self.open_shop()
        ref = shop.put("TEA-100")
        shop.trouble("half")
        with pytest.raises(OutcomeUnknown):
            list(shop.store.write([Write("k", ref, "TEA-100", Content(stock=Decimal(1)))]))
        shop.trouble("half")
        assert shop.store.look(refs=[ref])[ref].content.stock == 1

    def test_check_tells_identity_and_money(self) -> None:
        """Identity, currency, tax mode and price places come from the shop itself."""
        shop = self.open_shop()
        facts = shop.store.check()
        assert facts == shop.facts
        assert facts.identity.startswith(f"{shop.store.name}:")
        assert facts.currency is not None
        assert facts.prices_include_tax is not None

    def test_check_refuses_a_wrong_key(self) -> None:
        """Refused credentials raise, they are no warning."""
        shop = self.open_shop()
        shop.trouble("key")
        with pytest.raises(AuthRejected):
            shop.store.check()

    # What a scan sees.

    def test_a_scan_sees_everything(self) -> None:
        """Every record comes, hidden and binned ones too, over as many pages as it takes."""
        shop = self.open_shop()
        refs = [shop.put(f"TEA-{n}") for n in range(230)]
        hidden, binned = shop.put("HIDDEN", replace(TEA, status=HIDDEN)), shop.put("BINNED")
        shop.bin(binned)
        found = scanned(shop.store)
        assert set(found) == {*refs, hidden, binned}
        assert found[hidden].content.status is HIDDEN
        assert found[binned].content.status is TRASH
        assert found[refs[0]].content == TEA

    def test_a_scan_survives_insertions(self) -> None:
        """Records that are there throughout come, whatever is added between the pages."""
        shop = self.open_shop()
        refs = [shop.put(f"TEA-{n}") for n in range(230)]
        fresh = iter(range(100))
        found = scanned(shop.store, lambda: shop.put(f"NEW-{next(fresh)}"))
        assert set(refs) <= set(found)

    @pytest.mark.parametrize("each_time", [1, 60])
    def test_a_scan_survives_deletions(self, each_time: int) -> None:
        """Deleting what was already seen slides the pages, and still nothing is skipped."""
        shop = self.open_shop()
        refs = [shop.put(f"TEA-{n}") for n in range(330)]
        leaving = iter(refs)
        gone: list[str] = []

        def delete() -> None:
            for ref in [ref for ref, _ in zip(leaving, range(each_time), strict=False)]:
                shop.remove(ref)
                gone.append(ref)

        found = scanned(shop.store, delete)
        assert set(refs) - set(gone) <= set(found)

    def test_a_scan_survives_the_bin(self) -> None:
        """A record that is binned or restored between the pages comes all the same."""
        shop = self.open_shop()
        refs = [shop.put(f"TEA-{n}") for n in range(150)]
        restless = refs[-1]
        shop.bin(restless)
        assert set(refs) <= set(scanned(shop.store, lambda: shop.restore(restless)))
        assert set(refs) <= set(scanned(shop.store, lambda: shop.bin(restless)))


def done_of(shop: Shop, write: Write) -> Done:
    """Carry out one write that must be confirmed."""
    [outcome] = shop.store.write([write])
    assert isinstance(outcome, Done), outcome
    assert outcome.key == write.key
    return outcome


def refusal_of(shop: Shop, write: Write) -> Refused:
    """Carry out one write that must be refused."""
    [outcome] = shop.store.write([write])
    assert isinstance(outcome, Refused), outcome
    assert outcome.key == write.key
    return outcome


def set_part(content: Content, like: Content) -> Content:
    """Return the fields of `content` that are set in `like`."""
    return Content(**{field: content.get(field) for field in like.set_fields()})  # type: ignore[arg-type]


def scanned(store: Store, between: Callable[[], object] | None = None) -> dict[str, Shown]:
    """Scan to the end, doing `between` after each page; return the latest state by ref."""
    found: dict[str, Shown] = {}
    cursor: str | None = None
    for _ in range(100):
        page = store.scan(cursor)
        found |= {each.ref: each for each in page.items}
        cursor = page.cursor
        if cursor is None:
            return found
        if between is not None:
            between()
    raise AssertionError("the scan does not end")

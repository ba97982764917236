"""Laws about what goes wrong on the way: nothing is believed unread, nothing is done twice."""

from __future__ import annotations

from decimal import Decimal
from math import ceil

import pytest

from syncd.core.model import Content, Write
from syncd.errors import AuthRejected, BadAnswer, OutcomeUnknown, RemoteError, Throttled, Unavailable
from tests.stores.shop import TEA, LawBook, Trouble, refusal_of


class TroubleLaws(LawBook):
    """A lost answer is in doubt, a turned away call changes nothing, and batches are counted."""

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

"""The store in memory keeps every law that needs no wire."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import pytest

from syncd.core.model import Content, ListingStatus
from syncd.errors import AuthRejected, OutcomeUnknown, Throttled, Unavailable
from syncd.stores.memory import MemoryStore, Moment
from tests.stores.conformance import StoreLaws
from tests.stores.shop import TEA, Trouble


class MemoryShop:
    """A memory store with an owner, and troubles raised through its hook."""

    batch = 50
    exact_sizes = True

    def __init__(self) -> None:
        self.store = MemoryStore(batch=self.batch, hook=self._hook)
        self.facts = self.store.facts
        self.troubles: list[Trouble] = []
        self.saves_left: int | None = None

    def put(self, code: str, content: Content = TEA) -> str:
        return self.store.add(code, content)

    def twin(self, code: str) -> str:
        return self.store.add(code, TEA)

    def bin(self, ref: str) -> None:
        record = self.store.records[ref]
        record.content = replace(record.content, status=ListingStatus.TRASH)

    def restore(self, ref: str) -> None:
        record = self.store.records[ref]
        record.content = replace(record.content, status=ListingStatus.LIVE)

    def remove(self, ref: str) -> None:
        del self.store.records[ref]

    def count(self) -> int:
        return len(self.store.records)

    def calls(self) -> int:
        return len(self.store.calls)

    def trouble(self, kind: Trouble) -> None:
        self.troubles.append(kind)

    def break_off_after(self, saved: int) -> None:
        self.saves_left = saved

    def _hook(self, moment: Moment) -> None:
        if moment == "saved" and self.saves_left is not None:
            self.saves_left -= 1
            if self.saves_left == 0:
                self.saves_left = None
                raise OutcomeUnknown("The batch broke off.")
        if self.troubles and (self.troubles[0] == "lost") == (moment == "written") and moment != "saved":
            self._raise(self.troubles.pop(0), moment)

    def _raise(self, kind: Trouble, moment: Moment) -> None:
        if kind == "throttled":
            raise Throttled("Too many calls.")
        if kind == "key":
            raise AuthRejected("The key is refused.")
        raise OutcomeUnknown("No answer.") if moment in ("write", "written") else Unavailable("Not now.")


class TestMemoryStore(StoreLaws):
    """What only a wire can do is exempt."""

    exempt: ClassVar[dict[str, str]] = {
        "test_a_page_instead_of_data_is_not_believed": "there is no wire that could bring a page",
        "test_half_an_answer_is_not_believed": "there is no wire that could break",
    }

    def open_shop(self) -> MemoryShop:
        return MemoryShop()


def test_an_exemption_must_name_a_law() -> None:
    """A misspelt exemption is an error, not a law that silently stays."""
    with pytest.raises(AttributeError):
        type("Wrong", (StoreLaws,), {"exempt": {"test_no_such_law": "a slip"}})

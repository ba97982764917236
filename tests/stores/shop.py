"""The shop behind a store as the laws see it: what its owner can do to it, and what can go wrong."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from decimal import Decimal
from typing import Literal, Protocol

from syncd.core.model import Content, Done, ListingStatus, Refused, Shown, StoreFacts, Write
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


class LawBook(ABC):
    """What a collection of laws needs: a fresh, empty shop for each."""

    @abstractmethod
    def open_shop(self) -> Shop: ...


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

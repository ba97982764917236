"""How far the feed of orders was read, kept as opaque text between two calls and two lives."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Literal

from syncd.errors import SyncdError

OVERLAP = 120
"""Seconds re-read by every pass: an order may be stored that much later than it is stamped (section 3.3)."""
REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the feed. Stamps are seconds since 1970 UTC by the shop's clock.

    `mark` is settled: the next pass starts `OVERLAP` before it. `at` is where this pass reads next, None
    between two passes; `began` when its first answer was given, `high` the greatest stamp met in it.
    `within`: the second `at` is walked by id, with `offset` rows skipped and `last` the greatest id seen;
    `proof`: the next page must overlap the last one. `bin` is when the bin was read. `seen` says, by id,
    what was handed out in the time that is read again.
    """

    mark: int
    at: int | None = None
    began: int = 0
    high: int = 0
    phase: Literal["list", "bin"] = "list"
    within: bool = False
    offset: int = 0
    last: int = 0
    proof: bool = True
    bin: int = 0
    seen: dict[str, str] = field(default_factory=dict)

    @property
    def start(self) -> int:
        """The first second that the next call reads."""
        return self.mark - OVERLAP if self.at is None else self.at

    def list_read(self, bin_every: int) -> Place:
        """Return the place after the last page of a pass: settled, or on to the bin if that is due.

        The mark stays at or before the pass's beginning: of what was stored after that, also with a stamp
        read already, nothing is known. So a stamp ahead of the shop's clock does not carry it along either.
        """
        mark = max(self.mark, min(self.high, self.began))
        settled = replace(self, mark=mark, at=None, high=0, began=0)
        if self.began - self.bin < bin_every:
            return settled.pruned()
        return replace(settled, at=self.bin - OVERLAP, phase="bin").pruned()

    def bin_read(self) -> Place:
        """Return the place after the last page of the bin."""
        return replace(self, at=None, high=0, phase="list", bin=max(self.began, self.bin), began=0).pruned()

    def pruned(self) -> Place:
        """Forget what no later call reads again; the newest are kept if they are too many.

        What is forgotten too early is handed out once more, which harms nobody.
        """
        floor = self.mark - OVERLAP
        if self.phase == "list" and self.at is not None:
            floor = min(self.at, self.began) - OVERLAP
        kept = sorted((int(mark.partition(":")[0]), each, mark) for each, mark in self.seen.items())
        newest = [(each, mark) for stamp, each, mark in kept if stamp >= floor][-REMEMBERED:]
        return replace(self, seen=dict(newest))


def first(start: int) -> Place:
    """Return the place of a feed that begins with the second `start`."""
    return Place(mark=start, at=start, bin=start)


def told(place: Place) -> str:
    """Return the place as text."""
    return json.dumps(asdict(place), separators=(",", ":"))


def read(cursor: str) -> Place:
    """Return the place that a text tells. Raises SyncdError for one that this version did not write."""
    try:
        place = Place(**json.loads(cursor))
        if place.phase in ("list", "bin") and all(isinstance(each, str) for each in place.seen.values()):
            return replace(place, mark=int(place.mark), bin=int(place.bin))
    except (ValueError, TypeError, AttributeError):
        pass
    raise SyncdError(
        "The place that was reached in the shop's orders cannot be read.",
        "It was written by another version of syncd: run that version, or set `orders.since` anew.",
    )

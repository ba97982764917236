"""Keep count of what was changed, what arrived, what stayed away, and how long it took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from syncd.cli.demo_changes import Change, Kind
from syncd.cli.demo_shelf import Field, found, shown
from syncd.cli.demo_stage import Stage

WORDS: dict[Field, str] = {
    "listing": "listing",
    "stock": "stock",
    "price": "price",
    "name": "name",
    "status": "status",
}


@dataclass(frozen=True, slots=True)
class Count:
    """How many changes of one kind were made, and how many stand in the shop as they should."""

    kind: Kind
    made: int
    as_wanted: int


@dataclass(slots=True)
class Tally:
    """Every change with what became of it, compared with the shelf each time it is asked to look."""

    stage: Stage
    changes: list[Change] = field(default_factory=list)
    calls_before: tuple[int, int] = (0, 0)
    """Calls to Unleashed and to the shop until the first load stood."""
    load_seconds: float = 0.0
    runs_before: int = 0
    listings: int = 0
    differences: Mapping[str, str] = field(default_factory=dict)
    """What a comparison of the whole catalogue found at the end: a sentence by code."""

    def loaded(self, listings: int, seconds: float) -> None:
        """Remember what the first load cost."""
        self.calls_before = (self.stage.asked.calls, self.stage.told.calls)
        self.runs_before = len(self.stage.asked.runs)
        self.listings, self.load_seconds = listings, seconds

    def look(self) -> list[Change]:
        """Compare with the shelf; return what has just arrived. Hold the stage's lock."""
        now = self.stage.clock.monotonic()
        arrived = []
        for change in self.changes:
            if change.arrived_at is not None:
                continue
            shows = self._shows(change)
            if not change.kind.follows:
                change.spoiled = change.spoiled or self._spoiled(change, shows)
            elif shows == change.wanted:
                change.arrived_at = now
                arrived.append(change)
        return arrived

    def _spoiled(self, change: Change, shows: str) -> str | None:
        """Tell what stands where nothing was to change; a sale since then excuses another stock."""
        if shows == change.before or (change.field == "stock" and self._stock_has_moved(change)):
            return None
        return shows

    def _stock_has_moved(self, change: Change) -> bool:
        return any(
            other.guid == change.guid and other.kind is Kind.STOCK and other.made_at >= change.made_at
            for other in self.changes
        )

    def _shows(self, change: Change) -> str:
        return shown(found(self.stage.shelf, change.code)).get(change.field, "nothing")

    def counts(self, *, follows: bool) -> list[Count]:
        """Return the kinds that were made, those the shop must follow or those it must not."""
        kinds = [kind for kind in Kind if kind.follows is follows]
        counted = [Count(kind, *self._count(kind)) for kind in kinds]
        return [each for each in counted if each.made]

    def _count(self, kind: Kind) -> tuple[int, int]:
        of_kind = [change for change in self.changes if change.kind is kind]
        right = [change for change in of_kind if not change.on_its_way and change.spoiled is None]
        return len(of_kind), len(right)

    def on_their_way(self) -> list[Change]:
        return [change for change in self.changes if change.on_its_way]

    def oldest(self) -> float:
        """Return the age in seconds of the oldest change still on its way, 0 if there is none."""
        now = self.stage.clock.monotonic()
        return max((now - change.made_at for change in self.on_their_way()), default=0.0)

    def delays(self) -> tuple[float, float] | None:
        """Return the median and the worst delay in seconds of what arrived, None before anything did."""
        seconds = [each.arrived_at - each.made_at for each in self.changes if each.arrived_at is not None]
        return (median(seconds), max(seconds)) if seconds else None

    def runs(self) -> int:
        """Return how many runs of the daemon began since the first load stood."""
        return len(self.stage.asked.runs) - self.runs_before

    def calls(self) -> tuple[int, int]:
        """Return the calls to Unleashed and to the shop since the first load stood."""
        unleashed, shop = self.calls_before
        return self.stage.asked.calls - unleashed, self.stage.told.calls - shop

    def errors(self) -> tuple[int, int]:
        """Return how many answers of Unleashed and of the shop were refusals or got lost."""
        return self.stage.asked.errors, self.stage.told.errors

    def failures(self) -> Sequence[str]:
        """Return one sentence for each change that did not arrive, or arrived where it must not."""
        now = self.stage.clock.monotonic()
        wrong = [change for change in self.changes if change.on_its_way or change.spoiled is not None]
        told = [_failure(change, self._shows(change), now) for change in wrong]
        codes = {change.code for change in wrong}
        return [*told, *(sentence for code, sentence in self.differences.items() if code not in codes)]


def _failure(change: Change, shows: str, now: float) -> str:
    ago = f"{change.story} in Unleashed {now - change.made_at:.0f} s ago"
    word = WORDS[change.field]
    if change.kind.follows:
        return f"{ago}: the {word} in the shop should be {change.wanted}, and is {shows}."
    return f"{ago}: the {word} in the shop was to stay {change.before}, and became {change.spoiled}."

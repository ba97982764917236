"""What a push is given, and what it says of each product."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from syncd.clock import Clock
from syncd.core.brake import BrakeRules
from syncd.core.listing import ListingRules
from syncd.core.model import AccountFacts, Content, Link, Shown
from syncd.core.product_plan import Plan
from syncd.flows.beat import Beat, Tally, no_beat
from syncd.flows.identity import Place
from syncd.state.db import Database
from syncd.state.records import Counts, HeldChange, Mirrored, StoreRow
from syncd.stores.base import Store

Mode = Literal["live", "shadow", "dry_run"]

CatchUp = Callable[[], bool]
"""Takes in what the store sold until now, before its stock is raised; False if that cannot be known."""


def nothing_sold() -> bool:
    """Know that there are no orders: for stores whose orders are not taken in."""
    return True


Outcome = Literal[
    "written", "would_write", "unchanged", "created", "held", "not_found", "ambiguous", "parked", "refused"
]


@dataclass(frozen=True, slots=True)
class Push:
    """What one push needs. `tight`: few calls are allowed.

    `mode`: live writes; shadow decides and remembers; dry_run only tells.
    """

    db: Database
    store_row: StoreRow
    store: Store
    rules: ListingRules
    account: AccountFacts
    clock: Clock
    run_id: int
    place: Place = Place()
    mode: Mode = "live"
    brake: BrakeRules = BrakeRules()
    canary: str = ""
    tight: bool = False
    catch_up: CatchUp = nothing_sold
    beat: Beat = no_beat
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True, slots=True)
class Item:
    """What became of one product in one store; `before` and `after` are what the store showed and shows.

    `held` are the fields that the brake holds; `again`: the run counted the product before.
    """

    guid: str
    code: str
    ref: str | None
    outcome: Outcome
    before: Content
    after: Content
    plan: Plan
    reason: str = ""
    do: str = ""
    held: tuple[str, ...] = ()
    again: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the brake says of one listing, once its plan is without what may not flow.

    `kinds` is the class by field of what looks suspicious and is written all the same; `held` is what waits
    for a person. `undecided`: its suspicious fields wait for the end of the run. `stood`: something of it
    was held or approved until now. `fresh`: it holds what was not held before. `again`: the run counted it
    already.
    """

    kinds: Mapping[str, str] = field(default_factory=dict)
    held: tuple[HeldChange, ...] = ()
    undecided: bool = False
    stood: bool = False
    fresh: bool = False
    again: bool = False


PASSED = Verdict()


@dataclass(slots=True)
class Batch:
    """Some products, the records that the store has for them by id and by code, and the plan for each.

    `verdicts` are the brake's, for those of which it has anything to say. `rises` are, by guid, the rises in
    stock that wait, as `Link.risen` keeps them. `caught_up`: the store's orders are known until after it was
    looked at, None where that was not needed.
    """

    rows: Sequence[Mirrored]
    by_ref: Mapping[str, Shown] = field(default_factory=dict)
    by_code: Mapping[str, Shown] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    rises: dict[str, tuple[Decimal, datetime]] = field(default_factory=dict)
    caught_up: bool | None = None

    def verdict(self, row: Mirrored) -> Verdict:
        """Return what the brake says of the product's listing."""
        return self.verdicts.get(row.product.guid, PASSED)

    def link(self, row: Mirrored) -> Link:
        """Return the product's link, or an empty one if the store was never asked for it."""
        return row.link if row.link is not None else Link(row.product.guid)

    def shown(self, row: Mirrored) -> Shown | None:
        """Return the record that the store shows for the product: by its link's id first, else by code."""
        ref = self.link(row).ref
        if ref is not None and ref in self.by_ref:
            return self.by_ref[ref]
        return self.by_code.get(row.product.code.strip())

    def writes(self) -> list[Mirrored]:
        """Return the products that are to be written or created."""
        return [row for row in self.rows if self.plans[row.product.guid].action in ("write", "create")]

    def only(self, rows: Sequence[Mirrored]) -> Batch:
        """Return the same for these of its products alone."""
        refs = {self.link(row).ref or "" for row in rows}
        codes = {row.product.code.strip() for row in rows}
        guids = {row.product.guid for row in rows}
        return Batch(
            rows,
            {ref: shown for ref, shown in self.by_ref.items() if ref in refs},
            {code: shown for code, shown in self.by_code.items() if code in codes},
            {row.product.guid: self.plans[row.product.guid] for row in rows},
            {guid: verdict for guid, verdict in self.verdicts.items() if guid in guids},
            {guid: rise for guid, rise in self.rises.items() if guid in guids},
            self.caught_up,
        )

    def item(self, row: Mirrored, outcome: Outcome) -> Item:
        """Return what is said of the product after an outcome; nothing was written unless it says so."""
        shown, plan, verdict = self.shown(row), self.plans[row.product.guid], self.verdict(row)
        before = shown.content if shown else Content()
        after = merged(before, plan.content) if outcome == "would_write" else before
        item = Item(row.product.guid, row.product.code, plan.link.ref, outcome, before, after, plan)
        if verdict.held:
            item = replace(item, held=tuple(change.field for change in verdict.held))
            item = replace(item, reason=plan.reason, do=plan.do)
        return item if item.again == verdict.again else replace(item, again=verdict.again)


def joined(first: Batch, second: Batch) -> Batch:
    """Return both as one, the first one's products before the second's."""
    return Batch(
        [*first.rows, *second.rows],
        {**first.by_ref, **second.by_ref},
        {**first.by_code, **second.by_code},
        first.plans | second.plans,
        first.verdicts | second.verdicts,
        first.rises | second.rises,
    )


def merged(content: Content, change: Content) -> Content:
    """Return the content with the set fields of `change` put over it."""
    changed = {name: change.get(name) for name in change.set_fields()}
    return replace(content, **changed)  # type: ignore[arg-type]


def figures(item: Item) -> Counts:
    """Return how one outcome counts. `held`: a person must release it, or shadow mode kept it back.

    A listing of which only a part is held counts as written and as held.
    """
    held = int(bool(item.held) or item.outcome in ("would_write", "held"))
    parked = int(item.outcome in ("refused", "ambiguous"))
    if item.again:
        return Counts(held=held, parked=parked)
    written, created = int(item.outcome == "written"), int(item.outcome == "created")
    unchanged = int(not (held or parked or written or created))
    return Counts(1, written, created, unchanged, held, parked)

"""The brake at work: count what is suspicious before it is sent, hold it if it is too much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from syncd.core.brake import CLASSES, FIELD_OF, BrakeClass, classify, tripped, without
from syncd.core.model import Content
from syncd.core.product_plan import FieldChange, Note, Plan, text
from syncd.flows.push.records import Batch, Push, Verdict
from syncd.state import held, links
from syncd.state.db import chunks
from syncd.state.records import Counts, HeldChange, Mirrored

TOGETHER = 500
"""Listings that are held in one transaction, or looked at before they are written."""

Guids = Mapping[BrakeClass, set[str]]
Kinds = frozenset[BrakeClass]


@dataclass(frozen=True, slots=True)
class _Suspect:
    """A listing whose suspicious fields wait for the whole run to be counted. `told`: the rest is written."""

    guid: str
    revision: int
    kinds: Kinds
    changes: tuple[HeldChange, ...]
    told: bool


@dataclass(slots=True)
class Brake:
    """One run's brake. Until the whole run has been looked at, suspicious fields wait and all others flow.

    A class trips on all listings that it touched in 24 hours (`past`), that wait for a person (`standing`)
    and that are wanted by this run, each counted once. `known` are the products of which anything is held
    or approved.
    """

    push: Push
    past: Guids
    standing: Guids
    holds: Mapping[tuple[str, str], HeldChange]
    approved: frozenset[tuple[str, str, str]]
    known: frozenset[str]
    linked: int
    wanted: Guids = field(default_factory=lambda: {kind: set() for kind in CLASSES})
    newly_linked: set[str] = field(default_factory=set)
    suspects: dict[str, _Suspect] = field(default_factory=dict)

    def count(self, batch: Batch) -> dict[str, Kinds]:
        """Count what a batch wants, in place of what was held of it. Returns its classes by product."""
        found = {row.product.guid: self._suspicious(row, batch) for row in batch.rows}
        for row in batch.rows:
            guid = row.product.guid
            if _is_new(row, batch.plans[guid]):
                self.newly_linked.add(guid)
            for kind in CLASSES:
                self.standing[kind].discard(guid)
                self.wanted[kind].discard(guid)
            for kind in found[guid]:
                self.wanted[kind].add(guid)
        return found

    def trips(self) -> Kinds:
        """Return the classes that are too many by all that has been counted."""
        affected = {kind: len(self.past[kind] | self.standing[kind] | self.wanted[kind]) for kind in CLASSES}
        return tripped(affected, self.linked + len(self.newly_linked), self.push.brake)

    def judge(self, batch: Batch) -> Batch:
        """Return the batch without what is to be held, which is in its verdicts; nothing is left to count."""
        found, trips = self.count(batch), self.trips()
        for row in batch.rows:
            guid, plan = row.product.guid, batch.plans[row.product.guid]
            stopped = found[guid] & trips
            changes = self._changes(row, plan, stopped)
            verdict = Verdict(
                kinds={FIELD_OF[kind]: kind for kind in found[guid] - stopped},
                held=changes,
                stood=guid in self.known,
                fresh=any(self._is_fresh(change) for change in changes),
                again=guid in self.suspects and self.suspects[guid].told,
            )
            batch.verdicts[guid] = verdict
            batch.plans[guid] = self._marked(guid, _without(plan, row, stopped))
        return batch

    def defer(self, batch: Batch) -> Batch:
        """Return the batch without its suspicious fields, which wait for `settle`."""
        found = self.count(batch)
        for row in batch.rows:
            guid, plan = row.product.guid, batch.plans[row.product.guid]
            kinds = found[guid]
            batch.verdicts[guid] = Verdict(undecided=bool(kinds), stood=not kinds and guid in self.known)
            batch.plans[guid] = self._marked(guid, _without(plan, row, kinds))
            if kinds:
                told = batch.plans[guid].action == "write"
                changes = self._changes(row, plan, kinds)
                self.suspects[guid] = _Suspect(guid, row.revision, kinds, changes, told)
        return batch

    def settle(self) -> Iterator[Sequence[str]]:
        """Hold the suspects of which every class trips; then yield the others, to be looked at again."""
        trips = self.trips()
        self._hold([suspect for suspect in self.suspects.values() if suspect.kinds <= trips])
        yield from chunks([one.guid for one in self.suspects.values() if one.kinds - trips], TOGETHER)

    def break_off(self) -> None:
        """Hold what is too many already, as the run ends early: else a small purse would never come further.

        A listing of which something else was to be written may not have been, and stays behind.
        """
        trips = self.trips()
        self._hold([one for one in self.suspects.values() if one.kinds <= trips and not one.told])

    def would_hold(self) -> dict[BrakeClass, int]:
        """Return how many of the listings counted the brake would hold, by class."""
        trips = self.trips()
        return {kind: len(self.wanted[kind]) for kind in CLASSES if kind in trips and self.wanted[kind]}

    def _hold(self, suspects: Sequence[_Suspect]) -> None:
        for some in chunks(suspects, TOGETHER):
            self._hold_some(some)
            for suspect in some:
                self.push.tally.add(Counts(read=int(not suspect.told), held=1))
                self.push.tally.newly_held += any(self._is_fresh(change) for change in suspect.changes)

    def _hold_some(self, suspects: Sequence[_Suspect]) -> None:
        store, now, guids = self.push.store_row, self.push.clock.now(), [one.guid for one in suspects]
        with self.push.db.write() as conn:
            held.release(conn, store.id, guids)
            held.use_up(conn, store.id, guids)
            held.hold(conn, store.id, [change for suspect in suspects for change in suspect.changes])
            links.settle(conn, store, {one.guid: one.revision for one in suspects}, now)

    def _suspicious(self, row: Mirrored, batch: Batch) -> Kinds:
        plan, shown = batch.plans[row.product.guid], batch.shown(row)
        if plan.action != "write" or shown is None:
            return frozenset()
        kinds = classify(shown.content, plan.content, self.push.brake)
        return frozenset(
            kind for kind in kinds if not self._is_approved(row.product.guid, kind, plan.content)
        )

    def _is_approved(self, guid: str, kind: BrakeClass, content: Content) -> bool:
        name = FIELD_OF[kind]
        return (guid, name, text(content.get(name)) or "") in self.approved

    def _marked(self, guid: str, plan: Plan) -> Plan:
        """Return the plan with its reasons saying what a person approved."""
        changes = tuple(
            replace(each, rule=f"{each.rule}; approved")
            if (guid, each.field, each.after or "") in self.approved
            else each
            for each in plan.changes
        )
        return replace(plan, changes=changes)

    def _is_fresh(self, change: HeldChange) -> bool:
        before = self.holds.get((change.guid, change.field))
        return before is None or before.after != change.after

    def _changes(self, row: Mirrored, plan: Plan, kinds: Kinds) -> tuple[HeldChange, ...]:
        by_field: dict[str, BrakeClass] = {FIELD_OF[kind]: kind for kind in kinds}
        return tuple(
            self._change(row, each, by_field[each.field]) for each in plan.changes if each.field in by_field
        )

    def _change(self, row: Mirrored, each: FieldChange, kind: BrakeClass) -> HeldChange:
        now, guid = self.push.clock.now(), row.product.guid
        before = self.holds.get((guid, each.field))
        return HeldChange(
            guid=guid,
            code=row.product.code.strip(),
            field=each.field,
            kind=kind,
            before=each.before,
            after=each.after,
            rule=each.rule,
            since=before.since if before is not None else now,
            judged_at=now,
        )


def _is_new(row: Mirrored, plan: Plan) -> bool:
    """Tell whether the plan links the product to a record, so that the store has one listing more."""
    return plan.link.ref is not None and (row.link is None or row.link.ref is None or row.link.gone)


def _without(plan: Plan, row: Mirrored, stopped: Kinds) -> Plan:
    """Return the plan with only what may flow; one that has nothing left is held."""
    if not stopped:
        return plan
    names = {FIELD_OF[kind] for kind in stopped}
    notes = [
        Note(each.field, _HELD, True, each.before, each.after) for each in plan.changes if each.field in names
    ]
    left = replace(
        plan,
        content=without(plan.content, stopped),
        changes=tuple(change for change in plan.changes if change.field not in names),
        notes=(*plan.notes, *notes),
        reason=f"held by the brake, as too many at once: {', '.join(sorted(names))}",
        do="Look at it with `syncd approve`, then approve it or correct Unleashed.",
    )
    if "status" in names:
        before = row.link.hidden_from if row.link is not None else None
        left = replace(left, link=replace(left.link, hidden_from=before))
    return left if left.changes else replace(left, action="held")


_HELD = "held by the brake"

"""Plan an account from its configuration and from what was measured, and keep the plan for an hour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median
from typing import Literal

from syncd.app.planned import Planned
from syncd.app.wiring import App
from syncd.core.budget import NO_NEEDS, Needs
from syncd.core.overlap import LEAST
from syncd.core.planner import GhostBound, Plan, Profile, Refusal, Wishes, plan
from syncd.core.profile import Wish
from syncd.core.timetable import RECENT
from syncd.core.watermark import OVERLAP
from syncd.flows.pull.lists import TRY_AGAIN
from syncd.state import accounts, calibration, links, mirror, progress, runs, usage
from syncd.state.calibration import Calibrated
from syncd.state.db import Connection
from syncd.state.records import AccountRow, RunRow, StoreRow

MEASURED = timedelta(days=7)
"""From so far back what a run takes is measured."""

LATELY = timedelta(days=1)

ENOUGH = 10
"""With fewer runs than this nothing is measured: the first ones read everything."""

USUAL, UNUSUAL = 10, 5
"""A run of more calls than this and so many times the middle one is left out: a bulk import is no rate."""

PLANNED = frozenset({"recent", "orders", "customers", "rotation", "sweep", "tidy"})
"""The purposes that a plan has figures of its own for; all others are what people ask for."""


def planned(app: App, account: str) -> Planned:
    """Return the plan of an account, at most an hour old. Asks nobody; see `core.planner.plan`."""
    now = app.bench.clock.now()
    kept = app.plans.get(account)
    if kept is None or not kept.is_fresh(now):
        kept = app.plans[account] = plan_account(app, account, profile(app, account, now), now)
    return kept


def needs(app: App, kind: Literal["account", "store"], name: str) -> Needs:
    """Return what the purposes of an account or a store need in a day, by its plan."""
    if kind == "account":
        return planned(app, name).plan.needs
    found = planned(app, app.account_of(name)).stores.get(name)
    return NO_NEEDS if found is None else found.store_needs


def plan_account(app: App, account: str, of: Profile, now: datetime) -> Planned:
    """Plan the account by the profile, then each of its stores by what it allows."""
    answer = plan(of)
    refusals = {f"account {account}": answer} if isinstance(answer, Refusal) else {}
    own = answer.slowest if isinstance(answer, Refusal) else answer
    stores: dict[str, Plan] = {}
    for name in app.stores_of(account):
        side = plan(_store_profile(app, name, of, own, now))
        stores[name] = side.slowest if isinstance(side, Refusal) else side
        if isinstance(side, Refusal):
            refusals[f"store {name}"] = side
    bounds = [each.ghost_bound.store for each in stores.values()]
    worst = None if None in bounds else max((each for each in bounds if each is not None), default=None)
    own = replace(own, looks=None, ghost_bound=GhostBound(own.ghost_bound.unleashed, worst))
    return Planned(now, of, own, stores, refusals)


def profile(app: App, account: str, now: datetime) -> Profile:
    """Return what is known of the account: sizes from the mirror, rates from the last days."""
    row, section = app.account_row(account), app.settings.accounts[account]
    feeds = app.warehouses(account)
    with app.db.read() as conn:
        learned = calibration.calibrations(conn, row.id)
        rates = usage.attempts_per_day(conn, accounts.purse_of(row), now)
        recent = runs.done_since(conn, "recent", row.id, None, now - MEASURED)
        return Profile(
            skus=mirror.count_products(conn, row.id),
            page_size=_page_size(section.page_size, learned),
            warehouses=len(feeds),
            stock_rows=_stock_rows(conn, row, feeds),
            orders_per_day=rates.get("orders", 0.0),
            people_per_day=_asked_for(rates),
            recent_calls=_polled(recent, now),
            overlap=_overlap(learned),
            lists=_lists_work(learned, now),
            limits=app.limits(section),
            listings=0,
            wishes=_wishes(app, account),
        )


def _asked_for(rates: Mapping[str, float]) -> float:
    return sum(rate for name, rate in rates.items() if name not in PLANNED)


def _polled(found: Sequence[RunRow], now: datetime) -> float | None:
    """Return what one poll takes: of the last day if that is enough, for so far back do polls read."""
    lately = _typical([run.calls_unleashed for run in found if run.started_at >= now - LATELY])
    return lately if lately is not None else _typical([run.calls_unleashed for run in found])


def _store_profile(app: App, name: str, of: Profile, own: Plan, now: datetime) -> Profile:
    """Return the profile of one store at the pace of its account; the account's limits are not its own."""
    section, row = app.settings.stores[name], _store_row(app, name)
    wishes = replace(of.wishes, recent=own.recent, sweep=own.sweep, rotation=section.schedule.rotation)
    side = replace(of, limits=(), store_limits=app.limits(section), wishes=wishes)
    if row is None:
        return replace(side, listings=None)
    with app.db.read() as conn:
        side = replace(side, listings=links.counts(conn, row).linked)
        return side if of.changes_per_day is not None else _as_measured(conn, side, row, now - MEASURED)


def _as_measured(conn: Connection, side: Profile, row: StoreRow, since: datetime) -> Profile:
    """Return the profile with what the store was called for each kind of run."""

    def calls(job: str) -> list[int]:
        found = runs.done_since(conn, job, row.account_id, row.id, since)
        return [run.calls_store for run in _usual(found)]

    looked = _typical(calls("rotation"))
    return replace(
        side,
        push_calls=_typical(calls("recent")),
        sweep_push=_typical(calls("sweep")),
        look_cost=1.0 if looked is None else max(1.0, looked / _shares(side)),
    )


def _shares(side: Profile) -> int:
    """Return the looks in one run of the rotation, as they would be planned where each is one call."""
    found = plan(replace(side, look_cost=1.0, store_limits=()))
    return found.looks.calls if isinstance(found, Plan) and found.looks is not None else 1


def _store_row(app: App, name: str) -> StoreRow | None:
    with app.db.read() as conn:
        return next((row for row in accounts.stores(conn) if row.name == name), None)


def _usual(found: Sequence[RunRow]) -> Sequence[RunRow]:
    """Return the runs without those of the first day, where they begin with it: it is like no other."""
    began = found[0].started_at if found else None
    later = [run for run in found if began is not None and run.started_at - began >= LATELY]
    return later if len(later) >= ENOUGH else found


def _typical(figures: Sequence[int]) -> float | None:
    """Return the average, None for too few; figures far above the middle one are left out."""
    if len(figures) < ENOUGH:
        return None
    kept = [figure for figure in figures if figure <= USUAL + UNUSUAL * median(figures)]
    return sum(kept) / len(kept)


def _page_size(configured: int, learned: Mapping[str, Calibrated]) -> int:
    found = learned.get("page_size")
    return min(configured, int(found.value)) if found is not None and found.value.isdigit() else configured


def _overlap(learned: Mapping[str, Calibrated]) -> timedelta:
    """Return the least overlap that the account is read with: 26 h until it is calibrated."""
    found = learned.get("overlap")
    if found is None or not found.value.isdigit():
        return OVERLAP
    return min(OVERLAP, max(LEAST, timedelta(seconds=int(found.value))))


def _lists_work(learned: Mapping[str, Calibrated], now: datetime) -> bool:
    """Tell whether lists of guids are read: not for a while once Unleashed has ignored one."""
    found = learned.get(calibration.PRODUCT_FILTER)
    return found is None or found.value != "ignored" or now - found.at >= TRY_AGAIN


def _stock_rows(conn: Connection, row: AccountRow, feeds: Sequence[str]) -> tuple[int, ...]:
    """Return how many rows each stock feed has, if each was read in full."""
    known = {
        each.warehouse: each.certified_rows
        for each in progress.all_progress(conn, row.id)
        if each.feed == "stock" and each.certified_at is not None
    }
    return tuple(known[feed] for feed in feeds) if all(feed in known for feed in feeds) else ()


def _wishes(app: App, account: str) -> Wishes:
    """Return what the account's stores ask for together; the shortest interval set by hand counts."""
    schedules = [app.settings.stores[name].schedule for name in app.stores_of(account)]
    recent: list[Wish] = [
        each.recent if "recent" in each.model_fields_set or each.recent is None else "auto"
        for each in schedules
    ]
    return Wishes(
        recent=_together(recent, RECENT),
        orders=_together([each.orders for each in schedules]),
        customers=_together([each.customers for each in schedules]),
        rotation=_together([each.rotation for each in schedules]),
        sweep=_together([each.sweep for each in schedules]),
    )


def _together(wishes: Iterable[Wish], usual: timedelta | None = None) -> Wish:
    """Return the shortest of the intervals set by hand; "auto" if one is, and none is shorter than usual."""
    asked = [wish for wish in wishes if wish is not None]
    if not asked:
        return None
    by_hand = [wish for wish in asked if isinstance(wish, timedelta)]
    shortest = min(by_hand, default=None)
    if shortest is None or (len(by_hand) < len(asked) and usual is not None and shortest >= usual):
        return "auto"
    return shortest


def problems(found: Planned) -> list[tuple[str, str]]:
    """Return what does not fit, each with its remedy, as sentences."""
    return [
        (
            f"{who}: no plan fits: {refusal.why}",
            f"{refusal.remedy()} Until then the slowest one is gone by.",
        )
        for who, refusal in found.refusals.items()
    ]

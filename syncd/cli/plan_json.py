"""A plan as the JSON that `syncd plan --json` prints (docs/running.md)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from fractions import Fraction
from math import ceil
from typing import Any

from syncd.core.looks import Looks
from syncd.core.planner import Plan, Profile, Refusal
from syncd.core.profile import Limit
from syncd.core.verification import Rotation


def view_json(
    account: str | None,
    profile: Profile,
    plan: Plan,
    stores: Mapping[str, Plan],
    refusals: Mapping[str, Refusal],
) -> dict[str, Any]:
    """Return one plan. Times are seconds, calls are those of 30 days, rounded up."""
    return {
        "account": account,
        "fits": not refusals,
        "profile": _profile(profile),
        "schedule": {
            "recent_s": _seconds(plan.recent),
            "customers_s": _seconds(plan.customers),
            "sweep_s": _seconds(plan.sweep),
            "rotation": _rotation(plan.rotation),
        },
        "freshness_s": _seconds(plan.freshness),
        "ghost_bound_s": {
            "unleashed": _seconds(plan.ghost_bound.unleashed),
            "store": _seconds(plan.ghost_bound.store),
        },
        "calls": _calls(plan.calls, plan.spare),
        "stores": [_store(name, each) for name, each in stores.items()],
        "notes": list(plan.notes),
        "refusals": [_refusal(who, each) for who, each in refusals.items()],
    }


def _profile(of: Profile) -> dict[str, Any]:
    return {
        "skus": of.skus,
        "page_size": of.page_size,
        "warehouses": of.warehouses,
        "changes_per_day": round(float(of.changes()), 2),
        "orders_per_day": round(of.orders_per_day, 2),
        "limits": [_limit(limit) for limit in of.limits],
    }


def _limit(limit: Limit) -> dict[str, Any]:
    extra: Limit | None = getattr(limit, "overflow", None)
    overflow = None if extra is None else _limit(extra)
    return {"calls": limit.calls, "per": limit.per, "overflow": overflow}


def _store(name: str, plan: Plan) -> dict[str, Any]:
    return {
        "name": name,
        "orders_s": _seconds(plan.orders),
        "looks": _looks(plan.looks),
        "ghost_bound_s": _seconds(plan.ghost_bound.store),
        "calls": _calls(plan.store_calls, plan.store_spare),
    }


def _calls(calls: Mapping[str, Fraction], spare: Fraction | None) -> dict[str, Any]:
    return {
        "by_purpose": {purpose: ceil(each) for purpose, each in calls.items()},
        "total": ceil(sum(calls.values(), Fraction(0))),
        "spare": None if spare is None else int(spare),
    }


def _refusal(who: str, refusal: Refusal) -> dict[str, Any]:
    return {
        "who": who or None,
        "why": refusal.why,
        "changes": [{"what": change.what, "text": change.text} for change in refusal.changes],
    }


def _rotation(rotation: Rotation | None) -> dict[str, Any] | None:
    return None if rotation is None else {"every_s": _seconds(rotation.interval), "lists": rotation.lists}


def _looks(looks: Looks | None) -> dict[str, Any] | None:
    return None if looks is None else {"every_s": _seconds(looks.interval), "calls": looks.calls}


def _seconds(time: timedelta | None) -> int | None:
    return None if time is None else int(time.total_seconds())

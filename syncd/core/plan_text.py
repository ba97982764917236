"""Say a plan, or why there is none, in words that a merchant understands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from math import ceil

from syncd.core import costs
from syncd.core.profile import PROMISE, Limit, Profile, per_day

NAMES: Mapping[str, str] = {
    "orders": "orders",
    "resync": "commands",
    "recent": "products and stock",
    "customers": "customers",
    "rotation": "rotation",
    "sweep": "sweep (everything in full)",
    "tidy": "what each side says of itself",
}
"""What each purpose is called, in the order of the table."""

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def duration(time: timedelta) -> str:
    """Return a time as "45 min", "21 h", "1 h 38 min", "9 days" or "9 days 4 h", rounded up to the minute."""
    minutes = -(-time // MINUTE)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    days, hours = divmod(hours + bool(rest), 24)
    return f"{days} days {hours} h" if hours else f"{days} days"


def number(calls: Fraction | int) -> str:
    """Return calls as a whole number with commas, rounded up."""
    return f"{ceil(calls):,}"


def limit(of: Limit) -> str:
    """Return "5,000 calls a month"."""
    overflow: Limit | None = getattr(of, "overflow", None)
    more = "" if overflow is None else f" and {overflow.calls:,} a {overflow.per} beyond that"
    return f"{of.calls:,} calls {'an' if of.per == 'hour' else 'a'} {of.per}{more}"


def limits(of: Sequence[Limit]) -> str:
    """Return all limits as one phrase, "no limit of calls" if there is none."""
    return ", ".join(limit(each) for each in of) or "no limit of calls"


def calls(before: Sequence[Limit], after: Sequence[Limit]) -> str:
    """Return the limits that were raised."""
    raised = [limit(new) for old, new in zip(before, after, strict=True) if new.calls != old.calls]
    return " and ".join(raised)


def warehouses(fewer: int, count: int) -> str:
    """Return "1 warehouse instead of 3"."""
    return f"{fewer} {'warehouse' if fewer == 1 else 'warehouses'} instead of {count}"


def slower(job: str, profile: Profile, interval: timedelta) -> str:
    """Return "recent every 94 min", and what that promises if it is less than what is promised."""
    said = f"{job} every {duration(interval)}"
    if job != "recent":
        return said
    fresh = costs.freshness(profile, interval)
    return said if fresh <= PROMISE else f"{said}, which promises {duration(fresh)} instead of 2 h"


def too_many(side: str, profile: Profile, wanted: Mapping[str, Fraction], tight: Limit | None) -> str:
    """Return which calls do not fit under the tightest limit of a side, with all figures."""
    room = "" if tight is None else _room(tight)
    said = [_orders(side, wanted["orders"], room)] if "orders" in wanted else []
    recent = wanted.get("recent", Fraction(0))
    if recent:
        figure = f"{_recent(side, profile)} {number(recent)}"
        both = f": {number(wanted.get('orders', Fraction(0)) + recent)} in all"
        said.append(figure + (both if said else f" of {room}"))
    rest = {name: each for name, each in wanted.items() if name not in ("orders", "recent")}
    if rest:
        parts = ", ".join(f"{NAMES.get(name, name)} {number(each)}" for name, each in rest.items())
        said.append(f"the rest at its slowest is {number(sum(rest.values(), Fraction(0)))} ({parts})")
    text = "; ".join([*said, f"a tenth of what {side} allows is kept free"])
    return f"{text[0].upper()}{text[1:]}."


def _orders(side: str, orders: Fraction, room: str) -> str:
    alone = "orders alone are" if side == "Unleashed" else "asking for orders is"
    return f"{alone} {number(orders)} of {room}"


def _recent(side: str, profile: Profile) -> str:
    if side != "Unleashed":
        return "writing what changed is"
    wish = profile.wishes.recent
    if isinstance(wish, timedelta):
        return f"products and stock every {duration(wish)} are"
    return f"products and stock at the slowest that keeps {_promise(profile)} are"


def _promise(profile: Profile) -> str:
    hours, rest = divmod(profile.promise, HOUR)
    return duration(profile.promise) if rest else f"{hours} hours"


def _room(tight: Limit) -> str:
    text, month = limit(tight), number(per_day(tight) * 30)
    return text if tight.per == "month" else f"{text}, which is {month} a month"

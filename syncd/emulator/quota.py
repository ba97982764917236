"""A turnstile in front of a server: so many calls per clock window, told in headers, refused with 429."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Literal
from zoneinfo import ZoneInfo

Per = Literal["minute", "hour", "day", "month"]

_FORMS: dict[Per, str] = {
    "minute": "%Y-%m-%dT%H:%M%z",
    "hour": "%Y-%m-%dT%H%z",
    "day": "%Y-%m-%d",
    "month": "%Y-%m",
}


@dataclass(frozen=True, slots=True)
class Pool:
    """So many calls in each window of the clock; days and months are those of `zone`."""

    calls: int
    per: Per
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a caller may do.

    `rule` "all": every pool must have a call left. "overflow": the first pool that has one gives it, in
    order, so that the last ones are touched only when the first are empty; a spent caller waits for the
    first pool to fill again. `headers`: answers tell limits and what is left. `retry_after` is the form of
    that header in a refusal.
    """

    pools: tuple[Pool, ...]
    rule: Literal["all", "overflow"] = "all"
    headers: bool = True
    retry_after: Literal["seconds", "date", "iso", "absent"] = "seconds"


class Turnstile:
    """Counts the calls of one caller under a tariff, whoever makes them; a refused call does not count."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self._spent: Counter[tuple[Pool, str]] = Counter()

    def take(self, tariff: Tariff) -> bool:
        """Count one call, or return False if there is none left."""
        payers = self._payers(tariff)
        for pool in payers:
            self._spent[self._window(pool)] += 1
        return bool(payers)

    def spend(self, tariff: Tariff, calls: int) -> None:
        """Take so many calls as another program of the same caller; those that are refused are lost."""
        for _ in range(calls):
            self.take(tariff)

    def left(self, pool: Pool) -> int:
        """Return how many calls the pool still has."""
        return pool.calls - self._spent[self._window(pool)]

    def headers(self, tariff: Tariff) -> dict[str, str]:
        """Return what an answer tells of the tariff, nothing if it tells nothing."""
        if not tariff.headers:
            return {}
        told: dict[str, str] = {}
        for pool in tariff.pools:
            name = f"X-Rate-Limit-{pool.per.capitalize()}"
            told |= {name: str(pool.calls), f"{name}-Remaining": str(self.left(pool))}
        each = [self.left(pool) for pool in tariff.pools]
        total = sum(each) if tariff.rule == "overflow" else min(each)
        return {**told, "X-Rate-Limit-Total-Remaining": str(total)}

    def refusal(self, tariff: Tariff) -> dict[str, str]:
        """Return the headers of a 429: what is left, and when to come again."""
        again = self._again(tariff)
        seconds = -((self.clock() - again) // timedelta(seconds=1))
        forms = {
            "seconds": str(seconds),
            "date": format_datetime(again, usegmt=True),
            "iso": again.strftime("%Y-%m-%dT%H:%M:%S"),
        }
        form = forms.get(tariff.retry_after)
        return {**self.headers(tariff), **({} if form is None else {"Retry-After": form})}

    def _payers(self, tariff: Tariff) -> list[Pool]:
        """Return the pools that the next call is taken from, none if it is refused."""
        full = [pool for pool in tariff.pools if self.left(pool) > 0]
        if tariff.rule == "overflow":
            return full[:1]
        return full if len(full) == len(tariff.pools) else []

    def _again(self, tariff: Tariff) -> datetime:
        empty = [pool for pool in tariff.pools if self.left(pool) <= 0]
        if tariff.rule == "overflow":
            return self._ends(tariff.pools[0])
        return max((self._ends(pool) for pool in empty), default=self.clock())

    def _window(self, pool: Pool) -> tuple[Pool, str]:
        local = self.clock().astimezone(ZoneInfo(pool.zone))
        return pool, local.strftime(_FORMS[pool.per])

    def _ends(self, pool: Pool) -> datetime:
        """Return when the pool fills again, in UTC: the first full minute that lies in another window."""
        name = _FORMS[pool.per]
        zone = ZoneInfo(pool.zone)
        now = self.clock().astimezone(UTC)
        moment = now.replace(second=0, microsecond=0)
        step = {"minute": 1, "hour": 1, "day": 15, "month": 15}[pool.per]
        moment -= timedelta(minutes=moment.minute % step)
        while moment <= now or f"{moment.astimezone(zone):{name}}" == f"{now.astimezone(zone):{name}}":
            moment += timedelta(minutes=step)
        return moment

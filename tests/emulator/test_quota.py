"""The turnstile lets through what a tariff allows and tells what is left, on both emulators."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from syncd.emulator.quota import Pool, Tariff, Turnstile
from syncd.emulator.unleashed import UnleashedEmulator
from tests.emulator.unleashed_caller import Clock, ask
from tests.emulator.woocommerce_caller import Caller


def bronze(hour: int = 10, day: int = 100) -> Tariff:
    return Tariff((Pool(hour, "hour"), Pool(day, "day", "Europe/Prague")), "overflow")


def let_through(turnstile: Turnstile, tariff: Tariff, calls: int) -> int:
    return sum(turnstile.take(tariff) for _ in range(calls))


@pytest.mark.parametrize(
    ("hour", "day", "total"), [(10, 100, 340), (15, 300, 660), (50, 600, 1800), (100, 1500, 3900)]
)
def test_calls_of_a_day(hour: int, day: int, total: int) -> None:
    """A caller who never stops gets the hour 24 times and the day once, from midnight in Prague."""
    clock = Clock()
    clock.now = datetime(2026, 11, 20, 23, tzinfo=UTC)
    turnstile, got = Turnstile(clock), []
    for _ in range(48):
        got.append(let_through(turnstile, bronze(hour, day), total))
        clock.pass_by(hours=1)
    assert (sum(got[:24]), got[0], got[1], got[24]) == (total, hour + day, hour, hour + day)


def test_all_pools_must_have_a_call() -> None:
    """Where all pools must have room the emptiest decides, and a refused call is taken from none."""
    clock = Clock()
    turnstile, tariff = Turnstile(clock), Tariff((Pool(2, "minute"), Pool(3, "month")))
    assert let_through(turnstile, tariff, 5) == 2
    assert turnstile.headers(tariff)["X-Rate-Limit-Total-Remaining"] == "0"
    clock.pass_by(minutes=1)
    assert let_through(turnstile, tariff, 5) == 1
    assert [turnstile.left(pool) for pool in tariff.pools] == [1, 0]


@pytest.mark.parametrize(
    ("form", "again"),
    [
        ("seconds", "3600"),
        ("date", "Sat, 21 Nov 2026 11:00:00 GMT"),
        ("iso", "2026-11-21T11:00:00"),
        ("absent", None),
    ],
)
def test_a_refusal_says_when_to_come_again(caller_at_ten: Caller, form: Any, again: str | None) -> None:
    """An emulated shop that is spent answers 429, with what is left and the time in the form asked for."""
    caller_at_ten.settings.tariff = replace(bronze(1, 1), retry_after=form)
    answers = [caller_at_ten.send("GET", "/products") for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    left = [answer.headers["X-Rate-Limit-Total-Remaining"] for answer in answers]
    assert (left, answers[-1].headers.get("Retry-After")) == (["1", "0", "0"], again)
    caller_at_ten.clock.pass_by(3600)
    assert caller_at_ten.send("GET", "/products").status == 200


@pytest.fixture
def caller_at_ten() -> Caller:
    return Caller()


def test_unleashed_with_a_turnstile(company: UnleashedEmulator, clock: Clock) -> None:
    """An emulated company counts calls of others too, tells what is left, and refuses with 429."""
    tariff = Tariff((Pool(4, "month"),))
    company.settings = replace(company.settings, tariff=tariff)
    company.turnstile.spend(tariff, 2)
    answers = [ask(company, "/Companies") for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    left = [answer.headers["x-rate-limit-month-remaining"] for answer in answers]
    assert (left, answers[0].headers["x-rate-limit-month"]) == (["1", "0", "0"], "4")
    seconds = (datetime(2026, 12, 1, tzinfo=UTC) - clock()).total_seconds()
    assert answers[-1].headers["retry-after"] == f"{seconds:.0f}"


def test_a_turnstile_may_be_silent(company: UnleashedEmulator) -> None:
    """With headers switched off, answers tell nothing of the tariff."""
    company.settings = replace(company.settings, tariff=Tariff((Pool(4, "month"),), headers=False))
    assert not [name for name in ask(company, "/Companies").headers if "rate" in name]

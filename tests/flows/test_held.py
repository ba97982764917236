"""What becomes of what the brake holds: it waits, heals, is judged anew, or is let through by its name."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from syncd.state import audit
from tests.flows.braking import (
    TIGHT,
    W1,
    approve,
    codes,
    diffs,
    empty,
    heal,
    held,
    in_chunks,
    in_step,
    pushed,
    retire,
    slip,
    stocks,
    suspicious,
)
from tests.flows.conftest import NewWorld
from tests.flows.views import changed
from tests.world import Killed, Seams, World, WrongClock

DAY = 24 * 60


def tripped(world: World, count: int = 60) -> World:
    """Have the brake hold the emptying of so many listings."""
    in_step(world)
    empty(world, codes(count))
    pushed(world)
    assert len(held(world)) == count
    return world


def test_what_is_held_is_not_looked_at_again(on_either: NewWorld) -> None:
    """A quiet run costs no store call however much is held, and is not a failure a second time."""
    world = tripped(on_either(listing_keys=W1))
    assert world.calls(world.recent)[1] == 0
    report = pushed(world)
    assert (report.outcome, report.exit_code, report.counts.held) == ("done", 0, 0)
    assert world.status().stores[0].counts.behind == 0
    assert len(held(world)) == 60


def test_newly_held_is_told_once(new_world: NewWorld) -> None:
    """The run that holds something new ends with exit code 1; those after it do not, a day later neither."""
    world = in_step(new_world(listing_keys=W1))
    empty(world, codes(60))
    first = pushed(world)
    assert (first.outcome, first.exit_code, first.counts.held) == ("done", 1, 60)
    assert pushed(world).exit_code == 0
    empty(world, codes(5, 60))
    assert pushed(world).exit_code == 1
    again = pushed(world, minutes=DAY)
    assert (again.exit_code, again.counts.held) == (0, 65)


def test_status_names_the_diff_and_the_command(on_either: NewWorld) -> None:
    """What is held is counted, and is a problem that says how to look at it and how to let it through."""
    world = tripped(on_either(listing_keys=W1))
    (diff,) = diffs(world)
    (problem,) = world.status().problems
    assert world.status().stores[0].counts.held == 60
    assert problem.what == "store shop: the brake holds 60 changes (zero)"
    assert "`syncd approve`" in problem.do
    assert f"`syncd approve {diff.fingerprint}`" in problem.do


def test_a_healed_mirror_needs_nobody(on_either: NewWorld) -> None:
    """When the right values come back, nothing is held any more and nothing was ever written."""
    world = in_step(on_either(listing_keys=W1))
    writes = world.shops["shop"].writes()
    empty(world, codes(60))
    slip(world, codes(80, 20))
    pushed(world)
    assert len(held(world)) == 140
    heal(world, codes(100))
    report = pushed(world)
    assert (held(world), suspicious(world), report.exit_code) == ([], set(), 0)
    assert world.problems() == []
    assert world.shops["shop"].writes() == writes


def test_a_corrected_setting_needs_nobody(new_world: NewWorld) -> None:
    """When the rules that would empty the shop are corrected, what they had held is forgotten."""
    world = in_step(new_world(listing_keys=W1))
    world.listing_keys = 'warehouses = ["W2"]'
    pushed(world)
    assert len(held(world)) == 120
    world.listing_keys = W1
    pushed(world)
    assert (held(world), suspicious(world)) == ([], set())


def test_part_of_what_is_held_heals_by_itself(new_world: NewWorld) -> None:
    """Of what is held, what comes back is let go; the rest is too much as long as it is, then flows."""
    world = tripped(new_world(listing_keys=W1))
    heal(world, codes(20))
    pushed(world)
    assert len(held(world)) == 40
    heal(world, codes(20, 20))
    pushed(world)
    pushed(world)
    assert (held(world), suspicious(world)) == ([], set(codes(20, 40)))


@pytest.mark.parametrize("brake", ["zero = 0.6", "minimum = 61"])
def test_a_wider_brake_lets_go_at_the_next_run(new_world: NewWorld, brake: str) -> None:
    """Whoever widens the brake need not approve: what is within it now is written by the next run."""
    world = tripped(new_world(listing_keys=W1))
    world.listing_keys = f"{W1}\nbrake = {{ {brake} }}"
    pushed(world)
    assert (held(world), len(suspicious(world))) == ([], 60)


def test_what_the_day_used_up_flows_when_the_day_is_over(new_world: NewWorld) -> None:
    """A few that were too much after what was written in the morning are written the next morning."""
    world = in_step(new_world(listing_keys=W1))
    empty(world, codes(24))
    pushed(world)
    empty(world, codes(10, 24))
    pushed(world)
    assert len(held(world)) == 10
    pushed(world, minutes=60 * 22)
    assert len(held(world)) == 10
    pushed(world, minutes=60 * 2)
    assert (held(world), len(suspicious(world))) == ([], 34)


def test_what_is_held_page_by_page_does_not_flow_page_by_page_a_day_later(new_world: NewWorld) -> None:
    """What waits for a person counts as long as it waits, in whatever portions it was held."""
    world = in_step(new_world(listing_keys=W1))
    for place in range(0, 120, 10):
        empty(world, codes(10, place))
        pushed(world)
    for _ in range(40):
        pushed(world, minutes=97)
    assert len(suspicious(world)) == 20
    assert len(held(world)) == 100


def test_once_a_day_what_is_held_is_looked_at(new_world: NewWorld) -> None:
    """What a person put right in the shop meanwhile is seen a day later, by one look at everything held."""
    world = tripped(new_world(listing_keys=W1))
    (before,) = diffs(world)
    for code in codes(3):
        world.shelf.edit(world.item(code).id, stock=0)
    assert world.calls(lambda: world.recent(minutes=DAY - 100))[1] == 0
    assert world.calls(lambda: world.recent(minutes=100))[1] == 1
    (after,) = diffs(world)
    assert len(after.changes) == 57
    assert after.fingerprint != before.fingerprint
    assert {change.since for change in after.changes} == {change.since for change in before.changes}


def test_approving_lets_exactly_that_diff_through(on_either: NewWorld) -> None:
    """What was approved is written; the other class stays held, under the name that it had."""
    world = in_step(on_either(listing_keys=W1))
    empty(world, codes(60))
    slip(world, codes(60, 30))
    pushed(world)
    prices, zeros = diffs(world)
    assert (prices.kind, zeros.kind) == ("price", "zero")
    report = approve(world, zeros)
    assert (report.outcome, report.exit_code) == ("done", 0)
    assert [diff.fingerprint for diff in diffs(world)] == [prices.fingerprint]
    report = pushed(world)
    assert (report.exit_code, report.counts.written, report.counts.held) == (0, 60, 30)
    assert suspicious(world) == set(codes(60))
    assert {item.regular_price for item in world.shelf.all()} == {"10.00"}
    assert [diff.fingerprint for diff in diffs(world)] == [prices.fingerprint]
    assert changed(world)[-60:] == [f"{code} stock: 50 → 0" for code in codes(60)]
    assert last_rule(world, "P0000") == "available W1 0; approved"
    assert world.calls(world.recent)[1] == 0


def last_rule(world: World, code: str) -> str:
    with world.process() as app:
        row = app.store_row("shop")
        with app.db.read() as conn:
            ((change, _, _),) = audit.changes(conn, row.id, world.guid(code), 1)
    return change.rule


def test_approved_writes_leave_the_share_as_it_was(new_world: NewWorld) -> None:
    """What a person let through does not count for the next 24 hours: the usual share is still free."""
    world = tripped(new_world(listing_keys=W1))
    approve(world, diffs(world)[0])
    pushed(world)
    empty(world, codes(24, 60))
    pushed(world)
    assert suspicious(world) == set(codes(84))
    empty(world, codes(1, 84))
    pushed(world)
    assert held(world) == ["P0084 stock: 50 → 0"]


def test_what_changed_since_is_judged_anew(on_either: NewWorld) -> None:
    """Prices that changed after the approval are held again, under another name; the rest is written."""
    world = in_step(on_either(listing_keys=W1))
    slip(world, codes(80))
    pushed(world)
    (before,) = diffs(world)
    approve(world, before)
    for code in codes(30):
        world.books.change_product(world.guid(code), price=2000)
    report = pushed(world)
    (after,) = diffs(world)
    assert Counter(item.regular_price for item in world.shelf.all()) == {"10.00": 70, "1000.00": 50}
    assert [change.after for change in after.changes] == ["2000"] * 30
    assert after.fingerprint != before.fingerprint
    assert report.exit_code == 1


def test_a_diff_that_changed_while_it_was_read_is_not_approved(on_either: NewWorld) -> None:
    """What a person read a minute ago is let through only if it is still what is held."""
    world = tripped(on_either(listing_keys=W1))
    (seen,) = diffs(world)
    empty(world, codes(1, 60))
    pushed(world)
    report = approve(world, seen)
    assert (report.outcome, report.exit_code) == ("failed", 1)
    assert "has changed" in (report.error or "")
    pushed(world)
    assert (len(held(world)), suspicious(world)) == (61, set())


def test_an_approval_ends_after_a_day(new_world: NewWorld) -> None:
    """What was not written within 24 hours of the approval is held again, by the name it had."""
    world = tripped(new_world(listing_keys=W1))
    (diff,) = diffs(world)
    approve(world, diff)
    pushed(world, minutes=DAY + 1)
    assert suspicious(world) == set()
    assert [each.fingerprint for each in diffs(world)] == [diff.fingerprint]


def test_an_approval_is_used_once(new_world: NewWorld) -> None:
    """What was let through, came back and would be emptied again the same day is held again."""
    world = tripped(new_world(listing_keys=W1))
    approve(world, diffs(world)[0])
    pushed(world)
    heal(world, codes(60))
    pushed(world)
    assert suspicious(world) == set()
    empty(world, codes(60))
    pushed(world)
    assert (len(held(world)), suspicious(world)) == (60, set())


def test_an_approval_of_what_healed_is_used_too(new_world: NewWorld) -> None:
    """What a person approved and Unleashed took back is not let through when it comes again."""
    world = tripped(new_world(listing_keys=W1))
    approve(world, diffs(world)[0])
    heal(world, codes(60))
    pushed(world)
    empty(world, codes(60))
    pushed(world)
    assert (len(held(world)), suspicious(world)) == (60, set())


@pytest.mark.parametrize("size", [4, 500])
def test_death_at_any_moment_passes_and_loses_nothing(
    new_world: NewWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Killed anywhere, nothing got past the brake, and the next run holds and writes what it would have."""
    in_chunks(monkeypatch, size)
    start = in_step(new_world(listing_keys=TIGHT), 12)
    _break(start)
    undisturbed, counter = start_again(start, tmp_path, 0), Seams()
    undisturbed.recent(seams=counter)
    wanted, waiting = undisturbed.shops["shop"].state(), held(undisturbed)
    assert (suspicious(undisturbed), len(waiting)) == ({"P0000"}, 9)
    for number in range(1, len(counter.passed) + 1, 2):
        world, where = start_again(start, tmp_path, number), f"killed at {number}"
        with pytest.raises(Killed):
            world.recent(seams=Seams(number))
        assert suspicious(world) <= {"P0000"}, where
        world.recent()
        assert (world.shops["shop"].state(), held(world)) == (wanted, waiting), where
        assert world.calls(world.recent)[1] == 0, where
        world.close()
    undisturbed.close()


def test_death_in_a_resync_or_after_an_approval_loses_nothing(new_world: NewWorld, tmp_path: Path) -> None:
    """Killed while a held product is asked for, or an approved diff is written, nothing is forgotten."""
    start = in_step(new_world(listing_keys=TIGHT), 12)
    _break(start)
    start.recent()
    start.books.change_product(start.guid("P0003"), name="Once more")
    for number in range(2, 96, 4):
        world, where = start_again(start, tmp_path, number), f"killed at {number}"
        try:
            world.resync("P0003", seams=Seams(number))
        except Killed:
            world.recent()
        assert len(held(world)) == 9, where
        assert (suspicious(world), world.item("P0003").name) == ({"P0000"}, "Once more"), where
        (prices, _) = diffs(world)
        approve(world, prices)
        try:
            world.recent(seams=Seams(number))
        except Killed:
            world.recent()
        assert len(held(world)) == 4, where
        assert Counter(item.regular_price for item in world.shelf.all()) == {"10.00": 7, "1000.00": 5}, where
        world.close()


def test_death_before_a_released_write_keeps_it_held(new_world: NewWorld, tmp_path: Path) -> None:
    """What a wider brake lets go is held until it is written, though its listing is not behind."""
    start = in_step(new_world(listing_keys=TIGHT), 12)
    empty(start, codes(4))
    start.recent()
    start.listing_keys = f"{W1}\nbrake = {{ zero = 1, minimum = 2 }}"
    counter = Seams()
    start_again(start, tmp_path, 0).resync("P0001", "P0005", seams=counter)
    for number in range(1, len(counter.passed) + 1, 2):
        world, where = start_again(start, tmp_path, number), f"killed at {number}"
        with pytest.raises(Killed):
            world.resync("P0001", "P0005", seams=Seams(number))
        assert "P0001" in suspicious(world) or "P0001 stock: 50 → 0" in held(world), where
        world.recent()
        assert (suspicious(world), held(world)) == (set(codes(4)), []), where
        world.close()


def _break(world: World) -> None:
    """Empty four, re-price five, hide one, and sell some of each."""
    empty(world, codes(4, 1))
    slip(world, codes(5, 3))
    retire(world, codes(1))
    for code in [*codes(1), *codes(7, 5)]:
        world.books.set_stock(world.guid(code), "W1", 33)
    for code in codes(12):
        world.books.change_product(world.guid(code), name=f"Renamed {code}")


def start_again(start: World, folder: Path, number: int) -> World:
    """Return a copy of the world in a folder of its own, which one process works on."""
    home = folder / f"copy {number}"
    home.mkdir()
    start.close()
    world = start.copied(home)
    world.lasting = True
    return world


def test_a_purse_that_ends_early_still_holds(new_world: NewWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """With few calls an hour what is too much already is held, so that the next hours come further."""
    in_chunks(monkeypatch, 100)
    world = in_step(new_world(listing_keys=W1), 450)
    slip(world, codes(450))
    for code in codes(450):
        world.books.set_stock(world.guid(code), "W1", 9 if code > "P0300" else 50)
    world.store_keys = 'limits = [{ calls = 4, per = "hour" }]'
    for _ in range(10):
        pushed(world, minutes=61)
    assert (len(held(world)), suspicious(world)) == (450, set())
    assert stocks(world, codes(100, 301)) == {9}
    assert world.status().stores[0].counts.behind == 0


def test_a_clock_set_back_keeps_what_is_held(new_world: NewWorld) -> None:
    """A clock set back by days judges anew, and holds again."""
    world = tripped(new_world(listing_keys=W1))
    world.own_clock = WrongClock(world.clock, timedelta(days=-3))
    assert pushed(world).counts.held == 60
    assert (len(held(world)), suspicious(world)) == (60, set())

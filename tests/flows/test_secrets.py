"""Secrets and keys reach no log, no error, no report, and no byte of the database."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest

from syncd import log
from syncd.emulator.unleashed import API_ID, API_KEY
from syncd.emulator.unleashed_wire import Credentials
from syncd.emulator.woocommerce import Quota
from syncd.errors import Unreachable
from tests.flows.conftest import NewWorld
from tests.world import CONSUMER_KEY, CONSUMER_SECRET, World

SECRETS = (API_KEY, CONSUMER_SECRET)
IDS = (API_ID, CONSUMER_KEY)


def stocked(world: World) -> World:
    world.books.add_warehouse("W1", default=True)
    guid = world.books.add_product("TEA", "Tea", 10)
    world.books.set_stock(guid, "W1", 5)
    world.shelf.add_simple("TEA", "Tea", "10.00", 1)
    return world


def _echo(world: World) -> None:
    """Both sides repeat in their refusals whatever they were sent."""
    for faults in (world.unleashed.faults, world.shop.faults):
        faults.add("status", status=400, times=4)


TROUBLES: dict[str, Callable[[World], object]] = {
    "none": lambda world: None,
    "refused": lambda world: world.shop.faults.add("refuse", times=9),
    "unanswered": lambda world: world.unleashed.faults.add("lose", times=9),
    "html": lambda world: world.unleashed.faults.add("html", times=9),
    "server error": lambda world: world.shop.faults.add("status", status=500, times=9),
    "bad key": lambda world: setattr(world.unleashed, "credentials", Credentials("another", "another")),
    "no rights": lambda world: setattr(world.shop.settings, "rights", "none"),
    "too many": lambda world: setattr(world.shop.settings, "quota", Quota(1)),
    "400": _echo,
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_no_secret_leaves(new_world: NewWorld, trouble: str) -> None:
    """Whatever goes wrong, keys and secrets appear neither in the log nor in what a run reports."""
    world = stocked(new_world(listing_keys="create = true"))
    said = io.StringIO()
    log.configure("debug", "json", said)
    for secret in world.settings().confidential():
        log.register_secret(secret)
    TROUBLES[trouble](world)
    reports = world.recent()
    world.clock.pass_time(timedelta(hours=1))
    done = world.resync("TEA", "NOPE")
    told = [repr(reports), repr(done), repr(world.status()), repr(world.settings()), *world.problems()]
    told += [str(report.error) + str(report.do) for report in [*reports, *done.reports]]
    for text in (said.getvalue(), *told):
        assert [secret for secret in (*SECRETS, *IDS) if secret in text] == []


def test_no_secret_is_stored(new_world: NewWorld) -> None:
    """No byte of the database, of its write-ahead log or of anything beside it is a secret or a key's id."""
    world = stocked(new_world(listing_keys="create = true"))
    world.recent()
    world.shop.settings.rights = "none"
    world.unleashed.faults.add("status", status=403, times=2)
    world.recent()
    world.resync("TEA")
    files = [file for file in world.folder.iterdir() if file.name != "syncd.toml"]
    assert files
    for file in files:
        content = file.read_bytes()
        assert [each for each in (*SECRETS, *IDS) if each.encode() in content] == [], file.name


def test_every_error_is_free_of_secrets(new_world: NewWorld) -> None:
    """An error's text and repr, with all that it came from, say nothing that opens a door."""
    world = stocked(new_world())
    world.unleashed.faults.add("refuse", times=9)
    with world.app() as app:
        client = app.unleashed("main", app.account_meter("main", "check"))
        with pytest.raises(Unreachable) as caught:
            client.get("/Products/1")
    error: BaseException | None = caught.value
    while error is not None:
        texts = (str(error), repr(error), repr(error.args))
        assert [each for each in (*SECRETS, *IDS) for text in texts if each in text] == []
        error = error.__cause__ or error.__context__

"""How much room a purpose has is known before a job is begun, whatever the limits are."""

from __future__ import annotations

from syncd.app.room import room
from tests.world import World


def test_without_a_limit_there_is_always_room(world: World) -> None:
    """An account that has no limit keeps nothing back, and the question breaks nothing."""
    with world.app() as app:
        assert room(app, "main", "sweep") is None


def test_a_limit_leaves_room_for_higher_ranks(world: World) -> None:
    """A full read may take what a limit has, less what is kept for those who go first."""
    world.account_keys = 'limits = [{ calls = 1000, per = "day" }]'
    with world.app() as app:
        found = room(app, "main", "sweep")
        first = room(app, "main", "resync")
    assert found is not None
    assert first == 1000
    assert 0 < found < first

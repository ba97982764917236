"""Secret files that change while syncd runs: read again when that helps, never in the way otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd import log
from syncd.app.recent import recent
from syncd.emulator.unleashed import API_KEY
from tests.world import World


@pytest.fixture
def key(world: World) -> Path:
    """The file that holds the account's key; at first a wrong one is in it."""
    file = world.folder / "unleashed_key"
    file.write_text("an-old-key")
    world.env = {"SYNCD_UNLEASHED__MAIN__API_KEY_FILE": str(file)}
    return file


def test_a_refused_call_is_repeated_once_with_a_newer_key(world: World, key: Path) -> None:
    """When the file holds another key than the refused one, the same call goes out once more with it."""
    with world.app() as app:
        recent(app, "main")
        before = len(world.wire.requests)
        key.write_text(API_KEY)
        [pulled, *_] = recent(app, "main")
    asked = world.wire.requests[before:]
    assert pulled.outcome == "done"
    assert asked[0].path == asked[1].path
    assert asked[0].headers["api-auth-signature"] != asked[1].headers["api-auth-signature"]
    assert pulled.calls_unleashed == len(asked)


def test_a_refused_call_with_the_same_key_is_not_repeated(world: World, key: Path) -> None:
    """When the file still holds the refused key, nothing is sent a second time."""
    assert key.exists()
    with world.app() as app:
        [pulled, *_] = recent(app, "main")
    assert pulled.exit_code == 3
    assert pulled.calls_unleashed == 1


def test_a_secret_file_that_is_gone_keeps_the_known_secret(world: World, key: Path) -> None:
    """A file that cannot be read any more is told in the log, and what was read before goes on working."""
    key.write_text(API_KEY)
    with world.app() as app:
        assert recent(app, "main")[0].outcome == "done"
        key.unlink()
        assert app.reread_secrets() is False
        assert recent(app, "main")[0].outcome == "done"


def test_a_new_secret_is_hidden_from_the_log_at_once(world: World, key: Path) -> None:
    """A secret that was just read is hidden wherever it appears from then on."""
    with world.app() as app:
        recent(app, "main")
        key.write_text("a-marked-new-key")
        assert app.reread_secrets() is True
    assert "a-marked-new-key" not in log.redact("the key is a-marked-new-key")

"""`syncd demo` shows the real thing, ends by itself, and does not call it a success when it is none."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from syncd.cli.demo import Asked, perform
from syncd.cli.demo_changes import Change, Kind
from syncd.cli.demo_screen import Plain, Scene, picture
from syncd.cli.demo_shelf import Field, differences, expect, found
from syncd.cli.demo_stage import Stage, make_stage, surroundings
from syncd.cli.demo_tally import Tally
from syncd.clock import SystemClock
from syncd.emulator.wire import Request

SMALL = 120


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return make_stage(SMALL, 7, SystemClock(), tmp_path)


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run the demo as a person does, with its temporary files in this folder."""
    command = [sys.executable, "-m", "syncd", "demo", *arguments]
    env = surroundings(os.environ) | {"TMPDIR": str(folder)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env
    ) as it:
        try:
            yield it
        finally:
            if it.poll() is None:
                it.kill()


def daemon_of(text: str) -> int:
    """Return the process id of the daemon that the demo named."""
    named = re.search(r"syncd, the real one +process (\d+)", text)
    assert named is not None, text
    return int(named[1])


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_demo_ends_by_itself_with_everything_arrived(tmp_path: Path) -> None:
    """With 2,000 products and --for 6s the demo ends with 0, sums up, and leaves nothing behind."""
    with started(tmp_path, "--for", "6s") as demo:
        text, _ = demo.communicate(timeout=110)
    assert demo.returncode == 0, text
    assert "Every change arrived, and all 2,0" in text
    assert re.search(r"stock moved +(\d+) +\1\n", text)
    assert re.search(r"price changed, but the listing is the shop's own +(\d+) +\1\n", text)
    assert re.search(r"half within [\d.]+ s \(median\), the slowest after [\d.]+ s", text)
    assert re.search(r"Calls in \d+ runs since the first load: \d+ to Unleashed .*; 0 refused or lost", text)
    assert not is_running(daemon_of(text))
    assert list(tmp_path.iterdir()) == []


def test_demo_without_an_end_is_stopped_in_order(tmp_path: Path) -> None:
    """Ctrl-C ends the changes; the rest arrives, the summary comes, the daemon is gone, --keep keeps."""
    with started(tmp_path, "--products", str(SMALL), "--keep") as demo:
        assert demo.stdout is not None
        seen = ""
        while "changes in Unleashed: " not in seen:
            line = demo.stdout.readline()
            assert line, seen
            seen += line
        demo.send_signal(signal.SIGINT)
        text = seen + demo.communicate(timeout=60)[0]
    assert demo.returncode == 0, text
    assert "Every change arrived" in text
    assert not is_running(daemon_of(text))
    (kept,) = tmp_path.iterdir()
    assert f"Kept: {kept}." in text
    assert {"syncd.toml", "syncd.db", "syncd.log"} <= {each.name for each in kept.iterdir()}


def test_change_that_does_not_arrive_is_told(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """When the shop refuses every write after the first load, the demo ends with 1 and names each change."""
    tally: list[Tally] = []

    class Watching(Plain):
        def show(self, scene: Scene) -> None:
            tally[:] = [scene.tally]
            super().show(scene)

    def refused(request: Request) -> bool:
        return bool(tally and tally[0].listings) and request.method == "POST"

    stage.shop.faults.add("status", status=503, times=1 << 40, match=refused)
    code = perform(stage, Watching(Console(width=300)), Asked(), 1.0, seed=7)
    text = capsys.readouterr().out
    assert code == 1
    assert "Not everything is as it should be:" in text
    missing = [each for each in tally[0].changes if each.kind.follows]
    assert len(missing) > 5
    for change in missing:
        assert f"{change.story} in Unleashed" in text


def test_demo_stopped_during_the_first_load_says_so(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """Asked to stop before the shop is full, it changes nothing, says how far it came, and ends with 1."""
    code = perform(stage, Plain(Console(width=300)), Asked(times=1), None, seed=7)
    text = capsys.readouterr().out
    assert code == 1
    assert "The first load was not finished: " in text
    assert not is_running(daemon_of(text))


def made(stage: Stage, kind: Kind, code: str, before: str, wanted: str) -> Change:
    guid = stage.unleashed.books.by_code(code)[0].guid
    field: Field = "price" if kind in (Kind.PRICE, Kind.KEPT_PRICE) else "stock"
    return Change(kind, guid, code, f"{code} changed", field, before, wanted, stage.clock.monotonic())


def test_write_that_should_have_been_held_is_told(stage: Stage) -> None:
    """A price that changes on a listing of the shop's own is a failure, even if it changes back."""
    item = next(each for each in stage.shelf.all() if each.regular_price and each.type == "simple")
    tally = Tally(stage, [made(stage, Kind.KEPT_PRICE, item.sku, item.regular_price, item.regular_price)])
    kept = item.regular_price
    assert (tally.look(), list(tally.failures())) == ([], [])
    stage.shelf.edit(item.id, regular_price="0.01")
    tally.look()
    stage.shelf.edit(item.id, regular_price=kept)
    tally.look()
    (sentence,) = tally.failures()
    assert f"was to stay {kept}, and became 0.01" in sentence


def test_stray_write_is_found_by_the_comparison_of_everything(stage: Stage) -> None:
    """What no change asked for is found too: every product is compared at the end, fields by name."""
    expected = expect(stage)
    product = next(each for each in stage.unleashed.books.products() if expected.was_there(each))
    item = found(stage.shelf, product.code)
    assert item is not None
    before = differences(stage, expected).get(product.code, "")
    assert "name" not in before
    stage.shelf.edit(item.id, name="Something else")
    assert "name should be" in differences(stage, expected)[product.code]


@pytest.mark.parametrize("height", [24, 50])
def test_picture_fits_the_terminal(stage: Stage, height: int) -> None:
    """The live picture has no more lines than the terminal, however much there is to tell."""
    tally = Tally(stage, listings=100)
    codes = [each.code for each in stage.unleashed.books.products()]
    tally.changes += [made(stage, kind, code, "1", "2") for kind in Kind for code in codes[:5]]
    console = Console(width=110, height=height, record=True, file=open(os.devnull, "w"))  # noqa: SIM115
    console.print(picture(Scene(tally, 0.0, "changing things"), height))
    lines = console.export_text().splitlines()
    assert len(lines) <= height
    assert any("on its way" in line for line in lines)

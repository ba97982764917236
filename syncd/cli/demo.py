"""`syncd demo`: the real daemon between an emulated Unleashed and an emulated shop, to be watched."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Annotated

import typer

from syncd.cli import demo_screen
from syncd.cli.demo_changes import Keeper
from syncd.cli.demo_screen import IN_REAL_LIFE, Scene, Screen
from syncd.cli.demo_shelf import Expected, differences, expect, load_progress
from syncd.cli.demo_stage import Playing, Stage, demo_folder, make_stage, playing
from syncd.cli.demo_summary import summary, unfinished
from syncd.cli.demo_tally import Tally
from syncd.cli.emulate import SOLD_FROM
from syncd.cli.frame import command
from syncd.clock import SystemClock
from syncd.config.values import read_positive_duration
from syncd.emulator.catalogue import Dice
from syncd.errors import UsageError

LOOK_EVERY = 0.1
LOAD_PATIENCE = 45.0
"""Seconds without a further listing after which the first load is given up."""

CHANGES_FOR = 8.0
"""Seconds of changes there are at least, however long the first load took."""

SETTLE_FOR = 25.0
SETTLE_RUNS = 4
"""Runs of the daemon after the last change; what has not arrived by then will not."""

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(slots=True)
class Asked:
    """How often somebody asked the demo to stop: once is "no more changes", twice is "now"."""

    times: int = 0

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        self.times += 1


@dataclass(slots=True)
class Play:
    """One performance: the stage with its daemon, what is expected of it, and who watches."""

    playing: Playing
    expected: Expected
    keeper: Keeper
    tally: Tally
    scene: Scene
    screen: Screen
    asked: Asked = field(default_factory=Asked)

    @property
    def stage(self) -> Stage:
        return self.playing.stage

    def now(self) -> float:
        return self.stage.clock.monotonic()

    def say(self, lines: Sequence[str]) -> None:
        for line in lines:
            self.screen.say(line)

    def pause(self) -> None:
        """Look at the shelf, show it, and wait a moment. Raises Stopped if the daemon is gone."""
        self.playing.daemon.require_alive()
        with self.stage.lock:
            self.tally.look()
            self.screen.show(self.scene)
        self.stage.clock.sleep(LOOK_EVERY)


@command
def demo(
    length: Annotated[
        str | None,
        typer.Option(
            "--for", help="End by itself after this time (20s, 5m); else with Ctrl-C.", metavar="TIME"
        ),
    ] = None,
    products: Annotated[
        int, typer.Option(min=50, max=20_000, help="How many products Unleashed has.")
    ] = 2000,
    seed: Annotated[int, typer.Option(help="Another seed, another catalogue and other changes.")] = 7,
    keep: Annotated[bool, typer.Option("--keep", help="Keep configuration, database and log.")] = False,
) -> int:
    """Watch syncd at work on this machine: nothing to install, configure or sign up for.

    Ends with a summary; exit code 0 only if every change arrived and nothing else was touched.
    """
    seconds = _seconds(length)
    clock = SystemClock()
    with demo_folder(keep=keep) as folder, listening() as asked, demo_screen.opened(os.environ) as screen:
        stage = make_stage(products, seed, clock, folder)
        code = perform(stage, screen, asked, seconds, seed)
        if keep:
            screen.say(f"Kept: {folder}. For example: syncd --config {stage.config} status")
    return code


def _seconds(length: str | None) -> float | None:
    try:
        return None if length is None else read_positive_duration(length).total_seconds()
    except ValueError as error:
        raise UsageError(f"--for {length}: {error}.", "For example: syncd demo --for 20s") from error


@contextmanager
def listening() -> Iterator[Asked]:
    """Count requests to stop instead of dying of them, so that the daemon is always ended in order."""
    asked = Asked()
    before = [(number, signal.signal(number, asked)) for number in SIGNALS]
    try:
        yield asked
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def perform(stage: Stage, screen: Screen, asked: Asked, seconds: float | None, seed: int) -> int:
    """Play on this stage for so many seconds (None: until asked to stop), and return the exit code."""
    started, expected = stage.clock.monotonic(), expect(stage)
    tally = Tally(stage)
    scene = Scene(tally, started, until=None if seconds is None else started + seconds)
    keeper = Keeper(stage, expected, Dice(seed), tally.changes)
    with playing(stage) as on:
        play = Play(on, expected, keeper, tally, scene, screen, asked)
        _introduce(play)
        if not _load(play):
            play.say(unfinished(scene, "" if asked.times else on.daemon.last_words()))
            return 1
        _make_changes(play)
        _settle(play)
        ended = on.daemon.stop()
    failures = _judge(play, ended)
    play.say(summary(scene, failures))
    return 1 if failures else 0


def _judge(play: Play, ended: int) -> list[str]:
    """Compare everything a last time; return a sentence for each thing that is not as it should be."""
    with play.stage.lock:
        play.tally.look()
        play.tally.differences = differences(play.stage, play.keeper.expected)
    return [*play.tally.failures(), *([f"The daemon ended with code {ended}, not 0."] if ended else [])]


def _introduce(play: Play) -> None:
    stage, on = play.stage, play.playing
    warehouses = f"{len(stage.catalogue.warehouses)} warehouses"
    sides = (
        (
            "Unleashed, emulated",
            on.unleashed_url,
            f"{len(stage.catalogue.products):,} products, {warehouses}",
        ),
        ("syncd, the real one", f"process {on.daemon.pid}", f"on SQLite in {stage.folder}"),
        ("shop, emulated", on.shop_url, f"WooCommerce; sells from {' and '.join(SOLD_FROM)}"),
    )
    play.say([f"{side:<21}{where:<24}{what}" for side, where, what in sides])
    already = f"The shop sells {len(play.expected.before):,} of the products already"
    play.say([f"{already}; syncd links those and creates the others.", IN_REAL_LIFE])


def _load(play: Play) -> bool:
    """Wait until the shop shows what Unleashed has; tell whether it came to that."""
    read, give_up_at = load_progress(play.stage, play.expected), play.now() + LOAD_PATIENCE
    scene = play.scene
    scene.doing = "the first load"
    while not play.asked.times and play.now() < give_up_at:
        with play.stage.lock:
            before = scene.right
            scene.right, scene.wanted = read()
            if scene.right == scene.wanted:
                play.tally.loaded(scene.wanted, play.now() - scene.started)
                return True
        if scene.right != before:
            give_up_at = play.now() + LOAD_PATIENCE
        play.pause()
    return False


def _left_to_a_person(play: Play) -> list[str]:
    products = play.stage.unleashed.books.products()
    doubts = [(each.code, play.expected.in_doubt.get(each.guid)) for each in products]
    reasons = dict.fromkeys(why for _, why in doubts if why)
    return [
        f"Left to a person: {', '.join(code for code, why in doubts if why == reason)} ({reason})."
        for reason in reasons
    ]


def _make_changes(play: Play) -> None:
    """Change things in Unleashed at the pace of a busy day until the time is up, or somebody asks to stop."""
    play.say([demo_screen.load_line(play.tally), *_left_to_a_person(play)])
    play.scene.doing = "changing things in Unleashed; Ctrl-C ends it"
    if play.scene.until is not None:
        play.scene.until = max(play.scene.until, play.now() + CHANGES_FOR)
    next_at = play.now()
    while not play.asked.times and (play.scene.until is None or play.now() < play.scene.until):
        if play.now() >= next_at:
            with play.stage.lock:
                play.keeper.change()
            next_at = play.now() + play.keeper.dice.between(120, 500) / 1000
        play.pause()


def _settle(play: Play) -> None:
    """Wait for what is on its way, and for two more runs that could do what they must not."""
    play.scene.doing = "no more changes; waiting for the rest to arrive (Ctrl-C: stop now)"
    play.scene.until = None
    last, asked = play.now(), play.asked.times
    while play.asked.times == asked and play.now() < last + SETTLE_FOR:
        with play.stage.lock:
            runs, waiting = play.stage.asked.runs_since(last), play.tally.on_their_way()
        if runs >= (SETTLE_RUNS if waiting else 2):
            return
        play.pause()

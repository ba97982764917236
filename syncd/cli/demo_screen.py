"""Show the demo: a live picture on a terminal, plain lines everywhere else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from syncd.cli.demo_changes import Change, Kind
from syncd.cli.demo_shelf import NOTHING
from syncd.cli.demo_stage import RECENT
from syncd.cli.demo_tally import Tally

PICTURE_EVERY = 0.25
LINE_EVERY = 2.0
LATEST = range(3, 11)
ROOMY = 36
"""From so many lines on, the picture has room for blank lines and explanations."""

WIDTH = 160

WHY_HELD = (
    "Held: a listing that was in the shop before syncd is the shop's own. syncd keeps its stock right, "
    "and leaves its price and name alone until a person hands them over with `syncd adopt`."
)
IN_REAL_LIFE = (
    f"syncd looks at Unleashed every {RECENT} s here; in real life every 48 minutes, or as you like."
)


@dataclass(slots=True)
class Scene:
    """What there is to see at this moment."""

    tally: Tally
    started: float
    doing: str = ""
    right: int = 0
    wanted: int = 0
    until: float | None = None


class Screen(Protocol):
    """Where the demo is watched."""

    def show(self, scene: Scene) -> None:
        """Show the moment, unless the last one shown is too young."""
        ...

    def say(self, line: str) -> None:
        """Leave a line that stays."""
        ...


@contextmanager
def opened(env: Mapping[str, str]) -> Iterator[Screen]:
    """Yield a live picture on a terminal that wants one; plain lines without, and with NO_COLOR or CI set."""
    console = Console()
    if not console.is_terminal or env.get("NO_COLOR") or env.get("CI"):
        yield Plain(
            Console(width=WIDTH, no_color=True, highlight=False, soft_wrap=True, force_terminal=False)
        )
        return
    with Live(console=console, auto_refresh=False, transient=True) as live:
        yield Picture(live)


class Plain:
    """Lines for a log: how it stands every two seconds."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.last, self.printed = float("-inf"), 0

    def show(self, scene: Scene) -> None:
        now = scene.tally.stage.clock.monotonic()
        if now - self.last < LINE_EVERY:
            return
        self.last = now
        for line in [f"{now - scene.started:5.1f} s  {standing(scene)}", *self._examples(scene.tally)]:
            self.say(line)

    def say(self, line: str) -> None:
        self.console.print(line, markup=False)
        self.console.file.flush()

    def _examples(self, tally: Tally) -> list[str]:
        new, self.printed = tally.changes[self.printed :], len(tally.changes)
        return [f"         for example: {change.story}; {outcome(change)}" for change in new[:1]]


class Picture:
    """The live picture."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.last = float("-inf")

    def show(self, scene: Scene) -> None:
        now = scene.tally.stage.clock.monotonic()
        if now - self.last >= PICTURE_EVERY:
            self.last = now
            self.live.update(picture(scene, self.live.console.height), refresh=True)

    def say(self, line: str) -> None:
        self.live.console.print(line, markup=False, highlight=False)


def standing(scene: Scene) -> str:
    """Return in one line how it stands."""
    tally = scene.tally
    if not tally.listings:
        return f"First load: {scene.right:,} of {scene.wanted:,} listings in the shop are right."
    arrived = sum(count.as_wanted for count in tally.counts(follows=True))
    held = sum(count.as_wanted for count in tally.counts(follows=False))
    way = len(tally.on_their_way())
    made = f"{len(tally.changes)} changes in Unleashed"
    return f"{made}: {arrived} arrived, {way} on their way, {held} held. {freshness(tally)}. {calls(tally)}."


def freshness(tally: Tally) -> str:
    """Return how old the shop's picture of Unleashed is."""
    delays = tally.delays()
    known = f"; half arrived within {delays[0]:.1f} s, the slowest after {delays[1]:.1f} s" if delays else ""
    return f"The oldest on its way is {tally.oldest():.1f} s old{known}"


def calls(tally: Tally) -> str:
    """Return what it costs."""
    unleashed, shop = tally.calls()
    runs = max(tally.runs(), 1)
    errors = sum(tally.errors())
    refused = f"{errors} calls refused or lost" if errors else "no call refused"
    return f"Calls a run: Unleashed {unleashed / runs:.1f}, shop {shop / runs:.1f}; {refused}"


def outcome(change: Change) -> str:
    """Return what became of a change in the shop."""
    if change.spoiled is not None:
        return f"the shop was to keep {change.before}, and shows {change.spoiled}"
    if not change.kind.follows:
        why = "not sold from there" if change.kind is Kind.RETURNED else "held"
        return f"{why}: the shop keeps {change.before}"
    if change.arrived_at is None:
        return "on its way"
    after = f"after {change.arrived_at - change.made_at:.1f} s"
    if change.before == NOTHING:
        return f"the shop has it {after}: {', '.join(change.wanted.split(', ')[-3:])}"
    if change.kind is Kind.NAME:
        return f"the shop has the new name {after}"
    return f"the shop shows {change.wanted}, not {change.before}, {after}"


def picture(scene: Scene, height: int) -> RenderableType:
    """Return the whole picture of a moment, for a terminal of so many lines."""
    tally, gap = scene.tally, [Text()] if height >= ROOMY else []
    parts: list[RenderableType] = [_sides(tally), *gap, _load(scene), *gap]
    if tally.changes:
        kinds = _kinds(tally)
        room = height - kinds.row_count - len(gap) * 9 - 8
        latest = tally.changes[-min(max(room, LATEST.start), LATEST.stop - 1) :]
        parts += [kinds, *gap, Text(f"{freshness(tally)}."), Text(f"{calls(tally)}."), *gap, _latest(latest)]
        parts += [*gap, *(Text(WHY_HELD, "dim") for _ in gap), *gap]
    return Group(*parts, _footer(scene))


def _sides(tally: Tally) -> Table:
    stage = tally.stage
    table = Table.grid(padding=(0, 3), expand=False)
    table.add_row(
        Text("Unleashed", "bold cyan"),
        Text("──▶"),
        Text("syncd", "bold green"),
        Text("──▶"),
        Text("shop", "bold magenta"),
    )
    table.add_row(
        f"emulated: {len(stage.unleashed.books.products()):,} products",
        "",
        f"the real daemon, every {RECENT} s",
        "",
        f"emulated WooCommerce: {len(stage.shelf):,} products",
    )
    return table


def _load(scene: Scene) -> RenderableType:
    tally = scene.tally
    if tally.listings:
        return Text(load_line(tally), "green")
    line = Table.grid(padding=(0, 1))
    bar = ProgressBar(total=max(scene.wanted, 1), completed=scene.right, width=40)
    line.add_row("First load", bar, f"{scene.right:,} of {scene.wanted:,} listings right")
    return line


def load_line(tally: Tally) -> str:
    """Return what the first load brought and cost."""
    unleashed, shop = tally.calls_before
    return (
        f"First load: {tally.listings:,} listings right after {tally.load_seconds:.1f} s, "
        f"with {unleashed} calls to Unleashed and {shop} to the shop."
    )


def _kinds(tally: Tally) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Changed in Unleashed")
    for title in ("made", "arrived", "on the way", "held"):
        table.add_column(title, justify="right")
    for count in tally.counts(follows=True):
        way = count.made - count.as_wanted
        table.add_row(count.kind.label, str(count.made), str(count.as_wanted), str(way) if way else "", "")
    for count in tally.counts(follows=False):
        table.add_row(Text(count.kind.label, "yellow"), str(count.made), "", "", str(count.as_wanted))
    return table


def _latest(changes: Sequence[Change]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Latest in Unleashed", no_wrap=True, overflow="ellipsis", max_width=58)
    table.add_column("and in the shop", no_wrap=True, overflow="ellipsis")
    for change in reversed(changes):
        table.add_row(Text(change.story), Text(outcome(change), _style(change)))
    return table


def _style(change: Change) -> str:
    if change.spoiled is not None:
        return "bold red"
    if not change.kind.follows:
        return "yellow"
    return "dim" if change.on_its_way else "green"


def _footer(scene: Scene) -> Text:
    now = scene.tally.stage.clock.monotonic()
    length = f" of {scene.until - scene.started:.0f} s" if scene.until is not None else ""
    return Text(f"{now - scene.started:.0f} s{length}: {scene.doing}", "dim")

"""What the demo says at the end: what was changed, what arrived, what it cost, and what went wrong."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.cli.demo_screen import WHY_HELD, Scene, load_line
from syncd.cli.demo_tally import Count, Tally


def unfinished(scene: Scene, last_words: str) -> list[str]:
    """Return how far the first load came, and the daemon's last words if there is reason to read them."""
    stood = f"{scene.right:,} of {scene.wanted:,} listings in the shop were right"
    line = f"The first load was not finished: {stood}. Nothing was changed in Unleashed yet."
    return [line, "The last words of syncd:", last_words] if last_words else [line]


def summary(scene: Scene, failures: Sequence[str]) -> list[str]:
    """Return what happened, in lines for a person; `failures` are sentences."""
    tally = scene.tally
    seconds = tally.stage.clock.monotonic() - scene.started
    follow, stay = tally.counts(follows=True), tally.counts(follows=False)
    lines = [f"Summary after {seconds:.0f} s", f"  {load_line(tally)}"]
    lines += _table("Changed in Unleashed, to arrive in the shop", "arrived", follow)
    lines += _table("Changed in Unleashed, to be kept from the shop", "held", stay)
    sentences = (_delays(tally), _calls(tally), WHY_HELD if stay else "")
    lines += [f"  {sentence}" for sentence in sentences if sentence]
    return ["", *lines, "", *_verdict(tally, failures)]


def _delays(tally: Tally) -> str:
    delays = tally.delays()
    if delays is None:
        return ""
    middle, worst = delays
    return (
        f"From Unleashed to the shop: half within {middle:.1f} s (median), the slowest after {worst:.1f} s."
    )


def _calls(tally: Tally) -> str:
    (unleashed, shop), runs = tally.calls(), max(tally.runs(), 1)
    of_unleashed = f"{unleashed} to Unleashed ({unleashed / runs:.1f} a run)"
    of_shop = f"{shop} to the shop ({shop / runs:.1f} a run)"
    refused = f"{sum(tally.errors())} refused or lost"
    return f"Calls in {runs} runs since the first load: {of_unleashed}, {of_shop}; {refused}."


def _table(title: str, done: str, counts: Sequence[Count]) -> list[str]:
    if not counts:
        return []
    rows = [f"    {each.kind.label:<56}{each.made:>6}{each.as_wanted:>9}" for each in counts]
    return [f"  {title:<58}{'made':>6}{done:>9}", *rows]


def _verdict(tally: Tally, failures: Sequence[str]) -> list[str]:
    if failures:
        return ["Not everything is as it should be:", *(f"  {sentence}" for sentence in failures)]
    compared = len(tally.stage.unleashed.books.products())
    return [f"Every change arrived, and all {compared:,} products compared at the end are as they should be."]

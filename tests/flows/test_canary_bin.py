"""A canary in the bin stops a run also where a store shows its bin to whoever asks for a code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from syncd.app.recent import JOB
from syncd.core.model import Content, ListingStatus, Shown
from syncd.flows.push.canary import watch_canary
from syncd.jobs import Attempt, Report, Result, attempt_step
from syncd.stores.memory import MemoryStore
from tests.flows.conftest import NewWorld
from tests.world import World


class OpenBin(MemoryStore):
    """A store that breaks one law of the protocol: it shows binned records by code, too."""

    def look(self, refs: Sequence[str] = (), codes: Sequence[str] = ()) -> Mapping[str, Shown]:
        """Return what `MemoryStore.look` does, and what lies in the bin."""
        binned = {
            record.code: Shown(ref, record.code, record.content)
            for ref, record in self.records.items()
            if record.code in codes
        }
        return binned | dict(super().look(refs, codes))


def watched(world: World, status: ListingStatus) -> Report:
    """Return how a run ends that looks for the canary in such a store, where it has this status."""
    store = OpenBin()
    store.add("P0007", Content("The canary", status=status))
    with world.process() as app:

        def work(attempt: Attempt) -> Result:
            watch_canary(replace(app.push(attempt, JOB), store=store))
            return Result()

        return attempt_step(app.bench, app.push_step(JOB, "shop"), work)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(ListingStatus.LIVE, "done"), (ListingStatus.HIDDEN, "done"), (ListingStatus.TRASH, "failed")],
)
def test_a_canary_in_the_bin_is_missing(new_world: NewWorld, status: ListingStatus, outcome: str) -> None:
    """Hidden is still there; in the bin is not, and the run stops with a sentence."""
    world = new_world(store_keys='canary = "P0007"')
    world.books.add_warehouse("W1", default=True)
    world.books.add_product("P0007", "The canary", 10)
    world.recent()
    report = watched(world, status)
    assert report.outcome == outcome
    missing = "The canary P0007 of store shop is not found in the store: nothing was written."
    assert report.error == (missing if outcome == "failed" else None)

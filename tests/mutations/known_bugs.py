"""Ten bugs that a synchronisation like this one is known to have, as exact changes to our own text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """One change: `text` must stand exactly once in the file, else the bug is no longer the one meant."""

    file: str
    text: str
    instead: str


@dataclass(frozen=True, slots=True)
class Bug:
    """One known bug, and the tests of which at least one must fail with it."""

    name: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]


_PASSES = "syncd/flows/pull/passes.py"

KNOWN_BUGS = (
    Bug(
        "watermark from the own clock",
        (
            Edit(
                _PASSES,
                "watermark=watermark.completed(before.watermark, state.newest, took),",
                "watermark=ended - took,",
            ),
        ),
        (
            "tests/flows/test_pull.py::test_the_watermark_is_the_newest_stamp_received",
            "tests/flows/test_pull.py::test_no_change_is_lost_to_a_wrong_clock",
        ),
    ),
    Bug(
        "no overlap",
        (
            Edit("syncd/core/watermark.py", "return watermark - overlap", "return watermark"),
            Edit(
                "syncd/core/watermark.py",
                "return min(watermark, last_pass) - overlap",
                "return watermark",
            ),
        ),
        ("tests/flows/test_pull.py::test_a_late_commit_within_the_overlap_arrives",),
    ),
    Bug(
        "watermark moved on a partial pass",
        (
            Edit(
                _PASSES,
                "    _save(conn, pull, this, passes.again(state, why) if why else state)\n",
                "    this.before = replace(this.before, watermark=state.newest, started_at=state.window_at)\n"
                "    progress.save_progress(conn, pull.account.id, this.before)\n"
                "    _save(conn, pull, this, passes.again(state, why) if why else state)\n",
            ),
        ),
        ("tests/flows/test_pull.py::test_a_pass_that_breaks_off_leaves_the_watermark",),
    ),
    Bug(
        "offset paging without proof",
        (
            Edit(_PASSES, "return passes.unproven(state, distinct), distinct", 'return "", distinct'),
            Edit("syncd/core/passes.py", "differs = _difference(state, page)", 'differs = ""'),
        ),
        (
            "tests/flows/test_pull.py::test_rows_that_move_between_pages_are_not_lost",
            "tests/flows/test_pull.py::test_a_list_that_never_holds_still_is_not_believed",
            "tests/flows/test_sweep.py::test_only_the_unproven_range_is_read_again",
        ),
    ),
    Bug(
        "a swallowed row",
        (
            Edit(
                "syncd/flows/pull/feeds.py",
                "        parked.park(conn, pull.account.id, feed.key, page.poison, page.requested_at)\n",
                "        pass\n",
            ),
        ),
        ("tests/flows/test_poison.py::test_a_poisoned_product_costs_only_itself",),
    ),
    Bug(
        "the purse in memory",
        (
            Edit(
                "syncd/state/ledger.py",
                'values: dict[str, Any] = {"subject": self.purse, "many": many}',
                'values: dict[str, Any] = {"subject": f"{self.purse} {id(self)}", "many": many}',
            ),
        ),
        (
            "tests/state/test_ledger.py::test_counts_survive_a_restart",
            "tests/flows/test_purse.py::test_a_spent_purse_pauses_the_pull",
        ),
    ),
    Bug(
        "deleted because a list has a gap",
        (
            Edit(
                "syncd/flows/pull/vanished.py",
                "    ask_singly(pull, missing, singles, in_lists=in_lists)\n",
                "    with pull.db.write() as conn:\n"
                "        for guid in guids:\n"
                "            mirror.mark_gone(conn, pull.account.id, guid, pull.clock.now())\n",
            ),
        ),
        (
            "tests/flows/test_vanished.py::test_a_product_that_only_answers_alone_is_kept",
            "tests/flows/test_vanished.py::test_many_that_vanish_are_asked_for_over_several_sweeps",
        ),
    ),
    Bug(
        "debited after the send",
        (
            Edit(
                "syncd/http.py", "            permit = self._permit()\n", "            permit = Permit(0)\n"
            ),
            Edit(
                "syncd/http.py",
                '            ending = "answered"\n',
                '            permit = self.meter.ask()\n            ending = "answered"\n',
            ),
        ),
        ("tests/flows/test_purse.py::test_a_spent_purse_pauses_the_pull",),
    ),
    Bug(
        "the reserve ignored",
        (
            Edit(
                "syncd/state/ledger.py",
                "return budget.reserve(self.purpose, self.needs, limit.calls, limit.per, left)",
                "return 0 * len(repr(left))",
            ),
        ),
        ("tests/state/test_ledger_pools.py::test_a_lower_rank_leaves_what_higher_ones_need",),
    ),
    Bug(
        "success on a truncated answer",
        (Edit("syncd/unleashed/paging.py", "    if count != expected:\n", "    if count > expected:\n"),),
        (
            "tests/unleashed/test_unleashed_paging.py::test_withheld_row",
            "tests/unleashed/test_unleashed_paging.py::test_contradiction_is_read_again_once",
            "tests/flows/test_trust.py::test_a_page_shorter_than_its_own_count_is_refused",
        ),
    ),
)

"""A job is a name, an interval and its steps; a step is one half at work for one account or store."""

from __future__ import annotations

from syncd.jobs.run import attempt_step, claim, failure, run_step
from syncd.jobs.steps import Attempt, Bench, Draining, Report, Result, Step, Work
from syncd.jobs.submit import LocalSubmit, Submit

__all__ = [
    "Attempt",
    "Bench",
    "Draining",
    "LocalSubmit",
    "Report",
    "Result",
    "Step",
    "Submit",
    "Work",
    "attempt_step",
    "claim",
    "failure",
    "run_step",
]

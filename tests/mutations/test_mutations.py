"""The known bugs can still be put back: our own text has not moved from under them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.mutations.__main__ import ROOT, put_back
from tests.mutations.known_bugs import KNOWN_BUGS, Bug


@pytest.mark.parametrize("bug", KNOWN_BUGS, ids=lambda bug: bug.name)
def test_each_known_bug_can_be_put_back(tmp_path: Path, bug: Bug) -> None:
    """The text that it changes stands exactly once in our code, and the change is a program still."""
    for name in {edit.file for edit in bug.edits}:
        copy = tmp_path / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    before = put_back(tmp_path, bug)
    for file, text in before.items():
        assert file.read_text(encoding="utf-8") != text
        ast.parse(file.read_text(encoding="utf-8"))


def test_the_tests_that_must_find_them_exist() -> None:
    """Each bug names tests that are there, and the ten bugs have ten names."""
    named = [test.partition("::") for bug in KNOWN_BUGS for test in bug.tests]
    gone = [
        f"{file}::{test}"
        for file, _, test in named
        if f"def {test}(" not in (ROOT / file).read_text(encoding="utf-8")
    ]
    assert gone == []
    assert len({bug.name for bug in KNOWN_BUGS}) == 10

"""Each promise in the documentation names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def named_tests() -> list[tuple[str, str]]:
    """Return (file, test) for everything that docs/promises.md names; "" for a whole file."""
    found: list[tuple[str, str]] = []
    file = ""
    for path, test in re.findall(r"`([\w/.]*)(?:::(\w+))?`", (ROOT / "docs/promises.md").read_text()):
        file = path or file
        if file.startswith("tests/"):
            found.append((file, test))
    return found


def test_every_promise_names_a_test_that_exists() -> None:
    """A promise whose test was renamed or removed is found out."""
    named = named_tests()
    assert len(named) > 30
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not (ROOT / file).exists() or (test and f"def {test}(" not in (ROOT / file).read_text())
    ]
    assert missing == []

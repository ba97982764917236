"""`python -m tests.mutations`: put each known bug back in a copy of the tree, and see who finds it."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.mutations.known_bugs import KNOWN_BUGS, Bug

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("syncd", "tests", "migrations", "docs", "bench", "pyproject.toml", "syncd.example.toml")
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*_cache", ".hypothesis")
TOO_LONG = 600


def main(arguments: Sequence[str] | None = None) -> int:
    """Print for each bug who found it. Returns 1 if one was found by nobody, or if sound code fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("bugs", nargs="*", help="only those whose name holds one of these texts")
    parser.add_argument("--unchecked", action="store_true", help="do not first see that sound code passes")
    given = parser.parse_args(arguments)
    chosen = [bug for bug in KNOWN_BUGS if not given.bugs or any(text in bug.name for text in given.bugs)]
    with tempfile.TemporaryDirectory(prefix="syncd-mutations-") as name:
        tree = copied(Path(name))
        if not given.unchecked and (failed := _sound(tree, chosen)):
            _say(f"Without any bug put back, this fails already: {failed}")
            return 1
        survivors = [bug.name for bug in chosen if not _found(tree, bug)]
    _say(f"{len(chosen) - len(survivors)} of {len(chosen)} were caught.")
    return 1 if survivors else 0


def copied(folder: Path) -> Path:
    """Copy what the tests need of the tree into the folder, and return it."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=LEFT_OUT)
        else:
            shutil.copy(source, folder / name)
    return folder


def put_back(tree: Path, bug: Bug) -> dict[Path, str]:
    """Put the bug into the tree; return what the files were. Raises LookupError where our text has moved."""
    before: dict[Path, str] = {}
    for edit in bug.edits:
        file = tree / edit.file
        text = file.read_text(encoding="utf-8")
        before.setdefault(file, text)
        if text.count(edit.text) != 1:
            raise LookupError(f"{bug.name}: {edit.file} holds {text.count(edit.text)} times: {edit.text}")
        file.write_text(text.replace(edit.text, edit.instead), encoding="utf-8")
    return before


def _sound(tree: Path, bugs: Sequence[Bug]) -> str:
    return _first_failure(tree, tuple(dict.fromkeys(test for bug in bugs for test in bug.tests)))


def _found(tree: Path, bug: Bug) -> bool:
    before = put_back(tree, bug)
    try:
        failed = _first_failure(tree, bug.tests)
    finally:
        for file, text in before.items():
            file.write_text(text, encoding="utf-8")
    _say(f"{'caught     ' if failed else 'NOT CAUGHT '} {bug.name}{f'  ({failed})' if failed else ''}")
    return bool(failed)


def _first_failure(tree: Path, tests: Sequence[str]) -> str:
    """Return the first test that fails, "" if none does. Those on PostgreSQL are left out, for speed."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", "not postgresql"]
    done = subprocess.run(
        [*command, *tests],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=TOO_LONG,
    )
    if done.returncode == 0:
        return ""
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"pytest did not come to a verdict:\n{done.stdout}{done.stderr}")
    return found[1]


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

"""The files of the checkout that people wrote, without what tools leave behind."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
FOLDERS = ("bench", "docs", "migrations", "syncd", "tests", ".ci")
LEFT_BEHIND = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "node_modules"}
MADE = re.compile(r"\.coverage|syncd\.toml$|.*\.db(-wal|-shm)?$")
PICTURES = {".png", ".svg", ".ico", ".woff", ".woff2"}


def files() -> Iterator[Path]:
    """Yield every file of the project."""
    yield from (path for path in sorted(ROOT.iterdir()) if path.is_file() and not MADE.match(path.name))
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and not LEFT_BEHIND & set(path.relative_to(ROOT).parts):
                yield path


def texts() -> Iterator[tuple[str, str]]:
    """Yield name and text of every file that is text."""
    for path in files():
        if path.suffix not in PICTURES and path.suffix != ".pyc":
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8", errors="replace")


def modules(folder: str) -> Iterator[tuple[str, str]]:
    """Yield name and text of every Python module below a folder."""
    return ((name, text) for name, text in texts() if name.startswith(f"{folder}/") and name.endswith(".py"))

"""Bring together what was written in the file and in the environment, before anybody judges it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from syncd.errors import ConfigurationError, UsageError

PREFIX = "SYNCD_"

Tree = dict[str, Any]


@dataclass(slots=True)
class Written:
    """Everything that was written, unjudged. `origins` tells which key came from which variable."""

    tree: Tree
    origins: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def find(path: Path | None, env: Mapping[str, str]) -> Path:
    """Return the file to read: the one named, else SYNCD_CONFIG's, else `syncd.toml` here.

    Raises UsageError when it does not exist.
    """
    place = path or Path(env.get("SYNCD_CONFIG") or "syncd.toml")
    if not place.exists():
        raise UsageError(
            f"There is no configuration file {place}.",
            "Make one with `syncd init`, or name another with --config or SYNCD_CONFIG.",
        )
    return place


def read_toml(place: Path) -> Tree:
    """Read the file; numbers with a point stay exact decimals.

    Raises ConfigurationError with line and column where it is not TOML, UsageError where it is unreadable.
    """
    try:
        return tomllib.loads(place.read_bytes().decode("utf-8"), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        what, _, where = str(error).rstrip(")").partition(" (at ")
        raise ConfigurationError([f"{place}, {where or 'end of document'}: {what}."]) from None
    except UnicodeDecodeError as error:
        line = place.read_bytes()[: error.start].count(b"\n") + 1
        raise ConfigurationError([f"{place}, line {line}: this is not UTF-8 text."]) from None
    except OSError as error:
        raise UsageError(
            f"The configuration file {place} cannot be read ({error.strerror}).",
            "Give the user that runs syncd the right to read it.",
        ) from None


def overlay(
    written: Written, env: Mapping[str, str], sections: Collection[str], verbatim: Collection[str]
) -> None:
    """Put the environment's keys over the file's. `verbatim` are the keys whose text is never taken apart.

    SYNCD_STORE__SHOP__BASE_URL is store.shop.base_url, in any case of letters; an empty variable counts as
    not set. A list or table is written as in TOML. A secret from the environment replaces the file's in
    either form.
    """
    for name, text in sorted(env.items()):
        if not name.upper().startswith(PREFIX) or not text:
            continue
        words = re.split("__(?!_)", name[len(PREFIX) :].lower())
        if len(words) == 1 or words[0] not in sections:
            written.problems.extend(_misspelled(name, words, sections))
            continue
        bare = words[-1].removesuffix("_file")
        value = text if bare in verbatim else _taken_apart(text)
        _put(written, words, value, {bare, f"{bare}_file"} if bare in verbatim else set())
        written.origins[".".join(words)] = name


def _misspelled(name: str, words: list[str], sections: Collection[str]) -> Iterator[str]:
    """Say so when a variable looks like a key but is none; others may belong to somebody else."""
    if len(words) > 1:
        close = get_close_matches(words[0], sections, 1)
        hint = f"; did you mean {PREFIX}{close[0].upper()}__{'__'.join(words[1:]).upper()}?" if close else "."
        yield f"{name}: there is no section {words[0]!r}{hint}"
        return
    section = next((each for each in sections if words[0].startswith(f"{each}_")), None)
    if section:
        rest = words[0].removeprefix(f"{section}_").upper()
        meant = f"{PREFIX}{section.upper()}__{rest}"
        yield f"{name}: sections are separated by two underscores; did you mean {meant}?"


def _taken_apart(text: str) -> Any:
    if text.lstrip()[:1] not in ("[", "{"):
        return text
    try:
        return tomllib.loads(f"value = {text}", parse_float=Decimal)["value"]
    except tomllib.TOMLDecodeError:
        return text


def _put(written: Written, words: list[str], value: Any, instead_of: set[str]) -> None:
    """Set one key. Of a secret's two forms the file's goes, and the environment's other one stays."""
    branch = written.tree
    for word in words[:-1]:
        if not isinstance(branch.get(word), dict):
            branch[word] = {}
        branch = branch[word]
    for other in instead_of:
        if ".".join([*words[:-1], other]) not in written.origins:
            branch.pop(other, None)
    branch[words[-1]] = value


def rename(written: Written, renamed: Mapping[str, str]) -> None:
    """Move keys from their old names to their new ones and note it.

    `*` stands for any account's or store's name, in the same places of both names.
    """
    for old, new in renamed.items():
        for branch, path in list(_branches(written.tree, old.split(".")[:-1], [])):
            before, after = old.split(".")[-1], new.split(".")[-1]
            if before not in branch:
                continue
            where = ".".join([*path, before])
            if after in branch:
                written.problems.append(
                    f"{where}: is the old name of {after}, which is given as well; remove it."
                )
            branch.setdefault(after, branch.pop(before))
            written.notices.append(f"{where} is now called {after}; please rename it.")


def _branches(tree: Any, pattern: list[str], path: list[str]) -> Iterator[tuple[Tree, list[str]]]:
    if not isinstance(tree, dict):
        return
    if not pattern:
        yield tree, path
        return
    for word in tree if pattern[0] == "*" else (pattern[0],):
        yield from _branches(tree.get(word), pattern[1:], [*path, word])

"""The house rules that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.house_tree import BIN, ROOT, modules, texts

MODULES = dict(modules("syncd"))
TESTS = {name: text for name, text in modules("tests") if "/test_" in name}


def claims(text: str) -> Iterator[ast.FunctionDef]:
    """Yield every test function of a module."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


def test_no_module_is_longer_than_400_lines() -> None:
    """A module that passes the ceiling has a second idea in it."""
    assert {name: lines for name, text in MODULES.items() if (lines := text.count("\n")) > 400} == {}


def test_no_room_is_called_after_nothing() -> None:
    """A module says what it is for; these names say that nobody knew."""
    empty = re.compile(r"(^|/|_)(utils?|helpers?|managers?|services|common|misc)(_|\.|/|$)")
    assert [name for name in (*MODULES, *TESTS) if empty.search(name)] == []


def test_every_module_says_what_it_is_for() -> None:
    """The first line of a module is a sentence."""
    silent = [
        name
        for name, text in (*MODULES.items(), *TESTS.items())
        if not (ast.get_docstring(ast.parse(text)) or "").splitlines()[:1]
        or not (ast.get_docstring(ast.parse(text)) or "").splitlines()[0].endswith((".", "?", "!"))
    ]
    assert silent == []


def test_every_test_is_one_sentence() -> None:
    """Each test says in its docstring which behaviour it holds."""
    silent = [
        f"{name}: {test.name}"
        for name, text in TESTS.items()
        for test in claims(text)
        if not ast.get_docstring(test)
    ]
    assert silent == []


def test_every_test_can_fail() -> None:
    """Each test asserts, expects an exception, or hands over to a function that does."""
    judges = re.compile(r"assert|raises|check|expect|verify|holds|prove|must")
    idle = [
        f"{name}: {test.name}"
        for name, text in TESTS.items()
        for test in claims(text)
        if not any(judges.search(ast.unparse(node)) for node in test.body[1:])
    ]
    assert idle == []


def test_nothing_is_put_off() -> None:
    """No stubs, no notes to do it later, no tests that are left out."""
    later = re.compile("NotImplemented[E]rror|TO[D]O|FIX[M]E|pragma[:] no cover|mark[.](skip|xfail)")
    assert [name for name, text in (*MODULES.items(), *TESTS.items()) if later.search(text)] == []


def test_no_test_replaces_our_own_parts() -> None:
    """Neighbours are real in the tests; only the network is an emulator."""
    mocks = re.compile(r"unittest\.mock|MagicMock|mocker\b|monkeypatch\.setattr\(\s*[\"']?syncd")
    assert [
        name
        for name, text in TESTS.items()
        if name != "tests/house/test_house_rules.py" and mocks.search(text)
    ] == []


def test_no_registry_address_and_no_machine_path() -> None:
    """What is true on one machine only does not belong in the project."""
    registry = re.compile(r"https?://[^ \"'`]*(pypi|pythonhosted|npmj|debian)[^ \"'`]*")
    machine = re.compile(r"(?m)(^|[\s\"'=(:])/(work|farm|home/[a-z]+|root|Users/[a-z]+)/[A-Za-z.]")
    found = {name for name, text in texts() if registry.search(text) or machine.search(text)}
    assert found == set()


def test_no_requirement_comes_without_a_hash() -> None:
    """Every line of the pinned requirements is an exact version with its hashes."""
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-build.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        pins = re.findall(r"(?m)^[A-Za-z0-9](?:[^\n]*\\\n)*[^\n]*", text)
        assert pins, name
        assert [pin for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == [], name


@pytest.mark.parametrize(
    ("imports", "call"),
    [
        ("from datetime import datetime", "datetime.now()"),
        ("from datetime import UTC, datetime", "datetime.now(UTC)"),
        ("import datetime", "datetime.datetime.utcnow()"),
        ("from datetime import date", "date.today()"),
        ("import time", "time.time()"),
        ("import time", "time.monotonic()"),
        ("import time", "time.sleep(1)"),
        ("from time import sleep", "sleep(1)"),
        ("import uuid", "uuid.uuid4()"),
        ("from uuid import uuid1", "uuid1()"),
        ("import random", "random.random()"),
    ],
)
def test_only_the_injected_clock_and_dice_are_asked(imports: str, call: str) -> None:
    """The linter refuses each way to ask the machine for the time, a nap, or a random thing."""
    planted = f'"""Ask the machine."""\n\n{imports}\n\nanswer = {call}\n'
    ruff: list[str | Path] = [
        BIN / "ruff",
        "check",
        "--no-cache",
        "--output-format=concise",
        "--stdin-filename=syncd/flows/planted.py",
        "-",
    ]
    found = subprocess.run(ruff, input=planted, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "TID251" in found.stdout


def test_the_machine_is_asked_in_few_places() -> None:
    """Whoever switches that rule off is listed here, with the reason beside it in the code."""
    switch = re.compile("noqa: .*TID[2]51")
    assert [name for name, text in MODULES.items() if switch.search(text)] == ["syncd/clock.py"]


def test_the_change_log_is_kept() -> None:
    """There is a change log, and it speaks of the version that is being built."""
    version = re.search(r'(?m)^version = "(.+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert version
    assert version[1] in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

"""What the README tells people to type exists."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.house.house_tree import ROOT


def console_commands() -> list[list[str]]:
    """Return the commands of every block marked `console` in the README, as words and in their order."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    lines = [
        line.partition("#")[0].removeprefix("$ ").split() for block in blocks for line in block.splitlines()
    ]
    return [words for words in lines if words]


def test_the_readme_begins_with_what_everybody_can_type() -> None:
    """The first commands to copy are the demonstration and the tests."""
    assert console_commands()[:2] == [["make", "demo"], ["make", "test"]]


def test_every_target_in_the_readme_exists() -> None:
    """A `make` command in the README names a target of the Makefile."""
    targets = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    assert {words[1] for words in console_commands() if words[0] == "make"} <= targets


def test_every_command_in_the_readme_exists() -> None:
    """A `syncd` command in the README is one that the program has."""
    for noun in sorted({words[1] for words in console_commands() if words[0] == "syncd"}):
        asked = [sys.executable, "-m", "syncd", noun, "--help"]
        assert subprocess.run(asked, cwd=ROOT, capture_output=True, check=False).returncode == 0, noun

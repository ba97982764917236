"""What is shipped can be built, and is what it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house.house_tree import BIN, ROOT

IN_CI = os.environ.get("CI") == "true"


def run(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None) -> str:
    """Run a tool and return what it said. Fails with its output when it fails."""
    ran = subprocess.run(
        command, cwd=cwd, env={**os.environ, **(env or {})}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_the_wheel_carries_the_migrations(tmp_path: Path) -> None:
    """The wheel holds the program, its type marker, its licence, and the migrations inside the package."""
    shutil.copytree(
        ROOT / "syncd", tmp_path / "syncd", ignore=shutil.ignore_patterns("__pycache__", ".*_cache")
    )
    shutil.copytree(
        ROOT / "migrations", tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", cwd=tmp_path)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "syncd/py.typed" in names
    assert "syncd/alerts/templates/alert.html" in names
    assert [name for name in names if name.startswith("syncd/_migrations/") and name.endswith(".py")]
    assert [name for name in names if name.endswith("licenses/LICENSE")]
    assert [name for name in names if name.startswith(("tests/", "migrations/"))] == []


def test_the_dockerfile_is_clean() -> None:
    """hadolint has nothing to say about the Dockerfile."""
    assert run(BIN / "hadolint", "Dockerfile") == ""


def test_the_image_is_frugal_with_rights() -> None:
    """The container runs as an unprivileged user, stops on SIGTERM and knows whether it is well."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    last = text.rpartition("FROM ")[2]
    assert "USER 10001:10001" in last
    assert "STOPSIGNAL SIGTERM" in last
    assert re.search(r'HEALTHCHECK .* CMD \["syncd", "health"\]', last)
    assert "--require-hashes" in text
    assert not re.search(r"(?m)^VOLUME", text)


def test_compose_is_valid() -> None:
    """docker-compose accepts the file; required where CI is set, and looked at where the tool is there."""
    tool = shutil.which("docker-compose")
    assert tool or not IN_CI, "CI must have docker-compose: .ci/run installs it"
    shown = run(tool, "config") if tool else (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert "postgres:17" in shown
    assert "ports:" not in shown
    assert re.search(r"read_only: true", shown)
    assert shown.count("stop_grace_period:") == 2


@pytest.mark.parametrize("target", ["demo", "test", "check", "docs", "requirements"])
def test_make_knows_its_targets(target: str) -> None:
    """Every target that people are told about can be planned."""
    assert run("make", "--dry-run", target, env={"MAKEFLAGS": ""})


def test_an_old_python_is_answered_with_a_sentence(tmp_path: Path) -> None:
    """Too old a Python is named, together with how to use another one."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements-dev.txt", "pyproject.toml"):
        (tmp_path / name).touch()
    old = tmp_path / "python2"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    ran = subprocess.run(
        ["make", "demo", f"PYTHON={old}"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2
    assert "syncd needs Python 3.11 or newer" in ran.stderr
    assert "make demo PYTHON=python3.13" in ran.stderr
    assert not (tmp_path / ".venv").exists()

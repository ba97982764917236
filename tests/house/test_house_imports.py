"""Imports go one way: every contract is seen to catch the breach it is there for."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.house.house_tree import BIN, ROOT

CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}
ROOMS = (
    "cli",
    "daemon",
    "web",
    "app",
    "jobs",
    "alerts",
    "flows.pull",
    "flows.push",
    "flows.intake",
    "flows.post",
)
STORES = ("stores.woocommerce", "stores.memory")


@dataclass(frozen=True)
class Breach:
    """An import that a contract must refuse: `module` imports `imported`."""

    contract: str
    module: str
    imported: str


BREACHES = (
    Breach("one-way", "state.planted", "syncd.flows.status"),
    Breach("one-way", "http", "syncd.state"),
    Breach("one-way", "core.planted", "syncd.config"),
    Breach("one-way", "stores.planted", "syncd.unleashed"),
    Breach("core-is-pure", "core.planted", "socket"),
    Breach("core-is-pure", "core.planted", "structlog"),
    Breach("halves-are-strangers", "flows.push", "syncd.flows.pull"),
    Breach("halves-are-strangers", "flows.intake", "syncd.flows.post"),
    Breach("store-halves", "flows.push", "syncd.unleashed"),
    Breach("store-halves", "flows.intake", "syncd.unleashed"),
    Breach("unleashed-halves", "flows.pull", "syncd.stores"),
    Breach("unleashed-halves", "flows.post", "syncd.stores"),
    Breach("flows-know-the-protocol", "flows.planted", "syncd.stores.woocommerce"),
    Breach("app-opens-stores", "jobs", "syncd.stores.woocommerce"),
    Breach("app-opens-stores", "stores.memory", "syncd.stores.woocommerce"),
    Breach("sql-in-state", "flows.planted", "sqlalchemy"),
    Breach("sql-in-state", "web.planted", "alembic"),
    Breach("httpx-at-the-door", "unleashed.planted", "httpx"),
    Breach("alarm-clock", "jobs", "apscheduler"),
    Breach("emulator-stands-alone", "emulator.planted", "syncd.errors"),
    Breach("emulator-behind-cli", "app", "syncd.emulator"),
)


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Plant every breach in one copy of the house and return what each contract says about it."""
    house = tmp_path_factory.mktemp("house")
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache")
    shutil.copytree(ROOT / "syncd", house / "syncd", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", house)
    for room in (*ROOMS, *STORES):
        place(house, room)
    for breach in BREACHES:
        with place(house, breach.module).open("a") as file:
            file.write(f"\nimport {breach.imported}\n")
    place(house, "flows.status")
    (house / "syncd" / "stray.py").write_text('"""A room without a place."""\n')
    return judged(house)


def place(house: Path, module: str) -> Path:
    """Return the file of a module in the copy, and build it where it does not stand yet."""
    path = house.joinpath("syncd", *module.split("."))
    if (path / "__init__.py").exists():
        return path / "__init__.py"
    file = path.with_suffix(".py")
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        (file.parent / "__init__.py").touch()
        file.write_text('"""Planted."""\n')
    return file


def judged(house: Path) -> dict[str, str]:
    """Return what import-linter reports, by the id of the contract."""
    ran = subprocess.run(
        [BIN / "lint-imports", "--no-cache", "--config", "pyproject.toml"],
        cwd=house,
        env={**os.environ, "PYTHONPATH": str(house), "COLUMNS": "400", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    report = ran.stdout.partition("Broken contracts")[2]
    heads = {name: id for id, name in CONTRACTS.items()}
    parts = re.split("(?m)^(" + "|".join(map(re.escape, heads)) + r")\n-+\n", report)
    assert len(parts) > 1, ran.stdout + ran.stderr
    return {heads[name]: text for name, text in zip(parts[1::2], parts[2::2], strict=True)}


@pytest.mark.parametrize("breach", BREACHES, ids=lambda breach: f"{breach.contract}: {breach.module}")
def test_a_planted_breach_is_caught(verdicts: dict[str, str], breach: Breach) -> None:
    """The contract that is there for this import refuses it, and names it."""
    said = " ".join(verdicts.get(breach.contract, "").split())
    assert re.search(rf"syncd\.{re.escape(breach.module)} -> {re.escape(breach.imported)}\b", said), said


def test_every_contract_is_seen_to_work() -> None:
    """There is no contract without a planted breach."""
    assert {breach.contract for breach in BREACHES} == set(CONTRACTS)


def test_a_room_without_a_place_is_refused(verdicts: dict[str, str]) -> None:
    """A new module must be given its place in the order before anybody may use it."""
    assert "stray" in verdicts["one-way"]


def test_the_order_is_the_designs() -> None:
    """The layers are those of the design, from the commands down to the errors."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = " → ".join(next(each for each in contracts if each["id"] == "one-way")["layers"])
    assert layers.replace("(", "").replace(")", "") == (
        "__main__ → cli → daemon → web → app → jobs → flows → unleashed | stores | state | alerts → "
        "http | log → config → clock → core → errors"
    )

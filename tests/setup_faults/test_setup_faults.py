"""Many ways to set syncd up wrong: `check` and `match` name nearly all, and cry no wolf."""

from __future__ import annotations

import io
import shutil
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from syncd import log
from syncd.app import decide
from syncd.app.check import check
from syncd.cli.match import rows
from tests.setup_faults.generate import EACH, KINDS, faults_text
from tests.setup_faults.worlds import clean_world, lay
from tests.world import World

DATA = Path(__file__).with_name("faults.toml")
NAMED = 0.95
"""This share of the faults must be named."""
ALARMS = 2
"""So many lines at most may warn of something in twenty worlds without a fault."""
EXPECTED = ("mail", "no limit of API calls")
"""What a set-up without mail and limits is rightly told."""
ALARMING = {"duplicate", "near miss", "unsettled", "without a code"}
"""Kinds of lines of `match` that are there only where something is wrong."""


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Keep the log out of the way."""
    log.configure("critical", "text", io.StringIO())
    yield
    structlog.reset_defaults()


def say(line: str) -> None:
    """Print a figure; pytest shows it with -s, or when the test fails."""
    sys.stdout.write(line + "\n")


def told(world: World) -> tuple[list[str], list[str]]:
    """Return the warnings and problems of `check`, before or after a `match`, and the lines of that."""
    with world.process() as app:
        first = check(app).findings
        found, _ = decide.match(app, "shop")
        lines = [" ".join(row) for row in rows(found)] if found else []
        bad = dict.fromkeys(each for each in (*first, *check(app).findings) if each.level != "ok")
    return [f"{each.about}: {each.what} {each.do}" for each in bad], lines


def names(fault: dict[str, Any], lines: list[str]) -> bool:
    """Tell whether one line holds all the words that name the fault."""
    return any(all(word in line for word in fault["expect"]) for line in lines)


def missed(fault: dict[str, Any], folder: Path) -> str:
    """Lay the fault into a fresh world; return "" if it is named, else what was said instead."""
    world = clean_world(folder, fault["world"])
    try:
        lay(world, fault.get("lay", {}))
        world.recent()
        lay(world, fault.get("later", {}))
        findings, lines = told(world)
    finally:
        world.close()
    return "" if names(fault, findings + lines) else f"{fault['broken']}: {findings}"


def alarms(world: World) -> list[str]:
    """Return the lines that warn of something in a world without a fault."""
    findings, lines = told(world)
    wolves = [each for each in findings if not any(word in each for word in EXPECTED)]
    return wolves + [line for line in lines if any(line.startswith(kind) for kind in ALARMING)]


def fresh(tmp_path: Path, migrated: Path, name: str) -> Path:
    """Return a folder with an empty database."""
    folder = tmp_path / name
    folder.mkdir()
    shutil.copy(migrated, folder / "syncd.db")
    return folder


def test_the_data_is_what_the_seed_makes() -> None:
    """The file holds ten faults of each of twelve kinds, exactly as the generator makes them."""
    text = DATA.read_text(encoding="utf-8")
    faults = tomllib.loads(text)["fault"]
    assert text == faults_text()
    assert Counter(fault["kind"] for fault in faults) == dict.fromkeys(KINDS, EACH)
    assert len(KINDS) == 12
    assert len({(fault["world"], fault["broken"]) for fault in faults}) == 120


def test_nearly_every_fault_is_named(tmp_path: Path, migrated_file: Path) -> None:
    """Of all faults, each alone in a fresh world, `check` and `match` name at least 95 %."""
    faults = tomllib.loads(DATA.read_text(encoding="utf-8"))["fault"]
    unseen = [
        (fault["kind"], why)
        for number, fault in enumerate(faults)
        if (why := missed(fault, fresh(tmp_path, migrated_file, str(number))))
    ]
    say(f"{len(faults) - len(unseen)} of {len(faults)} set-up faults are named")
    for kind, why in unseen:
        say(f"  missed, {kind}: {why}")
    assert len(faults) - len(unseen) >= NAMED * len(faults)


def test_no_fault_is_named_where_there_is_none(tmp_path: Path, migrated_file: Path) -> None:
    """The words that name a fault are not said anyway: every fifth world, without its fault, lacks them."""
    faults = tomllib.loads(DATA.read_text(encoding="utf-8"))["fault"]
    for number, fault in enumerate(faults[2::5]):
        world = clean_world(fresh(tmp_path, migrated_file, str(number)), fault["world"])
        world.recent()
        findings, lines = told(world)
        world.close()
        assert not names(fault, findings + lines), fault["broken"]


CLEAN = (
    "",
    'warehouses = ["W1"]',
    "price_tier = 1",
    'price_tier = "Trade"\nbuffer = 1',
    'fields = ["stock"]',
    "create = true",
)


def test_a_good_set_up_is_told_so(tmp_path: Path, migrated_file: Path) -> None:
    """Twenty worlds without a fault, whose sides differ as they do in life: two alarms at most."""
    heard: list[str] = []
    for seed in range(200, 220):
        world = clean_world(fresh(tmp_path, migrated_file, str(seed)), seed, CLEAN[seed % len(CLEAN)])
        lived_in(world, taxed=seed % 4 == 0, orders=seed % 3 == 0)
        world.recent()
        heard += alarms(world)
        world.close()
    say(f"{len(heard)} false alarms in 20 worlds without a fault")
    for line in heard:
        say(f"  {line}")
    assert len(heard) <= ALARMS


def lived_in(world: World, *, taxed: bool, orders: bool) -> None:
    """Let both sides differ where they may: some things on one side only, others priced by hand."""
    world.books.add_tax_code("REDUCED", "0.09")
    world.books.add_tax_code("GST125", "0.125", obsolete=True)
    if orders:
        world.more_toml = '[store.shop.orders]\nwarehouse = "W1"\ntax_codes = { standard = "GST" }'
    if taxed:
        world.shop.settings.calc_taxes = world.shop.settings.prices_include_tax = True
        world.listing_keys = "\n".join((world.listing_keys, "tax = { standard = 0.15, reduced-rate = 0.09 }"))
    simple = [item for item in world.shelf.all() if item.type == "simple"]
    for item in simple[3::7]:
        world.shelf.edit(item.id, regular_price="77.00", tax_class="reduced-rate")
    for item in simple[5::9]:
        world.shelf.delete(item.id)
    for place, size in enumerate(("S", "M", "XL")):
        world.shelf.add_simple(f"TEA-{90000 + place}", f"Shop's own tea {place}", "5.00", 5)
        world.shelf.add_simple(f"TEE-{size}", "Staff shirt", "20.00", 3)
    world.books.add_product("TEE-L", "Work shirt", 20)
    world.books.add_product("TEA-90003", "Tea of the month", 5)
    world.shelf.trash(world.shelf.add_simple("LONG-GONE", "Long gone", "1.00", 1).id)
    world.shelf.edit(world.shelf.add_simple("OLD-2", "Hidden for long", "1.00", 1).id, status="draft")
    world.books.add_product("OLD-2", "Archived for long", 1, obsolete=True)
    world.books.add_product("OLD-1", "Old", 1, obsolete=True)
    world.books.add_product("OLD-1", "Older", 1, obsolete=True)

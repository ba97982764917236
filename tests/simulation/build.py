"""Both sides of a run, its processes' machine and its judges, made from its scenario."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from syncd import config
from syncd.emulator.catalogue import Dice, believable
from syncd.emulator.unleashed import API_ID, API_KEY, UnleashedEmulator
from syncd.emulator.unleashed_books import Books
from syncd.emulator.wire import Request
from syncd.emulator.woocommerce import Shelf, WooCommerceEmulator
from tests.simulation.baton import Baton, OwnClock
from tests.simulation.bounds import Bounds
from tests.simulation.company import Company
from tests.simulation.judge import Judge
from tests.simulation.least import Happened
from tests.simulation.oracle import Oracle
from tests.simulation.pools import Pools
from tests.simulation.process import Machine
from tests.simulation.run import Simulation
from tests.simulation.scenario import START, Scenario
from tests.simulation.sides import Shopkeeper, Side, Trace, purpose
from tests.simulation.watch import Troubles, Watch
from tests.simulation.weather import Weather

CONSUMER_KEY = "ck_" + "0" * 40
CONSUMER_SECRET = "cs_" + "1" * 40


def prepared(scenario: Scenario, folder: Path, migrated: Path, *, lines: bool = False) -> Simulation:
    """Return a run that has not begun, with a database of its own, copied from one with all tables.

    `lines` keeps every call in the trace, not only its fingerprint.
    """
    shutil.copy(migrated, folder / "syncd.db")
    baton = Baton(START, Dice(scenario.seed))
    judge, bounds, troubles = Judge(lambda: baton.at), Bounds(), Troubles()
    books, shelf = _stocked(scenario, baton)
    oracle = Oracle(books, shelf, scenario.warehouses)
    watch = Watch(oracle, judge.now, judge.complain, troubles, bounds.of)
    weather = Weather(scenario.faults, Dice(scenario.seed + 1), troubles)
    happened = Happened(START, judge.now, scenario.warehouses, lambda guid: _parent(oracle, guid))
    trace, purposes = Trace(lines=[] if lines else None), Counter[str]()
    shopkeeper = Shopkeeper(oracle, watch, judge.complain)
    clock = OwnClock(baton)
    sides = _sides(scenario, books, shelf, clock, weather, judge, trace, purposes)
    sides["store"].answered = shopkeeper.around
    machine = Machine(
        baton, clock, _settings(scenario, folder), sides, Dice(scenario.seed + 3), bounds.printed
    )
    company = Company(
        books,
        oracle,
        watch,
        happened,
        baton,
        Dice(scenario.seed + 4),
        scenario.rates,
        scenario.products,
        START + timedelta(days=scenario.days),
    )
    unleashed = sides["account"].emulator
    assert isinstance(unleashed, UnleashedEmulator)
    unleashed.mischief.between_pages = company.between_pages
    return Simulation(
        scenario,
        baton,
        books,
        shelf,
        oracle,
        watch,
        company,
        machine,
        happened,
        weather,
        troubles,
        bounds,
        shopkeeper,
        trace,
        judge,
        purposes,
    )


def _stocked(scenario: Scenario, baton: Baton) -> tuple[Books, Shelf]:
    def now() -> datetime:
        return baton.at

    catalogue = believable(scenario.products, scenario.seed)
    books = Books.from_catalogue(catalogue, now)
    return books, Shelf.from_catalogue(catalogue.on_shelf(), share_listed=scenario.listed / 1000, clock=now)


def _sides(
    scenario: Scenario,
    books: Books,
    shelf: Shelf,
    clock: OwnClock,
    weather: Weather,
    judge: Judge,
    trace: Trace,
    purposes: Counter[str],
) -> dict[str, Side]:
    unleashed = UnleashedEmulator(books, judge.now)
    shop = WooCommerceEmulator(shelf, judge.now, consumer_key=CONSUMER_KEY, consumer_secret=CONSUMER_SECRET)
    limits = {"account": scenario.account_limits, "store": scenario.store_limits}

    def side(name: str, emulator: UnleashedEmulator | WooCommerceEmulator) -> Side:
        def count(request: Request) -> None:
            purposes[f"{name}: {purpose(request)}"] += 1

        pools = Pools(name, limits[name], judge.complain)
        dice = Dice(scenario.seed + 2)
        return Side(name, emulator, clock.baton, clock, weather, pools, trace, dice, count=count)

    return {"account": side("account", unleashed), "store": side("store", shop)}


def _settings(scenario: Scenario, folder: Path) -> config.Settings:
    path = folder / "syncd.toml"
    credentials = (API_ID, API_KEY, CONSUMER_KEY, CONSUMER_SECRET)
    path.write_text(scenario.toml(f"sqlite:///{folder}/syncd.db", credentials))
    path.chmod(0o600)
    return config.load(path, {})


def _parent(oracle: Oracle, guid: str) -> int:
    item = oracle.item(guid)
    return item.parent_id if item is not None else 0

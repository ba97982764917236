"""One run: the world and the processes put together, let loose for some days, and judged at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.app.resync import resync
from syncd.emulator.unleashed_books import Books
from syncd.emulator.woocommerce import Shelf
from tests.simulation.baton import Baton
from tests.simulation.bounds import Bounds
from tests.simulation.company import Company
from tests.simulation.judge import Judge
from tests.simulation.least import Happened, Least, Sizes, least
from tests.simulation.oracle import Oracle
from tests.simulation.process import RESTART, Machine, Process
from tests.simulation.scenario import START, Scenario
from tests.simulation.sides import Shopkeeper, Trace
from tests.simulation.watch import HOUR, Troubles, Watch
from tests.simulation.weather import Weather


@dataclass(slots=True)
class Outcome:
    """How a run ended: what was broken, and its figures."""

    scenario: Scenario
    broken: list[tuple[str, str]]
    trace: str
    calls: dict[str, int]
    purposes: Counter[str]
    least: Least
    seen: list[timedelta]
    caught: list[timedelta]
    events: Counter[str]
    strikes: int
    kills: int
    fullest: float
    bounds: tuple[timedelta | None, timedelta | None]
    switches: int


@dataclass(slots=True)
class Simulation:
    """Everything of one run. Break something in it before `run`, and the judges must say so."""

    scenario: Scenario
    baton: Baton
    books: Books
    shelf: Shelf
    oracle: Oracle
    watch: Watch
    company: Company
    machine: Machine
    happened: Happened
    weather: Weather
    troubles: Troubles
    bounds: Bounds
    shopkeeper: Shopkeeper
    trace: Trace
    judge: Judge
    purposes: Counter[str]
    processes: dict[str, Process] = field(default_factory=dict)
    kills: int = 0
    counting_from: dict[str, int] = field(default_factory=dict)

    def run(self) -> Outcome:
        """Let it happen, and return how it ended."""
        scenario, baton = self.scenario, self.baton
        with self.judge.listening():
            try:
                self._begin()
                end = START + timedelta(days=scenario.days)
                baton.run(end)
                self.machine.kill_at = lambda _moment: False
                self.weather.calm()
                self._settle()
            finally:
                self._end()
        return self._outcome()

    def _begin(self) -> None:
        scenario = self.scenario
        self.watch.begin()
        for number in range(scenario.instances):
            self._start(f"daemon {number + 1}")
        person = self.processes["person"] = Process(self.machine, "person", mortal=False)
        end = START + timedelta(days=scenario.days)
        self._each_day(end, self._day, person)
        self._each_hour()

    def _each_day(self, end: datetime, work: Callable[[Process, datetime], None], person: Process) -> None:
        at, number = START, 0
        while at < end:
            self.baton.call_at(at, lambda: work(person, end))
            number += 1
            at = START + timedelta(days=number)

    def _each_hour(self) -> None:
        self.watch.check()
        self.baton.call_at(self.baton.at + HOUR / 4, self._each_hour)

    def _day(self, person: Process, end: datetime) -> None:
        """Plan what people and the weather do today; the first day belongs to the first load."""
        baton, dice, faults = self.baton, self.machine.dice, self.scenario.faults
        self.watch.look_at_all()
        if baton.at == START:
            baton.call_at(START + self.scenario.first_load, self._loaded)
            return
        for often, work in (
            (self.scenario.people, lambda: self._ask(person)),
            (faults.outages, self._outage),
            (faults.clock_jumps, self._jump),
            (faults.kills, self._kill_soon),
        ):
            for _ in range(int(often) + dice.chance(int(often % 1 * 1000))):
                at = baton.at + timedelta(seconds=dice.below(86_400))
                if at < end:
                    baton.call_at(at, work)

    def _loaded(self) -> None:
        """The first load is done, or should be: from here on everything is promised and counted."""
        self.watch.loading = False
        self.happened.start = self.baton.at
        self.counting_from = {name: side.attempts for name, side in self.machine.sides.items()}
        self.purposes.clear()
        self.company.plan_day()

    def _start(self, name: str) -> None:
        """Start a process, or start it anew after its death."""
        old = self.processes.get(name)
        if old is not None:
            old.close()
        process = self.processes[name] = Process(self.machine, name)
        process.life.name = f"{name}.{self.kills}"
        process.start()

    def _kill_soon(self) -> None:
        """Let one of the daemons die at one of its next seams."""
        left = self.machine.dice.between(1, 30)

        def at_seam(_moment: str) -> bool:
            nonlocal left
            left -= 1
            if left > 0:
                return False
            self.machine.kill_at = lambda _moment: False
            self._died()
            return True

        self.machine.kill_at = at_seam

    def _died(self) -> None:
        """Note that the process whose turn it is dies now, and have it started again."""
        holder = self.baton.holder
        if holder is None:
            return
        self.kills += 1
        name = holder.life.name.partition(".")[0]
        low, high = RESTART
        away = low + timedelta(seconds=self.machine.dice.below(int((high - low).total_seconds())))
        self.troubles.add(self.baton.at, self.baton.at + away + HOUR, f"{name} killed")
        self.baton.call_at(self.baton.at + away, lambda: self._start(name))

    def _outage(self) -> None:
        side = self.machine.dice.one_of(("account", "store"))
        self.weather.take_down(side, self.baton.at, timedelta(minutes=self.machine.dice.between(20, 300)))

    def _jump(self) -> None:
        """Put syncd's own clock forwards or backwards, or right again."""
        dice, clock = self.machine.dice, self.machine.clock
        off = timedelta(minutes=dice.between(-300, 300)) if clock.off == timedelta(0) else timedelta(0)
        clock.off = off
        self.troubles.add(self.baton.at, self.baton.at + 2 * HOUR, "clock")

    def _ask(self, person: Process) -> None:
        """Let a person run `syncd resync` for a product, if the last time is over."""
        if person.life.actors:
            return
        codes = [product.code for product in self.books.products() if self.oracle.item(product.guid)]
        if codes:
            code = self.machine.dice.one_of(codes)
            self.happened.asked += 1
            self.baton.spawn(person.life, lambda: resync(person.opened(), [code]))

    def _settle(self) -> None:
        """Let all be quiet for some polls, and compare both sides in full."""
        self.baton.run(self.baton.at + self.scenario.settling)
        self.watch.settled()

    def _end(self) -> None:
        for process in self.processes.values():
            self.baton.kill(process.life)
        if self.baton.broken is None:
            self.baton.run(self.baton.at)
        for process in self.processes.values():
            process.close()

    def _outcome(self) -> Outcome:
        sides = self.machine.sides
        sizes = Sizes(
            len(self.books.products()),
            tuple(self._stock_rows(name) for name in self.scenario.warehouses or ("",)),
            self._listings(),
            self.scenario.page_size,
        )
        calls = {name: side.attempts - self.counting_from.get(name, 0) for name, side in sides.items()}
        rounds = self.bounds.rounds(self.happened.start, self.baton.at)
        return Outcome(
            self.scenario,
            self.judge.broken,
            self.trace.digest.hexdigest()[:16],
            calls,
            self.purposes,
            least(self.happened, self.baton.at, sizes, rounds),
            self.watch.seen,
            self.watch.caught,
            self.company.done,
            self.weather.strikes,
            self.kills,
            max(side.pools.fullest for side in sides.values()),
            self.bounds.both(),
            self.baton.switches,
        )

    def _listings(self) -> tuple[int, int]:
        """Return how many products and how many variations are bonded: a shop is asked for each apart."""
        items = [item for guid in self.oracle.items if (item := self.oracle.item(guid)) is not None]
        variations = sum(item.is_variation for item in items)
        return len(items) - variations, variations

    def _stock_rows(self, warehouse: str) -> int:
        products = self.books.products()
        return sum(warehouse in product.stock if warehouse else bool(product.stock) for product in products)

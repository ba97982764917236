"""What one run is like: how large, how it is configured, how bad the world is. All of it from the seed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from syncd.emulator.catalogue import Dice

START = datetime(2026, 3, 2, 6, 17, tzinfo=UTC)

Limit = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Rates:
    """How often things happen in a thousand products and a day, and ghosts in a day."""

    prices: float = 25
    names: float = 4
    stock: float = 180
    obsolete: float = 2
    new: float = 3
    renamed: float = 1
    swapped: float = 0.5
    imports: float = 0.2
    """Bulk imports a day, whatever the size."""
    warehouses: float = 0.1
    ghosts: float = 3


QUIET = Rates(ghosts=0)
STILL = Rates(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Faults:
    """How bad the world is. Shares are per thousand calls; the rest is how often a day."""

    refused: int = 0
    lost: int = 0
    timed_out: int = 0
    status: int = 0
    told_to_wait: int = 0
    garbled: int = 0
    kills: float = 0
    clock_jumps: float = 0
    outages: float = 0
    stalls: float = 0


NONE = Faults()
STANDARD = Faults(
    refused=3, lost=4, timed_out=2, status=5, told_to_wait=2, garbled=4, kills=0.7, outages=0.15, stalls=0.3
)
WILD = replace(STANDARD, status=15, garbled=15, lost=15, kills=3, clock_jumps=0.5, outages=0.4)
MIXES = {"none": NONE, "standard": STANDARD, "wild": WILD}


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run. `listed` is how many in a thousand the shop already sells when syncd comes."""

    seed: int
    days: float = 7
    products: int = 60
    warehouses: tuple[str, ...] = ("W1",)
    page_size: int = 40
    instances: int = 1
    listed: int = 300
    account_limits: tuple[Limit, ...] = ()
    store_limits: tuple[Limit, ...] = ()
    rates: Rates = Rates()
    faults: Faults = NONE
    people: float = 2
    """How often a day somebody runs `syncd resync`."""
    first_load: timedelta = timedelta(hours=6)
    """How long the first load may take before anything is promised."""
    settling: timedelta = timedelta(hours=6)
    """How long all is quiet at the end before both sides must agree in full, beside the bound for ghosts."""

    def toml(self, database: str, credentials: tuple[str, str, str, str]) -> str:
        """Return the configuration of this run."""
        api_id, api_key, key, secret = credentials
        names = ", ".join(f'"{name}"' for name in self.warehouses)
        return f"""
[database]
url = "{database}"
[web]
listen = "off"
[unleashed.main]
base_url = "https://unleashed.test"
api_id = "{api_id}"
api_key = "{api_key}"
page_size = {self.page_size}
limits = [{_limits(self.account_limits)}]
[store.shop]
kind = "woocommerce"
base_url = "https://shop.test"
consumer_key = "{key}"
consumer_secret = "{secret}"
limits = [{_limits(self.store_limits)}]
[store.shop.listing]
create = true
publish = true
warehouses = [{names}]
[store.shop.schedule]
orders = "off"
customers = "off"
"""


def _limits(limits: tuple[Limit, ...]) -> str:
    return ", ".join(f'{{ calls = {calls}, per = "{per}" }}' for calls, per in limits)


_WAREHOUSES: tuple[tuple[str, ...], ...] = ((), ("W1",), ("W1", "W2"), ("W1", "W2", "RET"))
_ACCOUNT: tuple[tuple[Limit, ...], ...] = ((), (), ((40, "hour"),), ((9, "minute"), (1500, "day")))
_STORE: tuple[tuple[Limit, ...], ...] = ((), (), ((60, "hour"),), ((12, "minute"),))


def drawn(seed: int, *, days: float = 7) -> Scenario:
    """Return the scenario of a seed: mixed sizes, limits, one or two instances, with and without faults."""
    dice = Dice(seed * 7919 + 5)
    faults = (NONE, STANDARD, STANDARD, WILD)[seed % 4]
    return Scenario(
        seed=seed,
        days=days,
        products=dice.between(40, 90),
        warehouses=dice.one_of(_WAREHOUSES),
        page_size=dice.one_of((40, 40, 1000)),
        instances=dice.between(1, 2),
        listed=dice.one_of((0, 300, 1000)),
        account_limits=dice.one_of(_ACCOUNT),
        store_limits=dice.one_of(_STORE),
        rates=QUIET if dice.chance(250) else Rates(),
        faults=faults,
    )

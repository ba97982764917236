"""`syncd emulate`: Unleashed or a shop on this machine, to try syncd on before the real ones."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count
from typing import Annotated

import typer

from syncd.cli.frame import command
from syncd.clock import Clock, SystemClock
from syncd.emulator.catalogue import Catalogue, CatalogueProduct, ShelfProduct, believable
from syncd.emulator.faults import Faults, Kind
from syncd.emulator.server import Served
from syncd.emulator.unleashed import API_ID, API_KEY, UnleashedEmulator
from syncd.emulator.unleashed_books import Books
from syncd.emulator.wire import Request
from syncd.emulator.woocommerce import Shelf, WooCommerceEmulator
from syncd.errors import UsageError

CONSUMER_KEY = "ck_of_the_emulated_shop"
CONSUMER_SECRET = "cs_not_a_real_secret"
SOLD_FROM = ("W1", "W2")
"""The warehouses a shop sells from, where there are several: the third holds what came back."""

FAULTS: Sequence[Kind] = ("refuse", "lose", "half", "truncate", "html", "empty", "bomb")
EVERY = 20
FOREVER = 1 << 60


@dataclass(frozen=True, slots=True)
class Emulated:
    """One emulator, what it holds in a few words, and the lines of configuration that lead to it."""

    emulator: UnleashedEmulator | WooCommerceEmulator
    holds: str
    lines: Callable[[str], Sequence[str]]


def account_lines(url: str) -> list[str]:
    """Return the configuration of an account at this address, as TOML."""
    return [
        "[unleashed.main]",
        f'base_url = "{url}"',
        f'api_id = "{API_ID}"',
        f'api_key = "{API_KEY}"',
        'spacing = "0ms"',
    ]


def store_lines(url: str) -> list[str]:
    """Return the configuration of a store at this address, as TOML."""
    return [
        "[store.shop]",
        'kind = "woocommerce"',
        f'base_url = "{url}"',
        f'consumer_key = "{CONSUMER_KEY}"',
        f'consumer_secret = "{CONSUMER_SECRET}"',
    ]


def emulated_unleashed(catalogue: Catalogue, clock: Clock) -> UnleashedEmulator:
    """Return a company whose books hold the catalogue."""
    return UnleashedEmulator(Books.from_catalogue(catalogue, clock.now), clock.now)


def emulated_shop(products: Sequence[ShelfProduct], share: float, clock: Clock) -> WooCommerceEmulator:
    """Return a shop that sells this share (0…1) of the products, with every tenth stock out of date."""
    stale = [
        replace(each, stock=each.stock + 3) if place % 10 == 0 else each
        for place, each in enumerate(products)
    ]
    shelf = Shelf.from_catalogue(stale, share_listed=share)
    return WooCommerceEmulator(shelf, clock.now, consumer_key=CONSUMER_KEY, consumer_secret=CONSUMER_SECRET)


def in_one_warehouse(catalogue: Catalogue) -> Catalogue:
    """Return the catalogue of a company with a single warehouse, which holds what all of them held."""
    code, name = next(iter(catalogue.warehouses.items()))
    return replace(
        catalogue,
        warehouses={code: name},
        products=tuple(_moved(product, code) for product in catalogue.products),
    )


def _moved(product: CatalogueProduct, code: str) -> CatalogueProduct:
    if not product.stock:
        return product
    amounts = list(product.stock.values())
    on_hand = sum((each[0] for each in amounts), Decimal(0))
    allocated = sum((each[1] for each in amounts), Decimal(0))
    return replace(product, stock={code: (on_hand, allocated)})


def _unleashed(catalogue: Catalogue, clock: Clock) -> Emulated:
    def lines(url: str) -> list[str]:
        several = len(catalogue.warehouses) > 1
        sold_from = ", ".join(f'"{code}"' for code in SOLD_FROM)
        hint = [f"# and under [store.shop.listing]: warehouses = [{sold_from}]"] if several else []
        return [*account_lines(url), *hint]

    holds = f"{len(catalogue.products)} products in {_counted(len(catalogue.warehouses), 'warehouse')}"
    return Emulated(emulated_unleashed(catalogue, clock), f"Unleashed: {holds}", lines)


def _woocommerce(catalogue: Catalogue, clock: Clock) -> Emulated:
    sold_from = [code for code in catalogue.warehouses if code in SOLD_FROM]
    shop = emulated_shop(catalogue.on_shelf(sold_from), 1.0, clock)
    holds = f"{len(shop.shelf)} products and variations, every tenth with a stock that is out of date"
    return Emulated(shop, f"a WooCommerce shop: {holds}", store_lines)


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


KINDS: Mapping[str, Callable[[Catalogue, Clock], Emulated]] = {
    "unleashed": _unleashed,
    "woocommerce": _woocommerce,
}
"""Everything that can be emulated."""


@command
def emulate(
    kind: Annotated[str, typer.Argument(help=f"{' or '.join(KINDS)}.", metavar="KIND")],
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port on 127.0.0.1; 0 takes a free one.")
    ] = 0,
    products: Annotated[int, typer.Option(min=1, max=100_000, help="How many products there are.")] = 2000,
    seed: Annotated[int, typer.Option(help="Another seed, another catalogue.")] = 7,
    warehouses: Annotated[
        bool, typer.Option("--warehouses", help="Three warehouses instead of one.")
    ] = False,
    faults: Annotated[
        list[str] | None,
        typer.Option(
            help=f"Misbehave at every 20th request, or Nth: {', '.join(FAULTS)}, or a status such as 503.",
            metavar="FAULT[=N]",
            show_default=False,
        ),
    ] = None,
) -> int:
    """Serve an emulated system on this machine until Ctrl-C or SIGTERM; print how to point syncd at it.

    The same seed gives both sides the same catalogue. What it holds lives in memory and ends with it.
    """
    if kind not in KINDS:
        raise UsageError(f"There is no emulator of {kind}.", f"Use one of: {', '.join(KINDS)}.")
    catalogue = believable(products, seed)
    it = KINDS[kind](catalogue if warehouses else in_one_warehouse(catalogue), SystemClock())
    add_faults(it.emulator.faults, faults or ())
    # Blocked before the server's thread starts, which inherits it: the signal waits for sigwait below.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    with _served(it, port) as served:
        typer.echo("\n".join([f"# {it.holds}. Ends with Ctrl-C.", *it.lines(served.url), ""]))
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
    return 0


def _served(it: Emulated, port: int) -> Served:
    try:
        return Served({"": it.emulator}, port)
    except OSError as error:
        raise UsageError(
            f"Port {port} of 127.0.0.1 cannot be listened on: {error.strerror}.",
            "Choose another with --port, or leave it out for a free one.",
        ) from error


def add_faults(faults: Faults, wanted: Sequence[str]) -> None:
    """Let the emulator misbehave as asked ("lose", "503=10"). Raises UsageError for what is no fault."""
    for text in wanted:
        name, _, every = text.partition("=")
        if not _is_fault(name) or (every and not (every.isdecimal() and int(every) > 0)):
            raise UsageError(
                f"There is no fault {text}.",
                f"Use one of {', '.join(FAULTS)} or a status from 400 to 599, with =N for every Nth request.",
            )
        due = _every(int(every or EVERY))
        if name.isdecimal():
            faults.add("status", status=int(name), times=FOREVER, match=due)
        else:
            faults.add(next(kind for kind in FAULTS if kind == name), times=FOREVER, match=due)


def _is_fault(name: str) -> bool:
    return name in FAULTS or (name.isdecimal() and 400 <= int(name) <= 599)


def _every(interval: int) -> Callable[[Request], bool]:
    numbers = count(1)
    return lambda _request: next(numbers) % interval == 0

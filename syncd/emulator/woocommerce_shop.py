"""One WooCommerce site as its endpoints see it: settings, shelf, clock, and what goes in and out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from syncd.emulator.quota import Tariff
from syncd.emulator.wire import Request
from syncd.emulator.woocommerce_shelf import Item, Shelf

if TYPE_CHECKING:
    from syncd.emulator.woocommerce_orders_till import Till


@dataclass(slots=True)
class Quota:
    """What a host in front of the shop allows: `calls` per fixed window of `seconds`, then 429 with HTML.

    `retry_after` is sent as seconds, as a date, or not at all.
    """

    calls: int
    seconds: int = 60
    retry_after: Literal["seconds", "date", "absent"] = "seconds"
    status: int = 429


@dataclass(slots=True)
class Settings:
    """How the site is set up. May be changed at any time; the next request sees it.

    `home` is the address the site believes it has ("" = whatever it was called by); links and OAuth
    signatures use it. `utc_offset` is site time minus UTC. Costs are in virtual seconds.
    """

    name: str = "Example shop"
    home: str = ""
    version: str = "11.0.1"
    utc_offset: timedelta = timedelta(hours=13)
    timezone_string: str = "Pacific/Auckland"

    currency: str = "NZD"
    price_decimals: int = 2
    decimal_separator: str = "."
    calc_taxes: bool = False
    prices_include_tax: bool = False
    round_at_subtotal: bool = False
    """Tax is rounded once per order instead of once per line."""
    manage_stock: bool = True
    integer_stock: bool = True
    unique_skus: bool = True
    """Off where a translation plugin allows one SKU on several products."""

    variations_endpoint: bool = True
    """GET /variations exists since 10.3."""
    modified_filter: bool = True
    """Off for shops so old that modified_after and orderby=modified mean nothing or a refusal."""
    tie_break: bool = True
    """Off for versions that leave the order of equal dates undefined: it then changes at every call."""
    batch_limit: int = 100
    hpos: bool = True
    """Orders in tables of their own; without, a save that changes meta alone leaves date_modified."""
    refunds_endpoint: bool = True
    """GET /refunds across orders exists since 9.0."""

    permalinks: Literal["pretty", "plain", "plain_404"] = "pretty"
    """plain: keys are never read; plain_404: /wp-json/ is an HTML 404 as well."""
    header_stripped: bool = False
    sees_tls: bool = True
    """Off where TLS ends at a proxy and WordPress does not know."""
    key_permission: Literal["read", "write", "read_write"] = "read_write"
    rights: Literal["manager", "products", "view", "none"] = "manager"
    """What the key's user may do: all; products but no settings; look at products; nothing."""

    quota: Quota | None = None
    tariff: Tariff | None = None
    """A turnstile in front of the shop that tells in headers what is left."""
    html_pages: bool = False
    """A page cache or coming-soon page answers everything with HTML and 200."""
    php_notice: bool = False
    page_cache_seconds: int = 0
    """A page cache repeats GET answers for so long, with Age and X-Cache: HIT."""

    call_seconds: float = 0.0
    batch_item_seconds: float = 0.0
    time_limit: float | None = None
    """The host answers 504 once a batch has taken longer; what was saved stays saved."""


class Refused(Exception):
    """A request or batch item is turned down with WooCommerce's own code and HTTP status."""

    def __init__(self, status: int, code: str, message: str, **data: Any) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message = status, code, message
        self.data: dict[str, Any] = {"status": status, **data}

    def body(self) -> dict[str, Any]:
        """Return the error as it is answered, alone or inside a batch."""
        return {"code": self.code, "message": self.message, "data": self.data}


class TimedOut(Exception):
    """The host gave up on a request that took too long; what it saved so far stays."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the host gave up with {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Ask:
    """One authenticated request on its way to an endpoint.

    `params` are the query's last values by name with `x[]` and `x[0]` joined by commas, as WordPress
    reads lists; `body` is the decoded JSON object; `ids` are the numbers in the path.
    """

    method: str
    path: str
    ids: tuple[int, ...]
    names: tuple[str, ...]
    params: Mapping[str, str]
    body: Mapping[str, Any]
    request: Request
    known: bool = True


@dataclass(slots=True)
class Answer:
    """What an endpoint answers, before it becomes bytes."""

    data: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Shop:
    """The site an endpoint works on. `spend` charges virtual seconds to the call under way."""

    shelf: Shelf
    settings: Settings
    clock: Callable[[], datetime]
    spend: Callable[[float], None]
    item_saved: Callable[[], None]
    """Called after each saved item of a batch; raises where a fault cuts the batch off."""
    till: Till
    home: str = "https://shop.example"

    def local(self, stamp: int) -> str:
        """Return a stamp (seconds UTC) in site time, without offset, as date_modified shows it."""
        return _plain(datetime.fromtimestamp(stamp, UTC) + self.settings.utc_offset)

    def gmt(self, stamp: int) -> str:
        """Return a stamp (seconds UTC) in UTC, without offset, as date_modified_gmt shows it."""
        return _plain(datetime.fromtimestamp(stamp, UTC))

    def url(self, path: str) -> str:
        return f"{self.home}/wp-json/wc/v3{path}"

    def may(self, ask: Ask, needed: Literal["view", "products", "manager"]) -> bool:
        """Tell whether the caller has at least the needed rights; the anonymous caller has none."""
        order = ("none", "view", "products", "manager")
        return ask.known and order.index(self.settings.rights) >= order.index(needed)

    def demand(self, ask: Ask, needed: Literal["view", "products", "manager"], code: str, text: str) -> None:
        """Raise Refused, 401 for the anonymous caller and 403 for a known one, if rights are missing."""
        if not self.may(ask, needed):
            raise Refused(403 if ask.known else 401, f"woocommerce_rest_{code}", f"Sorry, {text}.")

    def parent_of(self, item: Item) -> Item | None:
        return self.shelf.get(item.parent_id) if item.is_variation else None


def _plain(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S")

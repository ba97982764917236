"""Put the parts together: which account, which store, with which credentials and purse."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import structlog

from syncd import __version__, config, log
from syncd.app.planned import Planned
from syncd.clock import Clock
from syncd.config import Settings
from syncd.core.brake import BrakeRules
from syncd.core.budget import NO_NEEDS, Needs
from syncd.core.listing import ListingRules
from syncd.core.model import AccountFacts
from syncd.errors import ConfigurationError, UsageError
from syncd.flows.pull import Pull
from syncd.flows.push import Mode, Place, Push
from syncd.http import Ending, Http, Limits, Meter, Permit, Signer, Transport, open_http
from syncd.jobs import Attempt, Bench, Step
from syncd.state import accounts
from syncd.state.db import Database
from syncd.state.ledger import Ledger
from syncd.state.records import AccountRow, PoolLimit, StoreRow
from syncd.stores.base import Store
from syncd.stores.woocommerce import WooCommerce, WooSettings, WooSigner
from syncd.unleashed.auth import Credentials
from syncd.unleashed.client import Unleashed

logger = structlog.get_logger()

Transports = Callable[[str], Transport | None]
"""Gives the transport for a subject ("account main", "store shop"); None: the network."""


NeededBy = Callable[["App", Literal["account", "store"], str], Needs]
"""Says what an account or a store needs a day: the planning, which works with the wired application."""


def _nothing_known(_app: App, _kind: Literal["account", "store"], _name: str) -> Needs:
    return NO_NEEDS


def network(_subject: str) -> Transport | None:
    """Use the network for everything."""
    return None


def _woo_signer(store: config.Store, clock: Clock) -> Signer:
    assert isinstance(store, config.WooCommerceStore)
    return WooSigner(store.consumer_key, store.consumer_secret.reveal(), store.auth, clock=clock)


def _woo(store: config.Store, http: Http) -> Store:
    assert isinstance(store, config.WooCommerceStore)
    settings = WooSettings(store.listing.manage_stock, store.customers.code_field)
    return WooCommerce(http, store.base_url, settings)


TIGHT = 100
"""A store that may be called less often than this in any window is worked on in small chunks."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of store is signed in to and opened."""

    signer: Callable[[config.Store, Clock], Signer]
    open: Callable[[config.Store, Http], Store]


KINDS: Mapping[str, Kind] = {"woocommerce": Kind(_woo_signer, _woo)}
"""Every kind of store that can be configured. Written by hand: there is no other way in."""


def _nothing_sold(_app: App, _store: str) -> bool:
    """Know of no orders: `open_app` puts the intake in its place."""
    return True


@dataclass(slots=True)
class App:
    """The wired application: everything a command or the daemon needs, until `close`."""

    settings: Settings
    bench: Bench
    transports: Transports = network
    doors: dict[str, Http] = field(default_factory=dict)
    plans: dict[str, Planned] = field(default_factory=dict)
    needed: NeededBy = _nothing_known
    lock: threading.Lock = field(default_factory=threading.Lock)
    heard: dict[str, datetime] = field(default_factory=dict)
    """What time it was in each store, by its own clock, when this process first heard of it."""
    catch_up: Callable[[App, str], bool] = field(default=_nothing_sold)
    """Takes in what a store sold until now; False if that cannot be known (see `flows.push.records`)."""

    @property
    def db(self) -> Database:
        return self.bench.db

    def close(self) -> None:
        """Close every connection."""
        for door in self.doors.values():
            door.close()
        self.db.close()

    def account_row(self, name: str) -> AccountRow:
        """Return the account as the database knows it now."""
        with self.db.read() as conn:
            row = accounts.account(conn, name)
        if row is None:
            raise UsageError(f"The account {name} is not in the database yet.", "Run `syncd once recent`.")
        return row

    def store_row(self, name: str) -> StoreRow:
        """Return the store as the database knows it now."""
        with self.db.read() as conn:
            found = [row for row in accounts.stores(conn) if row.name == name]
        if not found:
            raise UsageError(f"The store {name} is not in the database yet.", "Run `syncd once recent`.")
        return found[0]

    def account_of(self, store: str) -> str:
        return self.settings.stores[store].account

    def stores_of(self, account: str) -> list[str]:
        """Return the names of an account's stores in the order of the configuration."""
        return [name for name, store in self.settings.stores.items() if store.account == account]

    def warehouses(self, account: str) -> tuple[str, ...]:
        """Return the warehouses whose stock the account's stores need ("" = Unleashed's own sum)."""
        feeds = [feed for name in self.stores_of(account) for feed in self.rules(name).feeds()]
        return tuple(dict.fromkeys(feeds))

    def rules(self, store: str) -> ListingRules:
        """Return the store's listing section as decisions need it."""
        listing = self.settings.stores[store].listing
        return ListingRules(
            fields=frozenset(listing.fields),
            price_tier=listing.price_tier,
            tax=listing.tax,
            warehouses=listing.warehouses,
            buffer=listing.buffer,
            create=listing.create,
            publish=listing.publish,
            obsolete=listing.obsolete,
        )

    def brake(self, store: str) -> BrakeRules:
        """Return the store's brake."""
        brake = self.settings.stores[store].listing.brake
        return BrakeRules(brake.zero, brake.unpublish, brake.price, brake.price_move, brake.minimum)

    def limits(self, subject: config.Account | config.Store) -> tuple[PoolLimit, ...]:
        return tuple(_pool(limit) for limit in subject.limits)

    def needs(self, subject_kind: Literal["account", "store"], name: str) -> Needs:
        """Return the calls a day that the purposes of an account or a store need; lower ranks leave them."""
        return self.needed(self, subject_kind, name)

    def _times(self, account: config.Account) -> Limits:
        return Limits(
            read=account.timeout.total_seconds(),
            max_bytes=self.settings.daemon.max_response_mb << 20,
            concurrency=account.concurrency,
        )

    def unleashed(self, name: str, meter: Meter) -> Unleashed:
        """Return the client of an account, spending from this meter."""
        account = self.settings.accounts[name]

        def sign() -> Signer:
            return Credentials(account.api_id, account.api_key.reveal(), account.client_type)

        door = self._door(f"account {name}", sign, account, self._times(account))
        return Unleashed(door.metered(meter), account.base_url, account.page_size)

    def store(self, name: str, meter: Meter) -> Store:
        """Return the client of a store, spending from this meter."""
        store = self.settings.stores[name]
        kind = KINDS[store.kind]
        limits = Limits(max_bytes=self.settings.daemon.max_response_mb << 20)
        door = self._door(f"store {name}", lambda: kind.signer(store, self.bench.clock), store, limits)
        return kind.open(store, door.metered(meter))

    def account_meter(self, name: str, purpose: str, attempt: Attempt | None = None) -> Ledger:
        """Return the account's purse, for a run or (None) for a command without one."""
        account = self.settings.accounts[name]
        meter = Ledger(
            db=self.db,
            clock=self.bench.clock,
            subject=f"account {name}",
            purse=accounts.purse_of(self.account_row(name)),
            limits=self.limits(account),
            spacing=account.spacing,
            purpose=purpose,
            needs=self.needs("account", name),
            concurrency=account.concurrency,
            slot_time=timedelta(seconds=self._times(account).longest),
            holder=self.bench.holder,
        )
        return _for_attempt(meter, attempt)

    def store_purse(self, name: str) -> str:
        """Return the store's purse; one that is not in the database yet is counted under its name."""
        with self.db.read() as conn:
            found = [row for row in accounts.stores(conn) if row.name == name]
        return accounts.purse_of(found[0]) if found else f"store {name}"

    def store_meter(self, name: str, purpose: str, attempt: Attempt | None = None) -> Ledger:
        """Return the store's purse, for a run or (None) for a command without one."""
        store = self.settings.stores[name]
        meter = Ledger(
            db=self.db,
            clock=self.bench.clock,
            subject=f"store {name}",
            purse=self.store_purse(name),
            limits=self.limits(store),
            purpose=purpose,
            side="store",
            needs=self.needs("store", name),
            holder=self.bench.holder,
        )
        return _for_attempt(meter, attempt)

    def reread_secrets(self, section: config.Account | config.Store | None = None) -> bool:
        """Read the secret files of one section or all again; return whether one changed. Never raises."""
        secrets = self.settings.every_secret() if section is None else section.secrets()
        changed = [_reread(secret) for secret in secrets]
        return any(changed)

    def _door(
        self, subject: str, sign: Callable[[], Signer], section: config.Account | config.Store, limits: Limits
    ) -> Http:
        def renew() -> Signer | None:
            return sign() if self.reread_secrets(section) else None

        signer = sign()
        with self.lock:
            door = self.doors.get(subject)
            if door is None:
                door = open_http(
                    subject,
                    signer,
                    _Closed(),
                    self.bench.clock,
                    limits,
                    user_agent=f"syncd/{__version__}",
                    transport=self.transports(subject),
                )
                door.renew = renew
                self.doors[subject] = door
            door.signer = signer
            return door

    def pull_step(self, job: str, account: str) -> Step:
        return Step(job, "pull", account, self.account_row(account).id)

    def push_step(self, job: str, store: str) -> Step:
        account = self.account_of(store)
        return Step(job, "push", account, self.account_row(account).id, store, self.store_row(store).id)

    def pull(self, attempt: Attempt, purpose: str) -> Pull:
        """Return what a pull of the attempt's account works with."""
        name = attempt.step.account
        client = self.unleashed(name, self.account_meter(name, purpose, attempt))
        return Pull(
            db=self.db,
            account=self.account_row(name),
            client=client,
            warehouses=self.warehouses(name),
            clock=self.bench.clock,
            beat=attempt.beat,
            tally=attempt.tally,
            job=attempt.step.job,
            run_id=attempt.run_id,
        )

    def push(self, attempt: Attempt, purpose: str, *, dry_run: bool = False) -> Push:
        """Return what a push of the attempt's store works with."""
        name = attempt.step.store or ""
        row = self.store_row(name)
        return Push(
            db=self.db,
            store_row=row,
            store=self.store(name, self.store_meter(name, purpose, attempt)),
            rules=self.rules(name),
            account=accounts.account_facts(self.account_row(attempt.step.account)) or AccountFacts(),
            clock=self.bench.clock,
            run_id=attempt.run_id,
            place=self.place(name),
            mode=self.mode(name, dry_run=dry_run),
            brake=self.brake(name),
            canary=self.settings.stores[name].canary or "",
            tight=any(limit.calls < TIGHT for limit in self.settings.stores[name].limits),
            catch_up=lambda: self.catch_up(self, name),
            beat=attempt.beat,
            tally=attempt.tally,
        )

    def place(self, store: str) -> Place:
        """Return where a store is reached, and the identity that the configuration gives it, if any."""
        configured = self.settings.stores[store]
        return Place(str(getattr(configured, "base_url", "")), configured.identity or "")

    def mode(self, store: str, *, dry_run: bool = False) -> Mode:
        return "dry_run" if dry_run else self.settings.stores[store].mode


def _pool(limit: config.Limit) -> PoolLimit:
    more = limit.overflow
    extra = PoolLimit(more.calls, more.per, more.zone) if more else None
    return PoolLimit(limit.calls, limit.per, limit.zone, extra)


def _reread(secret: config.Secret) -> bool:
    try:
        changed = secret.reread()
    except ConfigurationError as error:
        logger.error("secret.unreadable", error=error.what)
        return False
    if changed:
        log.register_secret(secret.reveal())
        logger.info("secret.changed", setting=secret.key)
    return changed


class _Closed:
    """The meter of a door that nobody has opened with a purse yet: nothing goes out."""

    def ask(self) -> Permit:
        raise RuntimeError("a call was attempted without a purse")

    def settle(self, permit: Permit, ending: Ending, status: int | None, headers: Mapping[str, str]) -> None:
        raise RuntimeError("a call was made without a purse")


def _for_attempt(meter: Ledger, attempt: Attempt | None) -> Ledger:
    if attempt is not None:
        meter.run_id, meter.lease = attempt.run_id, attempt.lease
        attempt.meters.append(meter)
    return meter

"""The check of one store: sign in, and judge its settings and listings by what is known of both sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from syncd.app.check_result import PURPOSE, AccountSeen, Checked
from syncd.app.wiring import App
from syncd.core import doctor
from syncd.core.doctor import Finding
from syncd.core.doctor_catalogue import ArchivedCheck, CatalogueCheck
from syncd.core.doctor_tax import judge_tax_codes
from syncd.core.model import Link, ListingStatus, StoreFacts
from syncd.errors import IdentityChanged
from syncd.flows.push import read_store_facts, require_identity
from syncd.state import accounts, held, links, mirror, progress, scanned
from syncd.state.records import Mirrored, StoreRow
from syncd.stores.base import Store
from syncd.unleashed.products import find_product

CHUNK = 1000


def check_store(app: App, name: str, account: AccountSeen | None, done: Checked, *, accept: bool) -> None:
    """Look at one store. `account` None: its account could not be reached. `accept`: it may have moved."""
    about = f"store {name}"
    meter = app.store_meter(name, PURPOSE)
    store = app.store(name, meter)
    facts = done.reached(about, lambda: read_store_facts(store, app.place(name)))
    if facts is not None:
        done.findings.append(Finding("ok", about, f"signed in to {facts.identity} {facts.version}".rstrip()))
        done.findings += _remember(app, name, facts, accept=accept)
        done.findings += [Finding("warning", about, text, "See docs/stores.md.") for text in facts.warnings]
        done.findings += doctor.judge_stock_keeping(about, app.rules(name), facts)
        if account is not None:
            done.findings += _rules(app, name, account, facts)
            _canary(app, name, store, done)
        done.findings += _catalogue(app, name, store, facts)
    done.calls_store += meter.asked


def wants_tax_codes(app: App, name: str) -> bool:
    """Tell whether a store's set-up depends on Unleashed's tax codes: it names a rate, or sets up orders."""
    store = app.settings.stores[name]
    return "orders" in store.model_fields_set or store.listing.tax != "exclusive"


def _remember(app: App, name: str, facts: StoreFacts, *, accept: bool) -> list[Finding]:
    row = app.store_row(name)
    try:
        if not accept:
            require_identity(row, facts)
    except IdentityChanged as changed:
        with app.db.write() as conn:
            accounts.doubt_store_facts(conn, row.id)
        return [Finding("problem", f"store {name}", changed.what, changed.do)]
    with app.db.write() as conn:
        accounts.set_identity(conn, row.id, facts.identity)
        accounts.save_store_facts(conn, row.id, facts, app.bench.clock.now())
    return []


def _rules(app: App, name: str, account: AccountSeen, facts: StoreFacts) -> list[Finding]:
    about, rules, orders = f"store {name}", app.rules(name), app.settings.stores[name].orders
    found = [
        *doctor.judge_warehouses(about, rules, account.facts, _unread(app, name)),
        *doctor.judge_order_warehouse(about, orders.warehouse or "", account.facts),
        *doctor.judge_tier(about, rules, account.tiers),
        *doctor.judge_prices(about, rules, account.facts, facts),
    ]
    if account.tax_codes is not None and wants_tax_codes(app, name):
        found += judge_tax_codes(about, rules.tax, orders.tax_codes or {}, account.tax_codes)
    return found


def _unread(app: App, name: str) -> set[str]:
    """Return the warehouses that have not been read in full, once anything has been."""
    row = app.store_row(name)
    with app.db.read() as conn:
        feeds = progress.all_progress(conn, row.account_id)
    if not any(feed.certified_at for feed in feeds):
        return set()
    read = {feed.warehouse for feed in feeds if feed.feed == "stock" and feed.certified_at}
    return set(app.rules(name).feeds()) - read


def _canary(app: App, name: str, store: Store, done: Checked) -> None:
    """Look for the canary: in the store with one call, in Unleashed with one if it was not read before."""
    code = (app.settings.stores[name].canary or "").strip()
    if not code:
        return
    about, row, account = f"store {name}", app.store_row(name), app.account_of(name)
    with app.db.read() as conn:
        known = bool(mirror.by_code(conn, row.account_id, code))
    meter = app.account_meter(account, PURPOSE)

    def look() -> Finding:
        there = known or bool(find_product(app.unleashed(account, meter), code))
        shown = store.look(codes=[code]).get(code)
        sold = shown is not None and not shown.status_is_trash()
        return doctor.judge_canary(about, code, in_unleashed=there, in_store=sold)

    finding = done.reached(about, look)
    done.findings += [finding] if finding else []
    done.calls_unleashed += meter.asked


def _catalogue(app: App, name: str, store: Store, facts: StoreFacts) -> list[Finding]:
    """Judge what is known of Unleashed's products and their listings, without a call."""
    about, row, rules = f"store {name}", app.store_row(name), app.rules(name)
    codes, archived, classes = CatalogueCheck(store.code_problem), ArchivedCheck(rules), Counter[str]()
    known, holds = set[str](), _held(app, row)
    after: tuple[str, str] | None = None
    while rows := _products(app, row, after):
        after = (rows[-1].product.code.strip(), rows[-1].product.guid)
        known.update(each.product.guid for each in rows)
        shown = _shown(app, row, [each.link for each in rows if each.product.retired])
        for each in rows:
            product, link = each.product, each.link
            if not product.retired:
                codes.look(product.code.strip(), sold=product.sellable and not product.component)
            if link is not None and link.ref is not None and not link.gone:
                classes[link.tax_class] += 1
            archived.look(product, link, shown.get(product.guid), held=product.guid in holds)
    _gone(app, row, known, archived)
    found = [*codes.findings(about), *archived.findings(about)]
    return [*found, *doctor.judge_tax_classes(about, rules, facts, classes)]


def _gone(app: App, row: StoreRow, known: set[str], archived: ArchivedCheck) -> None:
    """Take note of the links whose product the mirror does not have."""
    with app.db.read() as conn:
        lost = [link for link in links.listed(conn, row.id) if link.guid not in known]
    shown = _shown(app, row, lost)
    for link in lost:
        archived.look_gone(link, shown.get(link.guid))


def _held(app: App, row: StoreRow) -> set[str]:
    """Return the guids of the listings of which the brake holds what is done with an obsolete product."""
    off_sale = {"draft": "status", "out_of_stock": "stock"}.get(app.rules(row.name).obsolete)
    with app.db.read() as conn:
        return {each.guid for each in held.held_changes(conn, row.id) if each.field == off_sale}


def _shown(app: App, row: StoreRow, some: Sequence[Link | None]) -> dict[str, ListingStatus]:
    """Return by guid whether the store showed these on sale, hidden or binned when it was last scanned."""
    guids = {link.ref: link.guid for link in some if link is not None and link.ref is not None}
    with app.db.read() as conn:
        records = scanned.by_refs(conn, row.id, list(guids)) if guids else {}
    return {guids[ref]: each.content.status for ref, each in records.items() if each.content.status}


def _products(app: App, row: StoreRow, after: tuple[str, str] | None) -> list[Mirrored]:
    with app.db.read() as conn:
        return links.everything(conn, row, CHUNK, after)

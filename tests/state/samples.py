"""An invented merchant, and rows for every table."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from syncd.core.alert import Trouble
from syncd.core.ghost import Ghost
from syncd.core.model import (
    AccountFacts,
    Content,
    Link,
    ListingStatus,
    Poison,
    Product,
    Shown,
    StockRow,
    StoreFacts,
    Tier,
    Warehouse,
)
from syncd.core.order import StoreCustomer
from syncd.core.passes import HalfRead, Notes
from syncd.core.sale import Customer
from syncd.state import (
    accounts,
    alerts,
    audit,
    certificates,
    cursors,
    customer_links,
    customers,
    demand,
    due,
    ghosts,
    halfread,
    held,
    leases,
    links,
    mails,
    mirror,
    outbox,
    parked,
    progress,
    runs,
    scanned,
)
from syncd.state.calibration import save_calibration
from syncd.state.certificates import Certificate
from syncd.state.cursors import Cursor
from syncd.state.customer_links import CustomerLink
from syncd.state.customers import Claim
from syncd.state.db import Connection, Database
from syncd.state.demand import Taken
from syncd.state.ledger import Ledger
from syncd.state.outbox import Document
from syncd.state.records import (
    AccountRow,
    Change,
    Counts,
    DaemonRow,
    HeldChange,
    PoolLimit,
    Progress,
    Scan,
    StoreRow,
)
from tests.databases import NOON, ManualClock

MINUTE = timedelta(minutes=1)

TEA = Product(
    guid="aaaaaaaa-0000-4000-8000-000000000001",
    code="TEA-100",
    name="Green tea, 100 g",
    price=Decimal("1774.93449333333333"),
    tiers=(Tier(1, "Wholesale", Decimal("7.5")), Tier(2, "VIP", None)),
    modified=NOON,
)
CUP = Product(guid="aaaaaaaa-0000-4000-8000-000000000002", code="CUP-1", name="Cup")


def numbered(number: int, **given: object) -> Product:
    """Return one of many products."""
    fields = {
        "guid": f"bbbbbbbb-0000-4000-8000-{number:012}",
        "code": f"P-{number:05}",
        "name": f"Product {number}",
        "price": Decimal(number),
        **given,
    }
    return Product(**fields)  # type: ignore[arg-type]


def stock(guid: str, available: object, warehouse: str = "W1", modified: datetime | None = None) -> StockRow:
    """Return what one warehouse has of a product."""
    return StockRow(guid, warehouse, Decimal(str(available)), modified=modified)


def merchant(conn: Connection) -> tuple[AccountRow, StoreRow]:
    """Create the account "main" and its store "shop"."""
    account = accounts.ensure_account(conn, "main")
    return account, accounts.ensure_store(conn, "shop", account.id, "memory")


def opened(db: Database) -> tuple[AccountRow, StoreRow]:
    """Create the account and the store in a transaction of their own."""
    with db.write() as conn:
        return merchant(conn)


def held_change(product: Product) -> HeldChange:
    """Return that the brake holds the emptying of a product's listing."""
    return HeldChange(product.guid, product.code, "stock", "zero", "3", "0", "available 0", NOON, NOON)


JO = Customer("cccccccc-0000-4000-8000-000000000001", "JO", "Jo Doe", ("jo@example.test",), modified=NOON)


def document(store: StoreRow, doc: str = "7", **given: object) -> Document:
    """Return an order that waits."""
    fields: dict[str, object] = {
        "store_id": store.id,
        "kind": "order",
        "doc": doc,
        "state": "waiting",
        "state_at": NOON,
        "created": NOON,
        "received_at": NOON,
        "content_hash": "x",
        "raw": "{}",
        "number": doc,
        "total": Decimal("11.50"),
        "currency": "NZD",
        **given,
    }
    return Document(**fields)  # type: ignore[arg-type]


def sold(conn: Connection, account: AccountRow, store: StoreRow) -> None:
    """Put a customer and an order of theirs into every table that is about them."""
    customers.store_customers(conn, account.id, [JO], NOON)
    claim = Claim("jo@example.test", JO.guid, JO.code, "open", NOON)
    customers.claim(conn, account.id, claim, NOON - MINUTE)
    customer_links.save_store_customers(conn, store.id, [StoreCustomer("5", JO.emails)], NOON)
    customer_links.save_links(conn, store.id, [CustomerLink("5", JO.guid, "email", NOON)])
    cursors.save_cursor(conn, store.id, Cursor("orders", "17", NOON, NOON, NOON))
    order = document(store, payload="{}", found={"total": "11.5"})
    outbox.save(conn, [order])
    outbox.note(conn, order, "received", "", NOON)
    taken = Taken(order.doc, "1", "17", TEA.code, TEA.guid, Decimal(1))
    demand.set_lines(conn, store.id, account.id, order.doc, [taken], NOON)
    alerts.bring_up_to_date(conn, [Trouble("parked: tax", f"store:{store.id}", "1 order.", "Do.")], NOON)
    mails.add(conn, "syncd: 1 order", "1 order.", "<p>1 order.</p>", NOON)


def filled(db: Database) -> None:
    """Put at least one row into every table."""
    with db.write() as conn:
        account, store = merchant(conn)
        warehouses = (Warehouse("W1", "Main"),)
        accounts.save_account_facts(conn, account.id, AccountFacts("Tea Ltd", "NZD", warehouses), NOON)
        accounts.save_store_facts(conn, store.id, StoreFacts("memory:shop.example.test", "NZD"), NOON)
        accounts.set_identity(conn, store.id, "memory:shop.example.test")
        mirror.store_products(conn, account.id, [TEA, CUP], NOON)
        mirror.store_stock(conn, account.id, [stock(TEA.guid, "3.5")], NOON)
        wrote = Content(name="Tea", price=Decimal("7.50"), status=ListingStatus.LIVE)
        links.save_links(
            conn, store.id, [Link(TEA.guid, "17", "TEA-100", wrote=wrote, pushed_mirror=1)], NOON
        )
        progress.save_progress(conn, account.id, Progress("products", watermark=NOON))
        parked.park(conn, account.id, "products", [Poison("x", "no guid")], NOON)
        leases.acquire(conn, "pull:main", "me", NOON, MINUTE)
        due.ask_at(conn, "recent", "main", NOON)
        run = runs.start(conn, "recent", account.id, store.id, "me", NOON)
        change = Change(TEA.guid, "TEA-100", "17", "stock", "1", "3", "sellable")
        audit.record(conn, store.id, run, [change], NOON)
        held.hold(conn, store.id, [held_change(TEA)])
        held.approve(conn, store.id, "0123456789ab", [held_change(CUP)], NOON + MINUTE)
        scanned.save_page(conn, store.id, Scan(1, None, NOON, NOON), [Shown("17", "TEA-100", wrote)])
        found = Ghost(TEA.guid, "TEA-100", "price", "9", "9.5", "late commit", MINUTE)
        ghosts.record(conn, account.id, [found], "rotation", NOON, run)
        half = HalfRead("sweep", "stock", "W1", 1, None, NOON, NOON, notes=Notes(calls=1, read_at=NOON))
        halfread.save_half_read(conn, account.id, half)
        certificates.save_certificate(conn, account.id, Certificate("stock", "W1", NOON, NOON, 1, 1, 1))
        save_calibration(conn, account.id, "stamp_utc", "utc", {"products": {"2026-11-21": 3.5}}, NOON)
        sold(conn, account, store)
        runs.finish(conn, run, "done", Counts(read=2, written=1), None, None, NOON)
        runs.set_daemon(conn, DaemonRow("me", NOON, NOON, "0.1.0", "running"))
    limits = [PoolLimit(100, "hour", "Pacific/Auckland")]
    Ledger(db, ManualClock(), "account main", limits, purpose="recent", concurrency=9).ask()

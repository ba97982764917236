"""What the merchant has written down: read once, judged as a whole, handed out frozen."""

from __future__ import annotations

from syncd.config.load import Settings, load
from syncd.config.model import Account, Alerts, Daemon, Database, Limit, Log, Mail, Secrets, Web
from syncd.config.secret import Secret
from syncd.config.store import (
    KINDS,
    Brake,
    Customers,
    Listing,
    Orders,
    Schedule,
    Store,
    WooCommerceStore,
    WriteBack,
)
from syncd.config.values import Listen, Tax

__all__ = [
    "KINDS",
    "Account",
    "Alerts",
    "Brake",
    "Customers",
    "Daemon",
    "Database",
    "Limit",
    "Listen",
    "Listing",
    "Log",
    "Mail",
    "Orders",
    "Schedule",
    "Secret",
    "Secrets",
    "Settings",
    "Store",
    "Tax",
    "Web",
    "WooCommerceStore",
    "WriteBack",
    "load",
]

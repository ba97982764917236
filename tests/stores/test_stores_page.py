"""The page about stores says nothing that no test holds."""

from __future__ import annotations

import re
from pathlib import Path

from tests.stores.conformance import StoreLaws
from tests.stores.order_conformance import OrderLaws
from tests.stores.test_memory import TestMemoryStore as Memory
from tests.stores.test_memory_sales import TestMemorySales as MemorySales
from tests.stores.test_woocommerce import TestWooCommerce as Woo
from tests.stores.test_woocommerce_sales import TestWooCommerceSales as WooSales

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "stores.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.+) \|$", PAGE, flags=re.MULTILINE)


def test_every_named_test_exists() -> None:
    """A test that was renamed or dropped is missed on the page."""
    sources = "\n".join(
        path.read_text(encoding="utf-8")
        for path in [*HERE.glob("*.py"), *(HERE.parent / "emulator").glob("*.py")]
    )
    defined = set(re.findall(r"^ *def (test_\w+)", sources, flags=re.MULTILINE))
    assert set(re.findall(r"`(test_\w+)`", PAGE)) <= defined


def test_every_trap_is_handled_or_exempt() -> None:
    """All thirty traps of the wire reference have a row that names a test or a reason."""
    assert {int(number) for number, _, _ in ROWS} == set(range(1, 31))
    assert all("`test_" in held or held.startswith("exempt: ") for _, _, held in ROWS)


def test_exemptions_are_printed_with_their_reasons() -> None:
    """What a store need not keep is on the page, word for word."""
    for laws in (Memory, Woo, MemorySales, WooSales):
        for law, reason in laws.exempt.items():
            assert f"`{law}`: {reason}" in PAGE
            assert hasattr(StoreLaws, law) or hasattr(OrderLaws, law)

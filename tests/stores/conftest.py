"""Give the laws' assertions pytest's explanations."""

from __future__ import annotations

import pytest

for module in (
    *("shop", "laws_of_codes", "laws_of_reading", "laws_of_trouble", "laws_of_writing"),
    *("counter", "laws_of_customers", "laws_of_orders"),
):
    pytest.register_assert_rewrite(f"tests.stores.{module}")

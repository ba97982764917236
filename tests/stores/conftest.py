"""Give the laws' assertions pytest's explanations."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.stores.conformance")

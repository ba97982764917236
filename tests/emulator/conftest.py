"""An emulated Unleashed company with two warehouses and a clock that stands still."""

from __future__ import annotations

import pytest

from syncd.emulator.unleashed import UnleashedEmulator
from syncd.emulator.unleashed_books import Books
from tests.emulator.unleashed_caller import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def books(clock: Clock) -> Books:
    books = Books(clock)
    books.add_warehouse("W1", "Main", default=True)
    books.add_warehouse("W2", "Second")
    return books


@pytest.fixture
def company(books: Books, clock: Clock) -> UnleashedEmulator:
    return UnleashedEmulator(books, clock)

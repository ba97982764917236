"""The laws every store keeps, written once: a store's own test file says how its shop is opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from tests.stores.laws_of_codes import CodeLaws
from tests.stores.laws_of_reading import ReadingLaws
from tests.stores.laws_of_trouble import TroubleLaws
from tests.stores.laws_of_writing import WritingLaws


class StoreLaws(WritingLaws, ReadingLaws, CodeLaws, TroubleLaws):
    """Inherit, say how a shop is opened, and list in `exempt` which law cannot hold and why."""

    exempt: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls) -> None:
        for law in cls.exempt:
            getattr(StoreLaws, law)
            setattr(cls, law, None)

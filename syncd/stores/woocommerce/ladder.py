"""How many records one batch carries: more while the shop is quick, fewer when it struggles."""

from __future__ import annotations

from dataclasses import dataclass

SIZES = (1, 10, 25, 50, 100)
SLOW = 10.0
QUICK = SLOW / 4


@dataclass(slots=True)
class Ladder:
    """The batch size learned from one shop; kept as long as the store object lives.

    WooCommerce saves a batch's items one after another in one request, and a host that cuts the
    request off leaves half of them saved (reference section 4.3). The lowest rung is there for the one
    record on which a plugin crashes: alone, it takes no others with it.
    """

    step: int = SIZES.index(50)

    @property
    def size(self) -> int:
        return SIZES[self.step]

    def took(self, count: int, seconds: float) -> None:
        """Learn from an answered batch of `count` records."""
        if seconds > SLOW:
            self.down()
        elif seconds < QUICK and count >= self.size:
            self.step = min(self.step + 1, len(SIZES) - 1)

    def down(self) -> None:
        """Learn from a batch that was too large, too slow or never answered."""
        self.step = max(self.step - 1, 0)

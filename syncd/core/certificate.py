"""The proof of one posted document: what was sent, what Unleashed answered, and whether they are equal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from syncd.core.money import plain


@dataclass(frozen=True, slots=True)
class Sums:
    """Totals of a document, in its currency; `lines` is their number, None where that is not known."""

    sub_total: Decimal
    tax_total: Decimal
    total: Decimal
    lines: int | None = None

    def told(self) -> Mapping[str, str | int | None]:
        """Return them as they are kept: decimals as text."""
        return {
            "sub_total": plain(self.sub_total),
            "tax_total": plain(self.tax_total),
            "total": plain(self.total),
            "lines": self.lines,
        }


def difference(sent: Sums, found: Sums) -> str:
    """Return in words what differs between the totals sent and those found; "" if nothing does."""
    pairs = (
        ("sub-total", sent.sub_total, found.sub_total),
        ("tax", sent.tax_total, found.tax_total),
        ("total", sent.total, found.total),
    )
    parts = [
        f"{name} {plain(there)} instead of {plain(ours)}" for name, ours, there in pairs if ours != there
    ]
    if sent.lines is not None and found.lines is not None and sent.lines != found.lines:
        parts.append(f"{found.lines} lines instead of {sent.lines}")
    return ", ".join(parts)

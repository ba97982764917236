"""When a product that an answer left out is suspected, and how long one that is gone is left in peace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

TOLERATED = 2
"""So many guids may be missing from an answer before its list is asked for in halves (design rule 3)."""

GONE_AGAIN = timedelta(days=7)
"""How often a product that is gone is asked for again: it may come back."""


def ask_again(missing: Sequence[str], before: Sequence[str] | None = None) -> list[Sequence[str]]:
    """Return the lists in which to ask again for what an answer left out; none if it is suspected now.

    A shorter list gets what a too long one did not. So more than two that are missing are asked for in
    halves, and again as long as that brings any of them; `before` are those of the time before.
    """
    brought_none = before is not None and len(missing) >= len(before)
    if len(missing) <= TOLERATED or brought_none:
        return []
    middle = (len(missing) + 1) // 2
    return [missing[:middle], missing[middle:]]

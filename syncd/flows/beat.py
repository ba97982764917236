"""What a flow calls between two steps: it renews the lease, and stops the flow when asked to."""

from __future__ import annotations

from collections.abc import Callable

Beat = Callable[[], None]
"""Raises LeaseLost when another process took over, Draining when the program is asked to stop."""


def no_beat() -> None:
    """Go on: for flows that nobody else can interrupt."""

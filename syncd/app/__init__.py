"""The one place that puts the parts together, and lets each half do its share of a job."""

from __future__ import annotations

from syncd.app.opening import open_app
from syncd.app.wiring import App, Transports, network

__all__ = ["App", "Transports", "network", "open_app"]

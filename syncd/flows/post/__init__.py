"""Bring orders and refunds that were taken in to Unleashed, once each; no store is asked or told here."""

from __future__ import annotations

from syncd.flows.post.due import post_due
from syncd.flows.post.records import Post, Shop

__all__ = ["Post", "Shop", "post_due"]

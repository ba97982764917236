"""Telling people: what belongs into one mail, how it reads, and how it is sent."""

from __future__ import annotations

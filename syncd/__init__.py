"""Keeps Unleashed and a web shop or POS in step."""

__version__ = "0.1.0"

"""Unleashed: the only package that talks to it, in its own spelling, and hands out plain records."""

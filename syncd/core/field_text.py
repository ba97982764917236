"""What a text looks like in a field that has room for only so much of it."""

from __future__ import annotations

import re

ELLIPSIS = "…"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BREAKS = re.compile(r"\s+")


def one_line(text: str, limit: int) -> str:
    """Return the text on one line, trimmed, in at most `limit` UTF-16 units, its end marked where cut.

    Control characters and lone surrogates, which no JSON body may carry, are left out.
    """
    return _cut(_BREAKS.sub(" ", _CONTROL.sub("", text)).strip(), limit)


def several_lines(text: str, limit: int) -> str:
    """Return the text with its line breaks (as one kind), otherwise as `one_line` does."""
    clean = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _cut(clean.strip(), limit)


def size(text: str) -> int:
    """Return how many UTF-16 units a text has, which is what Unleashed's limits count."""
    return len(text) + sum(ord(each) > 0xFFFF for each in text)


def _cut(text: str, limit: int) -> str:
    if size(text) <= limit:
        return text
    room = limit - size(ELLIPSIS)
    kept = text[:room]
    while size(kept) > room:
        kept = kept[:-1]
    return kept.rstrip() + ELLIPSIS

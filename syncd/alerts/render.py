"""Write the mail: a subject, a text and a page, without secrets and without anybody's address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from syncd.alerts.grouping import Group
from syncd.log import redact

if TYPE_CHECKING:
    from jinja2 import Environment

LONGEST_SUBJECT = 120
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it is kept until it is sent."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class StoreDay:
    """One store's orders: how many are in each state, and how many were posted since the last digest."""

    name: str
    states: tuple[tuple[str, int], ...]
    posted: int


@dataclass(frozen=True, slots=True)
class Digest:
    """The daily summary. `calls` are (account, what was spent) in words; times are aware UTC."""

    since: datetime
    until: datetime
    stores: tuple[StoreDay, ...]
    calls: tuple[tuple[str, str], ...] = ()


def alert_letter(groups: Sequence[Group], about: str) -> Letter:
    """Return the mail that tells of these troubles. `about` says which installation it comes from."""
    first, more = groups[0], len(groups) - 1
    again = "still: " if first.again else ""
    rest = f" (and {more} more)" if more else ""
    subject = f"{again}{first.what[0] if first.what else first.cause}"
    return _letter("alert", _shortened(f"syncd: {subject}", rest), groups=groups, about=about)


def digest_letter(digest: Digest, groups: Sequence[Group], about: str) -> Letter:
    """Return the daily summary, with all that is open."""
    posted = sum(each.posted for each in digest.stores)
    troubles = f"{len(groups)} open {'problem' if len(groups) == 1 else 'problems'}" if groups else "all well"
    subject = f"syncd: {posted} {'order' if posted == 1 else 'orders'} posted, {troubles}"
    return _letter("digest", _shortened(subject), digest=digest, groups=groups, about=about)


def _letter(name: str, subject: str, **values: Any) -> Letter:
    pages = _templates()
    text = pages.get_template(f"{name}.txt").render(subject=subject, **values)
    html = pages.get_template(f"{name}.html").render(subject=subject, **values)
    return Letter(subject, text, html)


def _shortened(text: str, rest: str = "") -> str:
    line = harmless(text)
    room = LONGEST_SUBJECT - len(rest)
    return (line if len(line) <= room else line[: room - 1].rstrip() + "…") + rest


def harmless(text: object) -> str:
    """Return a text in one line: secrets and addresses hidden, and nothing that a mail cannot carry."""
    whole = str(text).encode("utf-8", errors="replace").decode("utf-8")
    return _BLANKS.sub(" ", redact(whole)).strip()


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


@cache
def _templates() -> Environment:
    """Return the templates of this package. Imported here: no command but notify needs them."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    pages = Environment(
        loader=PackageLoader("syncd.alerts", "templates"),
        autoescape=lambda name: bool(name) and str(name).endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_clean,
    )
    pages.filters["moment"] = _moment
    return pages


def _clean(value: object) -> object:
    """Make every text that is put into a page harmless; what a filter has marked as safe stays."""
    return harmless(value) if type(value) is str else value

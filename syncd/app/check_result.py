"""What a check hands from hand to hand: what was found until now, and what an account said of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from syncd.core.doctor import Finding
from syncd.core.model import AccountFacts
from syncd.core.tax_codes import TaxCode
from syncd.errors import RemoteError, SyncdError

T = TypeVar("T")

PURPOSE = "check"


@dataclass(slots=True)
class Checked:
    """What was found, and how many calls it took on each side."""

    findings: list[Finding] = field(default_factory=list)
    calls_unleashed: int = 0
    calls_store: int = 0

    def exit_code(self) -> int:
        """Return 3 if a side could not be reached or signed in to, 1 for a problem, else 0."""
        levels = {finding.level for finding in self.findings}
        return 3 if "unreachable" in levels else 1 if "problem" in levels else 0

    def reached(self, about: str, read: Callable[[], T]) -> T | None:
        """Return what was read, or note why it could not be."""
        try:
            return read()
        except RemoteError as error:
            self.findings.append(Finding("unreachable", about, error.what, error.do))
        except SyncdError as error:
            self.findings.append(Finding("problem", about, error.what, error.do))
        return None


@dataclass(frozen=True, slots=True)
class AccountSeen:
    """What one account said. `tiers` None: it has no product yet. `tax_codes` None: they were not read."""

    facts: AccountFacts
    tiers: list[tuple[int, str]] | None = None
    tax_codes: tuple[TaxCode, ...] | None = None

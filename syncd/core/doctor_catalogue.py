"""What is wrong with the codes of a catalogue, and which archived records are still in use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from syncd.core.doctor import Finding, some_of
from syncd.core.listing import ListingRules, untracked
from syncd.core.model import Link, ListingStatus, Product
from syncd.core.product_plan import flows_to


@dataclass(slots=True)
class CatalogueCheck:
    """Collects what is wrong with the codes of a catalogue, product by product."""

    problem: Callable[[str], str]
    unfit: dict[str, str] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    folded: dict[str, set[str]] = field(default_factory=dict)

    def look(self, code: str, *, sold: bool = True) -> None:
        """Take note of one code of a product that is not obsolete. `sold`: it can be a listing of its own."""
        why = self.problem(code)
        if why and sold:
            self.unfit[code] = why
        self.seen[code] += 1
        self.folded.setdefault(code.casefold(), set()).add(code)

    def findings(self, about: str) -> list[Finding]:
        """Return what was found: codes the store cannot hold, codes used twice, codes that differ by case."""
        found = []
        if self.unfit:
            said = [f"{code} ({why})" for code, why in sorted(self.unfit.items())]
            what = f"{some_of(said)}: the store cannot hold {_these(said)}, so nothing is linked"
            found.append(Finding("problem", about, what, "Change the codes in Unleashed."))
        twice = sorted(code for code, number in self.seen.items() if number > 1)
        if twice:
            what = f"Unleashed has several products with the code {some_of(twice)}: none of them is linked"
            found.append(
                Finding("problem", about, what, "Make the codes unique, or make one product obsolete.")
            )
        alike = sorted(" and ".join(sorted(codes)) for codes in self.folded.values() if len(codes) > 1)
        if alike:
            what = f"codes that differ only by case: {some_of(alike)}; a shop can hold but one of each"
            found.append(Finding("warning", about, what, "Rename one of each in Unleashed."))
        return found


def _these(said: Sequence[str]) -> str:
    return "this code" if len(said) == 1 else "these codes"


Left = Literal["gone", "held", "left", "unmanaged", "adopted"]

_WHY: dict[Left, tuple[str, str]] = {
    "gone": (
        "still linked, but no longer in Unleashed",
        "Take them off sale in the store, then take their links away with `syncd links unset`.",
    ),
    "held": (
        "obsolete in Unleashed and still on sale, as the brake holds the change",
        "Look at it with `syncd approve`, then approve it or correct Unleashed.",
    ),
    "left": (
        'obsolete in Unleashed and still on sale, as listing.obsolete is "leave"',
        'Set listing.obsolete to "draft" or "out_of_stock", or take them off sale in the store.',
    ),
    "unmanaged": (
        "obsolete in Unleashed and still on sale, as their stock is never written",
        'Set listing.obsolete to "draft", or take them off sale in the store.',
    ),
    "adopted": (
        "obsolete in Unleashed and still on sale, as syncd did not create these listings",
        "Take them off sale in the store, or let syncd do it with `syncd adopt --fields price CODE`.",
    ),
}
"""Why an archived record stays in use, as it is said and with the remedy."""


def why_left(product: Product, link: Link, rules: ListingRules, *, held: bool) -> Left | None:
    """Return why syncd does not take the listing of an obsolete product off sale; None: it does, or will.

    `held`: the brake holds what would do it.
    """
    if held:
        return "held"
    if rules.obsolete == "leave":
        return "left"
    if rules.obsolete == "draft":
        return None if flows_to("status", link) else "adopted"
    return "unmanaged" if "stock" not in rules.fields or untracked(product) else None


@dataclass(slots=True)
class ArchivedCheck:
    """Collects linked listings whose product is archived in Unleashed while the store still sells them."""

    rules: ListingRules
    left: dict[Left, list[str]] = field(default_factory=dict)
    unseen: list[str] = field(default_factory=list)

    def look(
        self, product: Product, link: Link | None, shows: ListingStatus | None, *, held: bool = False
    ) -> None:
        """Take note of one product. `shows`: what the store was last seen to show, None if it was never read.

        `held`: the brake holds what would take it off sale, which it does only with what was seen on sale.
        """
        if not product.retired or link is None or link.ref is None or link.gone or link.hidden_from:
            return
        why = why_left(product, link, self.rules, held=held)
        if why is None:
            return
        if product.gone and why != "held":
            why = "gone"
        if why == "held" or shows is ListingStatus.LIVE:
            self.left.setdefault(why, []).append(product.code.strip())
        elif shows is None:
            self.unseen.append(product.code.strip())

    def look_gone(self, link: Link, shows: ListingStatus | None) -> None:
        """Take note of a link whose product Unleashed does not have; `shows` as above."""
        if link.ref is not None and not link.gone and shows in (None, ListingStatus.LIVE):
            self.left.setdefault("gone", []).append(link.code.strip())

    def findings(self, about: str) -> list[Finding]:
        """Return one line for each reason why archived records are still in use, and what is not known."""
        found = []
        for why, (what, do) in _WHY.items():
            if codes := self.left.get(why):
                found.append(Finding("warning", about, f"{some_of(sorted(codes))}: {what}", do))
        if self.unseen:
            unsure = "whether the store still sells them was not read"
            what = f"{some_of(sorted(self.unseen))}: obsolete in Unleashed; {unsure}: `syncd match` does that"
            found.append(Finding("ok", about, what))
        return found

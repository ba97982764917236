"""Which of a store's records is which product, and when that is in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from syncd.core.model import Content, Link, Product, Shown

CREATED_OWNS = frozenset({"name", "price", "status"})
"""What we may change, beside stock, on a listing that we created."""


@dataclass(frozen=True, slots=True)
class Rivals:
    """What else claims the same record.

    `same_code` are the guids of the products with the same trimmed code, each with whether it is obsolete
    or gone (the product itself may be among them); `holder` is the guid that the found record is linked to
    already.
    """

    same_code: Sequence[tuple[str, bool]] = ()
    holder: str | None = None


def doubt(product: Product, shown: Shown, rivals: Rivals) -> str:
    """Return why a record found by code must not be linked, or "" if it may.

    Only equal codes link (after trimming): one that differs by case or spaces is a near miss.
    """
    code = product.code.strip()
    if shown.code.strip() != code:
        return f"the store's record {shown.ref} has the code {shown.code}, not {code}"
    if shown.duplicates:
        others = ", ".join((shown.ref, *shown.duplicates))
        return f"the store has several records with the code {code}: ids {others}"
    if rivals.holder is not None and rivals.holder != product.guid:
        return f"the store's record {shown.ref} is already linked to another product"
    return rival(product, rivals)


def rival(product: Product, rivals: Rivals) -> str:
    """Return why this product is not the only one that its code may mean, or "" if it is.

    A product in use goes before obsolete ones with its code; two of a kind exclude each other.
    """
    code = product.code.strip()
    others = [obsolete for guid, obsolete in rivals.same_code if guid != product.guid]
    current = [obsolete for obsolete in others if not obsolete]
    if product.retired and current:
        return f"another product that is not obsolete has the code {code} too"
    if current or (product.retired and others):
        return f"Unleashed has several products with the code {code}"
    return ""


def linked(link: Link, shown: Shown) -> Link:
    """Return the link to a record found by code: ours if we were about to create it, else adopted.

    What was remembered of another record that the product was linked to before is forgotten.
    """
    ours = link.creating
    return replace(
        link,
        ref=shown.ref,
        code=shown.code,
        created=ours,
        creating=False,
        gone=False,
        owned=CREATED_OWNS if ours else frozenset(),
        hidden_from=None,
        wrote=link.wrote if ours else Content(),
        ambiguous="",
        parked="",
    )

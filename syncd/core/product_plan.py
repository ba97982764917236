"""What to do about one product in one store: which record it is, and what of it must be written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from syncd.core.listing import ListingRules, untracked
from syncd.core.model import FIELDS, Content, FieldName, Link, Listing, ListingStatus, Product, Shown, Value
from syncd.core.money import plain
from syncd.core.product_match import Rivals, doubt, linked, rival

Action = Literal["write", "create", "in_step", "absent", "ambiguous", "gone", "held"]
Fit = Callable[[Content], Content]

NOTHING = Content()


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that will be written: as the store shows it, as it will be, and the rule that says so."""

    field: FieldName
    before: str | None
    after: str | None
    rule: str


@dataclass(frozen=True, slots=True)
class Note:
    """A field that is left alone, and why. `held`: a person should decide. `wanted` differs from `shows`."""

    field: FieldName
    rule: str
    held: bool = False
    shows: str | None = None
    wanted: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do about one product. `content` is only what is to be written; `reason` speaks to a person."""

    action: Action
    link: Link
    content: Content = NOTHING
    changes: tuple[FieldChange, ...] = ()
    notes: tuple[Note, ...] = ()
    reason: str = ""
    do: str = ""


def plan_product(
    product: Product,
    listing: Callable[[Link, str], Listing],
    shown: Shown | None,
    link: Link,
    rivals: Rivals,
    rules: ListingRules,
    fit: Fit,
    *,
    creates: bool = True,
) -> Plan:
    """Plan one product from what the store shows for its ref, or for its code where there is no such ref.

    `listing(link, tax_class)` decides what should be shown; `fit` is the store's. A record with another ref
    than the link's was found by code: it is linked anew, or in doubt. The plan's link is what must be
    remembered once the plan is carried out; its `creating` must be remembered before.
    """
    if shown is None:
        return _plan_missing(product, listing, link, rivals, rules, fit, creates=creates)
    if shown.status_is_trash():
        return _gone(link, f"its listing (id {shown.ref}) is in the store's bin", "restore it there")
    if shown.ref != link.ref:
        unsure = doubt(product, shown, rivals)
        if unsure:
            return _ambiguous(link, unsure)
        link = linked(link, shown)
    return _plan_shown(listing(link, shown.tax_class), shown, link, fit)


def _ambiguous(link: Link, unsure: str) -> Plan:
    do = "Make the code unique on both sides, then run `syncd resync` for it."
    return Plan("ambiguous", replace(link, ambiguous=unsure), reason=unsure, do=do)


def _plan_missing(
    product: Product,
    listing: Callable[[Link, str], Listing],
    link: Link,
    rivals: Rivals,
    rules: ListingRules,
    fit: Fit,
    *,
    creates: bool,
) -> Plan:
    if link.ref is not None or link.gone:
        return _gone(link, "its listing is no longer in the store", "create it there again with its code")
    why_not = _why_not_created(product, rules, creates=creates)
    if why_not:
        return _absent(link, why_not, _MAKE_IT if not rules.create or not creates else "")
    unsure = rival(product, rivals)
    if unsure:
        return _ambiguous(replace(link, creating=False, created=False), unsure)
    wanted = listing(link, "")
    if _stock_awaited(product, wanted, rules):
        do = "It is created once its stock is known; `syncd resync` for it asks at once."
        return _absent(link, f"not created yet: {wanted.stock.rule}", do)
    return _plan_create(product, wanted, link, rules, fit)


def _why_not_created(product: Product, rules: ListingRules, *, creates: bool) -> str:
    if not rules.create:
        return "the store has no record with this code, and creating is off (listing.create)"
    if not creates:
        return "the store has no record with this code, and this kind of store cannot create one"
    if product.retired:
        return f"{product.retired.removesuffix(' in Unleashed')}, and the store does not have it"
    if not product.sellable or product.component:
        return "not sold by itself in Unleashed, and the store does not have it"
    return ""


_MAKE_IT = (
    "Create it in the store with exactly this code (listing.create = true lets syncd do it), or leave it out."
)


def _stock_awaited(product: Product, wanted: Listing, rules: ListingRules) -> bool:
    """Tell whether to wait for the stock: created without a quantity, a listing would sell without limit."""
    return wanted.stock.value is None and "stock" in rules.fields and not untracked(product)


def _absent(link: Link, reason: str, do: str = "") -> Plan:
    nothing = replace(link, creating=False, created=False, parked="", ambiguous="")
    return Plan("absent", nothing, reason=reason, do=do)


def _gone(link: Link, what: str, do: str) -> Plan:
    lost = replace(link, gone=True, creating=False, parked="", ambiguous="")
    return Plan("gone", lost, reason=what, do=f"If it should be sold, {do}.")


def _plan_create(product: Product, wanted: Listing, link: Link, rules: ListingRules, fit: Fit) -> Plan:
    name = wanted.name.value or product.code.strip()
    body = fitted(fit, Content(name, wanted.price.value, wanted.stock.value))
    hidden = _why_hidden(product, body, rules)
    status = ListingStatus.HIDDEN if hidden else ListingStatus.LIVE
    content = fitted(fit, replace(body, status=status))
    why = {each: getattr(wanted, each).rule for each in FIELDS}
    why["status"] = f"created hidden: {hidden}" if hidden else "created on sale"
    if wanted.name.value is None:
        why["name"] = f"the product's code, as a new record needs a name ({wanted.name.rule})"
    changes = [FieldChange(each, None, text(content.get(each)), why[each]) for each in content.set_fields()]
    ready = replace(link, creating=True, created=True, parked="", ambiguous="", code=product.code.strip())
    return Plan("create", ready, content, tuple(changes), _held_notes(wanted))


def _why_hidden(product: Product, body: Content, rules: ListingRules) -> str:
    """Return why a new listing is not put on sale at once, or "" if it is."""
    if not rules.publish:
        return "publishing is off (listing.publish)"
    if body.price is None:
        return "it has no price"
    if body.stock is None and "stock" in rules.fields and not product.never_diminishing:
        return "it has no stock quantity, so the store would sell it without limit"
    return ""


def fitted(fit: Fit, content: Content) -> Content:
    """Return what the store can hold of it, without what it would turn into no name or no price."""
    held = fit(content)
    price = held.price if held.price is not None and held.price > 0 else None
    return replace(held, name=held.name or None, price=price)


def _plan_shown(listing: Listing, shown: Shown, link: Link, fit: Fit) -> Plan:
    asked = Content(listing.name.value, listing.price.value, listing.stock.value, listing.status.value)
    wanted = fitted(fit, asked)
    changes: list[FieldChange] = []
    notes: list[Note] = []
    for name in FIELDS:
        rule: str = getattr(listing, name).rule
        before, after = shown.content.get(name), wanted.get(name)
        if after is None:
            notes.append(_left_alone(name, listing, before))
        elif before == after:
            continue
        elif name in shown.locked:
            notes.append(Note(name, shown.locked[name], shows=text(before), wanted=text(after)))
        elif not flows_to(name, link):
            notes.append(Note(name, _ADOPTED, True, text(before), text(after)))
        else:
            changes.append(FieldChange(name, text(before), text(after), rule + _edited(name, before, link)))
    content = Content(**{change.field: wanted.get(change.field) for change in changes})  # type: ignore[arg-type]
    clean = replace(
        _with_hidden_from(link, listing, shown, content),
        tax_class=shown.tax_class,
        wrote=_agreed(link, shown.content, wanted),
        ambiguous="",
        parked="",
        gone=False,
    )
    return Plan("write" if changes else "in_step", clean, content, tuple(changes), tuple(notes))


_ADOPTED = "a listing that syncd did not create: kept as it is"


def _left_alone(name: FieldName, listing: Listing, before: object) -> Note:
    value = getattr(listing, name)
    if value.value is None:
        return Note(name, value.rule, value.held, shows=text(before))
    return Note(name, unfit(value), shows=text(before))


def unfit(value: Value[Any]) -> str:
    """Return the reason why a field is left alone although Unleashed has a value for it."""
    return f"the store cannot hold {text(value.value)} ({value.rule})"


def flows_to(name: FieldName, link: Link) -> bool:
    """Stock always flows; the rest only where we created the listing or a person adopted the field.

    Status follows as soon as any field does: nobody adopts it by name.
    """
    if name == "stock":
        return True
    return name in link.owned or (name == "status" and bool(link.owned))


def _agreed(link: Link, shows: Content, wanted: Content) -> Content:
    """Return what we wrote, with what an adopted listing shows of our own fields just as we would write it.

    Whatever it shows later is then known to be an edit, though we never had to write the field.
    """
    if link.created:
        return link.wrote
    same = {name: shows.get(name) for name in FIELDS if name in link.owned and shows.get(name) is not None}
    agreed = {name: value for name, value in same.items() if value == wanted.get(name)}
    return replace(link.wrote, **agreed)  # type: ignore[arg-type]


def _edited(name: FieldName, before: object, link: Link) -> str:
    wrote = link.wrote.get(name)
    return "" if wrote is None or wrote == before else f"; changed in the store since we wrote {text(wrote)}"


def _with_hidden_from(link: Link, listing: Listing, shown: Shown, content: Content) -> Link:
    """Remember what a listing was before we hid it, and forget it once it is back."""
    wanted = listing.status.value
    if content.status is ListingStatus.HIDDEN and wanted is ListingStatus.HIDDEN:
        return replace(link, hidden_from=shown.content.status)
    if wanted is None or wanted is ListingStatus.HIDDEN:
        return link
    back = wanted in (content.status, shown.content.status)
    return replace(link, hidden_from=None) if back else link


def _held_notes(listing: Listing) -> tuple[Note, ...]:
    values = [(name, getattr(listing, name)) for name in FIELDS]
    return tuple(Note(name, value.rule, True) for name, value in values if value.held)


def text(value: object) -> str | None:
    """Return a field's value as a person reads it."""
    if value is None:
        return None
    return plain(value) if isinstance(value, Decimal) else str(value)

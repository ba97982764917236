"""Which products or variations a list request means, in which order, and which page of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from syncd.emulator.woocommerce_numbers import number_of
from syncd.emulator.woocommerce_schema import LIST_FIELDS, check, id_parts
from syncd.emulator.woocommerce_shape import price_of
from syncd.emulator.woocommerce_shelf import Item
from syncd.emulator.woocommerce_shop import Shop
from syncd.emulator.woocommerce_values import sku_key, stored_sku

Condition = Callable[[Item], bool]
_PAGING = ("page", "per_page", "offset", "_fields", "context")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. `number` is the page asked for, `total` the rows on all pages."""

    items: list[Item]
    number: int
    pages: int
    total: int


@dataclass(slots=True)
class Finder:
    """Answers list requests; remembers the last few results as long as nothing on the shelf changes."""

    shop: Shop
    _revision: int = -1
    _known: dict[Any, list[int]] = field(default_factory=dict)
    _calls: int = 0

    def page(self, params: Mapping[str, str], *, variations: bool = False, parent: int | None = None) -> Page:
        """Return the page the parameters ask for, of products, of all variations, or of one parent's.

        Raises Refused (400 rest_invalid_param) for a parameter WordPress knows and cannot read;
        unknown ones are ignored. Dates as in reference section 3.2.
        """
        params = dict(params)
        if not self.shop.settings.modified_filter:
            params = {name: value for name, value in params.items() if not name.startswith("modified_")}
        check(params, LIST_FIELDS, self.shop.settings)
        self._calls += 1
        ids = self._ids(params, variations, parent)
        size = int(float(params.get("per_page", 10)))
        number = int(float(params.get("page", 1)))
        start = int(float(params["offset"])) if params.get("offset") else (number - 1) * size
        rows = [self.shop.shelf[each] for each in ids[start : start + size]]
        return Page(rows, number, -(-len(ids) // size), len(ids))

    def _ids(self, params: Mapping[str, str], variations: bool, parent: int | None) -> list[int]:
        if self._revision != self.shop.shelf.revision:
            self._known.clear()
            self._revision = self.shop.shelf.revision
        asked = {name: value for name, value in params.items() if name in LIST_FIELDS and name not in _PAGING}
        key = (variations, parent, self._ties_turned(), self.shop.settings.utc_offset, *sorted(asked.items()))
        if key not in self._known:
            if len(self._known) >= 8:
                self._known.clear()
            self._known[key] = self._found(asked, variations, parent)
        return self._known[key]

    def _found(self, params: Mapping[str, str], variations: bool, parent: int | None) -> list[int]:
        between = bounds(params, self.shop.settings.utc_offset)
        descending = params.get("order", "desc") != "asc"
        plain = set(params) <= {"modified_after", "modified_before", "dates_are_gmt", "order", "orderby"}
        by_change = params.get("orderby") == "modified" and self.shop.settings.tie_break
        if parent is None and plain and by_change:
            ids = _slice(self.shop.shelf.by_change(variations=variations), *between)
            return ids[::-1] if descending else ids
        fits: list[Condition] = [*_conditions(params, self.shop), partial(_changed, *between)]
        candidates = self._candidates(params, variations, parent)
        kept = [item for item in candidates if all(fit(item) for fit in fits)]
        return [item.id for item in self._sorted(kept, params, descending)]

    def _candidates(self, params: Mapping[str, str], variations: bool, parent: int | None) -> Iterable[Item]:
        shelf = self.shop.shelf
        if parent is not None:
            return shelf.children(parent)
        if skus := wanted_skus(params):
            found = {item.id: item for sku in skus for item in shelf.with_sku(sku)}
            return [item for item in found.values() if not variations or item.is_variation]
        if ids := id_parts(params.get("include", "")):
            some = [item for each in dict.fromkeys(ids) if (item := shelf.get(int(float(each))))]
            return [item for item in some if item.is_variation == variations]
        if params.get("status", "any") == "trash":
            return [item for item in shelf.all() if item.is_variation == variations]
        return [shelf[each] for _, each in shelf.by_change(variations=variations)]

    def _sorted(self, items: list[Item], params: Mapping[str, str], descending: bool) -> list[Item]:
        orderby = params.get("orderby", "date")
        if orderby in ("include", "post__in"):
            order = [int(float(each)) for each in id_parts(params.get("include", ""))]
            return sorted(items, key=lambda item: order.index(item.id) if item.id in order else 0)
        key = _KEYS[orderby]
        turned = self._ties_turned() and orderby in ("date", "modified")
        by_id = sorted(items, key=lambda item: item.id, reverse=descending != turned)
        return sorted(by_id, key=lambda item: key(item, self.shop), reverse=descending)

    def _ties_turned(self) -> bool:
        return not self.shop.settings.tie_break and self._calls % 2 == 1


def bounds(params: Mapping[str, str], utc_offset: timedelta) -> tuple[int | None, int | None]:
    """Return modified_after and modified_before as whole seconds since 1970 UTC; both are strict.

    A naive text is site time, or UTC with dates_are_gmt. A text with an offset is first turned into
    site time, even if the flag then takes that for UTC: the trap of reference section 3.2.
    """
    gmt = params.get("dates_are_gmt", "false").lower() in ("true", "1")

    def moment(text: str) -> int:
        read = datetime.fromisoformat(text.upper().replace(" ", "T"))
        if read.tzinfo is not None:
            read = read.astimezone(UTC).replace(tzinfo=None) + utc_offset
        plain = read if gmt else read - utc_offset
        return int(plain.replace(tzinfo=UTC, microsecond=0).timestamp())

    after, before = (params.get(f"modified_{side}") for side in ("after", "before"))
    return moment(after) if after else None, moment(before) if before else None


def _slice(family: list[tuple[int, int]], after: int | None, before: int | None) -> list[int]:
    low = bisect_right(family, (after, 1 << 62)) if after is not None else 0
    high = bisect_left(family, (before, 0)) if before is not None else len(family)
    return [each for _, each in family[low:high]]


def _changed(after: int | None, before: int | None, item: Item) -> bool:
    return (after is None or item.modified > after) and (before is None or item.modified < before)


_KEYS: dict[str, Callable[[Item, Shop], Any]] = {
    "date": lambda item, _shop: item.created,
    "id": lambda item, _shop: item.id,
    "modified": lambda item, _shop: item.modified,
    "title": lambda item, _shop: item.name.casefold(),
    "slug": lambda item, _shop: item.slug,
    "price": lambda item, shop: number_of(price_of(item, shop)),
    "popularity": lambda item, _shop: item.total_sales,
    "sales": lambda item, _shop: item.total_sales,
    "rating": lambda _item, _shop: 0,
    "random": lambda item, _shop: item.id * 2654435761 % 2**32,
    "menu_order": lambda item, _shop: item.extra.get("menu_order", 0),
}


def wanted_skus(params: Mapping[str, str]) -> list[str]:
    """Return the SKUs a list asks for: its comma parts, and the whole text in case it is one SKU.

    An empty text and "0" are no filter at all, as PHP's empty() has it (class-wc-rest-products-controller).
    """
    text = stored_sku(params.get("sku", ""))
    if text in ("", "0"):
        return []
    parts = text.split(",")
    return parts if len(parts) == 1 else [*parts, text]


def page_links(page: Page, params: Mapping[str, str], url: str) -> list[str]:
    """Return the Link entries: only prev and next, on the site's own address (reference section 2)."""
    links = []
    if page.number > 1:
        links.append(_link(url, params, min(page.number - 1, page.pages), "prev"))
    if page.pages > page.number:
        links.append(_link(url, params, page.number + 1, "next"))
    return links


def _link(url: str, params: Mapping[str, str], number: int, relation: str) -> str:
    shown = {name: value for name, value in params.items() if name != "page"}
    return f'<{url}?{urlencode({**shown, "page": number})}>; rel="{relation}"'


def _conditions(params: Mapping[str, str], shop: Shop) -> list[Condition]:
    fits = [_status(params.get("status", "any"))]
    if skus := {sku_key(sku) for sku in wanted_skus(params)}:
        fits.append(lambda item: sku_key(item.sku) in skus)
    fits += [_same(name, params[name]) for name in ("type", "stock_status", "slug") if params.get(name)]
    for name, rule in _ID_LISTS.items():
        if ids := {int(float(each)) for each in id_parts(params.get(name, ""))}:
            fits.append(partial(rule, ids))
    fits += _date_conditions(params, shop)
    fits += [partial(_mentions, word) for word in params.get("search", "").lower().split()]
    return fits


def _status(wanted: str) -> Condition:
    if wanted == "any":
        return lambda item: item.status not in ("trash", "auto-draft")
    return lambda item: item.status == wanted


def _same(name: str, wanted: str) -> Condition:
    return lambda item: bool(getattr(item, name) == wanted)


_ID_LISTS: dict[str, Callable[[set[int], Item], bool]] = {
    "include": lambda ids, item: item.id in ids,
    "exclude": lambda ids, item: item.id not in ids,
    "parent": lambda ids, item: item.parent_id in ids,
    "parent_exclude": lambda ids, item: item.parent_id not in ids,
}


def _mentions(word: str, item: Item) -> bool:
    texts = (item.name, item.extra.get("description", ""), item.extra.get("short_description", ""))
    return word in " ".join(map(str, texts)).lower()


def _date_conditions(params: Mapping[str, str], shop: Shop) -> list[Condition]:
    renamed = {f"modified_{side}": params[side] for side in ("after", "before") if params.get(side)}
    if not renamed:
        return []
    flag = {"dates_are_gmt": params.get("dates_are_gmt", "false")}
    after, before = bounds({**renamed, **flag}, shop.settings.utc_offset)
    return [
        lambda item: (after is None or item.created > after) and (before is None or item.created < before)
    ]

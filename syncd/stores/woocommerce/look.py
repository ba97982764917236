"""Read chosen products and variations, by id or by SKU, in as few calls as WooCommerce allows."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from syncd.core.model import ListingStatus, Shown
from syncd.errors import BadAnswer, RequestRefused
from syncd.stores.woocommerce.client import PER_PAGE, Client
from syncd.stores.woocommerce.fitting import kept_code
from syncd.stores.woocommerce.wire import FIELDS, Ref, WooSettings, row_id, shown

Params = Mapping[str, str | int]
_LIST: Params = {
    "per_page": PER_PAGE,
    "orderby": "id",
    "order": "asc",
    "_fields": FIELDS,
    "_skip_cache": "true",
}
_NO_ROUTE = "rest_no_route"


@dataclass(slots=True)
class Reader:
    """Reads of one shop. `all_variations`: whether `/variations` exists (since 10.3), None = not known."""

    client: Client
    settings: WooSettings
    all_variations: bool | None = None

    def products(self, ids: Iterable[int]) -> dict[str, Shown]:
        """Return what is there of these products, the bin included, by ref.

        The list leaves binned products out, so what it lacks is asked for there in a second call
        (reference section 3.1).
        """
        wanted = list(dict.fromkeys(ids))
        found = self._included("products", wanted, {})
        missing = [each for each in wanted if each not in found]
        found |= self._included("products", missing, {"status": "trash"})
        return {ref: record for ref, record in self._shown(found).items() if "/" not in ref}

    def variations(self, refs: Iterable[Ref]) -> dict[str, Shown]:
        """Return what is there of these variations, the bin included, by ref."""
        wanted = list(dict.fromkeys(refs))
        found = self._variations(wanted, {})
        missing = [ref for ref in wanted if str(ref) not in found]
        return found | self._variations(missing, {"status": "trash"})

    def by_code(self, codes: Iterable[str]) -> dict[str, Shown]:
        """Return what carries exactly these SKUs, by code; never from the bin (section 3.1).

        The shop compares without regard to case and accents, so every row is compared again here. A
        SKU that WordPress cannot keep cannot be searched for either, and is absent.
        """
        wanted = {code for code in codes if code and kept_code(code) == code}
        found: dict[str, dict[str, Shown]] = {}
        for text in _sku_lists(sorted(wanted), self.client):
            for record in self._pages_of(text, wanted):
                if record.content.status is not ListingStatus.TRASH:
                    found.setdefault(record.code, {})[record.ref] = record
        return {code: _smallest(list(records.values())) for code, records in found.items()}

    def has_all_variations(self) -> bool:
        """Tell whether `/variations` exists, asking once."""
        if self.all_variations is None:
            try:
                self.client.rows("variations", {"per_page": 1, "_fields": "id"})
                self.all_variations = True
            except RequestRefused as refused:
                if refused.code != _NO_ROUTE:
                    raise
                self.all_variations = False
        return self.all_variations

    def _pages_of(self, text: str, wanted: set[str]) -> Iterator[Shown]:
        """A list that goes on with SKUs quite unlike those asked for is the whole shop: what it lacks is
        then not absent. One that ends is complete, and fit to be searched here."""
        page, going_on = 1, True
        while going_on:
            answer = self.client.rows("products", {"sku": text, **_LIST, "page": page})
            records = [shown(row, self.settings) for row in answer.rows if row_id(row)]
            yield from (record for record in records if record.code in wanted)
            going_on = answer.goes_on_after(page)
            alike = {_loosely(part) for part in (text, *text.split(","))}
            if going_on and any(_loosely(record.code) not in alike for record in records):
                raise self._ignored("sku")
            page += 1

    def _included(self, path: str, ids: Sequence[int], params: Params) -> dict[int, dict[str, Any]]:
        """WordPress ignores a filter that it does not know (section 3.1): rows not asked for are dropped,
        and where asked ones are missing beside them, nothing is known about those."""
        found: dict[int, dict[str, Any]] = {}
        for start in range(0, len(ids), PER_PAGE):
            part = set(ids[start : start + PER_PAGE])
            asked = ",".join(str(each) for each in sorted(part))
            rows = self.client.rows(path, {"include": asked, **params, **_LIST}).rows
            got = {row_id(row): row for row in rows}
            if got.keys() - part and part - got.keys():
                raise self._ignored("include")
            found |= {each: row for each, row in got.items() if each in part}
        return found

    def _ignored(self, name: str) -> BadAnswer:
        who = self.client.http.who
        do = "Look for a plugin that changes REST queries, or an address rule that drops parameters."
        return BadAnswer(f"{who} ignores {name}= and lists other products than were asked for.", do, who=who)

    def _variations(self, refs: Sequence[Ref], params: Params) -> dict[str, Shown]:
        by_parent: dict[int, list[int]] = {}
        for ref in refs:
            by_parent.setdefault(ref.product, []).append(ref.variation or 0)
        found: dict[str, Shown] = {}
        if len(by_parent) > 1 and self.has_all_variations():
            found = self._shown(self._included("variations", [ref.variation or 0 for ref in refs], params))
        else:
            for parent, ids in by_parent.items():
                found |= self._shown(self._below(parent, ids, params), parent)
        asked = {str(ref) for ref in refs}
        return {ref: record for ref, record in found.items() if ref in asked}

    def _below(self, parent: int, ids: Sequence[int], params: Params) -> dict[int, dict[str, Any]]:
        try:
            return self._included(f"products/{parent}/variations", ids, params)
        except RequestRefused as refused:
            if refused.status == 404 and refused.code.endswith("_invalid_id"):
                return {}
            raise

    def _shown(self, rows: Mapping[int, Mapping[str, Any]], parent: int = 0) -> dict[str, Shown]:
        records = [shown(row, self.settings, parent) for row in rows.values()]
        return {record.ref: record for record in records}


def look(reader: Reader, refs: Sequence[str], codes: Sequence[str]) -> dict[str, Shown]:
    """Return what the shop shows for these refs ("12", variations "12/13") and codes, keyed as asked."""
    places = {text: ref for text in refs if (ref := Ref.parse(text)) is not None}
    products = [ref.product for ref in places.values() if ref.variation is None]
    variations = [ref for ref in places.values() if ref.variation is not None]
    found = (reader.products(products) if products else {}) | (
        reader.variations(variations) if variations else {}
    )
    by_ref = {text: found[str(ref)] for text, ref in places.items() if str(ref) in found}
    return by_ref | reader.by_code(codes)


def _loosely(code: str) -> str:
    """Return the code without what a database's collation overlooks: case, accents, spaces."""
    parts = unicodedata.normalize("NFKD", code.casefold())
    return "".join(each for each in parts if not unicodedata.combining(each) and not each.isspace())


def _smallest(records: list[Shown]) -> Shown:
    first, *others = sorted(records, key=lambda record: int(record.ref.rpartition("/")[2]))
    return Shown(
        first.ref,
        first.code,
        first.content,
        first.tax_class,
        first.locked,
        tuple(record.ref for record in others),
    )


def _sku_lists(codes: Sequence[str], client: Client) -> Iterator[str]:
    """Yield comma lists of at most 100 SKUs in addresses of bearable length.

    A SKU that contains a comma goes alone, for the shop tries the whole text as one SKU; "0" goes
    twice, for PHP takes "0" for no filter at all.
    """
    empty = client.url("products", {**_LIST, "page": 10, "sku": ""})
    part: list[str] = []
    room = client.room(empty)
    for code in codes:
        if "," in code:
            yield code
            continue
        length = len(quote(f"{code},", safe=""))
        if part and (len(part) == PER_PAGE or length > room):
            yield ",".join(part)
            part, room = [], client.room(empty)
        part.append(code)
        room -= length
    if part:
        yield ",".join(part) if part != ["0"] else "0,0"

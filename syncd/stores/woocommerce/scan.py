"""Read everything a WooCommerce shop holds, page by page, without losing a record on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from syncd.core.model import Shown, ShownPage
from syncd.errors import BadAnswer
from syncd.stores.woocommerce.client import PER_PAGE
from syncd.stores.woocommerce.look import Reader
from syncd.stores.woocommerce.wire import FIELDS, row_id, shown

OVERLAP = 1
STEP_BACK = PER_PAGE // 2
# The bin comes first and last: what moves into it or out of it in between is met at least once.
PHASES = ("bin", "shelf", "variations", "bin again")


@dataclass(frozen=True, slots=True)
class Position:
    """How far a walk by rising id has come: `offset` rows skipped next, `last` the greatest id seen.

    `proof`: the next page must show that it follows on. `families`: a variable product was seen.
    """

    phase: int = 0
    offset: int = 0
    last: int = 0
    proof: bool = True
    families: bool = False


def scan(reader: Reader, cursor: str | None) -> ShownPage:
    """Return one page of everything in the shop: products in any status, the bin, variations.

    A record may come twice, with its latest state last; one that exists throughout is never missed.
    """
    position = _position(cursor)
    rows, after = _page(reader, _path(position), _status(position), position)
    items = [shown(row, reader.settings) for row in rows]
    if PHASES[position.phase] == "shelf":
        families = [row_id(row) for row in rows if row.get("type") == "variable"]
        if families and not reader.has_all_variations():
            items += [record for parent in families for record in _below(reader, parent)]
        after = replace(after, families=True) if after and families else after
        position = replace(position, families=position.families or bool(families))
    following = after or _next_phase(position, reader)
    return ShownPage(tuple(items), None if following is None else json.dumps(asdict(following)))


def _page(
    reader: Reader, path: str, status: str, position: Position
) -> tuple[list[dict[str, Any]], Position | None]:
    """Return the rows not yet seen and the position after them, None at the end.

    Pages by offset slide when a record disappears: one row is then skipped without a trace. So each
    page overlaps the one before; if it does not begin with a row already seen, the walk steps back.
    """
    while True:
        params: dict[str, str | int] = {
            "orderby": "id",
            "order": "asc",
            "offset": position.offset,
            "per_page": PER_PAGE,
            "status": status,
        }
        page = reader.client.rows(path, {**params, "_fields": FIELDS, "_skip_cache": "true"})
        ids = [each for row in page.rows if (each := row_id(row))]
        if ids != sorted(ids):
            what = f"{reader.client.http.who} does not list products by id, so none can be told missing."
            raise BadAnswer(what, "Look for a plugin that changes the order of REST answers.")
        if _follows_on(position, ids):
            return [row for row in page.rows if row_id(row) > position.last], _after(
                position, ids, page.total
            )
        position = replace(position, offset=max(0, position.offset - STEP_BACK))


def _follows_on(position: Position, ids: list[int]) -> bool:
    return position.offset == 0 or not position.proof or (bool(ids) and ids[0] <= position.last)


def _after(position: Position, ids: list[int], total: int | None) -> Position | None:
    ended = len(ids) < PER_PAGE if total is None else position.offset + PER_PAGE >= total
    if ended:
        return None
    last = max([position.last, *ids])
    # A page without anything new: the shop keeps rows from this key, and no proof can be had here.
    return replace(
        position, offset=position.offset + PER_PAGE - OVERLAP, last=last, proof=last > position.last
    )


def _below(reader: Reader, parent: int) -> Iterator[Shown]:
    position: Position | None = Position()
    while position is not None:
        rows, position = _page(reader, f"products/{parent}/variations", "any", position)
        yield from (shown(row, reader.settings, parent) for row in rows)


def _path(position: Position) -> str:
    return "variations" if PHASES[position.phase] == "variations" else "products"


def _status(position: Position) -> str:
    return "trash" if PHASES[position.phase].startswith("bin") else "any"


def _next_phase(position: Position, reader: Reader) -> Position | None:
    phase = position.phase + 1
    if (
        phase < len(PHASES)
        and PHASES[phase] == "variations"
        and not (position.families and reader.has_all_variations())
    ):
        phase += 1
    return None if phase >= len(PHASES) else Position(phase=phase)


def _position(cursor: str | None) -> Position:
    """A cursor that this version cannot read starts the scan again, which loses nothing."""
    if cursor is None:
        return Position()
    try:
        position = Position(**json.loads(cursor))
    except (ValueError, TypeError):
        return Position()
    return position if 0 <= position.phase < len(PHASES) else Position()

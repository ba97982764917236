"""When each job last went well, and when it was first tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, func, select

from syncd.state.schema import run as table

Key = tuple[str, int, int | None]
"""(job, account, store): rows of the database; None = the account's own."""


@dataclass(frozen=True, slots=True)
class Success:
    """`last` success of a job, None if it had none; `first` is when it was tried for the first time."""

    first: datetime
    last: datetime | None

    @property
    def since(self) -> datetime:
        """From when on the next success is awaited."""
        return self.last or self.first


def successes(conn: Connection) -> dict[Key, Success]:
    """Return the last success of every job that was ever tried."""
    by = (table.c.job, table.c.account_id, table.c.store_id)
    well: Any = case((table.c.outcome == "done", table.c.ended_at))
    wanted = select(*by, func.min(table.c.started_at).label("first"), func.max(well).label("last")).group_by(
        *by
    )
    return {
        (row.job, row.account_id, row.store_id): Success(row.first, row.last) for row in conn.execute(wanted)
    }

"""Insert or update, in the words of both databases, built once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite


class Upsert:
    """A prepared statement: a row with a known key is updated, any other is inserted.

    `key` names a unique set of columns, else it is the primary key. Nothing to update: the stored row stays.

    `update` names the columns taken from the new row, `compute` gives expressions for further ones, and
    `where` keeps the stored row when it is false; the latter two are given the new row ("excluded").
    The rows come from the parameters, from `values`, or from `source`: column names and a query.
    """

    def __init__(
        self,
        table: Table,
        *,
        key: Sequence[str] = (),
        update: Iterable[str] = (),
        compute: Callable[[Any], Mapping[str, Any]] | None = None,
        where: Callable[[Any], ColumnElement[bool]] | None = None,
        values: Mapping[str, Any] | None = None,
        source: tuple[Sequence[str], Any] | None = None,
        returning: Sequence[Any] = (),
    ) -> None:
        self._statements: dict[str, Executable] = {}
        names = tuple(update)
        for dialect, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert)):
            statement: Any = insert(table)
            if values is not None:
                statement = statement.values(values)
            if source is not None:
                statement = statement.from_select(*source)
            changes = {name: statement.excluded[name] for name in names}
            changes |= compute(statement.excluded) if compute else {}
            index = list(key) or [column.name for column in table.primary_key]
            condition = where(statement.excluded) if where else None
            if changes:
                statement = statement.on_conflict_do_update(
                    index_elements=index, set_=changes, where=condition
                )
            else:
                statement = statement.on_conflict_do_nothing(index_elements=index)
            self._statements[dialect] = statement.returning(*returning) if returning else statement

    def on(self, conn: Connection) -> Executable:
        """Return the statement for this connection's database."""
        return self._statements[conn.dialect.name]

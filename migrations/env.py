"""Run the migrations on the connection that `syncd.state.migrate` hands in, or on `alembic -x url=…`."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from syncd.state.db import open_database
from syncd.state.schema import metadata


def render(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our own column types by their short names."""
    home = "syncd.state.columns"
    if kind == "type" and type(item).__module__ == home:
        name = type(item).__name__
        autogen.imports.add(f"from {home} import {name}")
        return f"{name}()"
    return False


def migrate(connection: Connection) -> None:
    """Do the work inside the caller's transaction."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
        compare_server_default=True,
        render_item=render,
    )
    context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with open_database(context.get_x_argument(as_dictionary=True)["url"]).migrating() as own:
        migrate(own)

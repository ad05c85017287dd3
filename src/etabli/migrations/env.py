"""What Alembic runs for each of its commands. `etabli.migrations` opens the transaction."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Enum

from etabli.foundation.db import PlainText, Table, TextAsBytes, UtcDateTime
from etabli.migrations.by_hand import include_name


def render_plainly(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """A step must not change when the code does, so it names no type of ours."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, PlainText):
        return "sa.String()"
    if kind == "type" and isinstance(item, TextAsBytes):
        return "sa.LargeBinary()"
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_as_batch=True,  # SQLite has few ALTERs: a changed table is made anew
    render_item=render_plainly,
    include_name=include_name,
)
with context.begin_transaction():
    context.run_migrations()

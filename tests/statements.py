"""The statements that a site asks of its database in order to read."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from etabli.foundation.prepared import Prepared
from etabli.site import Site


@contextmanager
def read_statements(site: Site) -> Iterator[list[str]]:
    """Those asked by SQLAlchemy, and those handed to the driver as they are."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_):
        seen.append(statement)

    def ask(self, connection, values):
        seen.append(self._sql)
        return real(self, connection, values)

    real = Prepared.ask
    event.listen(site.database.reading_engine, "before_cursor_execute", note)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Prepared, "ask", ask)
        yield seen
    event.remove(site.database.reading_engine, "before_cursor_execute", note)

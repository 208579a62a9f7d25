"""A cursor for statements that are written once: PostgreSQL reads and plans each of them only once a connection.

Django sends every statement with the values written into it, which PostgreSQL has to read and plan anew each time: for
the long rows of an invoice that takes longer than to keep them.
"""

from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper


def cursor(*, is_binary: bool = False) -> CursorWrapper:
    """A cursor of the default database, to be used as `connection.cursor()` is.

    `is_binary` lets PostgreSQL send what it finds as it keeps it: half as much where that is bytes. JSON comes read.
    """
    if connection.vendor != "postgresql":
        return connection.cursor()
    from psycopg import Cursor, pq  # noqa: PLC0415 - SQLite needs no memory for it

    connection.ensure_connection()
    plain: Any = Cursor(connection.connection)  # wrapped as Django wraps its own
    if is_binary:
        plain.format = pq.Format.BINARY
    return connection.make_debug_cursor(plain) if connection.queries_logged else connection.make_cursor(plain)

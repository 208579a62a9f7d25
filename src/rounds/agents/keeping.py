"""Keeps check-ins, each number once: rows gather while others are being written, and one commit keeps them all.

One thread, one connection, no ORM. An answer is given after the commit. Rows become visible in the order of their id,
so that a reader may keep the last id it has seen: SQLite has one writer at a time anyway, on PostgreSQL the writers
take a lock in turn.
"""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

import psycopg
from django.db import connections

TABLE = "agents_checkin"
# The first of the run of sealed numbers that a number would lie in, if it lies in one: a single look into an index.
SEALED = (
    "SELECT first FROM agents_sealednumbers s WHERE s.agent_id = {0} AND s.epoch = {1} AND s.last >= {2} "
    "ORDER BY s.last LIMIT 1"
)
COLUMNS = "agent_id, epoch, number, taken_at, received_at, body"
BUSY_FOR = 5.0  # seconds that a commit may wait for other writers
MOST_WAITING = 10_000
ORDER_LOCK = 0x726F756E6473  # “rounds”


class Row(NamedTuple):
    """One check-in to keep."""

    agent_id: int
    epoch: int
    number: int
    taken_at: datetime
    received_at: datetime
    body: bytes


class NotKept(Exception):
    """The database did not take it now; nothing of it is kept."""


class Store(Protocol):
    """A database that check-ins are written to."""

    def insert(self, rows: Sequence[Row]) -> None:
        """Keep rows in one commit; a number that is there already stays as it is."""

    def close(self) -> None:
        """Close the connection."""


class SqliteStore:
    """SQLite: its own waiting is unfair to a writer among many, so this one asks again every half millisecond."""

    SQL = (
        f"INSERT INTO {TABLE} ({COLUMNS}) SELECT ?1, ?2, ?3, ?4, ?5, ?6 "
        f"WHERE coalesce(({SEALED.format('?1', '?2', '?3')}) > ?3, 1) ON CONFLICT DO NOTHING"
    )

    def __init__(self, path: str) -> None:
        self.connection = sqlite3.connect(
            path, timeout=0, isolation_level=None, check_same_thread=False, uri=path.startswith("file:")
        )
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "recursive_triggers=ON", "foreign_keys=ON"):
            self.connection.execute(f"PRAGMA {pragma}")

    def insert(self, rows: Sequence[Row]) -> None:
        """Keep rows in one commit."""
        self._begin()
        try:
            self.connection.executemany(self.SQL, [self._as_stored(row) for row in rows])
            self.connection.execute("COMMIT")
        except sqlite3.Error:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    def _begin(self) -> None:
        give_up_at = time.monotonic() + BUSY_FOR
        while True:
            try:
                self.connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                    raise
                time.sleep(0.0005)
            else:
                return

    @staticmethod
    def _as_stored(row: Row) -> tuple[Any, ...]:
        taken_at, received_at = (
            moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ") for moment in (row.taken_at, row.received_at)
        )
        return (row.agent_id, row.epoch, row.number, taken_at, received_at, row.body)

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


class PostgresStore:
    """PostgreSQL: one statement for all rows; the lock orders the commits of several writers."""

    SQL = (
        f"INSERT INTO {TABLE} ({COLUMNS}) SELECT * FROM unnest(%s::bigint[], %s::int[], %s::bigint[], "  # noqa: S608
        "%s::timestamptz[], %s::timestamptz[], %s::bytea[]) AS new(agent, epoch, number) "
        f"WHERE coalesce(({SEALED.format('agent', 'new.epoch', 'number')}) > number, true) ON CONFLICT DO NOTHING"
    )

    def __init__(self, parameters: dict[str, Any]) -> None:
        self.connection = psycopg.connect(**parameters)
        self.connection.execute(f"SET statement_timeout = {int(BUSY_FOR * 1000)}")
        self.connection.commit()

    def insert(self, rows: Sequence[Row]) -> None:
        """Keep rows in one commit."""
        with self.connection.transaction():
            self.connection.execute("SELECT pg_advisory_xact_lock(%s)", (ORDER_LOCK,))
            self.connection.execute(self.SQL, [list(column) for column in zip(*rows, strict=True)])

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


def open_store(alias: str = "default") -> Store:
    """A store of the installation's database."""
    database = connections[alias]
    if database.vendor == "sqlite":
        return SqliteStore(str(database.settings_dict["NAME"]))
    parameters = database.get_connection_params()
    wanted = {name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if parameters.get(name)}
    return PostgresStore(wanted)


class _Batch:
    """Rows that will be kept together, and the one future that all who wait for them share."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.rows: list[Row] = []
        self.kept: asyncio.Future[None] = loop.create_future()


class Keeper:
    """The group commit: `keep` from the event loop, a thread that writes."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Condition()
        self._batch = _Batch(self._loop)
        self._is_closing = False
        self._store: Store | None = None
        self._thread = threading.Thread(target=self._write_all, name="keeping", daemon=True)
        self._thread.start()

    async def keep(self, *rows: Row) -> None:
        """Keep one check-in, or some together; returns after the commit. NotKept if the database cannot write now."""
        with self._lock:
            batch = self._batch
            if len(batch.rows) >= MOST_WAITING:
                raise NotKept("too many check-ins at once")
            batch.rows.extend(rows)
            self._lock.notify()
        await asyncio.shield(batch.kept)

    def _write_all(self) -> None:
        while batch := self._next_batch():
            problem = self._write(batch.rows)
            self._loop.call_soon_threadsafe(_settle, batch.kept, problem)
        if self._store is not None:
            self._store.close()

    def _next_batch(self) -> _Batch | None:
        with self._lock:
            self._lock.wait_for(lambda: self._batch.rows or self._is_closing)
            if not self._batch.rows:
                return None
            batch, self._batch = self._batch, _Batch(self._loop)
            return batch

    def _write(self, rows: Sequence[Row]) -> str:
        """Write a batch; what went wrong, or nothing. A connection that failed is opened anew for the next batch."""
        try:
            self._store = self._store or open_store()
            self._store.insert(rows)
        except (sqlite3.Error, psycopg.Error) as error:
            if self._store is not None:
                self._store.close()
            self._store = None
            return f"the database did not take it: {error}"
        return ""

    def close(self) -> None:
        """Write what waits, then stop."""
        with self._lock:
            self._is_closing = True
            self._lock.notify()
        self._thread.join(BUSY_FOR * 2)


def _settle(kept: asyncio.Future[None], problem: str) -> None:
    if kept.done():
        return
    if problem:
        kept.set_exception(NotKept(problem))
        kept.exception()  # all who waited may have hung up
    else:
        kept.set_result(None)

"""Keeps check-ins, each number once: rows gather while others are being written, and one commit keeps them all.

One thread, one connection, no ORM. An answer is given after the commit. Rows become visible in the order of their id,
so that a reader may keep the last id it has seen: SQLite has one writer at a time anyway, on PostgreSQL the writers
take a lock in turn.
"""

import asyncio
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from itertools import batched
from queue import SimpleQueue
from typing import Any, NamedTuple, Protocol

import msgspec
import psycopg
from django.db import connections

log = logging.getLogger(__name__)

TABLE = "agents_checkin"
# The first of the run of sealed numbers that a number would lie in, if it lies in one: a single look into an index.
SEALED = (
    "SELECT first FROM agents_sealednumbers s WHERE s.agent_id = {0} AND s.epoch = {1} AND s.last >= {2} "
    "ORDER BY s.last LIMIT 1"
)
COLUMNS = "agent_id, epoch, number, taken_at, received_at, body, glance"
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "recursive_triggers=ON", "foreign_keys=ON")
BUSY_FOR = 5.0  # seconds that a commit may wait for other writers
MOST_WAITING = 10_000
GATHERED_FOR = 0.008  # seconds that a check-in waits for others to share its commit
PAGES_IN_LOG = 4000  # 16 MB; with SQLite's 1000, the same pages of the index are carried over again and again
ORDER_LOCK = 0x726F756E6473  # “rounds”


class Row(NamedTuple):
    """One check-in to keep."""

    agent_id: int
    epoch: int
    number: int
    taken_at: datetime
    received_at: datetime
    body: bytes
    glance: bytes | None = None


BUSY, TOO_MANY = "the database is busy", "too many check-ins at once"
NO_ROOM = "the server's disk is full, or cannot be written to"


class NotKept(Exception):
    """The database did not take it now; nothing of it is kept. Says why, as whoever sent it may read it."""


class Store(Protocol):
    """A database that check-ins are written to."""

    def insert(self, rows: Sequence[Row]) -> None:
        """Keep rows in one commit; a number that is there already stays as it is."""

    def close(self) -> None:
        """Close the connection."""


class SqliteStore:
    """SQLite: its own waiting is unfair to a writer among many, so this one asks again every half millisecond."""

    AT_ONCE = 64  # rows in one statement; between two, this thread and the event loop's would wait for each other

    def __init__(self, path: str) -> None:
        self.connection = sqlite3.connect(
            path, timeout=0, isolation_level=None, check_same_thread=False, uri=path.startswith("file:")
        )
        for pragma in (*PRAGMAS, f"wal_autocheckpoint={PAGES_IN_LOG}"):
            self.connection.execute(f"PRAGMA {pragma}")

    def insert(self, rows: Sequence[Row]) -> None:
        """Keep rows in one commit."""
        self._begin()
        try:
            for some in batched(rows, self.AT_ONCE):
                self.connection.execute(_insert_into_sqlite(len(some)), _flat(some))
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

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


class PostgresStore:
    """PostgreSQL: one statement for all rows; the lock orders the commits of several writers.

    Values go as bytes and not as text: the bodies, above all, are half as long and need not be written out and read.
    """

    SQL = (
        f"INSERT INTO {TABLE} ({COLUMNS}) SELECT * FROM unnest(%b::bigint[], %b::int[], %b::bigint[], "  # noqa: S608
        "%b::timestamptz[], %b::timestamptz[], %b::bytea[], %b::bytea[]) AS new(agent, epoch, number) "
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


@cache
def _insert_into_sqlite(rows: int) -> str:
    """A statement that keeps so many rows; it may fail half-way, as all is rolled back then: no journal."""
    values = ", ".join(["(?, ?, ?, ?, ?, ?, ?)"] * rows)
    sealed = SEALED.format("column1", "column2", "column3")
    return (
        f"INSERT OR FAIL INTO {TABLE} ({COLUMNS}) SELECT * FROM (VALUES {values}) "  # noqa: S608 - constants
        f"WHERE coalesce(({sealed}) > column3, 1) ON CONFLICT DO NOTHING"
    )


def _flat(rows: Sequence[Row]) -> list[Any]:
    values: list[Any] = []
    received: dict[datetime, str] = {}  # those that were read together were received at one moment
    for agent_id, epoch, number, taken_at, received_at, body, glance in rows:
        if (at := received.get(received_at)) is None:
            at = received[received_at] = _as_text(received_at)
        values += (agent_id, epoch, number, _as_text(taken_at), at, body, glance)
    return values


def _as_text(moment: datetime) -> str:
    """A moment as Django keeps it on SQLite; `isoformat` would take four times as long."""
    told = msgspec.json.encode(moment if moment.tzinfo is UTC else moment.astimezone(UTC))
    return told[len('"') : -len('Z"')].decode().replace("T", " ")


def _is_of_the_disk(error: sqlite3.Error | psycopg.Error) -> bool:
    """Is it the disk that takes nothing?"""
    if isinstance(error, psycopg.Error):
        return isinstance(error, psycopg.errors.DiskFull | psycopg.errors.IoError)
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}


def open_store(alias: str = "default") -> Store:
    """A store of the installation's database."""
    database = connections[alias]
    if database.vendor == "sqlite":
        return SqliteStore(str(database.settings_dict["NAME"]))
    parameters = database.get_connection_params()
    wanted = {name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if parameters.get(name)}
    return PostgresStore(wanted)


type Then = Callable[[str], None]


class _Batch(NamedTuple):
    """Rows that will be kept together, and who is told of it: nothing, or why not."""

    rows: list[Row]
    thens: list[Then]


class Keeper:
    """The group commit: rows gather in the event loop, a thread writes them.

    Rows gather while others are being written, and for a few milliseconds besides: a commit costs about as much as
    writing a hundred rows. All of it but `_write_all` runs in the event loop, so there is nothing to lock.

    `put_the_rest` is called before a batch is written, and puts what else is to go with it: who expects to have rows
    may read them then, many one after the other.
    """

    def __init__(self, put_the_rest: Callable[[], None] = lambda: None) -> None:
        self._loop = asyncio.get_running_loop()
        self._put_the_rest = put_the_rest
        self._batch = _Batch([], [])
        self._is_under_way = self._is_expected = False
        self._handed: SimpleQueue[_Batch | None] = SimpleQueue()
        self._store: Store | None = None
        self._thread = threading.Thread(target=self._write_all, name="keeping", daemon=True)
        self._thread.start()

    def put(self, rows: Sequence[Row], then: Then) -> None:
        """Keep one check-in, or some together; `then` is called in the event loop after the commit."""
        if len(self._batch.rows) >= MOST_WAITING:
            then(TOO_MANY)
            return
        self._batch.rows.extend(rows)
        self._batch.thens.append(then)
        self.expect()

    def expect(self) -> None:
        """Write a batch soon: there is something for it."""
        self._is_expected = True
        if not self._is_under_way:
            self._is_under_way = True
            self._loop.call_later(GATHERED_FOR, self._hand_over)

    async def keep(self, *rows: Row) -> None:
        """Keep them and return after the commit. NotKept if the database cannot write now."""
        kept: asyncio.Future[str] = self._loop.create_future()
        self.put(rows, lambda problem: None if kept.done() else kept.set_result(problem))
        if problem := await kept:
            raise NotKept(problem)

    def _hand_over(self) -> None:
        try:
            self._put_the_rest()
        finally:
            self._is_expected, self._is_under_way = False, bool(self._batch.rows)
            if self._is_under_way:
                self._write_soon()

    def _write_soon(self) -> None:
        batch, self._batch = self._batch, _Batch([], [])
        self._handed.put(batch)

    def _write_all(self) -> None:
        while batch := self._handed.get():
            problem = self._write(batch.rows)
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._settle, batch, problem)
        if self._store is not None:
            self._store.close()

    def _settle(self, batch: _Batch, problem: str) -> None:
        self._is_under_way = False
        if self._is_expected:
            self.expect()
        for then in batch.thens:
            then(problem)

    def _write(self, rows: Sequence[Row]) -> str:
        """Write a batch; why not, or nothing. A connection that failed is opened anew for the next batch."""
        try:
            self._store = self._store or open_store()
            self._store.insert(rows)
        except (sqlite3.Error, psycopg.Error) as error:
            if self._store is not None:
                self._store.close()
            self._store = None
            log.error("check-ins were not kept: %s", error)
            return NO_ROOM if _is_of_the_disk(error) else BUSY
        return ""

    def close(self) -> None:
        """Write what waits, then stop."""
        if self._batch.rows:
            self._write_soon()
        self._handed.put(None)
        self._thread.join(BUSY_FOR * 2)

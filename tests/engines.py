"""The databases of the tests: a PostgreSQL of their own if asked for, and guards that step aside for a flush.

ROUNDS_DATABASE=postgresql pytest …   starts a server in a temporary folder, reached by a socket, gone with the tests.
"""

import ctypes
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import TransactionTestCase


def _programs() -> Path:
    """The folder of PostgreSQL's programs."""
    on_path = shutil.which("postgres")
    if on_path:
        return Path(on_path).parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parent.parent.name))
    if not found:
        raise pytest.UsageError("the tests need PostgreSQL: apt install postgresql")
    return found[-1].parent


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


def _as_whom() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: as its own account then, or as nobody."""
    if os.geteuid():
        return {}
    for user, group in (("postgres", "postgres"), ("nobody", "nogroup")):
        if subprocess.run(["id", user], check=False, capture_output=True).returncode == 0:
            return {"user": user, "group": group, "extra_groups": []}
    raise pytest.UsageError("PostgreSQL refuses to run as root, and there is no account postgres or nobody")


def start_postgresql(*, is_durable: bool = False) -> tuple[Path, Callable[[], None]]:
    """Start a server in a temporary folder; give the folder of its socket and what stops it.

    Durable, it writes what is committed through to the disk, as a shop's does; tests need not wait for that.
    """
    programs, who = _programs(), _as_whom()
    home = Path(tempfile.mkdtemp(prefix="rounds-pg-"))
    if who:
        shutil.chown(home, who["user"], who["group"])
    home.chmod(0o755)
    data = home / "data"
    make: list[str | Path] = [
        programs / "initdb",
        "-D",
        data,
        "-U",
        "rounds",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
    ]
    subprocess.run([*make, "--no-sync"], cwd=home, check=True, capture_output=True, **who)
    options = {"listen_addresses": "", "unix_socket_directories": home, "max_connections": "60"}
    options["fsync"] = "on" if is_durable else "off"
    flags = [text for name, value in options.items() for text in ("-c", f"{name}={value}")]
    log = (home / "log").open("w")
    server = subprocess.Popen(
        [programs / "postgres", "-D", data, *flags],
        cwd=home,
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - no thread has been started yet
        stdout=log,
        stderr=log,
        **who,
    )
    log.close()

    def stop() -> None:
        server.send_signal(signal.SIGINT)
        server.wait(20)
        shutil.rmtree(home, ignore_errors=True)

    deadline = time.monotonic() + 30
    pid_file = data / "postmaster.pid"
    while not (pid_file.exists() and "ready" in pid_file.read_text()):
        if server.poll() is not None or time.monotonic() > deadline:
            raise pytest.UsageError(f"PostgreSQL did not start: {(home / 'log').read_text()[-500:]}")
        time.sleep(0.05)
    return home, stop


def pytest_configure(config: pytest.Config) -> None:
    """Start PostgreSQL before the first connection, if the tests run on it."""
    if os.environ.get("ROUNDS_DATABASE") == "postgresql" and "ROUNDS_TEST_PGHOST" not in os.environ:
        home, stop = start_postgresql()
        os.environ.update(PGHOST=str(home), PGUSER="rounds", PGDATABASE="postgres", ROUNDS_TEST_PGHOST=str(home))
        config.add_cleanup(stop)


def pytest_report_header() -> str:
    """Say which database the tests run on."""
    return f"database: {os.environ.get('ROUNDS_DATABASE', 'sqlite')}"


@contextmanager
def guards_down() -> Iterator[None]:
    """Let append-only tables be emptied: for the flush between tests only."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        connection.connection.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER, False)
    else:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
    try:
        yield
    finally:
        if connection.vendor == "sqlite":
            connection.connection.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER, True)
        else:
            with connection.cursor() as cursor:
                cursor.execute("SET session_replication_role = DEFAULT")


_flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]


def _flush_with_guards_down(self: TransactionTestCase) -> None:
    with guards_down():
        _flush(self)


TransactionTestCase._fixture_teardown = _flush_with_guards_down  # type: ignore[attr-defined]

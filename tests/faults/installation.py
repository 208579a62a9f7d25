"""An installation of its own for tests with real processes: a folder, a database, and commands run in it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Installation:
    """A home folder and a database, on the engine that the tests run on."""

    home: Path
    database: str

    @property
    def environment(self) -> dict[str, str]:
        """What its processes find in their environment."""
        return {**os.environ, "ROUNDS_HOME": str(self.home), "PGDATABASE": self.database}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a module in it; its output can be read, and it can be told something."""
        return subprocess.Popen(
            [sys.executable, "-m", *arguments], cwd=ROOT, env=self.environment, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, *arguments: str) -> str:
        """Run a module in it to its end; gives its output."""
        with self.start(*arguments) as process:
            output, _ = process.communicate()
        assert process.returncode == 0, arguments
        return output


def is_postgresql() -> bool:
    """Do the tests run on PostgreSQL?"""
    return os.environ.get("ROUNDS_DATABASE") == "postgresql"


@contextmanager
def installation(folder: Path, like: Installation | None = None) -> Iterator[Installation]:
    """Make an installation in an empty folder, with an empty database or a copy of another's; gone afterwards."""
    made = Installation(folder, f"rounds_{uuid4().hex[:12]}")
    folder.mkdir(parents=True)
    if not is_postgresql():
        if like is not None:
            shutil.copy(like.home / "rounds.sqlite3", folder)
        yield made
        return
    with psycopg.connect(dbname="postgres", autocommit=True) as server:
        name, template = sql.Identifier(made.database), sql.Identifier(like.database if like else "template0")
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, template))
        try:
            yield made
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))

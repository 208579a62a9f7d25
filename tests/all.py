"""Run every test, on SQLite and on PostgreSQL at the same time; ends with the number of the first that failed."""

import os
import shutil
import subprocess
import sys
import tempfile
from typing import IO

WITHOUT_DATABASE = ("tests/core", "tests/agent")  # run once, with SQLite; `conftest.py` sees that they touch none


def main() -> None:
    """Both databases side by side, as each leaves a processor free now and then; told one after the other."""
    with tempfile.TemporaryFile("w+") as told:
        on_postgresql = start("postgresql", told)
        try:
            print("\n== on sqlite (on postgresql at the same time, told below)", flush=True)
            first = start("sqlite", None).wait()
            second = on_postgresql.wait()
        finally:
            on_postgresql.kill()
        told.seek(0)
        print("\n== on postgresql", flush=True)
        shutil.copyfileobj(told, sys.stdout)
    sys.exit(first or second)


def start(engine: str, told: IO[str] | None) -> subprocess.Popen[bytes]:
    """Start the tests on an engine; what they print goes where we print, or is kept."""
    once = () if engine == "sqlite" or sys.argv[1:] else (f"--ignore={folder}" for folder in WITHOUT_DATABASE)
    command = [sys.executable, "-m", "pytest", "-q", "--durations=25", *sys.argv[1:], *once]
    environment = {**os.environ, "ROUNDS_DATABASE": engine}
    return subprocess.Popen(command, env=environment, stdout=told, stderr=told and subprocess.STDOUT)


if __name__ == "__main__":
    main()

"""The command line: `rounds COMMAND`; each command lives with its stage, under management/commands."""

import os
import secrets
import sys
from pathlib import Path

from django.core.management import execute_from_command_line


def prepare_home(home: Path) -> None:
    """Make the installation's folder and its secret, readable by its owner alone; what is there stays."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret = home / "secret"
    if not secret.exists():
        fresh = home / f"secret.{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(50))
        fresh.rename(secret)


def main() -> None:
    """Run a command of a stage, or one of Django's; `rounds help` lists them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rounds.web.settings")
    arguments = sys.argv[1:]
    if arguments[:1] == ["manage"]:
        del arguments[0]
    if arguments[:1] == ["demo"]:  # a database of its own, and no mail to anybody
        os.environ["ROUNDS_HOME"] = str(Path(os.environ.get("ROUNDS_HOME", "var")) / "demo")
        os.environ.pop("ROUNDS_SMTP", None)
        os.environ["ROUNDS_DATABASE"] = "sqlite"
    prepare_home(Path(os.environ.get("ROUNDS_HOME", "var")))
    execute_from_command_line(["rounds", *arguments])

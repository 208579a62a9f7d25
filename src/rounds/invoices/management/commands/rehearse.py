"""`rounds rehearse FILE…`: what the rules make of each story, one JSON object a line."""

import json
import tempfile
import tomllib
from argparse import ArgumentParser
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections

from rounds.core import rehearsing
from rounds.core.money import Refused
from rounds.core.stories import Story, read_story
from rounds.invoices import rehearsing as stored

type Play = Callable[[Story], dict[str, object]]


class Command(BaseCommand):
    """Plays stories from the rules alone, or (`--stored`) through a database of its own and the public verbs."""

    help = "Play stories (TOML) by the billing rules and print what each comes to, one JSON object a line."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The files, and whether to go through the database."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--stored", action="store_true", help="through a throwaway database and the public verbs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Play them in their order."""
        del args
        if not options["stored"]:
            self._play_all(options["files"], rehearsing.play)
            return
        with tempfile.TemporaryDirectory(prefix="rounds-rehearse-") as folder:
            _use_throwaway_database(Path(folder))
            self._play_all(options["files"], stored.play)
            connections["default"].close()

    def _play_all(self, files: list[Path], play: Play) -> None:
        for file in files:
            self.stdout.write(json.dumps(_result(file, play), ensure_ascii=False))


def _result(file: Path, play: Play) -> dict[str, object]:
    """What a story comes to, or why it is refused."""
    try:
        return play(read_story(tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)))
    except Refused as refusal:
        return {"refused": str(refusal)}
    except OSError as trouble:
        return {"refused": f"{file} cannot be read: {trouble.strerror}"}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as trouble:
        return {"refused": f"{file} is not a TOML file: {trouble}"}


def _use_throwaway_database(folder: Path) -> None:
    """Make an empty SQLite database in a folder, and this process's only one."""
    connections["default"].close()
    del connections["default"]
    fast = "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF"
    connections.settings["default"] |= {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(folder / "rehearsal.sqlite3"),
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": fast},
    }
    call_command("migrate", verbosity=0, interactive=False)

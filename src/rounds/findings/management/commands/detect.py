"""`rounds detect FILE`: what in a series is unusual by its own past, one JSON object a line."""

import csv
import json
import math
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from rounds.core.baseline import Stray, detect

COLUMNS = ["timestamp", "value"]


class Command(BaseCommand):
    """Runs the baseline over a file, without a database."""

    help = "Print what is unusual in a series (CSV: timestamp,value), one JSON object a line."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file."""
        parser.add_argument("file", type=Path, metavar="FILE", help="CSV with the columns timestamp and value")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each time in which the figure strayed."""
        del args
        file: Path = options["file"]
        try:
            with file.open(encoding="utf-8-sig", newline="") as lines:
                for stray in detect(_samples(lines)):
                    self.stdout.write(json.dumps(_told(stray)))
        except OSError as trouble:
            raise CommandError(f"{file} cannot be read: {trouble.strerror}") from None
        except UnicodeDecodeError:
            raise CommandError(f"{file} is not a text file") from None


def _samples(lines: Iterable[str]) -> Iterator[tuple[datetime, float]]:
    """Read the rows; CommandError: which line is not one, and why."""
    rows = csv.reader(lines)
    if [name.strip().lower() for name in next(rows, [])[:2]] != COLUMNS:
        raise CommandError("the first line must name the columns: timestamp,value")
    for number, row in enumerate(rows, start=2):
        if not row:
            continue
        try:
            at, value = datetime.fromisoformat(row[0]), float(row[1])
        except (ValueError, IndexError):
            raise CommandError(f"line {number} is not a timestamp and a number: {','.join(row)[:80]}") from None
        if at.tzinfo is not None:
            raise CommandError(f"line {number}: write local time, without an offset")
        if math.isfinite(value):  # a figure that is none was not measured
            yield at, value


def _told(stray: Stray) -> dict[str, object]:
    told: dict[str, object] = {
        "opened": stray.opened.isoformat(sep=" "),
        "view": stray.view,
        "value": stray.value,
        "expected": [stray.expected.lowest, stray.expected.highest],
    }
    return told if stray.closed is None else told | {"closed": stray.closed.isoformat(sep=" ")}

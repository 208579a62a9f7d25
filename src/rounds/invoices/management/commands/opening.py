"""`rounds opening KIND FILE --on DAY [--preview]`: bring over opening balances, or show what a file would bring."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from rounds.clients.sheets import decode
from rounds.core.money import Refused, show_amount, show_hours
from rounds.invoices import opening
from rounds.invoices.models import OpeningDraft
from rounds.invoices.opening_columns import KINDS
from rounds.people.shop import local_day


class Command(BaseCommand):
    """Brings over what clients hold and owe in the old books; the same file again changes nothing."""

    help = "Bring over a CSV file of opening balances: hours, included hours, money, open invoices or first numbers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What is in the file, the file, the opening day, and whether only to look."""
        parser.add_argument("kind", choices=[kind for kind, _name in KINDS])
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--on", type=date.fromisoformat, metavar="DAY", help="the opening day, like 2026-11-01")
        parser.add_argument("--preview", action="store_true", help="show what it would bring, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Preview or bring over."""
        del args
        now = timezone.now()
        on = options["on"] or opening.opening_day()
        if on is None:
            raise CommandError("name the opening day: --on 2026-11-01")
        try:
            text, encoding = decode(options["file"].read_bytes())
            file = OpeningDraft(
                kind=options["kind"], on=on, file_name=options["file"].name, encoding=encoding, text=text
            )  # fmt: skip
            checked = opening.check(file.kind, on, text, today=local_day(now))
            self._show(checked)
            if not checked.is_right:
                raise CommandError(f"{len(checked.sheet.problems)} to mend: nothing was brought over")
            if not options["preview"]:
                count = opening.bring_file(file, at=now, by=None)
                self.stdout.write(f"{count} {'row is' if count == 1 else 'rows are'} brought over")
        except OSError as trouble:
            raise CommandError(f"{options['file']} cannot be read: {trouble.strerror}") from None
        except Refused as reason:
            raise CommandError(str(reason)) from None

    def _show(self, checked: opening.Checked) -> None:
        """Write rows, sums, and what the reader should know or mend."""
        for item in checked.items:
            known = "  (brought over before)" if item.is_known else ""
            self.stdout.write(f"line {item.line}: {', '.join(filter(None, item.cells.values()))}{known}")
        for name, amount in checked.money.items():
            self.stdout.write(f"{name}: {show_amount(amount)}")
        for name, seconds in checked.hours.items():
            self.stdout.write(f"{name}: {show_hours(seconds)} h")
        for note in checked.sheet.notes:
            self.stdout.write(note)
        for problem in checked.sheet.problems:
            where = f"line {problem.line}" if problem.line else "the file"
            column = f", {problem.column}" if problem.column else ""
            self.stderr.write(f"{where}{column}: {problem.what}")

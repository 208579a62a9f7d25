"""`rounds books export|balances|verify|rebuild`: the books for other programs, their sums, and their proof."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from rounds.core.books import HOURS
from rounds.core.money import show_amount
from rounds.invoices import auditing
from rounds.ledger import booking, sealing, verifying
from rounds.ledger.balancing import balances
from rounds.ledger.exporting import FORMATS, export


class Command(BaseCommand):
    """Reads the books; whatever happened up to now is booked first."""

    help = "Export the books for other programs, show balances, verify the books, or make the totals of months anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do."""
        does = parser.add_subparsers(dest="does", required=True, metavar="export|balances|verify|rebuild")
        out = does.add_parser("export", help="print the books in a form that another program reads")
        out.add_argument("--format", choices=tuple(FORMATS), default="hledger", help="for which program")
        out.add_argument("--from", dest="first", type=day, help="from a day on, like 2026-04-01")
        out.add_argument("--through", type=day, help="through a day, like 2026-04-30")
        out.add_argument("--file", type=Path, help="write to a file, in the encoding that the program expects")
        shown = does.add_parser("balances", help="print every account that is not zero")
        shown.add_argument("--on", type=day, help="as of a day, like 2026-04-30")
        does.add_parser("verify", help="recompute the chain, the totals, and compare with invoices and accounts")
        does.add_parser("rebuild", help="make the totals of months anew from the entries")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        del args
        booking.pull(timezone.now())
        match options["does"]:
            case "export":
                self._export(options)
            case "balances":
                self._show(options["on"])
            case "rebuild":
                sealing.pull()
                self.stdout.write(f"{verifying.rebuild()} totals of months made anew from the entries")
            case _:
                self._verify()

    def _export(self, options: dict[str, Any]) -> None:
        pieces = export(options["format"], options["first"], options["through"])
        if options["file"]:
            with options["file"].open("wb") as file:
                file.writelines(pieces)
            return
        encoding = FORMATS[options["format"]].encoding
        for piece in pieces:
            self.stdout.write(piece.decode(encoding), ending="")

    def _show(self, on: date | None) -> None:
        for (account, commodity), amount in sorted(balances(on).items()):
            shown = str(amount) if commodity == HOURS else show_amount(amount)
            self.stdout.write(f"{shown:>16} {commodity:<4} {account}")

    def _verify(self) -> None:
        wrong = auditing.prove(timezone.now())
        if wrong:
            raise CommandError("\n".join(["The books do not hold:", *wrong]))
        length, last = verifying.head()
        self.stdout.write("The books hold: every entry balances, and accounts and invoices say the same.")
        self.stdout.write(f"{length} entries are sealed; the last seal, to be kept elsewhere, is {last}")


def day(text: str) -> date:
    """Read a day like 2026-04-30."""
    return date.fromisoformat(text)

"""`rounds books export|balances|verify`: the books as plain text, what they add up to, and the proof that they hold."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from rounds.core.books import HOURS
from rounds.core.money import show_amount
from rounds.invoices.checking import differences
from rounds.ledger import booking
from rounds.ledger.balancing import balances, journal


class Command(BaseCommand):
    """Reads the books; whatever happened up to now is booked first."""

    help = "Export the books as a journal for hledger or ledger, show balances, or verify the books."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do."""
        does = parser.add_subparsers(dest="does", required=True, metavar="export|balances|verify")
        export = does.add_parser("export", help="print the whole books as a journal")
        export.add_argument(
            "--format", choices=("hledger", "ledger"), default="hledger", help="the same text"
        )
        shown = does.add_parser("balances", help="print every account that is not zero")
        shown.add_argument("--on", type=date.fromisoformat, help="as of a day, like 2026-04-30")
        does.add_parser("verify", help="compare the books with invoices and accounts")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        del args
        booking.pull(timezone.now())
        match options["does"]:
            case "export":
                self.stdout.write(journal())
            case "balances":
                self._show(options["on"])
            case _:
                self._verify()

    def _show(self, on: date | None) -> None:
        for (account, commodity), amount in sorted(balances(on).items()):
            shown = str(amount) if commodity == HOURS else show_amount(amount)
            self.stdout.write(f"{shown:>16} {commodity:<4} {account}")

    def _verify(self) -> None:
        wrong = differences()
        if wrong:
            raise CommandError("\n".join(["The books do not hold:", *wrong]))
        self.stdout.write("The books hold: every entry balances, and accounts and invoices say the same.")

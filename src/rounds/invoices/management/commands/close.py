"""`rounds close [--preview] [--share 1/2] [MONTH]`: issue what a first of the month bills, or show what it would."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from rounds.charges.previewing import next_first
from rounds.clients.models import Client
from rounds.clients.sharing import WHOLE, Share
from rounds.core.money import show_amount
from rounds.invoices.interest import foreseen
from rounds.invoices.issuing import pull
from rounds.invoices.models import Invoice
from rounds.ledger import booking
from rounds.people.shop import local_day
from rounds.rows.collecting import collect_seldom


class Command(BaseCommand):
    """Closes a month by hand, as the ticker does it on the 1st; closing again changes nothing."""

    help = "Issue the invoices of the 1st of a month (this one, unless it is named); --preview shows the next ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The month, and whether only to look."""
        parser.add_argument("month", nargs="?", type=month, metavar="MONTH", help="the month that begins, like 2026-04")
        parser.add_argument("--preview", action="store_true", help="show what would be billed, and change nothing")
        parser.add_argument(
            "--share",
            type=share,
            default=WHOLE,
            metavar="1/2",
            help="only this share of the clients: start one process for each, to use two processors",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Preview or issue."""
        del args
        now = timezone.now()
        if options["preview"]:
            self._preview(options["month"] or next_first(local_day(now)))
            return
        first = options["month"] or local_day(now).replace(day=1)
        if first > local_day(now):
            raise CommandError(f"{first:%B %Y} has not begun; --preview shows what it will bill")
        collect_seldom()
        count = pull(now, options["share"])
        booking.pull(now, options["share"])
        issued = Invoice.objects.filter(issued_on=first).order_by("pk")
        for invoice in issued:
            self.stdout.write(f"{invoice.full_number}  {show_amount(invoice.total):>12}  {invoice.client_name}")
        self.stdout.write(f"{count} issued now; {len(issued)} in all on {first}")

    def _preview(self, first: date) -> None:
        """Show what each client's next closing would bill."""
        clients = list(Client.objects.order_by("name"))
        found = foreseen(clients, first)
        for client in clients:
            if client.pk in found:
                self.stdout.write(f"{show_amount(found[client.pk].closing.total):>12}  {client}")
        total = sum(preview.closing.total for preview in found.values())
        self.stdout.write(f"{show_amount(total):>12}  in all, of {len(found)} clients on {first}; nothing was changed")


def month(text: str) -> date:
    """Read a month like 2026-04 as its first day."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is not a month; write it like 2026-04") from None


def share(text: str) -> Share:
    """Read a share of the clients like 1/2."""
    part, _, of = text.partition("/")
    try:
        return Share(int(part), int(of))
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is no share; write it like 1/2") from None

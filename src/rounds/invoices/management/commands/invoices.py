"""`rounds invoices check NUMBER…`: ask the official rules about invoices and credit notes as electronic ones."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from rounds.core.e_invoice import Paper
from rounds.core.money import Refused
from rounds.invoices.e_invoicing import CII, UBL, e_invoice, paper_of, paper_of_credit
from rounds.invoices.models import CreditNote, Invoice
from rounds.invoices.official_rules import ask


class Command(BaseCommand):
    """Makes each document as CII and as UBL, and tells which rules of EN 16931 it breaks."""

    help = "Check invoices and credit notes, as electronic ones, by the official rules (needs the extra “schematron”)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which ones."""
        does = parser.add_subparsers(dest="does", required=True, metavar="check")
        check = does.add_parser("check", help="ask the official rules of EN 16931")
        check.add_argument("numbers", nargs="+", metavar="NUMBER", help="as printed, like 2026-0042 or C2026-0003")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check each, and fail if one fails."""
        del args
        bad = 0
        for number in options["numbers"]:
            try:
                bad += self._check(number)
            except Refused as refusal:
                raise CommandError(f"{number}: {refusal}") from None
        if bad:
            raise CommandError(f"{bad} rules are broken")

    def _check(self, number: str) -> int:
        """Check one document in both syntaxes; says how many rules are broken."""
        paper, bad = _paper(number), 0
        for name, flavor in (("CII", CII), ("UBL", UBL)):
            verdict = ask(e_invoice(paper, flavor), flavor)
            if not verdict.asked:
                raise Refused(f"the rules for {name} were not asked anything, so nothing is proved")
            self.stdout.write(f"{number} {name}: {verdict.asked} rules asked, {len(verdict.broken)} broken")
            for text in verdict.broken:
                self.stdout.write(f"  {text}")
            bad += len(verdict.broken)
        return bad


def _paper(number: str) -> Paper:
    series, _dash, last = number.rpartition("-")
    if last.isdecimal() and len(last) < 9:
        invoice = Invoice.objects.filter(series=series, number=int(last)).first()
        if invoice is not None:
            return paper_of(invoice)
        note = CreditNote.objects.filter(series=series, number=int(last)).select_related("invoice__closing").first()
        if note is not None:
            return paper_of_credit(note)
    raise Refused("no invoice or credit note has this number")

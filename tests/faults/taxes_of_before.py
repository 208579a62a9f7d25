"""A shop with the one tax of before, brought to now: `python -m tests.faults.taxes_of_before make|show|credit`.

`make` keeps what such a shop kept, in the tables of then; after it the test migrates them.
"""

import json
import os
import sys
from datetime import UTC, date, datetime
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rounds.web.settings")
django.setup()

from django.db import DatabaseError, connection, transaction  # noqa: E402

from rounds.clients.agreeing import shop_versions  # noqa: E402
from rounds.clients.models import TaxChoice, TaxRate  # noqa: E402
from rounds.core.terms import Terms  # noqa: E402
from rounds.invoices.models import CreditTax, Invoice, InvoiceLine  # noqa: E402
from rounds.invoices.noting import credit_lines  # noqa: E402
from rounds.invoices.tax_reporting import taxes  # noqa: E402
from rounds.ledger import booking  # noqa: E402
from rounds.ledger.balancing import balances  # noqa: E402
from tests.faults.migrated import as_before, migrate_as_before  # noqa: E402

THEN = [("clients", "0004_exemption"), ("charges", "0004_giving_back"), ("invoices", "0006_refunds")]
AT = datetime(2005, 1, 1, tzinfo=UTC)
LATER = datetime(2005, 7, 1, tzinfo=UTC)


def make() -> None:
    """Invoices with 5 % on parts, and from March with 8.25 % on parts and labour; a credit note on one of them."""
    migrate_as_before(THEN)
    apps = as_before().project_state(THEN).apps
    prices = apps.get_model("clients", "ShopTerms").objects
    for since, rate, kinds in (("2005-01-01", "5%", ["part"]), ("2005-03-01", "8.25%", ["part", "labour"])):
        prices.create(since=since, tax_rate=rate, taxable=kinds, recorded_at=AT)
    prices.create(since="2005-05-01", tax_rate="8.25%", taxable=["part", "labour"], hourly_rate=110_00, recorded_at=AT)
    clients = [apps.get_model("clients", "Client").objects.create(name=name, since=AT) for name in ("Elm", "Oak")]
    _invoice(apps, 1, clients[0], date(2005, 2, 1), "5%", [("part", 80_00), ("labour", 100_00)], tax=4_00)
    both = _invoice(apps, 1, clients[1], date(2005, 4, 1), "8.25%", [("part", 80_00), ("labour", 100_00)], tax=14_85)
    _invoice(apps, 2, clients[0], date(2005, 4, 1), "8.25%", [("fee", 50_00)], tax=0)
    for client, turn in zip(clients, (2, 1), strict=True):
        apps.get_model("charges", "Standing").objects.update_or_create(client=client, defaults={"turn": turn})
    apps.get_model("invoices", "CreditNote").objects.create(
        series="2005", number=1, client=clients[1], invoice=both, amount=54_13, lowers=54_13, over=0, tax=4_13,
        on=date(2005, 4, 20), at=AT, why="half an hour too much",
    )  # fmt: skip


def _invoice(apps: Any, turn: int, client: Any, on: date, rate: str, lines: list[tuple[str, int]], *, tax: int) -> Any:
    """An invoice with its closing, as both were kept; what is taxed is what the prices of the day said."""
    sums = {"tax": tax, "from_retainer": 0, "asked": 0}
    closing = apps.get_model("charges", "Closing").objects.create(
        client=client, key=f"month:{client.pk}:{on}", on=on, due=on, reason="month", at=AT, turn=turn, **sums
    )
    number = apps.get_model("invoices", "Invoice").objects.count() + 1
    invoice = apps.get_model("invoices", "Invoice").objects.create(
        client=client, closing=closing, series="2005", number=number, issued_on=on, due_on=on, issued_at=AT,
        currency="USD", shop_name="Rounds", client_name=client.name, tax_rate=rate,
        total=sum(amount for _kind, amount in lines) + tax, **sums,
    )  # fmt: skip
    taxed = {"5%": {"part"}, "8.25%": {"part", "labour"}}[rate]
    for position, (kind, amount) in enumerate(lines, start=1):
        told = {"position": position, "kind": kind, "amount": amount, "is_taxable": kind in taxed}
        apps.get_model("charges", "ClosingLine").objects.create(closing=closing, **told)
        apps.get_model("invoices", "InvoiceLine").objects.create(invoice=invoice, text=kind, **told)
    return invoice


def show() -> dict[str, object]:
    """What became of it, as the program of now reads it."""
    booking.pull(LATER)
    booked = balances(LATER.date(), below="liabilities:tax")
    tables = ("charges_closingline", "invoices_invoiceline", "invoices_invoice")
    return {
        "rates": [(str(row.since), row.code.name, row.rate, row.category) for row in TaxRate.objects.all()],
        "choices": [(str(row.since), row.codes) for row in TaxChoice.objects.all()],
        "now": [_taxed_on(day) for day in (date(2005, 2, 1), date(2005, 4, 1), date(2005, 6, 1))],
        "invoices": [(row.full_number, _taxes(row), row.tax, row.total) for row in Invoice.objects.order_by("pk")],
        "lines": [(row.kind, row.tax.code if row.tax else "") for row in InvoiceLine.objects.order_by("pk")],
        "credited": [(row.row.code, row.base, row.tax) for row in CreditTax.objects.all()],
        "report": [
            (str(key.month), key.rate, one.base, one.tax, one.base_credited, one.tax_credited)
            for key, one in taxes(date(2005, 1, 1), date(2005, 12, 31)).items()
        ],
        "booked": list(booked.values()),
        "is_guarded": [_is_guarded(table) for table in tables],
    }


def credit_one() -> dict[str, object]:
    """Credit a line of an invoice of then, by the verb of now."""
    line = InvoiceLine.objects.order_by("pk")[0]
    credit_lines(line.invoice, {line.pk: 40_00}, at=LATER, why="was too much")
    row = CreditTax.objects.latest("pk")
    booked = balances(LATER.date(), below="liabilities:tax")
    return {"credited": [row.row.code, row.base, row.tax], "booked": list(booked.values())}


def _taxed_on(day: date) -> dict[str, str]:
    """The rate of each kind of line that is taxed on a day."""
    of = Terms(shop_versions()).shop_on(day).taxes.of
    return {kind: str(tax.rate) for kind in ("part", "labour", "fee") if (tax := of(kind, None))}


def _taxes(invoice: Invoice) -> list[tuple[str, str, int, int]]:
    """The taxes that an invoice states."""
    return [(one.code, one.rate, one.base, one.amount) for one in invoice.told_taxes]


def _is_guarded(table: str) -> bool:
    """Does the database still refuse to change what is in a table that the migration made anew?"""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET id = id")  # noqa: S608 - a name of ours
    except DatabaseError:
        return True
    return False


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make"]:
            make()
        case ["show"]:
            print(json.dumps(show()))
        case ["credit"]:
            print(json.dumps(credit_one()))

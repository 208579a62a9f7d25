"""Posts invoices by Tryton's own server, one transaction each; run by `issuing.py` in a Python that has Tryton.

Makes a database on the PostgreSQL that PGHOST and PGUSER name, sets Tryton up in it (half a minute), and prints as JSON
the best of some rounds. The helpers that make a company, a chart of accounts and a year are of Tryton's own tests.
"""

import datetime
import json
import os
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

ROUNDS, AT_ONCE, DATABASE = 3, 8, "trytest"


def main(lines: int) -> None:
    os.environ["DB_NAME"] = DATABASE
    os.environ["TRYTOND_DATABASE_URI"] = f"postgresql://{os.environ['PGUSER']}@/"
    import trytond  # noqa: PLC0415 - the environment must stand first
    from trytond.tests.test_tryton import activate_module  # noqa: PLC0415

    activate_module("account_invoice")
    keys = in_transaction(set_up)
    rates, own = [], []
    for _ in range(ROUNDS):
        began, worked = time.perf_counter(), time.process_time()
        for _ in range(AT_ONCE):
            in_transaction(lambda: post(keys, lines), company=keys["company"])
        rates.append(AT_ONCE / (time.perf_counter() - began))
        own.append(1000 * (time.process_time() - worked) / AT_ONCE)
    version = trytond.__version__
    print(json.dumps({"version": version, "rate": max(rates), "own": min(own), "count": ROUNDS * AT_ONCE}))


def in_transaction(do: Callable[[], Any], **context: int) -> Any:
    """Do something in a transaction, which begins anew with what it turned out to need (locks), as Tryton's do."""
    from trytond.tests.test_tryton import USER  # noqa: PLC0415
    from trytond.transaction import Transaction, TransactionError  # noqa: PLC0415

    needs: dict[str, Any] = {}
    while True:
        with Transaction().start(DATABASE, USER, context=context, **needs) as transaction:
            try:
                done = do()
                transaction.commit()
            except TransactionError as error:
                transaction.rollback()
                error.fix(needs)
                continue
            return done


def set_up() -> dict[str, int]:
    """A company with a chart of accounts, an open year and a tax, and a party to invoice."""
    from trytond.modules.account.tests import create_chart, get_fiscalyear  # noqa: PLC0415
    from trytond.modules.account_invoice.tests import set_invoice_sequences  # noqa: PLC0415
    from trytond.modules.company.tests import create_company, set_company  # noqa: PLC0415
    from trytond.pool import Pool  # noqa: PLC0415

    company = create_company()
    with set_company(company):
        create_chart(company, tax=True)
        year = set_invoice_sequences(get_fiscalyear(company))
        year.save()
        type(year).create_period([year])
        (party,) = Pool().get("party.party").create([{"name": "Northside", "addresses": [("create", [{}])]}])
        sold = [("type.revenue", "=", True), ("closed", "!=", True)]
        (revenue,) = Pool().get("account.account").search(sold, limit=1)
        (tax,) = Pool().get("account.tax").search([], limit=1)
        currency = company.currency.id
    return {"company": company.id, "currency": currency, "party": party.id, "revenue": revenue.id, "tax": tax.id}


def post(keys: dict[str, int], lines: int) -> None:
    """One invoice with so many taxed lines, from nothing to posted."""
    from trytond.pool import Pool  # noqa: PLC0415

    invoices: Any = Pool().get("account.invoice")
    invoice = invoices(type="out", company=keys["company"], currency=keys["currency"], party=keys["party"])
    invoice.on_change_type()
    invoice.on_change_party()
    invoice.invoice_date = datetime.datetime.now(datetime.UTC).date()
    made = Pool().get("account.invoice.line")
    common = {"type": "line", "invoice_type": "out", "company": keys["company"], "currency": keys["currency"]}
    invoice.lines = [
        made(**common, description=f"Work {number}", quantity=1.5, unit_price=Decimal(90 + number),
             account=keys["revenue"], taxes=[keys["tax"]])
        for number in range(lines)
    ]  # fmt: skip
    invoice.save()
    invoices.post([invoice])


if __name__ == "__main__":
    main(int(sys.argv[1]))

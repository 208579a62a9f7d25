"""Reports of invoices as pages: receivables by age, and tax by month, code and rate."""

from django.http import HttpResponseBase

from rounds.core.books import TAX
from rounds.core.money import show_amount
from rounds.invoices.reporting import receivables_tables
from rounds.invoices.tax_reporting import papers_table, tax_table
from rounds.ledger.balancing import movements
from rounds.ledger.tables import Report, asked_days, show
from rounds.people.access import SignedIn, bookkeeper


@bookkeeper
def receivables(request: SignedIn) -> HttpResponseBase:
    """Who owes what, and since when, at the end of a day."""
    days = asked_days(request)
    return show(request, Report("Who owes what?", receivables_tables(days.last), days))


@bookkeeper
def tax(request: SignedIn) -> HttpResponseBase:
    """What was taxed from day to day, and what is to be paid on; of one code and rate, the papers behind it."""
    days = asked_days(request)
    booked = -sum(movements(days.first, days.last, below=TAX).values())
    code, rate = request.GET.get("code", ""), request.GET.get("rate", "")
    if code:
        tables = [papers_table(days, code, rate)]
        back = {f"{request.path}?{days.query}": "all taxes of these days"}
        report = Report(
            f"What was taxed as {code}?", tables, days, is_of_a_day=False, choices=back,
            hidden={"code": code, "rate": rate},
        )  # fmt: skip
        return show(request, report)
    notes = [f"By the days of invoices and credit notes. The books have {show_amount(booked)} for the same days."]
    report = Report("How much tax was charged?", [tax_table(days)], days, is_of_a_day=False, notes=notes)
    return show(request, report)

"""Reports of invoices as pages: receivables by age, and tax by month and rate."""

from django.http import HttpResponseBase

from rounds.core.money import show_amount
from rounds.invoices.reporting import receivables_tables, tax_table
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
    """What was taxed from day to day, and what is to be paid on."""
    days = asked_days(request)
    booked = -sum(movements(days.first, days.last, below="liabilities:tax").values())
    notes = [f"By the days of invoices and credit notes. The books have {show_amount(booked)} for the same days."]
    report = Report("How much tax was charged?", [tax_table(days)], days, is_of_a_day=False, notes=notes)
    return show(request, report)

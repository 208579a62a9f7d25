"""What happened is not edited: every append-only table refuses it in the database itself, on both engines."""

from datetime import date, time
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.utils import timezone

from rounds.clients.models import Client
from rounds.core.books import Entry, Posting, Unbalanced
from rounds.ledger import models as rows
from rounds.ledger.booking import post

APPEND_ONLY = {
    "agents.Applicant",
    "agents.Distinction",
    "agents.JobResult",
    "agents.Merge",
    "agents.MergeUndoing",
    "agents.Verdict",
    "api.Sent",
    "charges.Advance",
    "charges.Block",
    "charges.BroughtHours",
    "charges.Charge",
    "charges.Closing",
    "charges.ClosingLine",
    "charges.ClosingTax",
    "charges.Curtailment",
    "charges.Deposit",
    "charges.Draw",
    "charges.Forgone",
    "charges.Grant",
    "charges.Held",
    "charges.Lapse",
    "charges.Notice",
    "charges.Purchase",
    "charges.Rated",
    "charges.Rerated",
    "charges.Refund",
    "charges.RetainerMove",
    "charges.Returned",
    "charges.Voided",
    "charges.Withdrawal",
    "clients.Agreement",
    "clients.AgreementDraft",
    "clients.AgreementEnd",
    "clients.DraftSending",
    "clients.DraftWithdrawal",
    "clients.Signature",
    "clients.TaxChoice",
    "clients.TaxCode",
    "clients.TaxExemption",
    "clients.TaxRate",
    "findings.CallingOff",
    "findings.Handling",
    "findings.MaintenanceWindow",
    "findings.Mute",
    "findings.MuteLifting",
    "invoices.Allocation",
    "invoices.BankDecision",
    "invoices.BankFile",
    "invoices.BankLine",
    "invoices.BroughtOver",
    "invoices.CreditLine",
    "invoices.CreditNote",
    "invoices.CreditTax",
    "invoices.Interest",
    "invoices.Invoice",
    "invoices.InvoiceLine",
    "invoices.Opening",
    "invoices.Payment",
    "invoices.Payout",
    "invoices.PayoutReturn",
    "invoices.Release",
    "invoices.Reminder",
    "invoices.Reversal",
    "invoices.Undoing",
    "invoices.WriteOff",
    "ledger.Entry",
    "ledger.Posting",
    "ledger.Proof",
    "ledger.Seal",
    "mail.Admission",
    "mail.AlertMail",
    "mail.RawMail",
    "mail.Reading",
    "mail.RuleList",
    "mail.ShopRule",
    "people.Brand",
    "portal.PortalPurchase",
    "reports.ClientChoice",
    "reports.Report",
    "reports.Review",
    "reports.ReviewOrder",
    "reports.ReviewUndoing",
    "reports.ShopChoice",
    "upkeep.Evidence",
    "upkeep.Retraction",
    "watches.Turn",
    "work.Answer",
    "work.Approval",
    "work.Void",
}
CHANGING = {
    "charges.Standing",  # how far an account has been played
    "invoices.OpeningDraft",  # a file until it is confirmed
    "invoices.ReminderPause",  # until it is ended
    "invoices.ReminderStep",  # how the shop reminds
    "invoices.Series",  # the last number given
    "ledger.Booked",  # how far the books are
    "ledger.Chain",  # how long the chain is, and its last hash
    "ledger.MonthTotal",  # derived from the entries, and proved against them
    "ledger.Unsealed",  # gone when the entry is sealed
}


def _guarded() -> dict[str, set[str]]:
    """What each table refuses, as the database says it."""
    if connection.vendor == "sqlite":
        asked = "SELECT tbl_name, upper(sql) FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%is_append_only%'"
    else:
        asked = """SELECT tgrelid::regclass::text, upper(pg_get_triggerdef(oid)) FROM pg_trigger
                   WHERE tgname LIKE '%is_append_only%'"""
    with connection.cursor() as cursor:
        cursor.execute(asked)
        found: dict[str, set[str]] = {}
        for table, text in cursor.fetchall():
            words = {verb for verb in ("UPDATE", "DELETE", "TRUNCATE") if verb in text.split(" ON ")[0]}
            found.setdefault(table, set()).update(words)
    return found


@pytest.mark.django_db
def test_every_append_only_table_and_no_other_is_guarded() -> None:
    verbs = {"UPDATE", "DELETE"} | ({"TRUNCATE"} if connection.vendor == "postgresql" else set())

    expected = {apps.get_model(name)._meta.db_table: verbs for name in APPEND_ONLY}

    assert _guarded() == expected


def test_every_table_of_the_money_stages_is_append_only_or_named_as_changing() -> None:
    tables = {
        model._meta.label
        for stage in ("charges", "ledger", "invoices")
        for model in apps.get_app_config(stage).get_models()
    }

    assert tables - APPEND_ONLY - CHANGING == set()


# What a row needs beside something in every field that must have something.
NEEDED: dict[str, dict[str, int | str]] = {
    "charges.Charge": {"kind": "interest"},
    "charges.Rated": {"stint_id": 1},
    "charges.Draw": {"block_id": 1, "rated_id": 1},
    "charges.Forgone": {"block_id": 1},
    "invoices.Allocation": {"payment_id": 1, "invoice_id": 1},
    "invoices.CreditNote": {"over": 0},
    "work.Void": {"stint_id": 1},
}


def _any_row(model: type[Model]) -> Model:
    """A row with something in every field; its keys lead nowhere, which only the end of a transaction finds out."""
    fillers: dict[str, Any] = {
        "CharField": "x", "TextField": "x", "EmailField": "x@x.example", "DateField": date(2005, 4, 1),
        "BinaryField": b"x", "TimeField": time(8), "DateTimeField": timezone.now(), "BooleanField": False,
        "JSONField": {},
    }  # fmt: skip
    filled = {
        field.attname: fillers.get(field.get_internal_type(), 1)
        for field in model._meta.concrete_fields
        if not field.primary_key and not field.null and not field.has_default()
    }
    return model._default_manager.create(**{**filled, **NEEDED.get(model._meta.label, {})})


@pytest.mark.parametrize("name", sorted(APPEND_ONLY - {"ledger.Posting"}))
def test_a_guard_refuses_updates_and_deletes(name: str, db: None) -> None:
    model = apps.get_model(name)
    table = model._meta.db_table
    with transaction.atomic():
        row = _any_row(model)

        for change in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):  # noqa: S608 - names of our tables
            with (
                pytest.raises(IntegrityError, match="append-only"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(change)

        assert model._default_manager.filter(pk=row.pk).exists()
        transaction.set_rollback(True)


def test_a_posting_stays_as_it_was_posted(northside: Client) -> None:
    postings = (Posting("assets:bank", 5_00, "USD"), Posting("income:labour", -5_00, "USD"))
    post(Entry("a test", date(2005, 4, 1), "a test", postings), northside)

    for change in ("UPDATE ledger_posting SET amount = 1", "DELETE FROM ledger_posting"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)

    assert sorted(rows.Posting.objects.values_list("amount", flat=True)) == [-5_00, 5_00]


def test_an_entry_that_does_not_balance_is_refused_by_postgresql(northside: Client) -> None:
    if connection.vendor != "postgresql":
        with pytest.raises(Unbalanced):
            Entry("a test", date(2005, 4, 1), "a test", (Posting("assets:bank", 5_00, "USD"),))
        return
    entry = rows.Entry.objects.create(on=date(2005, 4, 1), what="a test", cause="a test", client=northside)

    with pytest.raises(IntegrityError, match="off by 500 USD"), transaction.atomic():
        rows.Posting.objects.create(entry=entry, account="assets:bank", commodity="USD", amount=5_00)

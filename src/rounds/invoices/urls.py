"""Addresses of this stage."""

from django.urls import path

from rounds.invoices import (
    bank_views,
    client_views,
    credit_views,
    e_invoice_views,
    late_views,
    money_views,
    report_views,
    views,
)

app_name = "invoices"
urlpatterns = [
    path("money/", money_views.money, name="money"),
    path("money/closing", money_views.closing, name="closing"),
    path("money/closing/runs", money_views.create_run, name="runs"),
    path("money/closing/runs/<int:client_id>", money_views.create_run_of_client, name="client_run"),
    path("books/receivables", report_views.receivables, name="receivables"),
    path("books/tax", report_views.tax, name="tax"),
    path("money/bank", bank_views.bank, name="bank"),
    path("money/bank/files", bank_views.create_bank_file, name="bank_files"),
    path("money/bank/payments", bank_views.create_bank_payments, name="bank_payments"),
    path("money/bank/lines/<int:line_id>", bank_views.bank_line, name="bank_line"),
    path("money/bank/lines/<int:line_id>/ignored", bank_views.create_ignored, name="bank_ignored"),
    path("money/bank/lines/<int:line_id>/reopened", bank_views.create_reopened, name="bank_reopened"),
    path("payments/<int:payment_id>/reversal", bank_views.create_reversal, name="reversal"),
    path("invoices", views.invoices, name="invoices"),
    path("invoices/<str:number>.pdf", views.document, name="document"),
    path("invoices/<str:number>", views.invoice, name="invoice"),
    path("invoices/<str:number>/letters", views.create_letter, name="letters"),
    path("invoices/<str:number>/credit-notes", views.create_credit_note, name="credit_notes"),
    path("invoices/<str:number>/<slug:syntax>.xml", e_invoice_views.electronic_invoice, name="electronic"),
    path(
        "credit-notes/<str:number>/<slug:syntax>.xml",
        e_invoice_views.electronic_credit_note,
        name="electronic_credit_note",
    ),
    path("invoices/<str:number>/credit-notes/lines", credit_views.create_credit_of_lines, name="credit_lines"),
    path("invoices/<str:number>/write-offs", late_views.create_write_off, name="write_offs"),
    path("invoices/<str:number>/write-offs/taken-up", late_views.create_take_up, name="take_up"),
    path("invoices/<str:number>/pause", late_views.create_invoice_pause, name="invoice_pause"),
    path("credit-notes/<str:number>.pdf", credit_views.credit_note_document, name="credit_note_document"),
    path("credit-notes/<str:number>/letters", credit_views.create_credit_note_letter, name="credit_note_letters"),
    path("settings/reminders", late_views.reminders, name="reminders"),
    path("clients/<int:client_id>/statement.pdf", late_views.statement_document, name="statement_document"),
    path("clients/<int:client_id>/statement/letters", late_views.create_statement_letter, name="statement_letters"),
    path("clients/<int:client_id>/pause", late_views.create_client_pause, name="client_pause"),
    path("clients/<int:client_id>/money", client_views.client_money, name="client_money"),
    path("clients/<int:client_id>/statement", client_views.statement, name="statement"),
    path("clients/<int:client_id>/payments", client_views.create_payment, name="payments"),
    path("clients/<int:client_id>/blocks", client_views.create_purchase, name="purchases"),
    path("clients/<int:client_id>/deposits", client_views.create_deposit, name="deposits"),
]

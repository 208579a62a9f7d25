"""Addresses of this stage."""

from django.urls import path

from rounds.ledger import report_views, views

app_name = "ledger"
urlpatterns = [
    path("books", views.trial_balance, name="books"),
    path("books/journal", views.entries, name="journal"),
    path("books/accounts", report_views.accounts, name="accounts"),
    path("books/accounts/<str:account>", views.account, name="account"),
    path("books/clients/<int:client_id>", report_views.client_accounts, name="client"),
    path("books/deferred", report_views.deferred, name="deferred"),
    path("books/revenue", report_views.revenue, name="revenue"),
    path("books/export", report_views.exports, name="export"),
    path("books/export/<str:name>", report_views.export_as, name="export_as"),
]

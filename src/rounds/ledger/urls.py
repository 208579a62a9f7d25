"""Addresses of this stage."""

from django.urls import path

from rounds.ledger import views

app_name = "ledger"
urlpatterns = [
    path("books", views.trial_balance, name="books"),
    path("books/journal", views.entries, name="journal"),
    path("books/export", views.export, name="export"),
    path("books/accounts/<str:account>", views.account, name="account"),
]

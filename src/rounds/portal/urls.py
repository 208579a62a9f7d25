"""Addresses of this stage."""

from django.urls import path

from rounds.portal import agreement_views, buying_views, help_views, money_views, report_views, views

app_name = "portal"
urlpatterns = [
    path("portal/", views.home, name="home"),
    path("portal/work", views.work, name="work"),
    path("portal/proposals/<int:proposal_id>", views.proposal, name="proposal"),
    path("portal/proposals/<int:proposal_id>/answers", views.create_answer, name="answers"),
    path("portal/stints/<int:stint_id>/approval", views.create_approval, name="approval"),
    path("portal/invoices", money_views.invoices, name="invoices"),
    path("portal/invoices/<str:number>.pdf", money_views.document, name="document"),
    path("portal/invoices/<str:number>", money_views.invoice, name="invoice"),
    path("portal/agreements/<int:draft_id>", agreement_views.agreement, name="agreement"),
    path("portal/hours", buying_views.my_hours, name="my_hours"),
    path("portal/clients/<int:client_id>/hours", buying_views.hours, name="hours"),
    path("portal/reports", report_views.reports, name="reports"),
    path("portal/reports/<str:day>.pdf", report_views.report_document, name="report-document"),
    path("portal/reports/<str:day>", report_views.report, name="report"),
    path("portal/requests", views.requests, name="requests"),
    path("portal/requests/new", help_views.ask, name="help"),
    path("portal/requests/<int:request_id>/photo", help_views.photo, name="photo"),
]

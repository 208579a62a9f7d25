"""Addresses of this stage."""

from django.urls import path

from rounds.reports import choice_views, review_views, views

app_name = "reports"
urlpatterns = [
    path("reports", views.morning, name="morning"),
    path("reports/<int:report_id>", views.report, name="report"),
    path("reports/<int:report_id>.pdf", views.document, name="document"),
    path("reports/<int:report_id>/review", review_views.create_review, name="review"),
    path("reports/reviews", review_views.create_reviews, name="reviews"),
    path("reports/reviews/<int:review_id>/undoing", review_views.create_undoing, name="undoing"),
    path("clients/<int:client_id>/reports", choice_views.client_reports, name="client"),
    path("settings/reports", choice_views.shop_reports, name="settings"),
]

"""Addresses of this stage."""

from django.urls import path

from rounds.findings import limit_views, views

app_name = "findings"
urlpatterns = [
    path("findings", views.findings, name="findings"),
    path("findings/limits", limit_views.limits, name="limits"),
    path("findings/limits/<str:rule>", limit_views.limit, name="limit"),
    path("findings/<int:finding_id>", views.finding, name="finding"),
    path("findings/<int:finding_id>/closing", views.create_closing, name="closing"),
]

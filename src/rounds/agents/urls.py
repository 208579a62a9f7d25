"""Addresses of this stage."""

from django.urls import path

from rounds.agents import intake, sample_views, views

app_name = "agents"
urlpatterns = [
    path("agents/enrolment", intake.create_enrolment, name="enrolment"),
    path("machines/", views.machines, name="machines"),
    path("machines/<int:machine_id>", views.machine, name="machine"),
    path("machines/<int:machine_id>/figures", views.figures, name="figures"),
    path("machines/<int:machine_id>/withdrawal", views.create_withdrawal, name="withdrawal"),
    path("settings/samples", sample_views.samples, name="samples"),
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/<int:token_id>", views.token, name="token"),
    path("tokens/<int:token_id>/withdrawal", views.create_token_withdrawal, name="token-withdrawal"),
]

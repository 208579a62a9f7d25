"""Addresses of this stage."""

from django.urls import path

from rounds.agents import admission_views, install_views, intake, merge_views, sample_views, views

app_name = "agents"
urlpatterns = [
    path("agents/enrolment", intake.create_enrolment, name="enrolment"),
    path("agents/package/<str:sha256>", install_views.package, name="package"),
    path("agents/release", install_views.release, name="release"),
    path("agents/<str:name>", install_views.install_script, name="install-script"),
    path("machines/", views.machines, name="machines"),
    path("machines/waiting", admission_views.waiting, name="waiting"),
    path("machines/waiting/<int:applicant_id>/verdict", admission_views.create_verdict, name="verdict"),
    path("machines/<int:machine_id>", views.machine, name="machine"),
    path("machines/<int:machine_id>/figures", views.figures, name="figures"),
    path("machines/<int:machine_id>/merge", merge_views.merge, name="merge"),
    path("machines/<int:machine_id>/merge/distinction", merge_views.create_distinction, name="distinction"),
    path("machines/<int:machine_id>/merge/undoing", merge_views.create_undoing, name="merge-undoing"),
    path("machines/<int:machine_id>/withdrawal", views.create_withdrawal, name="withdrawal"),
    path("settings/samples", sample_views.samples, name="samples"),
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/<int:token_id>", views.token, name="token"),
    path("tokens/<int:token_id>/withdrawal", views.create_token_withdrawal, name="token-withdrawal"),
]

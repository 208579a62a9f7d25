"""Addresses of this stage."""

from django.urls import path

from rounds.agents import intake

app_name = "agents"
urlpatterns = [
    path("agents/enrolment", intake.create_enrolment, name="enrolment"),
]

"""Addresses of this stage."""

from django.urls import path

from rounds.upkeep import routine_views, views

app_name = "upkeep"
urlpatterns = [
    path("upkeep", views.duties, name="duties"),
    path("upkeep/evidence", views.create_evidence_of_many, name="evidence-of-many"),
    path("upkeep/duties/<int:duty_id>", views.duty, name="duty"),
    path("upkeep/duties/<int:duty_id>/evidence", views.create_evidence, name="evidence"),
    path("upkeep/duties/<int:duty_id>/attempts", views.create_attempt, name="attempts"),
    path("upkeep/routines", routine_views.routines, name="routines"),
    path("upkeep/routines/new", routine_views.new_routine, name="new-routine"),
    path("upkeep/routines/<int:routine_id>", routine_views.routine, name="routine"),
    path("upkeep/routines/<int:routine_id>/end", routine_views.create_end, name="end"),
    path("upkeep/machines/<int:machine_id>/repository", routine_views.repository, name="repository"),
]

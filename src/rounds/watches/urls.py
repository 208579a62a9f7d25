"""Addresses of this stage."""

from django.urls import path

from rounds.watches import views

app_name = "watches"
urlpatterns = [
    path("watches", views.watches, name="watches"),
    path("watches/new", views.new_watch, name="new"),
    path("watches/<int:watch_id>", views.watch, name="watch"),
    path("watches/<int:watch_id>/figures", views.figures, name="figures"),
    path("watches/<int:watch_id>/particulars", views.edit_watch, name="edit"),
    path("watches/<int:watch_id>/end", views.create_end, name="end"),
]

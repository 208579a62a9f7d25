"""Addresses of this stage."""

from django.urls import path

from rounds.charges import views

app_name = "charges"
urlpatterns = [path("charges/<int:rated_id>", views.rated, name="rated")]

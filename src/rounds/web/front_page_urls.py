"""The address of the office's front page."""

from django.urls import path

from rounds.web import views

app_name = "web"
urlpatterns = [path("", views.today, name="today")]

"""Addresses of this stage."""

from django.urls import path

from rounds.mail import letter_views

app_name = "mail"
urlpatterns = [
    path("letters", letter_views.letters, name="letters"),
    path("letters/<int:letter_id>", letter_views.letter, name="letter"),
    path("letters/<int:letter_id>/try", letter_views.create_try, name="try"),
]

"""Addresses of this stage."""

from django.urls import path

from rounds.mail import letter_views, views

app_name = "mail"
urlpatterns = [
    path("mail", views.sources, name="sources"),
    path("mail/sources/new", views.new_source, name="new-source"),
    path("mail/sources/<int:source_id>", views.source, name="source"),
    path("mail/sources/<int:source_id>/end", views.create_end, name="end"),
    path("mail/<int:mail_id>", views.mail, name="mail"),
    path("mail/<int:mail_id>/raw", views.raw_mail, name="raw"),
    path("mail/<int:mail_id>/result", views.create_result, name="result"),
    path("letters", letter_views.letters, name="letters"),
    path("letters/<int:letter_id>", letter_views.letter, name="letter"),
    path("letters/<int:letter_id>/try", letter_views.create_try, name="try"),
]

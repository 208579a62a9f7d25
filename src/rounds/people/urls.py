"""Addresses of this stage."""

from django.urls import path

from rounds.people import views

app_name = "people"
urlpatterns = [
    path("enter/<str:uid>/<str:token>", views.enter, name="enter"),
    path("account/profile", views.profile, name="profile"),
    path("people/", views.people, name="people"),
    path("people/<int:person_id>", views.person, name="person"),
    path("people/<int:person_id>/link", views.person_link, name="person-link"),
    path("people/<int:person_id>/leave", views.person_leave, name="person-leave"),
    path("people/<int:person_id>/return", views.person_return, name="person-return"),
    path("people/<int:person_id>/factors", views.person_factors, name="person-factors"),
    path("settings/", views.settings, name="settings"),
    path("settings/letterhead", views.letterhead, name="letterhead"),
    path("settings/letterhead/logo.svg", views.logo, name="logo"),
]

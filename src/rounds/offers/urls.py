"""Addresses of this stage."""

from django.urls import path

from rounds.offers import views

app_name = "offers"
urlpatterns = [
    path("clients/<int:client_id>/offers", views.client_offers, name="client"),
    path("offers/<int:offer_id>", views.offer, name="offer"),
    path("offers/<int:offer_id>.pdf", views.offer_document, name="document"),
]

"""Addresses of this stage."""

from django.urls import path

from rounds.clients import (
    agreement_views,
    draft_views,
    exemption_views,
    import_views,
    part_views,
    price_views,
    tax_views,
    views,
)

app_name = "clients"
urlpatterns = [
    path("search", views.search, name="search"),
    path("settings/prices", price_views.prices, name="prices"),
    path("settings/taxes", tax_views.taxes, name="taxes"),
    path("clients/", views.clients, name="clients"),
    path("clients/new", views.new_client, name="new-client"),
    path("clients/import", import_views.upload, name="import"),
    path("clients/import/<int:draft_id>", import_views.draft, name="import-draft"),
    path("clients/import/<str:kind>.csv", import_views.sample, name="import-sample"),
    path("clients/<int:client_id>", views.client, name="client"),
    path("clients/<int:client_id>/particulars", views.edit_client, name="edit-client"),
    path("clients/<int:client_id>/tax", exemption_views.exemption, name="exemption"),
    path("clients/<int:client_id>/tax/end", exemption_views.create_end, name="exemption-end"),
    path("clients/<int:client_id>/leave", views.leave, name="leave"),
    path("clients/<int:client_id>/return", views.come_back, name="return"),
    path("clients/<int:client_id>/sites/new", part_views.new_site, name="new-site"),
    path("clients/<int:client_id>/contacts/new", part_views.new_contact, name="new-contact"),
    path("clients/<int:client_id>/machines/new", part_views.new_machine, name="new-machine"),
    path("clients/<int:client_id>/agreements/new", agreement_views.new_agreement, name="new-agreement"),
    path("sites/<int:site_id>", part_views.site, name="site"),
    path("sites/<int:site_id>/taxes", tax_views.site_taxes, name="site-taxes"),
    path("contacts/<int:contact_id>", part_views.contact, name="contact"),
    path("contacts/<int:contact_id>/leave", part_views.contact_leave, name="contact-leave"),
    path("contacts/<int:contact_id>/return", part_views.contact_return, name="contact-return"),
    path("contacts/<int:contact_id>/invitation", part_views.invitation, name="invitation"),
    path("machines/<int:machine_id>/particulars", part_views.machine, name="edit-machine"),
    path("machines/<int:machine_id>/retire", part_views.machine_retire, name="machine-retire"),
    path("machines/<int:machine_id>/return", part_views.machine_return, name="machine-return"),
    path("agreements/drafts/<int:draft_id>", draft_views.draft, name="agreement-draft"),
    path("agreements/drafts/<int:draft_id>/sending", draft_views.create_sending, name="draft-sending"),
    path("agreements/drafts/<int:draft_id>/withdrawal", draft_views.create_withdrawal, name="draft-withdrawal"),
    path("agreements/drafts/<int:draft_id>/signature", draft_views.create_signature, name="draft-signature"),
    path("agreements/<int:agreement_id>/change", agreement_views.change, name="change-agreement"),
    path("agreements/<int:agreement_id>/end", agreement_views.end, name="end-agreement"),
]

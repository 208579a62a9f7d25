"""Addresses of this stage."""

from django.urls import path

from rounds.findings import limit_views, quiet_views, telling_views, views

app_name = "findings"
urlpatterns = [
    path("findings", views.findings, name="findings"),
    path("findings/limits", limit_views.limits, name="limits"),
    path("findings/limits/<str:rule>", limit_views.limit, name="limit"),
    path("findings/<int:finding_id>", views.finding, name="finding"),
    path("findings/<int:finding_id>/closing", views.create_closing, name="closing"),
    path("findings/<int:finding_id>/acknowledgement", quiet_views.create_acknowledgement, name="acknowledgement"),
    path("findings/<int:finding_id>/snooze", quiet_views.create_snooze, name="snooze"),
    path("findings/<int:finding_id>/resumption", quiet_views.create_resumption, name="resumption"),
    path("findings/<int:finding_id>/mute", quiet_views.create_mute, name="mute"),
    path("findings/telling", telling_views.channels, name="channels"),
    path("findings/telling/new", telling_views.create_channel, name="new-channel"),
    path("findings/telling/<int:channel_id>", telling_views.edit_channel, name="edit-channel"),
    path("findings/telling/<int:channel_id>/end", telling_views.end_channel, name="end-channel"),
    path("findings/telling/<int:channel_id>/trial", telling_views.create_trial, name="trial"),
    path("findings/messages/<int:message_id>/retry", telling_views.retry_message, name="retry"),
    path("findings/quiet", quiet_views.quiet, name="quiet"),
    path("findings/mutes/<int:mute_id>/lifting", quiet_views.create_lifting, name="lifting"),
    path("findings/windows/new", quiet_views.create_window, name="window"),
    path("findings/windows/<int:window_id>/calling-off", quiet_views.create_calling_off, name="calling-off"),
]

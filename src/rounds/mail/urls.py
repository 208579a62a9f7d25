"""Addresses of this stage."""

from django.urls import path

from rounds.mail import expecting_views, keeping_views, letter_views, mail_views, rule_views, views

app_name = "mail"
urlpatterns = [
    path("mail", views.sources, name="sources"),
    path("mail/sources/new", views.new_source, name="new-source"),
    path("mail/sources/<int:source_id>", views.source, name="source"),
    path("mail/sources/<int:source_id>/end", views.create_end, name="end"),
    path("mail/sources/<int:source_id>/expected", expecting_views.new_expectation, name="new-expectation"),
    path("mail/expected/<int:expectation_id>/end", expecting_views.end_expectation, name="end-expectation"),
    path("mail/expected/<int:expectation_id>/again", expecting_views.expect_again, name="expect-again"),
    path("mail/received", mail_views.mails, name="mails"),
    path("mail/waiting", mail_views.queue, name="queue"),
    path("mail/<int:mail_id>", mail_views.mail, name="mail"),
    path("mail/<int:mail_id>/raw", mail_views.raw_mail, name="raw"),
    path("mail/<int:mail_id>/result", mail_views.create_result, name="result"),
    path("mail/<int:mail_id>/look", mail_views.create_look, name="look"),
    path("mail/<int:mail_id>/admission", mail_views.create_admission, name="admission"),
    path("mail/<int:mail_id>/rule", rule_views.new_rule, name="new-rule"),
    path("mail/rules", rule_views.rules, name="rules"),
    path("mail/rules/<int:rule_id>", rule_views.rule, name="rule"),
    path("mail/rules/changes", rule_views.create_change, name="change-rules"),
    path("mail/rules/changes/<int:list_id>/undo", rule_views.undo, name="undo-rules"),
    path("settings/mail", keeping_views.mail_retention, name="retention"),
    path("letters", letter_views.letters, name="letters"),
    path("letters/<int:letter_id>", letter_views.letter, name="letter"),
    path("letters/<int:letter_id>/try", letter_views.create_try, name="try"),
]

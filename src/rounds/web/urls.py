"""Every address of the shop; each stage keeps its own."""

from django.urls import include, path

STAGES = (
    "people",
    "clients",
    "agents",
    "watches",
    "mail",
    "upkeep",
    "findings",
    "work",
    "charges",
    "ledger",
    "invoices",
    "offers",
    "reports",
    "portal",
    "api",
)

urlpatterns = [
    path("account/", include("allauth.account.urls")),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
    *(path("", include(f"rounds.{stage}.urls")) for stage in STAGES),
    path("", include("rounds.web.front_page_urls")),
]

handler400 = "rounds.web.failing.unreadable"
handler500 = "rounds.web.failing.failed"

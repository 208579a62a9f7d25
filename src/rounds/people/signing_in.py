"""How people sign in: nobody signs himself up; the first owner comes in by a one-time link."""

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's questions about sign-in, answered for a shop."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People are added by the owner; nobody signs himself up."""
        del request
        return False


class OneTimeLink(PasswordResetTokenGenerator):
    """Makes links that sign one person in once: the first sign-in or a new password spends them."""

    key_salt = "rounds.people.signing_in.OneTimeLink"


one_time_link = OneTimeLink()

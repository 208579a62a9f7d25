"""How people sign in: nobody signs himself up; whoever was added comes in by a link that works once."""

import logging
from contextlib import suppress
from io import BytesIO
from smtplib import SMTPException
from typing import Any

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from qrcode.image.svg import SvgPathFillImage

from rounds.core.money import Refused
from rounds.people.models import User
from rounds.people.shop import the_shop

log = logging.getLogger(__name__)


class OneTimeLink(PasswordResetTokenGenerator):
    """Makes links that sign one person in once: the sign-in or a new password spends them; they hold three days."""

    key_salt = "rounds.people.signing_in.OneTimeLink"


_one_time = OneTimeLink()


def one_time_link(person: User) -> str:
    """The address that signs a person in once; an earlier one that was not used stays good as well."""
    uid = urlsafe_base64_encode(str(person.pk).encode())
    return f"{settings.SITE_URL}{reverse('people:enter', args=[uid, _one_time.make_token(person)])}"


def first_owner_link(email: str) -> str:
    """The one-time link of the person with this address. Refused: nobody active has it."""
    person = User.objects.filter(email__iexact=email, is_active=True).first()
    if person is None:
        raise Refused(f"nobody who may sign in has the address {email}")
    return one_time_link(person)


def person_of_link(uid: str, token: str) -> User | None:
    """Whom a one-time link signs in; None if it was used, is too old, or never was one."""
    try:
        key = urlsafe_base64_decode(uid).decode()
    except ValueError:
        return None
    person = User.objects.filter(pk=key, is_active=True).first() if key.isdecimal() and len(key) < 19 else None
    return person if person is not None and _one_time.check_token(person, token) else None


def home_of(person: User) -> str:
    """Where a person's work begins: the office's front page, or the client's portal."""
    return "/" if person.is_of_shop else "/portal/"


class SignInForm(LoginForm):  # type: ignore[misc]
    """allauth's form for password and address, with the address first and in focus."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "E-mail address"
        self.fields["login"].widget.attrs["autofocus"] = True
        self.fields["remember"].label = "Stay signed in on this device"


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's questions about sign-in, answered for a shop."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People are added by the owner; nobody signs himself up."""
        del request
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Office or portal, by who it is."""
        return home_of(request.user) if isinstance(request.user, User) else "/"

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """Back to the door."""
        del request
        return reverse("account_login")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to the page on which one's sign-in is kept."""
        del request
        return reverse("people:profile")

    def get_email_verification_redirect_url(self, email_address: object) -> str:
        """The same, or the door for whoever is not signed in."""
        del email_address
        return reverse("people:profile")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link in the mail: at the shop's address, whatever host the request named."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return f"{settings.SITE_URL}{path.replace('UID-KEY', key)}"

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """The same for a changed address."""
        del request
        return f"{settings.SITE_URL}{reverse('account_confirm_email', args=[emailconfirmation.key])}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a code or a notice at once, as somebody waits for it; say so if it cannot be sent."""
        ours = {"shop": the_shop(), "site_url": settings.SITE_URL}
        try:
            super().send_mail(template_prefix, email, {**context, **ours})
        except (OSError, SMTPException) as reason:
            log.exception("a mail for sign-in (%s) could not be sent", template_prefix)
            raise ImmediateHttpResponse(render(self.request, "people/mail_failed.html", status=503)) from reason

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Tell of a change that has been made; it stays made if the mail cannot be sent."""
        with suppress(ImmediateHttpResponse):
            super().send_notification_mail(*args, **kwargs)


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """allauth's questions about second factors, answered for a shop."""

    def _get_site_name(self) -> str:
        """What phones and key rings list the sign-in under."""
        return the_shop().name

    def build_totp_svg(self, url: str) -> str:
        """The picture to scan: on white, since it is black in a dark page too; without the declaration of a file."""
        picture = qrcode.make(url, image_factory=SvgPathFillImage)
        kept = BytesIO()
        picture.save(kept)
        return kept.getvalue().decode().partition("?>")[2].strip()

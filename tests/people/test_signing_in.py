"""The door: one-time links, passwords, mailed codes, and what strangers see."""

import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client as Browser

from rounds.core.money import Refused
from rounds.people import joining
from rounds.people.models import Role, User
from rounds.people.signing_in import first_owner_link, one_time_link

type AsPerson = Callable[[User], Browser]


def path_of(link: str) -> str:
    return re.sub(r"^https?://[^/]+", "", link)


def test_a_one_time_link_asks_first_and_signs_in_once(olga: User) -> None:
    path, browser = path_of(first_owner_link("OLGA@shop.example")), Browser()

    asked = browser.get(path)
    entered = browser.post(path)
    again = Browser().post(path)

    assert asked.status_code == 200
    assert "Welcome, Olga" in asked.text
    assert entered.status_code == 302
    assert browser.get("/people/").status_code == 200
    assert again.status_code == 410
    assert "works once" in again.text


def test_looking_at_a_one_time_link_does_not_spend_it(olga: User) -> None:
    path = path_of(first_owner_link(olga.email))

    for _ in range(3):
        assert Browser().get(path).status_code == 200

    assert Browser().post(path).status_code == 302


def test_who_has_no_password_is_led_to_set_one(olga: User) -> None:
    tina = joining.add_person("tina@shop.example", "Tina", Role.TECHNICIAN)

    reply = Browser().post(path_of(one_time_link(tina)))

    assert reply["Location"] == "/account/password/set/"


@pytest.mark.parametrize(
    "path", ["/enter/AA/x-y", "/enter/OTk5OTk5OTk5OTk5OTk5OTk5OTk5/x-y", "/enter/%F0%9F/x", "/enter/MQ/"]
)
def test_a_made_up_link_signs_nobody_in(olga: User, path: str) -> None:
    assert Browser().post(path).status_code in {404, 410}


def test_a_link_of_somebody_let_go_is_dead(olga: User, theo: User) -> None:
    path = path_of(one_time_link(theo))

    joining.let_go(theo)

    assert Browser().post(path).status_code == 410
    with pytest.raises(Refused, match="nobody who may sign in"):
        first_owner_link(theo.email)


def test_a_password_signs_in_and_a_wrong_one_does_not(theo: User) -> None:
    right, wrong = Browser(), Browser()

    right.post("/account/login/", {"login": theo.email, "password": "a long enough password"})
    refused = wrong.post("/account/login/", {"login": theo.email, "password": "another password"})

    assert right.get("/account/profile").status_code == 200
    assert "not correct" in refused.text
    assert wrong.get("/account/profile").status_code == 302


def test_a_mailed_code_signs_in_and_names_the_shop_not_the_host(nora: User) -> None:
    browser = Browser(headers={"host": "127.0.0.1"})

    asked = browser.post("/account/login/code/", {"email": nora.email})
    (letter,) = mail.outbox
    code = re.search(r"^    (\S+)$", str(letter.body), re.MULTILINE)
    assert code
    entered = browser.post("/account/login/code/confirm/", {"code": code[1]})

    assert asked.status_code == 302
    assert "Mill Street Computing" in letter.subject
    assert "http://localhost" in str(letter.body)
    assert "127.0.0.1" not in str(letter.body)
    assert entered["Location"] == "/portal/"


def test_a_wrong_code_signs_nobody_in(nora: User) -> None:
    browser = Browser()
    browser.post("/account/login/code/", {"email": nora.email})

    reply = browser.post("/account/login/code/confirm/", {"code": "AAA-BBB"})

    assert reply.status_code == 200
    assert browser.get("/account/profile").status_code == 302


def test_an_unknown_address_gets_no_mail_and_no_other_answer(nora: User) -> None:
    known, unknown = Browser(), Browser()

    for_known = known.post("/account/login/code/", {"email": nora.email}, follow=True)
    mail.outbox.clear()
    for_unknown = unknown.post("/account/login/code/", {"email": "nobody@example.com"}, follow=True)

    assert mail.outbox == []
    assert for_unknown.status_code == for_known.status_code == 200
    assert for_unknown.redirect_chain == for_known.redirect_chain


def test_a_forgotten_password_is_set_anew_by_mail(theo: User) -> None:
    browser = Browser()

    browser.post("/account/password/reset/", {"email": theo.email})
    link = re.search(r"http://localhost:\d+(/account/password/reset/key/\S+)", str(mail.outbox[0].body))
    assert link
    form = browser.get(link[1], follow=True)
    new = {"password1": "quite another password", "password2": "quite another password"}
    browser.post(form.redirect_chain[-1][0], new)

    assert Browser().post("/account/login/", {"login": theo.email, "password": new["password1"]}).status_code == 302


def test_nobody_signs_himself_up(olga: User) -> None:
    reply = Browser().get("/account/signup/")
    posted = Browser().post("/account/signup/", {"email": "eve@example.com", "password1": "a long enough password"})

    assert "added by the shop" in reply.text
    assert "signup" not in Browser().get("/account/login/").text
    assert posted.status_code == 200
    assert not User.objects.filter(email="eve@example.com").exists()


def test_letting_go_signs_out_at_once(theo: User, olga: User, as_person: AsPerson) -> None:
    browser = as_person(theo)
    assert browser.get("/account/profile").status_code == 200

    as_person(olga).post(f"/people/{theo.pk}/leave")

    assert browser.get("/account/profile").status_code == 302


def test_mail_that_cannot_be_sent_is_said_so(nora: User, settings: object) -> None:
    options = {"host": "127.0.0.1", "port": 9, "timeout": 1}
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}  # type: ignore[attr-defined]

    reply = Browser().post("/account/login/code/", {"email": nora.email})

    assert reply.status_code == 503
    assert "could not be sent" in reply.text


@pytest.mark.parametrize(
    "path",
    [
        "/account/login/", "/account/login/code/", "/account/password/reset/", "/account/signup/", "/account/inactive/",
        "/account/password/reset/done/", "/account/password/reset/key/1-x/",
    ],
)  # fmt: skip
def test_pages_of_the_door_are_in_our_look(olga: User, path: str) -> None:
    reply = Browser().get(path, follow=True)

    assert reply.status_code == 200
    assert "rounds.css" in reply.text
    assert "Menu:" not in reply.text


@pytest.mark.parametrize(
    "path",
    [
        "/account/profile", "/account/email/", "/account/password/change/", "/account/2fa/", "/account/2fa/webauthn/",
        "/account/sessions/", "/account/logout/", "/account/reauthenticate/", "/account/2fa/totp/activate/",
    ],
)  # fmt: skip
def test_pages_of_ones_own_sign_in_are_in_our_look(theo: User, as_person: AsPerson, path: str) -> None:
    reply = as_person(theo).get(path, follow=True)

    assert reply.status_code == 200
    assert "rounds.css" in reply.text
    assert Browser().get(path).status_code == 302

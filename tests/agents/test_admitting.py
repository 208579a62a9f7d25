"""Machines that wait until a technician lets them in: what they are told, who decides, and what then holds."""

import hashlib
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from rounds.agents import admitting
from rounds.agents.enrolling import Asked, Hints, NotEnrolled, Offer, Waits, enrol, make_token, revoke
from rounds.agents.models import Agent, Applicant, CheckIn, Refusal, Token, Verdict
from rounds.clients.models import Client, Machine, Site
from rounds.core.money import Refused
from rounds.people.models import User
from tests.agents.front import Running

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

type AsPerson = Callable[[User], Browser]


def _asked(token: str, **hints: Any) -> Asked:
    hashed = hashlib.sha256(secrets.token_bytes()).hexdigest()
    return Asked(token, secrets.token_hex(16), hashed, Hints(**{"hostname": "pc-07", **hints}))


@pytest.fixture
def site(northside: Client) -> Site:
    return northside.sites.get()


@pytest.fixture
def text(site: Site) -> str:
    """A token that needs approval."""
    return make_token(site, Offer(uses=3, needs_approval=True), by=None, at=NOON)[1]


def _applicant(text: str, **hints: Any) -> tuple[Asked, Applicant]:
    asked = _asked(text, **hints)
    with pytest.raises(Waits):
        enrol(asked, at=NOON)
    return asked, Applicant.objects.get(instance=asked.instance)


def test_a_machine_waits_however_often_it_asks_and_is_then_let_in(text: str, theo: User) -> None:
    asked, applicant = _applicant(text)
    with pytest.raises(Waits):
        enrol(asked, at=NOON + timedelta(hours=1))
    assert (Applicant.objects.count(), Agent.objects.count(), Token.objects.get().uses_left) == (1, 0, 2)

    agent = admitting.admit(applicant, None, by=theo, at=NOON + timedelta(days=30))

    assert enrol(asked, at=NOON + timedelta(days=30)) == agent
    assert (agent.machine.name, agent.machine.site, agent.instance) == ("pc-07", applicant.token.site, asked.instance)
    assert (agent.secret_sha256, agent.hints["hostname"]) == (asked.secret_sha256, "pc-07")


def test_a_machine_that_is_sent_away_is_told_so_for_ever(text: str, theo: User) -> None:
    asked, applicant = _applicant(text)

    admitting.send_away(applicant, by=theo, at=NOON)

    for _ in range(2):
        with pytest.raises(NotEnrolled, match="sent this machine away"):
            enrol(asked, at=NOON)
    assert not Agent.objects.exists()


def test_only_one_verdict_counts(text: str, theo: User, olga: User) -> None:
    _, applicant = _applicant(text)
    admitting.send_away(applicant, by=theo, at=NOON)

    with pytest.raises(Refused, match="Theo has sent away pc-07 already"):
        admitting.admit(applicant, None, by=olga, at=NOON)

    assert Verdict.objects.get().by == theo


def test_a_machine_let_in_as_one_that_is_known_takes_over_from_its_agent(text: str, srv01: Machine, theo: User) -> None:
    old = enrol(_asked(make_token(srv01.site, Offer(machine=srv01), by=None, at=NOON)[1]), at=NOON)
    _, applicant = _applicant(text)

    agent = admitting.admit(applicant, srv01, by=theo, at=NOON)

    old.refresh_from_db()
    assert (agent.machine, old.revoked_at) == (srv01, NOON)
    assert Machine.objects.count() == 1


def test_a_machine_is_not_let_in_as_one_of_another_client(text: str, elm: Client, theo: User) -> None:
    theirs = Machine.objects.create(site=elm.sites.get(), name="PC-01")
    _, applicant = _applicant(text)

    with pytest.raises(Refused, match="no machine of Northside Dental"):
        admitting.admit(applicant, theirs, by=theo, at=NOON)

    assert not Verdict.objects.exists()


def test_an_identity_that_waits_by_one_token_does_not_come_in_by_another(text: str, site: Site, theo: User) -> None:
    asked, applicant = _applicant(text)
    other = make_token(site, Offer(), by=None, at=NOON)[1]

    with pytest.raises(NotEnrolled, match="enrolled before"):
        enrol(Asked(other, asked.instance, asked.secret_sha256), at=NOON)
    revoke(admitting.admit(applicant, None, by=theo, at=NOON), at=NOON)
    with pytest.raises(NotEnrolled, match="enrolled before"):
        enrol(asked, at=NOON)


def test_what_a_machine_may_be_is_offered_by_what_it_says_of_itself(text: str, srv01: Machine, elm: Client) -> None:
    known = Hints("srv01", serial_sha256="5" * 64, cards_sha256=["c" * 64])
    token = make_token(srv01.site, Offer(machine=srv01), by=None, at=NOON)[1]
    enrol(Asked(token, "1" * 32, "2" * 64, known), at=NOON)
    other = Machine.objects.create(site=srv01.site, name="SRV02")
    site_id = srv01.site_id

    def offered(site: int = site_id, **hints: Any) -> list[tuple[Machine, tuple[str, ...]]]:
        return [(one.machine, one.words) for one in admitting.alike(hints, [srv01, other], site)]

    assert offered(hostname="new", serial_sha256="5" * 64) == [(srv01, ("the same serial number",))]
    assert offered(hostname="SRV01", cards_sha256=["c" * 64]) == [(srv01, ("the same network card", "the same name"))]
    assert offered(hostname="srv01") == [(srv01, ("the same name",))]
    assert offered(elm.sites.get().pk, hostname="srv01") == []
    assert offered(hostname="srv03", serial_sha256="", cards_sha256=[]) == []


def test_over_http_a_machine_that_waits_is_told_202_and_is_counted_as_no_refusal(text: str, theo: User) -> None:
    token = make_token(Site.objects.get(), Offer(needs_approval=True), by=None, at=timezone.now())[1]
    told = json.dumps({"token": token, "instance": "0" * 32, "secret_sha256": "a" * 64, "hints": {"hostname": "pc"}})

    def post() -> Any:
        return Browser(enforce_csrf_checks=True).post("/agents/enrolment", told, content_type="application/json")

    first = post()
    admitting.admit(Applicant.objects.get(), None, by=theo, at=timezone.now())

    assert (first.status_code, first.json()["code"]) == (202, "waiting")
    assert post().status_code == 201
    assert not Refusal.objects.exists()


def test_a_technician_lets_a_machine_in_on_the_page(as_person: AsPerson, text: str, theo: User, srv01: Machine) -> None:
    _applicant(text, os="Debian GNU/Linux 13")
    browser = as_person(theo)
    assert "waits to be let in" in browser.get("/").content.decode()
    page = browser.get("/machines/waiting").content.decode()
    assert "pc-07" in page
    assert "Debian GNU/Linux 13" in page

    reply = browser.post(f"/machines/waiting/{Applicant.objects.get().pk}/verdict", {"verdict": "in"}, follow=True)

    assert "pc-07 is let in" in reply.content.decode()
    assert Agent.objects.get().machine.name == "pc-07"
    assert "waits to be let in" not in browser.get("/").content.decode()


def test_a_second_technician_is_told_what_the_first_decided(as_person: AsPerson, text: str, theo: User) -> None:
    _applicant(text)
    browser, address = as_person(theo), f"/machines/waiting/{Applicant.objects.get().pk}/verdict"
    browser.post(address, {"verdict": "away"})

    reply = browser.post(address, {"verdict": "in"}, follow=True)

    assert "Theo has sent away pc-07 already." in reply.content.decode()
    assert not Agent.objects.exists()


def test_a_machine_of_another_client_is_not_among_the_choices(
    as_person: AsPerson, text: str, theo: User, elm: Client
) -> None:
    theirs = Machine.objects.create(site=elm.sites.get(), name="PC-01")
    _applicant(text)
    address = f"/machines/waiting/{Applicant.objects.get().pk}/verdict"

    reply = as_person(theo).post(address, {"verdict": "in", "machine": theirs.pk}, follow=True)

    assert "cannot be let in as that one" in reply.content.decode()
    assert not Verdict.objects.exists()


def test_nobody_else_sees_or_decides(as_person: AsPerson, text: str, bea: User, nora: User, stranger: User) -> None:
    _applicant(text)
    address = f"/machines/waiting/{Applicant.objects.get().pk}/verdict"

    for person in (bea, nora, stranger):
        assert as_person(person).get("/machines/waiting").status_code == 404
        assert as_person(person).post(address, {"verdict": "in"}).status_code == 404
    assert Browser().post(address, {"verdict": "in"}).status_code == 302
    assert not Verdict.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_killed", [False, True])
def test_a_real_agent_waits_keeps_its_secret_sends_nothing_and_goes_on_once_it_is_let_in(
    front: Running, srv01: Machine, theo: User, tmp_path: Path, *, is_killed: bool
) -> None:
    token = make_token(srv01.site, Offer(needs_approval=True), by=None, at=timezone.now())[1]
    agent, home = [sys.executable, "-m", "rounds_agent"], ["--home", str(tmp_path)]
    server = ["--server", f"http://127.0.0.1:{front.port}", "--token", token]
    begun = subprocess.run([*agent, "enrol", *home, *server], capture_output=True, text=True, check=True)
    assert "a technician has to approve this machine" in begun.stdout

    running = subprocess.Popen([*agent, "run", *home, "--every", "0.2"], stderr=subprocess.PIPE, text=True)
    time.sleep(1.5)
    secret = json.loads((tmp_path / "identity.json").read_text())["secret"]
    assert running.poll() is None
    assert list((tmp_path / "spool").iterdir()) == []
    if is_killed:
        running.kill()
        running.communicate()
    admitting.admit(Applicant.objects.get(), None, by=theo, at=timezone.now())
    if is_killed:
        running = subprocess.Popen([*agent, "run", *home, "--every", "0.2"], stderr=subprocess.PIPE, text=True)
    try:
        until = time.monotonic() + 90
        while not CheckIn.objects.exists() and time.monotonic() < until:
            time.sleep(0.1)
    finally:
        running.kill()
        _, said = running.communicate()

    assert CheckIn.objects.exists()
    assert json.loads((tmp_path / "config.json").read_text())["secret"] == secret
    assert Agent.objects.get().secret_sha256 == hashlib.sha256(secret.encode()).hexdigest()
    assert said.count("has to approve") <= 1


@pytest.mark.django_db(transaction=True)
def test_a_real_agent_that_is_sent_away_gives_up(front: Running, srv01: Machine, theo: User, tmp_path: Path) -> None:
    token = make_token(srv01.site, Offer(needs_approval=True), by=None, at=timezone.now())[1]
    agent, home = [sys.executable, "-m", "rounds_agent"], ["--home", str(tmp_path)]
    server = ["--server", f"http://127.0.0.1:{front.port}", "--token", token]
    subprocess.run([*agent, "enrol", *home, *server], capture_output=True, check=True)
    admitting.send_away(Applicant.objects.get(), by=theo, at=timezone.now())

    ended = subprocess.run([*agent, "run", *home], capture_output=True, text=True, timeout=20, check=False)

    assert ended.returncode == 78
    assert "sent this machine away" in ended.stderr

"""Channels are told of findings: at once, later, in a digest, by mail or by a program's address; once each."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from django.test import Client as Browser

from rounds.clients.models import Client, Machine, Site
from rounds.findings import attending, posting, telling
from rounds.findings.models import Finding, Listening
from rounds.findings.opening import Cause, Seen, close, open_once
from rounds.findings.telling_models import Channel, Message, Way
from rounds.mail.models import Letter
from rounds.mail.sending import send_due
from rounds.people.models import User
from tests.findings.conftest import MINUTE, NOON

type SignIn = Callable[[User], Browser]
HOUR = 60 * MINUTE


class Receiver(HTTPServer):
    """Another program's address: it keeps what was posted, and answers with a status."""

    status = 200

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        super().__init__(("127.0.0.1", 0), Answering)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class Answering(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def channel(way: str = "mail", address: str = "oncall@shop.example", **said: Any) -> Channel:
    return Channel.objects.create(
        name=f"{way} {Channel.objects.count()}", way=way, address=address, made_at=NOON - 24 * HOUR, **said
    )


def found(machine: Machine, severity: str = "trouble", at: datetime = NOON, *, is_entitled: bool = True) -> Finding:
    cause = Cause(machine.site.client_id, machine.pk, "disk-full", f"/var{Finding.objects.count()}")
    finding = open_once(cause, Seen("/var is 94 % full", severity, at, {"value": 94.0}))[0]
    Finding.objects.filter(pk=finding.pk).update(is_entitled=is_entitled)
    return finding


def pull(at: datetime) -> list[str]:
    """What is told at a moment, as the ticker does it: twice."""
    known = set(Message.objects.values_list("pk", flat=True))
    telling.pull(at)
    assert telling.pull(at) == 0
    return list(Message.objects.exclude(pk__in=known).order_by("pk").values_list("title", flat=True))


def test_trouble_is_told_once_and_so_is_its_end(srv01: Machine) -> None:
    channel()
    full = found(srv01)

    assert pull(NOON) == ["Northside Dental · SRV01: /var is 94 % full"]
    assert pull(NOON + HOUR) == []
    close(full, {"value": 60.0}, at=NOON + 2 * HOUR)
    assert pull(NOON + 2 * HOUR) == ["Over: Northside Dental · SRV01: /var is 94 % full"]
    assert pull(NOON + 3 * HOUR) == []

    send_due(NOON + 3 * HOUR + timedelta(days=3650))
    assert Letter.objects.filter(key__startswith="telling:", sent_at__isnull=False).count() == 2


def test_what_closed_before_anybody_was_told_is_not_told_at_all(srv01: Machine) -> None:
    channel(delay_minutes=15)
    close(found(srv01), {}, at=NOON + 5 * MINUTE)

    assert pull(NOON + 20 * MINUTE) == []


def test_a_later_channel_speaks_only_if_nobody_has_taken_it_on(srv01: Machine, theo: User) -> None:
    channel()
    channel(delay_minutes=30)
    taken, left = found(srv01), found(srv01)

    assert len(pull(NOON)) == 2
    attending.acknowledge(taken, by=theo, at=NOON + 10 * MINUTE)

    pull(NOON + 31 * MINUTE)
    later = Message.objects.filter(channel__delay_minutes=30)
    assert [message.finding for message in later] == [left]


def test_outside_its_hours_a_channel_waits_for_them(srv01: Machine) -> None:
    """Noon in UTC is 8 in the morning in New York, on a Tuesday."""
    channel(hours="Mon-Fri 09:00-17:00")
    found(srv01)

    assert pull(NOON + 59 * MINUTE) == []
    assert len(pull(NOON + 60 * MINUTE)) == 1


def test_what_is_put_off_is_told_anew_at_its_moment(srv01: Machine, theo: User) -> None:
    channel()
    full = found(srv01)
    assert len(pull(NOON)) == 1
    attending.snooze(full, NOON + 4 * HOUR, by=theo, at=NOON + MINUTE)

    assert pull(NOON + 3 * HOUR) == []
    assert len(pull(NOON + 4 * HOUR)) == 1
    assert pull(NOON + 5 * HOUR) == []


def test_what_nobody_pays_to_watch_and_what_can_wait_stand_in_the_digest(srv01: Machine, elm: Client) -> None:
    channel(digest_at=time(9))
    other = Machine.objects.create(site=Site.objects.get(client=elm), name="ELM-SRV", kind="server")
    found(srv01, "soon")
    found(other, is_entitled=False)

    assert pull(NOON) == []
    assert pull(NOON + HOUR) == ["1 in trouble, 1 to look at soon"]
    assert pull(NOON + 3 * HOUR) == []
    digest = Message.objects.get().body
    assert digest.splitlines() == [
        "● Elm St Law · ELM-SRV: /var is 94 % full (the plan does not pay for watching)",
        "▲ Northside Dental · SRV01: /var is 94 % full",
    ]
    assert len(pull(NOON + 25 * HOUR)) == 1


def test_where_all_is_well_there_is_no_digest(srv01: Machine) -> None:
    channel(digest_at=time(1))

    assert pull(NOON) == []


def test_what_was_found_before_a_channel_was_made_is_not_told_at_once(srv01: Machine) -> None:
    channel()
    found(srv01, at=NOON - 48 * HOUR)

    assert pull(NOON) == []


def test_an_ended_channel_is_told_nothing(srv01: Machine) -> None:
    channel(ended_at=NOON)
    found(srv01)

    assert pull(NOON) == []


def test_when_we_hear_no_machine_every_channel_is_told_once(srv01: Machine) -> None:
    channel()
    Listening.objects.create(pk=1, looked_at=NOON, since=NOON, deaf_since=NOON)

    assert pull(NOON) == ["No machine is heard: look at this server and its line first"]
    assert pull(NOON + HOUR) == []


@pytest.mark.parametrize("way", [Way.WEBHOOK, Way.NTFY, Way.SLACK, Way.TEAMS])
def test_a_program_gets_the_message_in_its_own_form(srv01: Machine, receiver: Receiver, way: Way) -> None:
    channel(way, receiver.address)
    Client.objects.filter(pk=srv01.site.client_id).update(name="<Zürich> & Co")
    found(srv01)
    pull(NOON)

    assert posting.post_due(NOON) == 1
    assert posting.post_due(NOON) == 0

    ((headers, body),) = receiver.got
    title = "<Zürich> & Co · SRV01: /var is 94 % full"
    match way:
        case Way.WEBHOOK:
            told = json.loads(body)
            assert (told["title"], told["severity"], told["machine"]) == (title, "trouble", "SRV01")
            assert headers["Idempotency-Key"] == told["key"]
        case Way.NTFY:
            assert headers["Priority"] == "5"
            assert body.decode().startswith(title)
        case Way.SLACK:
            assert json.loads(body)["text"].startswith("*&lt;Zürich&gt; &amp; Co · SRV01")
        case Way.TEAMS:
            assert json.loads(body)["attachments"][0]["content"]["body"][0]["text"] == title


def test_a_message_that_fails_is_tried_again_later_and_says_why(srv01: Machine, receiver: Receiver) -> None:
    channel("webhook", receiver.address)
    receiver.status = 503
    found(srv01)
    pull(NOON)

    assert posting.post_due(NOON) == 0
    message = Message.objects.get()
    assert message.last_error == "The address answered 503 Service Unavailable."
    assert posting.post_due(NOON + 30 * timedelta(seconds=1)) == 0
    receiver.status = 204
    assert posting.post_due(NOON + MINUTE) == 1
    assert len(receiver.got) == 2


def test_a_redirect_is_not_followed(srv01: Machine, receiver: Receiver) -> None:
    channel("webhook", receiver.address)
    receiver.status = 302
    found(srv01)
    pull(NOON)

    assert posting.post_due(NOON) == 0
    assert "302" in Message.objects.get().last_error


def test_a_process_killed_while_it_posts_leaves_a_message_that_is_posted_again(
    srv01: Machine, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel("webhook", receiver.address)
    found(srv01)
    pull(NOON)
    with monkeypatch.context() as killed:
        killed.setattr(posting, "_post", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            posting.post_due(NOON)

    assert posting.post_due(NOON + MINUTE) == 0  # claimed by the one that was killed
    assert posting.post_due(NOON + posting.CLAIM) == 1


def test_an_address_where_nobody_answers_is_said_in_words(srv01: Machine) -> None:
    channel("webhook", "http://127.0.0.1:9/nobody")
    found(srv01)
    pull(NOON)

    posting.post_due(NOON)

    assert Message.objects.get().last_error.startswith("The address cannot be reached")


CHANNEL = {"name": "On call", "way": "mail", "address": "oncall@shop.example", "at_once": "trouble",
           "delay_minutes": "0", "hours": "", "digest_at": "08:00"}  # fmt: skip


def test_only_the_owner_says_who_is_told(as_person: SignIn, theo: User, bea: User, stranger: User, nora: User) -> None:
    kept = channel()
    for person in (theo, bea, stranger, nora):
        browser = as_person(person)
        assert browser.post("/findings/telling/new", CHANNEL).status_code == 404
        for address in (f"{kept.pk}", f"{kept.pk}/end", f"{kept.pk}/trial"):
            assert browser.post(f"/findings/telling/{address}", CHANNEL).status_code == 404
    for person in (stranger, nora):
        assert as_person(person).get("/findings/telling").status_code == 404
    assert Channel.objects.filter(ended_at=None).get() == kept


def test_a_channel_is_added_tried_changed_and_ended(as_person: SignIn, olga: User, receiver: Receiver) -> None:
    browser = as_person(olga)
    assert "Nobody is told" in browser.get("/findings/telling").text

    hook = {**CHANNEL, "way": "webhook", "address": receiver.address}
    assert "On call" in browser.post("/findings/telling/new", hook, follow=True).text
    first = Channel.objects.get()
    assert "on its way" in browser.post(f"/findings/telling/{first.pk}/trial", follow=True).text
    assert posting.post_due(Message.objects.get().written_at) == 1
    assert "wanted to see whether this arrives" in receiver.got[0][1].decode()

    browser.post(f"/findings/telling/{first.pk}", {**hook, "hours": "Mon-Fri 08:00-18:00"})
    second = Channel.objects.get(ended_at=None)
    assert (second.hours, second.pk != first.pk) == ("Mon-Fri 08:00-18:00", True)
    browser.post(f"/findings/telling/{second.pk}/end")
    assert "Nobody is told" in browser.get("/findings/telling").text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"address": "nobody"}, "This is no mail address"),
        ({"way": "slack", "address": "file:///etc/passwd"}, "Write the whole web address"),
        ({"way": "slack", "address": "https://user:secret@host/x"}, "Write the whole web address"),
        ({"hours": "Mon-Fri at noon"}, "is not understood"),
        ({"at_once": "nothing", "digest_at": ""}, "needs an hour for its digest"),
    ],
)
def test_a_channel_that_makes_no_sense_is_refused(
    as_person: SignIn, olga: User, wrong: dict[str, str], words: str
) -> None:
    reply = as_person(olga).post("/findings/telling/new", {**CHANNEL, **wrong})

    assert reply.status_code == 422
    assert words in reply.text
    assert not Channel.objects.exists()

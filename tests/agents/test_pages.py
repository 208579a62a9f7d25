"""The pages of machines and of tokens: what they say, and who sees them."""

import json
import re
import zlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from rounds.agents import reading
from rounds.agents.models import Agent, CheckIn, JobResult, State, Token
from rounds.agents.ordering import order
from rounds.agents.refusing import keep_refusal
from rounds.clients.models import Client, Machine
from rounds.people.models import User
from tests.agents.front import enrolled

type AsPerson = Callable[[User], Browser]


def _check_in(agent: Agent, number: int, *, minutes_ago: float = 0, **told: Any) -> None:
    moment = timezone.now() - timedelta(minutes=minutes_ago)
    body = {"v": 1, "epoch": 1, "number": number, "taken_at": moment.isoformat(), **told}
    CheckIn.objects.create(
        agent=agent, epoch=1, number=number, taken_at=moment, received_at=moment,
        body=zlib.compress(json.dumps(body).encode()),
    )  # fmt: skip


@pytest.fixture
def watched(srv01: Machine) -> Machine:
    """SRV01 with an hour of figures."""
    agent, _ = enrolled(srv01)
    samples = {"processor.percent": 12.0, "memory.used_percent": 47.0, "load.1": 0.5, "load.15": 0.4}
    facts = {
        "os": {"name": "Debian 12", "kernel": "6.1.0-25"},
        "updates": {"pending": 3, "security": 1, "names": ["openssl", "tzdata", "vim"]},
        "reboot": {"needed": True, "why": "a newer kernel is installed"},
    }
    for number in range(1, 31):
        disks = {"/": {"used_percent": 61.0, "free_bytes": 39e9, "total_bytes": 100e9}}
        _check_in(agent, number, minutes_ago=61 - 2 * number, samples=samples, disks=disks, facts=facts,
                  probes={"swap": "absent", "hardware": "error: OSError: no",
                          "disk /srv/b": "error: Permission denied"})  # fmt: skip
    reading.pull()
    return srv01


@pytest.mark.parametrize("span", ["", "hour", "day", "week", "nonsense"])
def test_a_machines_page_shows_figures_and_facts(as_person: AsPerson, theo: User, watched: Machine, span: str) -> None:
    page = as_person(theo).get(f"/machines/{watched.pk}", {"span": span}).content.decode()

    assert "Processor: 12 % now" in page
    assert "Disks /: 61 % now" in page
    assert page.count('<svg class="chart"') == 4
    assert "3 pending, 1 of them for security: openssl, tzdata, vim" in page
    assert "needed: a newer kernel is installed" in page
    assert 'class="soft">seen <time' in page
    assert "silent" not in page
    assert "style=" not in page


def test_none_failed_and_not_yet_measured_are_three_things(as_person: AsPerson, theo: User, watched: Machine) -> None:
    page = as_person(theo).get(f"/machines/{watched.pk}").content.decode()

    assert re.search(r"Swap</dt><dd><span class=\"soft\">– none on this machine", page)
    assert "could not be measured: OSError: no" in page
    assert re.search(r"Disk /srv/b</dt><dd>.*could not be measured: Permission denied", page)
    assert re.search(r"Disk /</dt><dd>61 % used", page), "the others are told all the same"
    assert re.search(r"Started</dt><dd><span class=\"soft\">– not measured yet", page)


def test_what_was_refused_of_a_machine_lately_is_told_with_its_reason(
    as_person: AsPerson, theo: User, watched: Machine
) -> None:
    agent, now = Agent.objects.get(machine=watched), timezone.now()
    keep_refusal("cut", "the body is cut off", agent_id=agent.pk, at=now - timedelta(hours=30))
    assert "the body is cut off" not in as_person(theo).get(f"/machines/{watched.pk}").content.decode()

    keep_refusal("cut", "the body is cut off", agent_id=agent.pk, at=now - timedelta(hours=3), count=2)
    keep_refusal("future", "taken 30 minutes from now by the server's clock", agent_id=agent.pk, at=now)

    page = as_person(theo).get(f"/machines/{watched.pk}").content.decode()
    assert "3 check-ins of it were refused" in page
    assert "taken 30 minutes from now by the server&#x27;s clock" in page


def test_a_figure_that_is_no_longer_measured_is_not_called_now(
    as_person: AsPerson, theo: User, watched: Machine
) -> None:
    CheckIn.objects.filter(number__gt=20).delete()

    page = as_person(theo).get(f"/machines/{watched.pk}").content.decode()

    assert "Processor: 12 % at last, 12 % at most" in page
    assert "now" not in re.findall(r"<title>(Processor[^<]*)", page)[0]


def test_a_silent_machine_is_said_to_be_silent(as_person: AsPerson, theo: User, watched: Machine) -> None:
    State.objects.update(seen_at=timezone.now() - timedelta(minutes=6))

    assert "● silent" in as_person(theo).get(f"/machines/{watched.pk}").content.decode()


def test_the_figures_stand_in_tables_too(as_person: AsPerson, theo: User, watched: Machine) -> None:
    for span in ("hour", "day", "week"):
        page = as_person(theo).get(f"/machines/{watched.pk}/figures", {"span": span}).content.decode()

        assert "Processor" in page
        assert '<td class="number">12</td>' in page


def test_a_machine_without_an_agent_offers_to_be_watched(as_person: AsPerson, theo: User, srv01: Machine) -> None:
    page = as_person(theo).get(f"/machines/{srv01.pk}").content.decode()

    assert "No agent watches this machine." in page
    assert f"/tokens/?machine={srv01.pk}" in page


def test_a_job_and_its_result_are_shown(as_person: AsPerson, theo: User, watched: Machine) -> None:
    params = {"repository": "/b", "password_file": "/p", "seed": "s", "count": 3}
    done, bad, _ = (order(watched, "restore-files", params, cause=c, at=timezone.now()) for c in "abc")
    files = [{"path": "/home/a.txt", "size": 10, "verdict": "same"}]
    moment = timezone.now()
    told = {"snapshot": {"taken_at": "2026-11-22T02:14:00.123456789+01:00"}, "files": files}
    JobResult.objects.create(job=done, is_ok=True, check_in_at=moment, finished_at=moment, report=told)
    wrong = {"code": "no-password", "reason": "wrong password"}
    JobResult.objects.create(job=bad, is_ok=False, check_in_at=moment, finished_at=moment, report=wrong)

    page = as_person(theo).get(f"/machines/{watched.pk}").content.decode()

    assert "same: /home/a.txt" in page
    assert "1 file of the snapshot of <time" in page
    assert "wrong password" in page
    assert "waiting for the agent" in page


def test_the_list_filters_sorts_and_searches(as_person: AsPerson, theo: User, watched: Machine, elm: Client) -> None:
    Machine.objects.create(site=elm.sites.get(), name="PC-01")
    browser = as_person(theo)

    def names(**query: str) -> list[str]:
        page = browser.get("/machines/", query).content.decode()
        return re.findall(r'<td><a href="/machines/\d+">([^<]+)</a>', page)

    assert names() == ["PC-01", "SRV01"]
    assert names(sort="-name") == ["SRV01", "PC-01"]
    assert names(q="elm") == ["PC-01"]
    assert names(q="srv", kind="server") == ["SRV01"]
    assert names(client=str(elm.pk)) == ["PC-01"]
    assert names(state="never") == ["PC-01"]
    assert names(state="updates") == names(state="restart") == ["SRV01"]
    assert names(state="silent") == names(state="full") == []
    for sort in ("client", "kind", "seen", "processor", "memory", "disk", "updates"):
        assert sorted(names(sort=sort)) == sorted(names(sort=f"-{sort}")) == ["PC-01", "SRV01"]


def test_the_list_can_be_had_as_csv(as_person: AsPerson, theo: User, watched: Machine) -> None:
    reply = as_person(theo).get("/machines/", {"format": "csv", "sort": "disk"})

    heading, row = b"".join(reply.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert heading.startswith("Machine,Client,Site,Kind,Seen")
    assert row.startswith("SRV01,Northside Dental,Main office,Server,")
    assert row.endswith("12.0,47.0,/,61.0,3,1,True")


def test_a_long_list_asks_the_database_a_fixed_number_of_times(
    as_person: AsPerson, theo: User, northside: Client, django_assert_max_num_queries: Any
) -> None:
    site = northside.sites.get()
    Machine.objects.bulk_create(Machine(site=site, name=f"PC-{number}") for number in range(120))
    browser = as_person(theo)
    browser.get("/machines/")

    with django_assert_max_num_queries(12):
        assert b"121 machines" in browser.get("/machines/").content


def test_a_token_is_shown_once(as_person: AsPerson, theo: User, northside: Client) -> None:
    browser = as_person(theo)
    site = northside.sites.get()

    asked = {"site": site.pk, "machine_kind": "server", "uses": 2, "days": 3}
    reply = browser.post("/tokens/", asked, follow=True)
    first = reply.content.decode()
    again = browser.get(reply.request["PATH_INFO"]).content.decode()

    text = re.search(r"rounds-agent enrol --server \S+ --token (\S+)", first)
    assert text
    assert text[1] not in again
    token = Token.objects.get()
    assert (token.uses_left, token.made_by) == (2, theo)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"site": ""}, "This field is required"),
        ({"uses": 0}, "greater than or equal to 1"),
        ({"days": 91}, "less than or equal to 90"),
        ({"machine": "elm"}, "choose that site"),
        ({"machine": "srv01", "uses": 2}, "one machine is enrolled once"),
    ],
)
def test_a_token_that_makes_no_sense_is_not_made(
    as_person: AsPerson, theo: User, srv01: Machine, elm: Client, change: dict[str, Any], words: str
) -> None:
    machines = {"srv01": srv01.pk, "elm": Machine.objects.create(site=elm.sites.get(), name="PC").pk}
    change = {**change, **({"machine": machines[change["machine"]]} if "machine" in change else {})}

    asked = {"site": srv01.site_id, "machine_kind": "server", "uses": 1, "days": 3, **change}
    page = as_person(theo).post("/tokens/", asked)

    assert words in page.content.decode()
    assert not Token.objects.exists()


def test_a_token_and_an_agent_are_withdrawn(as_person: AsPerson, theo: User, watched: Machine) -> None:
    browser, token = as_person(theo), Token.objects.get()

    browser.post(f"/tokens/{token.pk}/withdrawal")
    browser.post(f"/machines/{watched.pk}/withdrawal")

    token.refresh_from_db()
    assert token.withdrawn_at is not None
    assert not Agent.objects.current().exists()
    assert as_person(theo).post(f"/machines/{watched.pk}/withdrawal").status_code == 404


ADDRESSES = ("/machines/", "/machines/{machine}", "/machines/{machine}/figures", "/tokens/", "/tokens/{token}")


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_clients_contact_finds_none_of_these_pages(
    as_person: AsPerson, nora: User, stranger: User, watched: Machine, address: str
) -> None:
    path = address.format(machine=watched.pk, token=Token.objects.get().pk)

    for person in (nora, stranger):
        assert as_person(person).get(path).status_code == 404
    reply = Browser().get(path)
    assert (reply.status_code, reply["Location"].startswith("/account/login/")) == (302, True)


@pytest.mark.parametrize("address", ["/tokens/", "/tokens/{token}/withdrawal", "/machines/{machine}/withdrawal"])
def test_only_technicians_let_machines_in_and_out(
    as_person: AsPerson, bea: User, nora: User, watched: Machine, address: str
) -> None:
    path = address.format(machine=watched.pk, token=Token.objects.get().pk)

    for person in (bea, nora):
        assert as_person(person).post(path).status_code == 404
    assert Token.objects.get().withdrawn_at is None
    assert Agent.objects.current().exists()

"""What is answered when the server itself fails: programs get a problem that they can read, people a page."""

import pytest
from django.test import Client as Browser

from rounds.people.models import Shop
from tests.api.conftest import Program


@pytest.fixture
def broken(program: Program) -> Program:
    """A shop that nothing can be asked of: somebody has damaged its row."""
    Shop.objects.update(time_zone="Mars/Olympus")
    program.browser.raise_request_exception = False
    return program


def test_a_program_gets_a_problem_when_the_server_fails(broken: Program) -> None:
    for reply in (broken.get("/clients"), broken.post("/orders", {"client": 1})):
        assert (reply.status_code, reply["Content-Type"]) == (500, "application/problem+json")
        told = reply.json()  # type: ignore[attr-defined]
        assert (told["status"], told["title"]) == (500, "Internal Server Error")
        assert "Mars" not in reply.text
        assert "nothing is done twice" in told["detail"]


def test_a_person_gets_a_page_when_the_server_fails(broken: Program) -> None:
    reply = Browser(raise_request_exception=False).get("/")

    assert reply.status_code == 500
    assert reply["Content-Type"].startswith("text/html")


def test_a_request_to_a_host_that_is_not_ours_is_a_problem_too(program: Program) -> None:
    reply = program.get("/clients", Host="elsewhere.example")
    page = Browser().get("/", headers={"host": "elsewhere.example"})

    assert (reply.status_code, reply["Content-Type"]) == (400, "application/problem+json")
    assert (page.status_code, page["Content-Type"].startswith("text/html")) == (400, True)

"""Sections that later stages add to earlier pages, and what they find in a search."""

from collections.abc import Iterator

import pytest
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from rounds.pages.panels import Found, Registry


def says(words: str) -> SafeString:
    return format_html("<p>{}</p>", words)


@pytest.fixture
def registry() -> Registry:
    return Registry()


def test_sections_stand_in_their_order_whoever_came_first(registry: Registry) -> None:
    registry.add("client", 30, "Money", lambda _request, client: says(f"{client} owes nothing"))
    registry.add("client", 10, "What is wrong", lambda _request, client: says(f"{client} is well"))
    registry.add("machine", 20, "Backup", lambda _request, _machine: says("elsewhere"))

    shown = registry.sections("client", HttpRequest(), "Northside")

    assert [(section.title, section.name) for section in shown] == [
        ("What is wrong", "what-is-wrong"),
        ("Money", "money"),
    ]
    assert shown[0].body == "<p>Northside is well</p>"


def test_a_section_that_has_nothing_to_say_is_left_out(registry: Registry) -> None:
    registry.add("today", 10, "In trouble", lambda _request, _nothing: SafeString(""))

    assert registry.sections("today", HttpRequest()) == []


def test_adding_a_section_twice_shows_it_once(registry: Registry) -> None:
    registry.add("client", 10, "Money", lambda _request, _client: says("old"))
    registry.add("client", 10, "Money", lambda _request, _client: says("new"))

    assert [section.body for section in registry.sections("client", HttpRequest(), None)] == ["<p>new</p>"]


def test_a_search_asks_every_stage_and_says_when_there_is_more(registry: Registry) -> None:
    def find_many(user: str, text: str) -> Iterator[Found]:
        return (Found(f"{text} {number}", user, f"/{number}") for number in range(1_000_000))

    registry.add_search(20, "Orders", find_many)
    registry.add_search(10, "Clients", lambda _user, text: [Found(text, "", "/clients/1")])
    registry.add_search(5, "Invoices", lambda _user, _text: [])

    answers = registry.search("Olga", "north", at_most=3)

    assert [(group.title, len(group.found), group.has_more) for group in answers] == [
        ("Clients", 1, False),
        ("Orders", 3, True),
    ]
    assert answers[1].found[0] == Found("north 0", "Olga", "/0")

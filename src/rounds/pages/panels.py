"""What stages add to pages they do not own: sections of the client's, machine's and front page, answers to searches.

A page knows only the facts of its own stage and of those to its left. A stage to the right adds its section here, in
its AppConfig's `ready`, and the page shows all sections of its place in their order:

    panels.add("client", 30, "What is due", due_panel)         # due_panel(request, client) -> SafeString
    panels.add("client-header", 20, "Hours left", hours_left)  # a fact beside the client's name
    panels.add("machine", 40, "Backup", backup_panel)          # backup_panel(request, machine)
    panels.add("order", 10, "Asked in the portal", asked)      # asked(request, order)
    panels.add("agreement", 10, "Changes", open_months)        # open_months(request, edit): before it is kept
    panels.add("prices", 10, "Changes", changed_prices)        # changed_prices(request, typed): before they are kept
    panels.add("void", 10, "What comes of it", given_back)     # given_back(request, row): before it is taken back
    panels.add("today", 10, "In trouble", trouble_panel)       # trouble_panel(request, None)
    panels.add_search(50, "Orders", find_orders)               # find_orders(user, text) -> iterable of Found

A section that has nothing to say to this person is "" and is left out. The place's subject and the request are
typed by whoever adds: the registry hands them on as they are.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal, NamedTuple

from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.text import slugify

type Place = Literal[
    "client",
    "client-header",
    "machine",
    "machine-header",
    "order",
    "agreement",
    "agreement-end",
    "prices",
    "today",
    "void",
]
type Make = Callable[[Any, Any], SafeString]
type Find = Callable[[Any, str], Iterable[Found]]


class Found(NamedTuple):
    """One answer to a search: what was found, where it belongs (a client, a day), and its address."""

    title: str
    where: str
    address: str


class Section(NamedTuple):
    """A panel as shown: `name` is its anchor on the page."""

    title: str
    name: str
    body: SafeString


class Answers(NamedTuple):
    """What one stage found for a search; `has_more` if it was cut off."""

    title: str
    found: Sequence[Found]
    has_more: bool


def _by_order(added: tuple[int, str, object]) -> tuple[int, str]:
    return added[:2]


@dataclass(slots=True)
class Registry:
    """Who adds what where; one for the process, filled while the apps start."""

    panels: dict[tuple[Place, str], tuple[int, Make]] = field(default_factory=dict)
    searches: dict[str, tuple[int, Find]] = field(default_factory=dict)

    def add(self, place: Place, order: int, title: str, make: Make) -> None:
        """Show what `make(request, subject)` returns under a title; lower orders first, an equal title replaces."""
        self.panels[place, title] = (order, make)

    def add_search(self, order: int, title: str, find: Find) -> None:
        """Ask `find(user, text)` in every search; what it yields is shown under a title, lower orders first."""
        self.searches[title] = (order, find)

    def sections(self, place: Place, request: HttpRequest, subject: object = None) -> list[Section]:
        """All panels of a place that have something to say, in their order."""
        ordered = sorted(
            ((order, title, make) for (at, title), (order, make) in self.panels.items() if at == place), key=_by_order
        )
        made = ((title, make(request, subject)) for _order, title, make in ordered)
        return [Section(title, slugify(title), body) for title, body in made if body]

    def search(self, user: object, text: str, *, at_most: int = 10) -> list[Answers]:
        """What every stage finds for a text, at most so many each; stages that find nothing are left out."""
        ordered = sorted(((order, title, find) for title, (order, find) in self.searches.items()), key=_by_order)
        answers = []
        for _order, title, find in ordered:
            found = list(islice(find(user, text), at_most + 1))
            if found:
                answers.append(Answers(title, found[:at_most], len(found) > at_most))
        return answers


_registry = Registry()
add = _registry.add
add_search = _registry.add_search
sections = _registry.sections
search = _registry.search

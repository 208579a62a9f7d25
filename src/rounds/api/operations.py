"""What can be asked for: each operation is declared once; its checks, address and description are made from that."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from msgspec import Struct

from rounds.api.models import Scope, Token
from rounds.people.models import Shop, User
from rounds.people.shop import local_day

BASE = "/api/v1"
GROUPS = ("Shop", "Clients", "Work", "Money", "Books")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that has been recognised and read: who asks, when, with what."""

    request: HttpRequest
    token: Token
    person: User
    shop: Shop
    at: datetime
    query: Any = None
    body: Any = None

    @property
    def today(self) -> date:
        """The shop's day."""
        return local_day(self.at, ZoneInfo(self.shop.time_zone))


@dataclass(frozen=True, slots=True)
class Document:
    """A reply that is a file."""

    content: bytes
    media: str
    name: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked for: its method and address, what it takes and gives, and who may ask."""

    method: str
    path: str
    group: str
    name: str
    about: str
    act: Callable[..., Any]
    reply: Any
    query: type[Struct] | None
    body: type[Struct] | None
    may: Callable[[User], bool]
    whom: str
    scope: Scope

    @property
    def is_made(self) -> bool:
        """Does it make something, so that it is answered with 201 and asks for a key?"""
        return self.method == "POST"

    @property
    def media(self) -> str:
        """The media type of a file that it gives; "": JSON."""
        return self.reply if isinstance(self.reply, str) else ""


@dataclass(frozen=True, slots=True)
class Who:
    """A question about a person, and the words for those of whom it holds."""

    may: Callable[[User], bool]
    words: str


OFFICE = Who(lambda user: user.is_of_shop, "everybody of the shop")
TECHNICIAN = Who(lambda user: user.is_technician, "technicians and owners")
BOOKKEEPER = Who(lambda user: user.is_bookkeeper, "bookkeepers and owners")

OPERATIONS: list[Operation] = []


class Declare(Protocol):
    """Takes a function note of, and gives it back as it is."""

    def __call__[**P, R](self, act: Callable[P, R], /) -> Callable[P, R]:
        """Declare it."""
        ...


def operation(
    ask: str, group: str, reply: Any, *, takes: type[Struct] | None = None, who: Who = OFFICE, scope: Scope = Scope.READ
) -> Declare:
    """Declare a function as what answers "GET /clients"; `takes` is its query (GET) or its body.

    The function's docstring describes it; it is called with `Asked` and the keys of the address.
    """
    method, _, path = ask.partition(" ")

    def declare[**P, R](act: Callable[P, R], /) -> Callable[P, R]:
        query, body = (takes, None) if method == "GET" else (None, takes)
        about = " ".join((act.__doc__ or "").split())
        OPERATIONS.append(
            Operation(method, path, group, act.__name__, about, act, reply, query, body, who.may, who.words, scope)
        )
        return act

    return declare


def by_path() -> dict[str, dict[str, Operation]]:
    """All operations, by address and method."""
    found: dict[str, dict[str, Operation]] = {}
    for one in OPERATIONS:
        found.setdefault(one.path, {})[one.method] = one
    return found

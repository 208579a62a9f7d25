"""Whose payment a line of the bank's statement is, and for which invoice: the line goes in, a suggestion comes out.

Nothing here pays anything: a person confirms. A suggestion is sure where two things agree, one of them the amount: the
number of an invoice in the text, or the payer (by an account he paid from before, or his name), with just what is open.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from rounds.core.account import Key

_NUMBER = re.compile(r"(?<!\d)(\d{4})([^\dA-Za-z]{0,2})(\d{1,8})(?!\d)")
_WORD = re.compile(r"\w+")
_PADDED = 4  # digits of a number as printed: only so padded may it follow its series without a sign between
_FORMS = {
    "ag",
    "and",
    "bv",
    "co",
    "corp",
    "gmbh",
    "inc",
    "kg",
    "limited",
    "llc",
    "ltd",
    "og",
    "plc",
    "sa",
    "srl",
    "the",
}


@dataclass(frozen=True, slots=True)
class BankLine:
    """A line as the bank tells it: cents that came (+) or went (-), from or to whom, and the text that came with it."""

    amount: int
    name: str = ""
    account: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Owed:
    """An invoice that a line may pay; one that is paid already has nothing open."""

    key: Key
    client: Key
    series: str
    number: int
    due: date
    open: int
    old_number: str = ""  # of the old books, from which it was brought over

    @property
    def full_number(self) -> str:
        """Its number as printed."""
        return self.old_number or f"{self.series}-{self.number:0{_PADDED}d}"


@dataclass(frozen=True, slots=True)
class Payers:
    """Who pays: clients by the accounts that confirmed lines came from, and clients' names."""

    by_account: Mapping[str, Key] = field(default_factory=dict)
    names: Mapping[Key, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Whose payment a line probably is, for which invoice (None: on account), whether that is sure, and why."""

    client: Key
    invoice: Key | None
    is_sure: bool
    why: str


def suggest(line: BankLine, owed: Sequence[Owed], payers: Payers) -> Suggestion | None:
    """Suggest what a line pays; nothing, where nothing speaks for anybody."""
    if line.amount <= 0:
        return None
    named = named_in(line, owed)
    if named:
        return _by_number(line, named, owed)
    client, why, is_known = _payer(line, payers)
    if client is not None:
        return _by_payer(line, client, [one for one in owed if one.client == client and one.open], (why, is_known))
    return _by_amount(line, owed)


def named_in(line: BankLine, owed: Iterable[Owed]) -> list[Owed]:
    """The invoices whose numbers stand in the line's text, in the order due."""
    text = f"{line.text} {line.name}"
    found = numbers_in(text)
    named = (one for one in owed if (one.series, one.number) in found or _is_named(one.old_number, text))
    return sorted(named, key=lambda one: (one.due, one.number))


def _is_named(old_number: str, text: str) -> bool:
    """Does a number of the old books stand in a text, however its parts are divided?"""
    parts = _WORD.findall(old_number)
    if sum(len(part) for part in parts) < _PADDED:
        return False
    pattern = r"[\W_]*".join(re.escape(part) for part in parts)
    return re.search(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE) is not None


def numbers_in(text: str) -> set[tuple[str, int]]:
    """Everything in a text that may be an invoice's number: its series and its number, however they are divided."""
    return {
        (match[1], int(match[3]))
        for match in _NUMBER.finditer(text)
        if match[2] or len(match[3]) >= _PADDED
    }  # fmt: skip


def _by_number(line: BankLine, named: list[Owed], owed: Sequence[Owed]) -> Suggestion:
    """What is named: sure if that is one client's, and the amount is just what is open on it."""
    waiting = [one for one in named if one.open] or named
    first = waiting[0]
    numbers = ", ".join(one.full_number for one in waiting)
    if len({one.client for one in named}) > 1:
        return Suggestion(first.client, first.key, is_sure=False, why=f"{numbers} are named, of several clients")
    is_open = sum(one.open for one in waiting)
    if line.amount == is_open:
        is_sure = _leads_to(waiting, owed)
        return Suggestion(first.client, first.key, is_sure=is_sure, why=f"{numbers} named, and the amount")
    if not is_open:
        return Suggestion(first.client, first.key, is_sure=False, why=f"{numbers} named, but nothing is open on it")
    more = "more" if line.amount > is_open else "less"
    return Suggestion(
        first.client, first.key, is_sure=False, why=f"{numbers} named, but it is {more} than what is open"
    )


def _leads_to(named: list[Owed], owed: Sequence[Owed]) -> bool:
    """Would a payment for the first of these settle just these? The rest goes to what is due first."""
    others = [one for one in owed if one.client == named[0].client and one.open and one.key != named[0].key]
    others.sort(key=lambda one: (one.due, one.number))
    return [one.key for one in others[: len(named) - 1]] == [one.key for one in named[1:]]


def _payer(line: BankLine, payers: Payers) -> tuple[Key | None, str, bool]:
    """Who paid, why we think so, and whether it is more than a part of a name."""
    if line.account in payers.by_account:
        return payers.by_account[line.account], "has paid from this account before", True
    words = _words(line.name)
    same = [key for key, name in payers.names.items() if words and _words(name) == words]
    if len(same) == 1:
        return same[0], "the name", True
    inside = [key for key, name in payers.names.items() if words and (_words(name) <= words or words <= _words(name))]
    return (inside[0], "a part of the name", False) if len(inside) == 1 else (None, "", False)


def _by_payer(line: BankLine, client: Key, waiting: list[Owed], known: tuple[str, bool]) -> Suggestion:
    """A payer is known: sure if the amount is what is open on one of his invoices, or on all."""
    why, is_known = known
    just = [one for one in waiting if one.open == line.amount]
    if len(just) == 1:
        return Suggestion(client, just[0].key, is_sure=is_known, why=f"{why}, and the amount of {just[0].full_number}")
    if waiting and sum(one.open for one in waiting) == line.amount:
        return Suggestion(client, None, is_sure=is_known, why=f"{why}, and all that is open")
    if just:
        first = min(just, key=lambda one: one.due)
        return Suggestion(client, first.key, is_sure=False, why=f"{why}; several have the amount")
    but = "but not the amount" if waiting else "but nothing is open"
    return Suggestion(client, None, is_sure=False, why=f"{why}, {but}")


def _by_amount(line: BankLine, owed: Sequence[Owed]) -> Suggestion | None:
    """Nobody is known: the only invoice with that amount open may be meant."""
    just = [one for one in owed if one.open == line.amount]
    if len(just) != 1:
        return None
    return Suggestion(just[0].client, just[0].key, is_sure=False, why=f"only the amount, of {just[0].full_number}")


def _words(name: str) -> frozenset[str]:
    """The words of a name that tell it from others: no legal forms, in small letters."""
    return frozenset(word for word in _WORD.findall(name.casefold()) if word not in _FORMS)

"""Short ways to say which account, terms and work a test of the rules is about."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from rounds.core.account import Account, NoticeKind, Outcome, Part, Work
from rounds.core.terms import Agreement, Plan, Shop, Terms

HOUR = 3600


def day(text: str) -> date:
    return date.fromisoformat(text)


def agreement(plan: str, starts: str = "2005-04-01", key: int = 1, **terms: Any) -> Agreement:
    for share in ("discount", "overage_discount"):
        if share in terms:
            terms[share] = Fraction(terms[share], 100)
    if "ends" in terms:
        terms["ends"] = day(terms["ends"])
    if plan == "service-agreement":
        terms.setdefault("included_seconds", 8 * HOUR)
    return Agreement(key, Plan(plan), day(starts), **terms)


def account(*agreements: Agreement, shop: Shop | None = None, **state: Any) -> Account:
    return Account(Terms(((date.min, shop or Shop(hourly_rate=10_000)),), agreements), **state)


def work(on: str = "2005-04-05", minutes: int = 60, recorded_on: str | None = None, **details: Any) -> Work:
    return Work("work", day(on), day(recorded_on or on), minutes, **details)


def part(on: str = "2005-04-05", quantity: int = 1, **details: Any) -> Part:
    return Part("part", day(on), day(on), quantity, **details)


def kinds(outcome: Outcome) -> list[NoticeKind]:
    return [notice.kind for notice in outcome.notices]


def changed(one: Account, **state: Any) -> Account:
    return replace(one, **state)

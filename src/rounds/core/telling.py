"""Decides who is told of a finding when: the finding and the shop's channels in, what each should get out.

A channel is one place to which messages go: somebody's mail, or a program's address. Trouble is told at once, where the
client's plan pays for watching; the rest waits for the channel's digest. A channel with a delay is an escalation: it
speaks only if nobody has taken the finding on by then. Outside its hours a channel is silent and speaks when they
begin, if the finding is still open. Of one finding a channel is told once, unless it was put off since.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from rounds.core.calendars import Calendar, Week
from rounds.core.money import Refused

LONGEST_DELAY = timedelta(days=7)


class Urgency(StrEnum):
    """What a channel is told at once; everything else that is open stands in its digest."""

    TROUBLE = "trouble"
    ALL = "all"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Channel:
    """When a channel speaks; `week` None: at any hour; `digest_at` None: it has no digest."""

    key: int
    since: datetime
    at_once: Urgency = Urgency.TROUBLE
    week: Week | None = None
    delay: timedelta = timedelta(0)
    digest_at: time | None = None

    def __post_init__(self) -> None:
        if not timedelta(0) <= self.delay <= LONGEST_DELAY:
            raise Refused("a message waits for at most a week")
        if self.at_once is Urgency.NOTHING and self.digest_at is None:
            raise Refused("a channel that is told nothing at once needs an hour for its digest")


@dataclass(frozen=True, slots=True)
class Open:
    """An open finding as telling sees it: how bad, since when, whether its client pays for watching.

    `is_quiet`: it stands in digests alone, whatever a channel wants at once. `turn` goes up each time it was put off or
    given back: then it is told anew, `turned_at` from then on.
    """

    key: int
    severity: str
    opened_at: datetime
    is_entitled: bool = True
    is_held: bool = False
    is_quiet: bool = False
    turn: int = 0
    turned_at: datetime | None = None


def is_told_now(finding: Open, channel: Channel, local: datetime) -> bool:
    """Should a channel be told of an open finding by now? `local` is the moment on the shop's clock."""
    begins = finding.turned_at or finding.opened_at
    if finding.is_held or begins < channel.since or local - begins < channel.delay:
        return False
    return is_urgent(finding, channel) and is_on(channel, local)


def is_urgent(finding: Open, channel: Channel) -> bool:
    """Is the finding one that the channel is told at once? What nobody pays to watch is none."""
    if finding.is_quiet:
        return False
    if channel.at_once is Urgency.ALL:
        return finding.is_entitled
    return channel.at_once is Urgency.TROUBLE and finding.severity == "trouble" and finding.is_entitled


def is_on(channel: Channel, local: datetime) -> bool:
    """Is it within the hours of a channel?"""
    return channel.week is None or not Calendar(channel.week).why_closed(local)


def is_digest_due(channel: Channel, local: datetime) -> bool:
    """Has the hour of the day's digest come?"""
    return channel.digest_at is not None and local.time() >= channel.digest_at

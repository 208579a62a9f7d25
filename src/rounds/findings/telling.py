"""Writes messages about findings to the shop's channels, each once for its cause: opened, over, the day's digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from rounds.core import telling as rules
from rounds.core.watching import WAKES_NOBODY
from rounds.findings.holding import Quiet, quiet_at, words
from rounds.findings.models import Finding, Listening
from rounds.findings.quiet_models import Handled
from rounds.findings.telling_models import Channel, Message, Way
from rounds.findings.wording import what_closed, what_opened
from rounds.mail.sending import write_letter
from rounds.people.models import User
from rounds.people.shop import shop_zone, the_shop

LINES_OF_A_DIGEST = 200
CLOSED_LOOKED_BACK = timedelta(days=2)  # what was over for longer is no news


@dataclass(frozen=True, slots=True)
class Told:
    """What a message says: its one line, what stands below it, how bad ("well": over), and of which finding."""

    title: str
    lines: tuple[str, ...]
    severity: str
    finding: Finding | None = None


def pull(at: datetime) -> int:
    """Write what channels should be told by now; say how many messages are new. Again, it writes nothing more."""
    channels = list(Channel.objects.filter(ended_at=None))
    if not channels:
        return 0
    local = at.astimezone(shop_zone())
    findings = list(Finding.objects.still_open().select_related("client", "machine__site").order_by("pk"))
    quiet = quiet_at(findings, at)

    new = sum(_tell(channel, findings, quiet, local) for channel in channels)
    new += sum(_tell_over(channel, at) for channel in channels)
    new += sum(_digest(channel, findings, quiet, local) for channel in channels)
    return new + _tell_deaf(channels, local)


def _tell(channel: Channel, findings: Sequence[Finding], quiet: Quiet, local: datetime) -> int:
    """Tell a channel of the open findings that it should know by now."""
    value = channel.value
    due = [one for one in findings if rules.is_told_now(_as_open(one, quiet), value, local)]
    keys = {f"opened:{channel.pk}:{one.pk}:{_turn(one, quiet)}": one for one in due}
    known = set(Message.objects.filter(key__in=keys).values_list("key", flat=True))
    for key, finding in keys.items():
        if key not in known:
            lines = tuple(f"{label}: {said}" for label, said in what_opened(finding))
            _write(channel, key, Told(_headline(finding), lines, finding.severity, finding), local)
    return len(keys) - len(known)


def _tell_over(channel: Channel, at: datetime) -> int:
    """Tell a channel that what it was told of is over."""
    over = Message.objects.filter(channel=channel, finding=OuterRef("finding"), severity="well")
    told = Message.objects.filter(channel=channel).exclude(severity="well")
    news = told.filter(finding__closed_at__gt=at - CLOSED_LOOKED_BACK)
    waiting = news.filter(~Exists(over)).order_by("finding", "pk").values_list("finding", flat=True)
    findings = Finding.objects.filter(pk__in=list(waiting)).select_related("client", "machine__site")
    count = 0
    for finding in findings:
        lines = tuple(f"{label}: {said}" for label, said in what_closed(finding))
        told_over = Told(f"Over: {_headline(finding)}", lines, "well", finding)
        count += _write(channel, f"over:{channel.pk}:{finding.pk}", told_over, at)
    return count


def _digest(channel: Channel, findings: Sequence[Finding], quiet: Quiet, local: datetime) -> int:
    """Write the day's digest of a channel: everything open, held or not, the worst first; none where all is well."""
    if not findings or not rules.is_digest_due(channel.value, local):
        return 0
    key = f"digest:{channel.pk}:{local:%Y-%m-%d}"
    if Message.objects.filter(key=key).exists():
        return 0
    worst_first = sorted(findings, key=lambda one: (one.severity != "trouble", str(one.client), one.opened_at))
    lines = [_digest_line(one, quiet) for one in worst_first[:LINES_OF_A_DIGEST]]
    if len(findings) > LINES_OF_A_DIGEST:
        lines.append(f"and {len(findings) - LINES_OF_A_DIGEST} more")
    trouble = sum(one.severity == "trouble" for one in findings)
    title = f"{trouble} in trouble, {len(findings) - trouble} to look at soon"
    return _write(channel, key, Told(title, tuple(lines), "soon"), local)


def _digest_line(finding: Finding, quiet: Quiet) -> str:
    held = quiet.held(finding)
    beside = [words(held, quiet, finding)] if held else []
    beside += [] if finding.is_entitled else ["the plan does not pay for watching"]
    mark = "●" if finding.severity == "trouble" else "▲"
    return f"{mark} {_headline(finding)}" + (f" ({'; '.join(beside)})" if beside else "")


def _tell_deaf(channels: Sequence[Channel], local: datetime) -> int:
    """Tell every channel that is on, at once, that we hear no machine at all: one message for each time."""
    listening = Listening.objects.exclude(deaf_since=None).first()
    if listening is None or listening.deaf_since is None:
        return 0
    title = "No machine is heard: look at this server and its line first"
    key = f"deaf:{listening.deaf_since:%Y%m%d%H%M%S}"
    since = listening.deaf_since.astimezone(local.tzinfo)
    told = Told(title, (f"Machines of several sites fell silent together at {since:%H:%M}.",), "trouble")
    return sum(
        _write(channel, f"{key}:{channel.pk}", told, local)
        for channel in channels
        if rules.is_on(channel.value, local) and channel.at_once != rules.Urgency.NOTHING
    )


def try_out(channel: Channel, *, by: User, at: datetime) -> None:
    """Send a channel a trial message, whatever its hours are."""
    key = f"trial:{channel.pk}:{at.timestamp():.6f}"
    _write(channel, key, Told(f"A trial of “{channel}”", (f"{by} wanted to see whether this arrives.",), "well"), at)


def _write(channel: Channel, key: str, told: Told, at: datetime) -> int:
    """Keep a message, and its letter where it goes by mail; written again, it stays as it is."""
    link = f"{settings.SITE_URL}/findings" + (f"/{told.finding.pk}" if told.finding else "")
    kept = {
        "channel": channel, "finding": told.finding, "title": told.title[:200], "body": "\n".join(told.lines),
        "link": link, "severity": told.severity, "written_at": at,
        "next_try_at": None if channel.way == Way.MAIL else at,
    }  # fmt: skip
    with transaction.atomic():
        message, is_new = Message.objects.get_or_create(key=key, defaults=kept)
        if is_new and channel.way == Way.MAIL:
            body = "\n\n".join(filter(None, [message.title, message.body, link, the_shop().name])) + "\n"
            write_letter(f"telling:{key}", [channel.address], message.title, body)
    return int(is_new)


def _headline(finding: Finding) -> str:
    where = f"{finding.client} · {finding.machine}" if finding.machine else str(finding.client)
    return f"{where}: {finding.title}"


def _as_open(finding: Finding, quiet: Quiet) -> rules.Open:
    handled = quiet.handled.get(finding.pk)
    turned = handled.until or handled.at if handled and handled.what != Handled.ACKNOWLEDGED else None
    return rules.Open(
        finding.pk,
        finding.severity,
        finding.opened_at,
        is_entitled=finding.is_entitled,
        is_held=quiet.held(finding) is not None,
        is_quiet=finding.rule in WAKES_NOBODY,
        turn=_turn(finding, quiet),
        turned_at=turned,
    )


def _turn(finding: Finding, quiet: Quiet) -> int:
    """Which telling of a finding it is: the row that put it off or gave it back last, 0 for the first."""
    handled = quiet.handled.get(finding.pk)
    return handled.pk if handled else 0

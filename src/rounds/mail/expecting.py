"""Says which mails are to come and by when, and what came: for `findings`, which says what is missing."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from rounds.clients.models import Client
from rounds.core import expecting
from rounds.core.expecting import Expected
from rounds.core.money import Refused
from rounds.mail.models import AlertMail, Expectation, Reading, Source
from rounds.people.models import User
from rounds.people.shop import shop_zone

PAST = timedelta(days=60)  # from which habits are learned


@transaction.atomic
def expect(source: Source, about: str, expected: Expected, *, by: User, at: datetime) -> Expectation:
    """Expect a mail from a source from now on; an expectation of the same is replaced."""
    Expectation.objects.filter(source=source, about=about, ended_at=None).update(ended_at=at)
    latest = Reading.objects.filter(mail__source=source, about=about).order_by("-pk").first() if about else None
    client = source.client or (latest.client if latest else None) or Client.objects.filter(is_own=True).first()
    if client is None:
        raise Refused("say which of the mails is expected: this source is of many clients")
    return Expectation.objects.create(
        source=source, about=about, client=client, machine=(latest.machine if latest else None) or source.machine,
        since=at, by=by, **asdict(expected),
    )  # fmt: skip


def expect_again(expectation: Expectation, *, by: User, at: datetime) -> Expectation:
    """Expect anew what had been ended, from now on."""
    return expect(expectation.source, expectation.about, expectation.as_expected(), by=by, at=at)


def expect_no_more(expectation: Expectation, *, at: datetime) -> None:
    """Expect a mail no longer; a finding that it is missing closes."""
    Expectation.objects.filter(pk=expectation.pk, ended_at=None).update(ended_at=at)


def came(source: Source, about: str, since: datetime) -> Sequence[datetime]:
    """When mails came from a source, about something or anything; what waits for its sender does not count."""
    mails = AlertMail.objects.filter(source=source, received_at__gt=since).exclude(waits__waits_for="sender")
    if about:
        mails = mails.filter(Exists(Reading.objects.filter(mail=OuterRef("pk"), about=about)))
    return list(mails.order_by("received_at").values_list("received_at", flat=True))


def topics(source: Source, at: datetime) -> list[str]:
    """What the mails of a source have been about lately, so that one of it can be expected."""
    lately = Reading.objects.filter(mail__source=source, mail__received_at__gt=at - PAST).exclude(about="")
    return sorted(set(lately.values_list("about", flat=True)[:2000]))


def propose(source: Source, about: str, at: datetime) -> Expected | None:
    """The days and the hour by which such mails have come until now; None: they have no habit yet."""
    return expecting.learn(came(source, about, at - PAST), zone=shop_zone())

"""The client's answers: to proposals (agree, defer, decline), and to work that was done without asking."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from rounds.core.money import Refused
from rounds.people.models import User
from rounds.people.shop import local_day
from rounds.work.models import Answer, Approval, Channel, Order, Proposal, Stint, Timer, Verdict, Void


@dataclass(frozen=True, slots=True)
class Reply:
    """What the client said: `who` at the client said it, how it came, and for a deferral when to ask again."""

    verdict: Verdict
    who: str
    channel: Channel = Channel.PHONE
    until: date | None = None
    note: str = ""


@transaction.atomic
def answer(proposal: Proposal, reply: Reply, *, by: User | None, at: datetime) -> Answer:
    """Keep a client's answer; agreeing makes one order, however often he agrees. The last answer counts.

    Refused: a proposal that was withdrawn, nobody's answer, a deferral without a later day, a change of mind after
    work has begun.
    """
    kept = Proposal.objects.select_for_update().select_related("client").get(pk=proposal.pk)
    last = kept.last_answer
    _refuse_wrong(kept, reply, local_day(at))
    if last is not None and last.verdict == reply.verdict == Verdict.AGREE:
        return last

    said = Answer.objects.create(
        proposal=kept, verdict=reply.verdict, who=reply.who.strip(), channel=reply.channel, note=reply.note,
        until=reply.until if reply.verdict == Verdict.DEFER else None, recorded_by=by, at=at,
    )  # fmt: skip
    if reply.verdict == Verdict.AGREE:
        _order(kept, by, at)
    else:
        _call_off(kept, at)
    return said


def _refuse_wrong(proposal: Proposal, reply: Reply, today: date) -> None:
    if proposal.withdrawn_at is not None:
        raise Refused("the proposal has been taken back: there is nothing to answer")
    if not reply.who.strip():
        raise Refused("say who at the client answered")
    if reply.verdict == Verdict.DEFER and reply.until is None:
        raise Refused("say until when it is put off")
    if reply.verdict == Verdict.DEFER and reply.until is not None and reply.until <= today:
        raise Refused(f"it can be put off until tomorrow at the earliest; {reply.until} is not later than today")


def _order(proposal: Proposal, by: User | None, at: datetime) -> None:
    order, is_new = Order.objects.get_or_create(
        proposal=proposal,
        defaults={
            "client": proposal.client, "machine": proposal.machine, "title": proposal.title,
            "category": proposal.category, "is_planned": True, "opened_at": at, "opened_by": by,
        },
    )  # fmt: skip
    if not is_new and order.called_off_at is not None:
        order.called_off_at = None
        order.save(update_fields=["called_off_at", "changed_at"])


def _call_off(proposal: Proposal, at: datetime) -> None:
    """Call off the order of a proposal that the client no longer wants. Refused: work on it has begun."""
    order = Order.objects.filter(proposal=proposal, called_off_at=None).first()
    if order is None:
        return
    if has_begun(order):
        raise Refused(f"work on it has begun (order {order.pk}): finish the order instead")
    order.called_off_at = at
    order.save(update_fields=["called_off_at", "changed_at"])


def has_begun(order: Order) -> bool:
    """Has anything been done on an order: time worked, a part used, a timer running, or all of it done?"""
    is_running = Timer.objects.filter(order=order).exists()
    return order.done_at is not None or is_running or order.stints.exists() or order.parts.exists()


@transaction.atomic
def approve(stint: Stint, *, who: str, channel: Channel, by: User | None, at: datetime) -> Approval:
    """Keep the client's approval of work already done; it is billed from then. Approving twice keeps the first."""
    if not who.strip():
        raise Refused("say who at the client approved it")
    if Void.objects.filter(stint=stint).exists():
        raise Refused("this time was recorded by mistake and is void: there is nothing to approve")
    approval, _is_new = Approval.objects.get_or_create(
        stint=stint, defaults={"who": who.strip(), "channel": channel, "recorded_by": by, "at": at}
    )
    return approval

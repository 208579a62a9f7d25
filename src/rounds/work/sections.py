"""What work adds to pages it does not own: the client's, the machine's, the front page, and the search."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from rounds.clients.models import Client, Machine
from rounds.pages.panels import Found
from rounds.people.access import SignedIn
from rounds.people.models import User
from rounds.work.asking import as_key, today
from rounds.work.models import Order, Proposal, Stint, Timer

SHOWN = 8


def _shown(request: SignedIn, template: str, **context: object) -> SafeString:
    return render_to_string(f"work/panels/{template}.html", context, request=request)


def waiting_for_answer(request: SignedIn, client: Client) -> SafeString:
    """On a client's page: what waits for his answer, and what he put off."""
    day = today()
    waiting = list(Proposal.objects.waiting(day).filter(client=client).select_related("machine"))
    put_off = list(Proposal.objects.put_off(day).filter(client=client))
    held = Stint.objects.unapproved().filter(order__client=client).count()
    return _shown(request, "waiting", client=client, waiting=waiting, put_off=put_off, held=held)


def recent_work(request: SignedIn, client: Client) -> SafeString:
    """On a client's page: his open orders and the last stints."""
    stints = (
        Stint.objects.filter(order__client=client, void=None)
        .select_related("order__machine", "who")
        .order_by("-started_at")
    )
    orders = Order.objects.still_open().filter(client=client).select_related("machine")
    return _shown(request, "recent_work", client=client, stints=stints[:SHOWN], orders=orders[:SHOWN])


def what_happened_here(request: SignedIn, machine: Machine) -> SafeString:
    """On a machine's page: the orders and proposals about it, newest first."""
    orders = Order.objects.filter(machine=machine).prefetch_related("stints__void").order_by("-opened_at")
    proposals = Proposal.objects.waiting(today()).filter(machine=machine)
    client = machine.site.client_id
    return _shown(request, "machine", machine=machine, client_id=client, orders=orders[:SHOWN], proposals=proposals)


def answers_waiting(request: SignedIn, _nothing: None) -> SafeString:
    """On the front page: proposals that wait for an answer, the oldest first, and work that waits for approval."""
    rows = Proposal.objects.waiting(today()).filter(client__left_at=None).select_related("client")
    held = Stint.objects.unapproved().count()
    count = rows.count()
    if not count and not held:
        return SafeString("")
    return _shown(request, "answers", rows=rows.order_by("made_at")[:SHOWN], count=count, held=held)


def timers_running(request: SignedIn, _nothing: None) -> SafeString:
    """On the front page: who is working on what; a timer that runs for too long stands out."""
    timers = list(Timer.objects.select_related("who", "order__client").order_by("started_at"))
    if not timers:
        return SafeString("")
    return _shown(request, "timers", timers=timers, long_ago=timezone.now() - timedelta(hours=12))


def orders_on_hold(request: SignedIn, _nothing: None) -> SafeString:
    """On the front page: planned work that waits for money, by client."""
    rows = Order.objects.with_hold().in_state("on-hold").select_related("client").order_by("client__name", "pk")
    count = rows.count()
    if not count:
        return SafeString("")
    return _shown(request, "on_hold", rows=rows[:SHOWN], count=count)


def find_orders(user: User, text: str) -> Iterator[Found]:
    """Orders by number or words."""
    if not user.is_of_shop:
        return
    rows = Order.objects.filter(Q(title__icontains=text) | Q(pk=as_key(text))).select_related("client")
    for row in rows.iterator(chunk_size=20):
        yield Found(f"{row.pk} {row.title}", str(row.client), reverse("work:order", args=[row.pk]))


def find_proposals(user: User, text: str) -> Iterator[Found]:
    """Proposals by words."""
    if not user.is_of_shop:
        return
    rows = Proposal.objects.filter(title__icontains=text).select_related("client").order_by("-made_at")
    for row in rows.iterator(chunk_size=20):
        yield Found(row.title, str(row.client), reverse("work:proposal", args=[row.pk]))

"""Orders, timers, stints and parts through the office's pages."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from rounds.clients.models import Client, Site
from rounds.people.models import User
from rounds.people.shop import shop_zone
from rounds.work.models import Approval, Channel, Order, Part, Stint, Timer
from rounds.work.ordering import Call, order_for_call, take_order
from rounds.work.timing import Worked, enter, start
from tests.work.conftest import AT, SAID, Sign, text_of


def hour_ago() -> str:
    return (timezone.now() - timedelta(hours=1)).astimezone(shop_zone()).strftime("%Y-%m-%dT%H:%M")


def test_an_order_is_taken_timed_and_kept_through_pages(office: Browser, northside: Client, theo: User) -> None:
    told = {"client": northside.pk, "title": "Cannot print", "category": "support", "start": "1"}
    office.post("/work/orders/new", told)
    timer = Timer.objects.get(who=theo)
    Timer.objects.update(started_at=timezone.now() - timedelta(minutes=25))
    assert "0:25" in text_of(office, "/work/")
    form = text_of(office, "/work/timer")
    assert 'value="25"' in form
    stop = {"timer": timer.pk, "started_at": hour_ago(), "minutes": "25", "category": "support", "place": "onsite",
            "note": "New driver"}  # fmt: skip

    office.post("/work/timer", stop)
    office.post("/work/timer", stop)

    stint = Stint.objects.get()
    assert (stint.minutes, stint.place, stint.note, stint.order.title) == (25, "onsite", "New driver", "Cannot print")
    assert not Timer.objects.exists()


def test_a_forgotten_timer_asks_when_the_work_ended(office: Browser, order: Order, theo: User) -> None:
    start(order, who=theo, at=timezone.now() - timedelta(hours=20))

    shown = text_of(office, "/work/timer")

    assert "When did the work end?" in shown
    assert 'name="minutes" min="0"' in " ".join(shown.split())
    assert 'value="1200"' not in shown


def test_a_forgotten_timer_keeps_another_from_starting(office: Browser, order: Order, theo: User) -> None:
    other = take_order(Call(order.client, "New mailbox"), by=theo, at=AT)
    start(order, who=theo, at=timezone.now() - timedelta(hours=20))

    reply = office.post(f"/work/orders/{other.pk}/timer")

    assert reply.url == "/work/timer"  # type: ignore[attr-defined]
    assert Timer.objects.get().order == order


def test_discarding_is_of_the_timer_that_was_shown(office: Browser, order: Order, theo: User) -> None:
    timer = start(order, who=theo, at=timezone.now())

    office.post("/work/timer/discarding", {"timer": timer.pk + 1})
    assert Timer.objects.exists()
    office.post("/work/timer/discarding", {"timer": timer.pk})

    assert not Timer.objects.exists()


def test_overlapping_time_is_kept_only_on_purpose(office: Browser, order: Order) -> None:
    told = {"started_at": hour_ago(), "minutes": "30", "category": "support", "place": "remote"}
    address = f"/work/orders/{order.pk}/stints"

    office.post(address, told)
    again = office.post(address, told)
    assert "overlaps time of yours" in again.content.decode()
    assert Stint.objects.count() == 1
    office.post(address, {**told, "keep_anyway": "on"})

    assert Stint.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"minutes": ""}, "say how many minutes, or when it ended"),
        ({"minutes": "0"}, "say what a visit without time was for"),
        ({"ended_at": "2026-04-14T10:00", "minutes": "10"}, "from start to end it is 60 minutes"),
        ({"ended_at": "2026-04-14T08:00", "minutes": ""}, "the end is not after the start"),
        ({"started_at": "2026-03-08T02:30"}, "02:30 does not exist on 2026-03-08"),
        ({"started_at": "2026-02-30T09:00"}, "the last day of that month is 2026-02-28"),
        ({"started_at": "2199-01-01T09:00"}, "cannot have started in the future"),
        ({"category": "suport"}, "Select a valid choice"),
    ],
)
def test_wrong_time_says_what_is_wrong(office: Browser, order: Order, changes: dict[str, str], words: str) -> None:
    told = {"started_at": "2026-04-14T09:00", "minutes": "30", "category": "support", "place": "remote", **changes}

    shown = office.post(f"/work/orders/{order.pk}/stints", told).content.decode()

    assert words in shown
    assert not Stint.objects.exists()


def test_time_by_its_end_is_on_the_shops_clock(office: Browser, order: Order) -> None:
    told = {"started_at": "2026-04-14T09:00", "ended_at": "2026-04-14T10:20", "category": "support", "place": "remote"}

    office.post(f"/work/orders/{order.pk}/stints", told)

    stint = Stint.objects.get()
    assert (stint.minutes, stint.started_at.isoformat()) == (80, "2026-04-14T13:00:00+00:00")


def test_of_a_time_that_comes_twice_the_technician_says_which_is_meant(office: Browser, order: Order) -> None:
    address = f"/work/orders/{order.pk}/stints"
    told = {"started_at": "2025-11-02T01:30", "ended_at": "2025-11-02T02:30", "category": "support", "place": "remote"}

    asked = office.post(address, told).content.decode()
    assert "01:30 comes twice on 2025-11-02, as the clock is put back: say which one is meant" in asked
    assert not Stint.objects.exists()
    office.post(address, {**told, "started_which": "first"})
    office.post(address, {**told, "started_which": "second", "keep_anyway": "on"})

    kept = [(stint.minutes, stint.started_at.isoformat()) for stint in Stint.objects.order_by("pk")]
    assert kept == [(120, "2025-11-02T05:30:00+00:00"), (60, "2025-11-02T06:30:00+00:00")]


def test_a_timer_started_when_the_clock_was_put_back_is_kept_from_then_on(
    office: Browser, order: Order, theo: User
) -> None:
    timer = start(order, who=theo, at=datetime(2025, 11, 2, 6, 30, tzinfo=UTC))  # half past one, for the second time

    shown = text_of(office, "/work/timer")
    assert '<option value="second" selected>' in shown
    told = {"timer": timer.pk, "started_at": "2025-11-02T01:30", "started_which": "second", "minutes": "20"}
    office.post("/work/timer", {**told, "category": "support", "place": "remote"})

    assert Stint.objects.get().started_at == datetime(2025, 11, 2, 6, 30, tzinfo=UTC)
    assert "Which start" not in text_of(office, f"/work/orders/{order.pk}/stints")


def test_parts_are_kept_or_refused_with_the_reason(office: Browser, order: Order) -> None:
    address = f"/work/orders/{order.pk}/parts"

    wrong = office.post(address, {"name": "Memory", "quantity": "2", "price": "1.5", "cost": "1"})
    assert "give either the price" in wrong.content.decode()
    office.post(address, {"name": "Memory", "quantity": "2", "price": "1,148.50"})

    assert Part.objects.values_list("name", "quantity", "price", "cost").get() == ("Memory", 2, 1_148_50, None)


def test_an_order_is_done_reopened_and_called_off(office: Browser, order: Order) -> None:
    address = f"/work/orders/{order.pk}/state"

    states = []
    for state in ("done", "open", "called-off", "open", "nonsense"):
        office.post(address, {"state": state})
        kept = Order.objects.get(pk=order.pk)
        states.append((kept.done_at is not None, kept.called_off_at is not None))

    assert states == [(True, False), (False, False), (False, True), (False, False), (False, False)]


def test_the_note_is_kept(office: Browser, order: Order) -> None:
    office.post(f"/work/orders/{order.pk}/note", {"note": "Nora called"})

    assert "Nora called" in text_of(office, f"/work/orders/{order.pk}")


def test_work_done_without_asking_is_approved_from_the_list(
    sign: Sign, office: Browser, order: Order, theo: User
) -> None:
    sign("call-first")
    stint = enter(order, Worked(AT, 30), who=theo, at=AT + timedelta(hours=1))
    assert "waits for approval" in text_of(office, f"/work/orders/{order.pk}")

    office.post(f"/work/stints/{stint.pk}/approval", {**SAID, "next": "/work/stints?state=held"})
    office.post(f"/work/stints/{stint.pk}/approval", SAID)

    assert Approval.objects.values_list("who", "channel", "recorded_by").get() == ("Nora", Channel.PHONE, theo.pk)
    assert "Nothing waits for approval" in text_of(office, "/work/stints?state=held")


def test_a_call_is_timed_at_no_charge(office: Browser, northside: Client, theo: User) -> None:
    office.post(f"/work/calls/{northside.pk}/timer")
    office.post(f"/work/calls/{northside.pk}/timer")

    order = Order.objects.get()
    assert order == order_for_call(northside, timezone.localdate(), by=theo, at=AT)
    assert Timer.objects.get().order == order
    assert 'name="is_no_charge" id="id_is_no_charge" checked' in " ".join(text_of(office, "/work/timer").split())


def test_time_is_filtered_by_days_of_the_shop(office: Browser, order: Order, theo: User) -> None:
    enter(order, Worked(AT - timedelta(hours=13), 30, note="late evening"), who=theo, at=AT)

    assert "late evening" in text_of(office, "/work/stints?from=2026-04-13&to=2026-04-13")
    assert "late evening" not in text_of(office, "/work/stints?from=2026-04-14")
    assert "is not a date" in text_of(office, "/work/stints?from=yesterday")


def test_an_order_says_its_site_where_a_client_has_several(office: Browser, northside: Client, elm: Client) -> None:
    told = {"client": northside.pk, "title": "Network at the branch", "category": "support"}
    assert "site" not in office.get(f"/work/orders/new?client={northside.pk}").context["form"].fields
    branch = Site.objects.create(client=northside, name="Branch")

    office.post("/work/orders/new", {**told, "site": branch.pk})
    wrong = office.post("/work/orders/new", {**told, "title": "Elsewhere", "site": elm.sites.get().pk})

    made = Order.objects.get()
    assert (made.site, made.site_key) == (branch, branch.pk)
    assert "site" in wrong.context["form"].errors
    assert "Branch" in office.get(f"/work/orders/{made.pk}").text

"""What one client sees: what needs him, how his machines are, what was done, what he has left."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rounds.agents.models import State
from rounds.charges.models import Block
from rounds.charges.standing import Holdings
from rounds.clients.models import AgreementDraft, Client, Machine
from rounds.core.days import add_months
from rounds.core.terms import Plan
from rounds.core.watching import WAKES_NOBODY
from rounds.findings.models import Finding
from rounds.invoices.models import Invoice
from rounds.people.shop import local_day, the_shop
from rounds.portal.plain import Health, Saying, health_of, sayings
from rounds.upkeep.models import Evidence
from rounds.work.asking import midnight
from rounds.work.models import Part, Proposal, Stint


@dataclass(frozen=True, slots=True)
class Needs:
    """What waits for the client: his answers, his approval, his payment."""

    proposals: Sequence[Proposal]
    stints: Sequence[Stint]
    overdue: Sequence[Invoice]
    agreements: Sequence[AgreementDraft] = ()

    @property
    def count(self) -> int:
        """How many things need him."""
        return len(self.proposals) + len(self.stints) + len(self.overdue) + len(self.agreements)


def needs_of(client: Client, day: date) -> Needs:
    """What waits for a client on a day."""
    proposals = Proposal.objects.waiting(day).filter(client=client).select_related("machine")
    stints = Stint.objects.unapproved().filter(order__client=client).select_related("order", "who")
    overdue = Invoice.objects.filter(client=client, due_on__lt=day).unpaid()
    drafts = AgreementDraft.objects.sent().filter(client=client)
    return Needs(list(proposals), list(stints), list(overdue), list(drafts))


@dataclass(frozen=True, slots=True)
class Machines:
    """How a client's machines are: one sentence for each thing that is wrong, and each machine by itself."""

    wrong: Sequence[Saying]
    healths: Sequence[Health]

    @property
    def unmeasured(self) -> int:
        """How many machines are not measured."""
        return sum(health.state == "unmeasured" for health in self.healths)


def machines_of(client: Client, now: datetime) -> Machines:
    """Look at a client's machines and at what is open about them."""
    machines = list(Machine.objects.filter(site__client=client, retired_at=None).order_by("kind", "name", "pk"))
    states = {state.machine_id: state for state in State.objects.filter(machine__in=machines)}
    told = Finding.objects.still_open().exclude(rule__in=WAKES_NOBODY)  # what is unusual may well be work
    findings = list(told.filter(client=client).select_related("machine"))
    healths = [
        health_of(one.name, states.get(one.pk), [row for row in findings if row.machine_id == one.pk], now)
        for one in machines
    ]
    return Machines(sayings(findings, now), healths)


def headline(needs: Needs, machines: Machines, *, may_decide: bool) -> tuple[str, str]:
    """The state and the words in which everything is summed up. What is not measured keeps it from being well."""
    if needs.count:
        things = "One thing needs" if needs.count == 1 else f"{_number(needs.count)} things need"
        return "soon", f"{things} you" if may_decide else f"{things} an answer"
    if machines.wrong:
        state = "trouble" if machines.wrong[0].is_trouble else "soon"
        count = len(machines.wrong)
        return state, "We are looking after one thing" if count == 1 else f"We are looking after {count} things"
    if machines.healths and machines.unmeasured == len(machines.healths):
        return "unmeasured", "Nothing needs you. Your machines are not measured."
    if machines.unmeasured:
        return "well", "Everything that we measure is well"
    return "well", "Everything is well" if machines.healths else "Nothing needs you"


def _number(count: int) -> str:
    words = ("Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
    return words[count - 2] if 2 <= count <= 9 else str(count)


@dataclass(slots=True)
class Checked:
    """A routine that was done in a month: how often, and what showed it last."""

    name: str
    times: int
    last_at: datetime
    summary: str


@dataclass(frozen=True, slots=True)
class Month:
    """What was done for a client in a month."""

    first: date
    stints: Sequence[Stint]
    parts: Sequence[Part]
    checked: Sequence[Checked]

    @property
    def minutes(self) -> int:
        """The minutes worked, goodwill included."""
        return sum(stint.minutes for stint in self.stints)

    @property
    def goodwill(self) -> int:
        """The minutes that cost him nothing."""
        return sum(stint.minutes for stint in self.stints if stint.is_no_charge)

    @property
    def is_empty(self) -> bool:
        """Was nothing done?"""
        return not (self.stints or self.parts or self.checked)

    @property
    def before(self) -> date:
        """The month before."""
        return add_months(self.first, -1)

    @property
    def after(self) -> date:
        """The month after."""
        return add_months(self.first, 1)


def month_of(client: Client, first: date) -> Month:
    """What was done for a client in the month that begins on a day of the shop's calendar."""
    starts, ends = midnight(first), midnight(add_months(first, 1))
    stints = Stint.objects.filter(order__client=client, started_at__gte=starts, started_at__lt=ends, void=None)
    parts = Part.objects.filter(order__client=client, used_at__gte=starts, used_at__lt=ends, void=None)
    good = Evidence.objects.standing().filter(duty__client=client, is_good=True, at__gte=starts, at__lt=ends)
    return Month(
        first,
        list(stints.select_related("order", "who").order_by("-started_at")),
        list(parts.select_related("order").order_by("-used_at")),
        _checked(good.select_related("duty__routine", "duty__machine").order_by("-at", "-pk")),
    )


def _checked(rows: Iterable[Evidence]) -> list[Checked]:
    """Bring the evidence of each routine together, the latest first."""
    found: dict[str, Checked] = {}
    for row in rows:
        machine = row.duty.machine
        shown = f"{machine}: {row.summary}" if machine else row.summary
        one = found.setdefault(row.duty.routine.name, Checked(row.duty.routine.name, 0, row.at, shown))
        one.times += 1
    return list(found.values())


def earliest_month(client: Client) -> date:
    """The month in which the client came."""
    return local_day(client.since).replace(day=1)


@dataclass(frozen=True, slots=True)
class Left:
    """What a client has left, as a bar: `part` of the whole from 0 to 1; None: there is no whole to compare with.

    Seconds or cents: `unit` says which.
    """

    title: str
    left: int
    whole: int | None
    unit: str  # "hours" or "money"
    is_low: bool = False
    runs_out_on: date | None = None
    note: str = ""
    can_buy: bool = False

    @property
    def part(self) -> float:
        """The share that is left."""
        return max(0.0, min(1.0, self.left / self.whole)) if self.whole else 0.0

    @property
    def width(self) -> str:
        """The bar's width of 100, as SVG writes it."""
        return f"{self.part * 100:.1f}"


def left_of(client: Client, held: Holdings, day: date) -> list[Left]:
    """What a client has left of what he has paid for: included hours, hours bought, his retainer."""
    rows = []
    if held.plan is Plan.SERVICE_AGREEMENT:
        ends = (add_months(day.replace(day=1), 1)) - timedelta(days=1)
        note = f"for work until {ends.day} {ends:%B}; what goes beyond is billed next month"
        agreed = (held.agreement.included_seconds or 0) if held.agreement else 0
        # The month's hours are kept with its first work, or on its first: until then all of them are left.
        left, whole = (held.included_seconds, held.granted_seconds) if held.granted_seconds else (agreed, agreed)
        rows.append(Left("Hours of this month", left, whole, "hours", note=note))
    if held.has_blocks or held.plan is Plan.BLOCK:
        blocks = Block.objects.filter(client=client).with_left()
        bought = sum(row.seconds for row in blocks if row.left > 0)
        rows.append(Left("Hours bought", held.block_seconds, bought or None, "hours", held.are_hours_low,
                         held.runs_out_on if held.plan is Plan.BLOCK else None, note=held.next_block,
                         can_buy=the_shop().sells_in_portal))  # fmt: skip
    if held.has_retainer:
        level = held.agreement.top_up_to if held.agreement else None
        rows.append(Left("Your retainer", held.retainer_available, level, "money", held.is_retainer_low,
                         held.runs_out_on if held.plan is Plan.RETAINER else None))  # fmt: skip
    return rows

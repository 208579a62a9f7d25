"""What people type about work: proposals, answers, orders, stints, parts, and what came of a deferral."""

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.db.models import QuerySet

from rounds.clients.models import Agreement, Client, Contact, Machine
from rounds.core.money import Refused, parse_amount, show_amount
from rounds.core.terms import Category
from rounds.people.fields import LocalDayField, LocalMomentField
from rounds.people.shop import shop_zone, told_twice
from rounds.work.models import IDLE_HOUR_COST, Answer, Channel, Order, Part, Verdict
from rounds.work.ordering import Standstill
from rounds.work.timing import Worked, whole_minutes

WORDS = {
    Category.MAINTENANCE: "Maintenance",
    Category.SUPPORT: "Support",
    Category.MONITORING: "Monitoring",
    Category.PROJECT: "Project",
    Category.SPYWARE: "Spyware clean-up",
}
PLACES = [("remote", "Remote"), ("onsite", "On site")]
AFTER_HOURS = [("", "As the business hours say"), ("yes", "Yes"), ("no", "No")]
WHICH = [
    ("", "Choose"),
    ("first", "The first time, before the clock is put back"),
    ("second", "The second time, after it"),
]
CAUSES = [("unknown", "Not known"), ("user", "An employee's own doing"), ("other", "Something else")]
TOLD_BY = [(c.value, c.label) for c in (Channel.PHONE, Channel.MAIL, Channel.IN_PERSON)]


def categories(*also: str) -> list[tuple[str, str]]:
    """The kinds of work to choose from: those that plans cover, websites, and the words that agreements name."""
    known = {category.value: words for category, words in WORDS.items()} | {"website": "Website or intranet"}
    named = {word for words in Agreement.objects.exclude(hourly=[]).values_list("hourly", flat=True) for word in words}
    own = {word: word.capitalize() for word in sorted(named | {word for word in also if word})}
    return list((known | {word: shown for word, shown in own.items() if word not in known}).items())


class AmountField(forms.Field):
    """An amount of the shop's currency, in cents."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def prepare_value(self, value: Any) -> Any:
        """Cents are shown as an amount; what was typed stays as typed."""
        return show_amount(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        """Cents; what is no amount is refused with what would be right."""
        if value in self.empty_values:
            return None
        try:
            cents = parse_amount(str(value).replace(",", ""))
        except Refused as reason:
            raise forms.ValidationError(str(reason).removeprefix("amount: ")) from None
        if cents < 0:
            raise forms.ValidationError("an amount here is not negative")
        return cents


class MachineChoice(forms.ModelChoiceField[Machine]):
    """A machine of one client."""

    def __init__(self, **options: Any) -> None:
        super().__init__(Machine.objects.none(), required=False, empty_label="No machine in particular", **options)

    def offer(self, client: Client | None) -> None:
        """Offer the client's machines; without a client, every machine with its client's name."""
        rows = Machine.objects.filter(retired_at=None).select_related("site__client")
        self.queryset = rows.filter(site__client=client).order_by("name") if client else rows.none()


class ClientForm(forms.Form):
    """Which client it is about; the rest of the form follows from it."""

    client = forms.ModelChoiceField(Client.objects.current(), empty_label="Choose a client")


class ProposalForm(forms.Form):
    """Work to recommend to a client."""

    title = forms.CharField(label="What should be done", max_length=160)
    machine = MachineChoice()
    minutes = forms.IntegerField(label="Minutes it takes", min_value=1, max_value=60_000)
    category = forms.ChoiceField(label="Kind of work")
    why = forms.CharField(
        label="Why", required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="For you and your colleagues."
    )
    risk = forms.CharField(
        label="What happens if it is left",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="In the client's words; he reads it.",
    )
    idle_hours_low = forms.IntegerField(label="Downtime, at least (hours)", required=False, min_value=0, max_value=2000)
    idle_hours_high = forms.IntegerField(label="at most (hours)", required=False, min_value=0, max_value=2000)
    idle_people = forms.IntegerField(label="People who cannot work then", required=False, min_value=0, max_value=9999)
    idle_hour_cost = AmountField(
        label="What an hour of one of them costs", required=False, help_text="Wages and what is not earned meanwhile."
    )
    ask = forms.BooleanField(label="Ask the client first", required=False)

    def __init__(self, *args: Any, client: Client, **options: Any) -> None:
        super().__init__(*args, **options)
        machine = self.fields["machine"]
        if isinstance(machine, MachineChoice):
            machine.offer(client)
        self.fields["category"] = forms.ChoiceField(label="Kind of work", choices=categories(self.initial_category))
        self.fields["title"].widget.attrs["autofocus"] = True

    @property
    def initial_category(self) -> str:
        """The kind of work that the form opens with."""
        return str(self.initial.get("category", ""))

    def clean(self) -> dict[str, Any]:
        """Downtime runs from the lower to the higher number."""
        told = super().clean() or self.cleaned_data
        low, high = told.get("idle_hours_low"), told.get("idle_hours_high")
        if low is not None and high is not None and high < low:
            self.add_error("idle_hours_high", f"at most is below at least: it may be {low} or more")
        if told.get("idle_hour_cost") is None:
            told["idle_hour_cost"] = IDLE_HOUR_COST
        return told


class WhoForm(forms.Form):
    """Who at the client said something, and how."""

    who = forms.CharField(label="Who at the client", max_length=120)
    channel = forms.ChoiceField(label="How", choices=TOLD_BY)

    def __init__(self, *args: Any, contacts: list[Contact], **options: Any) -> None:
        super().__init__(*args, **options)
        decider = next((contact.name for contact in contacts if contact.may_decide), "")
        self.fields["who"].initial = decider or (contacts[0].name if contacts else "")
        if contacts:
            self.fields["who"].widget.attrs["list"] = f"contacts-{contacts[0].client_id}"


class AnswerForm(WhoForm):
    """A client's answer, as a technician records it; the button that was pressed is the verdict."""

    verdict = forms.ChoiceField(choices=Verdict, error_messages={"required": "press Agree, Defer or Decline"})
    until = LocalDayField(label="Deferred until", required=False)
    note = forms.CharField(label="Note", required=False, max_length=2000)

    def __init__(self, *args: Any, contacts: list[Contact], next_month: date, **options: Any) -> None:
        super().__init__(*args, contacts=contacts, **options)
        self.fields["until"].initial = next_month


class OrderForm(forms.Form):
    """Unplanned work: somebody called."""

    title = forms.CharField(label="What it is about", max_length=160)
    machine = MachineChoice()
    category = forms.ChoiceField(label="Kind of work")
    note = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="Who called, what was said."
    )

    def __init__(self, *args: Any, client: Client, **options: Any) -> None:
        super().__init__(*args, **options)
        machine = self.fields["machine"]
        if isinstance(machine, MachineChoice):
            machine.offer(client)
        sites = client.sites.order_by("name")
        if len(sites) > 1:  # what is done elsewhere may have other taxes
            words = "the machine’s, or where bills go"
            self.fields["site"] = forms.ModelChoiceField(sites, label="Site", required=False, empty_label=words)
            self.fields["site"].label_from_instance = lambda site: site.name  # type: ignore[attr-defined]
        self.fields["category"] = forms.ChoiceField(label="Kind of work", choices=categories(), initial="support")
        self.fields["title"].widget.attrs["autofocus"] = True


class StintForm(forms.Form):
    """Time worked: a start, and either minutes or an end."""

    started_at = LocalMomentField(label="Started")
    minutes = forms.IntegerField(
        label="Minutes", required=False, min_value=0, max_value=1440,
        help_text="0 notes a visit without time; a minimum for its place is billed all the same.",
    )  # fmt: skip
    ended_at = LocalMomentField(label="or ended", required=False)
    started_which = forms.ChoiceField(label="Which start", choices=WHICH, required=False)
    ended_which = forms.ChoiceField(label="Which end", choices=WHICH, required=False)
    category = forms.ChoiceField(label="Kind of work")
    place = forms.ChoiceField(label="Where", choices=PLACES)
    note = forms.CharField(
        label="What was done",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The client reads it in his portal.",
    )
    is_after_hours = forms.TypedChoiceField(
        label="After hours", choices=AFTER_HOURS, coerce=lambda word: word == "yes", empty_value=None, required=False
    )
    is_no_charge = forms.BooleanField(label="No charge (shown to the client as goodwill)", required=False)
    cause = forms.ChoiceField(label="Cause, for spyware", choices=CAUSES, required=False)
    keep_anyway = forms.BooleanField(label="Keep it anyway", required=False)

    def __init__(self, *args: Any, order: Order, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["category"] = forms.ChoiceField(label="Kind of work", choices=categories(order.category))
        self.twice: set[str] = set()  # the times that the clock shows twice that day
        begins = self.initial.get("started_at")
        if begins is not None and told_twice(begins):
            self.twice.add("started")
            self.initial["started_which"] = "second" if begins.astimezone(shop_zone()).fold else "first"

    def clean(self) -> dict[str, Any]:
        """Either minutes or an end; both only if they say the same; of two times that look alike, which one."""
        told = super().clean() or self.cleaned_data
        for name in ("started", "ended"):
            self._choose(told, name)
        started, ended, minutes = told.get("started_at"), told.get("ended_at"), told.get("minutes")
        if self.errors:
            return told
        if ended is None and minutes is None:
            self.add_error("minutes", "say how many minutes, or when it ended")
        elif started is not None and ended is not None:
            self._take_end(told, started, ended)
        elif minutes == 0 and not told["note"].strip():
            self.add_error("note", "say what a visit without time was for")
        return told

    def _choose(self, told: dict[str, Any], name: str) -> None:
        """Take the second of two moments that the clock shows alike, if it is meant; ask where nobody has said."""
        typed = told.get(f"{name}_at")
        if typed is None or not (words := told_twice(typed)):
            return
        self.twice.add(name)
        if not told.get(f"{name}_which"):
            self.add_error(f"{name}_which", f"{words.partition(';')[0]}: say which one is meant")
        elif told[f"{name}_which"] == "second":
            shown = typed.astimezone(shop_zone()).replace(fold=1)
            told[f"{name}_at"] = shown.astimezone(UTC)

    def _take_end(self, told: dict[str, Any], started: datetime, ended: datetime) -> None:
        between = whole_minutes(started, ended)
        if ended <= started:
            self.add_error("ended_at", "the end is not after the start")
        elif told["minutes"] not in {None, between}:
            self.add_error("minutes", f"from start to end it is {between} minutes: correct one, or leave one empty")
        told["minutes"] = between

    def worked(self) -> Worked:
        """What was typed, as the verbs take it."""
        told = self.cleaned_data
        return Worked(
            told["started_at"], told["minutes"], told["category"], told["place"], told["is_after_hours"],
            told["is_no_charge"], told["cause"] or "unknown", told["note"],
        )  # fmt: skip


class PartForm(forms.Form):
    """Material used: at a price, or at cost plus the shop's markup."""

    name = forms.CharField(label="What was used", max_length=160)
    quantity = forms.IntegerField(min_value=1, max_value=100_000, initial=1)
    price = AmountField(label="Price each, to the client", required=False)
    cost = AmountField(label="or cost each, to the shop", required=False, help_text="Your markup is added.")

    def clean(self) -> dict[str, Any]:
        """Either a price or a cost."""
        told = super().clean() or self.cleaned_data
        if not self.errors and (told.get("price") is None) == (told.get("cost") is None):
            self.add_error("price", "give either the price to the client or what it cost the shop")
        return told

    def part(self, used_at: datetime) -> Part:
        """The part as typed, not yet kept."""
        told = self.cleaned_data
        return Part(
            name=told["name"], quantity=told["quantity"], price=told["price"], cost=told["cost"], used_at=used_at
        )


class VoidForm(forms.Form):
    """Why a stint or a part is taken back."""

    why = forms.CharField(
        label="Why", max_length=300, widget=forms.TextInput(attrs={"autofocus": True}),
        help_text="Like: entered twice, or: this was for another client.",
    )  # fmt: skip


class NoteForm(forms.Form):
    """An order's note."""

    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 4}))


class ConsequenceForm(forms.Form):
    """The order that repaired what a deferral or refusal led to."""

    order = forms.ModelChoiceField(Order.objects.none(), label="The work that it took", empty_label="Choose an order")
    idle_hours = forms.DecimalField(
        label="Hours that people could not work", required=False, min_value=0, max_value=2000, decimal_places=2
    )
    idle_people = forms.IntegerField(label="How many people", required=False, min_value=0, max_value=9999)
    note = forms.CharField(required=False, max_length=2000, help_text="What happened.")

    def __init__(self, *args: Any, answer: Answer, **options: Any) -> None:
        super().__init__(*args, **options)
        choice = self.fields["order"]
        if isinstance(choice, forms.ModelChoiceField):
            choice.queryset = orders_after(answer)

    def standstill(self) -> Standstill:
        """What was typed, as the verb takes it."""
        told = self.cleaned_data
        minutes = int((told["idle_hours"] or 0) * 60)
        return Standstill(minutes, told["idle_people"] or 0, told["note"])


def orders_after(answer: Answer) -> QuerySet[Order]:
    """The client's orders that were opened after an answer: what can have come of it."""
    rows = Order.objects.filter(client=answer.proposal.client_id, opened_at__gte=answer.at, call_month=None)
    return rows.order_by("-opened_at")


def draft_values(proposal_form: ProposalForm) -> dict[str, Any]:
    """What was typed about a proposal, as `Draft` takes it."""
    told = dict(proposal_form.cleaned_data)
    told.pop("ask")
    told["idle_hours"] = (told.pop("idle_hours_low"), told.pop("idle_hours_high"))
    return told

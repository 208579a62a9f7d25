"""The form of a rule for alert mail: by what it knows its mails, what it takes from them, and what they report."""

import json
from hashlib import sha256
from typing import Any

from django import forms

from rounds.clients.models import Client, Machine
from rounds.core.money import Refused
from rounds.core.patterns import parse
from rounds.mail.forms import ChoiceOfMachine, LinesField
from rounds.mail.heading import heads_of
from rounds.mail.models import AlertMail, ShopRule, Source
from rounds.mail.ruling import Draft
from rounds.mail.understanding import told_of

RESULTS = (
    ("", "not said: the mail waits for a person"),
    ("failure", "a failure, to be looked at now"),
    ("soon", "a failure, to be looked at in the next days"),
    ("success", "a success"),
    ("notice", "nothing to do"),
)
COLUMNS = {
    "machine": "Table: the column with the machine",
    "result": "Table: the column with the result",
    "severity": "Table: the column with the severity",
    "job": "Table: the column with the job or threat",
    "time": "Table: the column with the time",
    "product": "Table: the column with the product",
    "client": "Table: the column with the client",
}
DAY_FIRST, MONTH_FIRST = ("%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y"), ("%m/%d/%Y", "%m-%d-%Y")
CLOCKS = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p")
TIMES = (
    ("", "as 2026-11-27 19:30"),
    ("month", "month first, as 11/27/2026 7:30 PM"),
    ("day", "day first, as 27.11.2026 19:30"),
)
WAYS = {"month": MONTH_FIRST, "day": DAY_FIRST}
PATTERNS = ("subject", "text", "not", "take", "failure", "soon", "success", "notice", "ignore")


class RuleForm(forms.Form):
    """A rule, as a technician writes it."""

    name = forms.CharField(label="Name of the rule", max_length=120)
    source = forms.ChoiceField(label="Holds for", choices=())
    subject = LinesField(label="Subject", required=False, help_text="One of these lines must be found in it.")
    failure = LinesField(label="It is a failure if this is found", required=False)
    success = LinesField(label="It is a success if this is found", required=False)
    result = forms.ChoiceField(label="If neither is found, it is", choices=RESULTS, required=False)
    client = forms.ModelChoiceField(
        label="Client", queryset=Client.objects.none(), required=False, empty_label="as the mail says it"
    )
    machine = ChoiceOfMachine(
        label="Machine", queryset=Machine.objects.none(), required=False, empty_label="as the mail says it"
    )
    product = forms.CharField(label="Product", required=False, max_length=120)
    job = forms.CharField(label="Job", required=False, max_length=120, help_text="If the mail does not name it.")
    take = LinesField(
        label="Take from the text", required=False, help_text="Lines with holes, such as Host: {machine} or Job: {job}."
    )
    soon = LinesField(label="It is a failure that can wait for some days if this is found", required=False)
    notice = LinesField(label="There is nothing to do if this is found", required=False)
    sender = forms.CharField(label="From", required=False, max_length=200, help_text="What the sender must contain.")
    text = LinesField(label="Lines in the text", required=False, help_text="Each of these must be found in some line.")
    never = LinesField(label="But not", required=False, help_text="A mail in which one of these is found is another's.")

    times = forms.ChoiceField(label="Table: times are written", choices=TIMES, required=False)
    ignore = LinesField(
        label="Table: rows to leave out",
        required=False,
        help_text="Rows in which one of these is found, such as Total.",
    )

    def __init__(self, *args: Any, source: Source | None, made_from: AlertMail | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer_columns(made_from)
        self.of_source, self.made_from = source, made_from
        machines = Machine.objects.filter(retired_at=None).select_related("site__client")
        if source is not None and source.client is not None:
            machines = machines.filter(site__client=source.client)
            del self.fields["client"]
        else:
            self.fields["client"].queryset = Client.objects.current().order_by("name")  # type: ignore[attr-defined]
        self.fields["machine"].queryset = machines.order_by("site__client__name", "name")  # type: ignore[attr-defined]
        this = [("this", f"{source}, {source.whose}")] if source is not None else []
        self.fields["source"].choices = [*this, ("all", "all sources")]  # type: ignore[attr-defined]
        self.fields["name"].widget.attrs["autofocus"] = True
        for name in ("failure", "success", "take", "soon", "notice", "text", "never"):
            self.fields[name].widget.attrs["rows"] = 2

    def _offer_columns(self, made_from: AlertMail | None) -> None:
        """The columns of the mail's tables to choose from; a rule and a mail without a table have none of this."""
        said = [cell for role in COLUMNS if (cell := (self.initial or {}).get(f"column_{role}"))]
        heads = dict.fromkeys([*(heads_of(told_of(made_from)) if made_from is not None else ()), *said])
        if not heads:
            del self.fields["times"], self.fields["ignore"]
            return
        offered = [("", "none"), *((cell, cell) for cell in heads)]
        for role, label in COLUMNS.items():
            self.fields[f"column_{role}"] = forms.ChoiceField(label=label, choices=offered, required=False)
        self.fields["column_machine"].help_text = "Each row is read by itself, and about its own machine."
        places = iter(["name", "source", "subject", *(f"column_{role}" for role in COLUMNS), "times", "ignore"])
        self.order_fields([*places])

    def clean(self) -> dict[str, Any]:
        """Refuse what is no rule, beside the field that is wrong where one is."""
        told = super().clean() or self.cleaned_data
        for name in PATTERNS:
            field = "never" if name == "not" else name
            try:
                for line in told.get(field, []):
                    parse(line)
            except Refused as refused:
                self.add_error(field, str(refused))
        if not self.errors:
            try:
                self.draft()
            except Refused as refused:
                words = str(refused)
                place = "result" if "report" in words else None
                place = "column_machine" if "column of the table" in words else place
                self.add_error(place, f"{words[:1].upper()}{words[1:]}")
        return told

    def draft(self) -> Draft:
        """The rule as entered."""
        told = self.cleaned_data
        spec: dict[str, Any] = {name: told.get("never" if name == "not" else name, []) for name in PATTERNS}
        spec["from"] = [told["sender"]] if told["sender"] else []
        spec |= {name: told[name] for name in ("product", "job", "result")}
        source = self.of_source if told["source"] == "this" else None
        columns = {role: [cell] for role in COLUMNS if (cell := told.get(f"column_{role}"))}
        spec |= {"columns": columns, "times": _ways(told.get("times", "")) if columns else []}
        kept = {name: value for name, value in spec.items() if value}
        return Draft(told["name"], kept, source, told.get("client"), told["machine"], self.made_from)

    def mark(self) -> str:
        """What tells whether the rule is still the one that was tried."""
        draft = self.draft()
        told = [draft.spec, *(one and one.pk for one in (draft.source, draft.client, draft.machine))]
        return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:20]


def _ways(order: str) -> list[str]:
    """How times are written, as a rule has it."""
    return [f"{day} {clock}" for day in WAYS.get(order, ()) for clock in CLOCKS]


def initial_of(rule: ShopRule) -> dict[str, Any]:
    """What the form of a rule that is there begins with."""
    spec = rule.spec
    lines = {("never" if name == "not" else name): spec.get(name, []) for name in PATTERNS}
    words = {name: spec.get(name, "") for name in ("product", "job", "result")}
    sender = next(iter(spec.get("from", [])), "")
    columns = {f"column_{role}": names[0] for role, names in spec.get("columns", {}).items()}
    order = next((order for order in WAYS if spec.get("times") == _ways(order)), "")
    return {**lines, **words, **columns, "times": order,
            "name": rule.name, "sender": sender, "client": rule.client, "machine": rule.machine,
            "source": "this" if rule.source_id else "all"}  # fmt: skip

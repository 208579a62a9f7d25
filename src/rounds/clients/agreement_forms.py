"""The form in which an agreement is written: the terms of one plan, in words, with its usual values filled in."""

from datetime import date, timedelta
from typing import Any

from django import forms

from rounds.clients.fields import AmountField, DaysOffField, HoursField, MonitoringField, ShareField, WeekField
from rounds.clients.models import PLANS, SPYWARE, Agreement, Client
from rounds.clients.price_forms import TIME_COUNTS
from rounds.clients.reading import parse_share, show_share
from rounds.core import terms
from rounds.core.days import add_months
from rounds.core.money import Refused
from rounds.core.terms import Category, Plan
from rounds.people.fields import LocalDayField

WHEN = ("starts", "ends", "notice_days", "renew_months")
COMMON = (*WHEN, "hourly_rate", "net_days", "monitoring", "hours_lapse_months", "is_per_visit", "trip_fee",
          "business_hours", "holidays", "waives_interest")  # fmt: skip
COVERING = ("hourly", "spyware")
NEXT_BLOCK = ("next_block_hours", "next_block_below", "next_block_rate", "next_block_late_days")
OF_PLAN = {
    Plan.SERVICE_AGREEMENT: ("included_hours", "discount", "fee", "overage_discount", "roll_months", *COVERING),
    Plan.RETAINER: ("discount", "low_at_amount", "top_up_to", *COVERING),
    Plan.BLOCK: ("low_at_hours", *NEXT_BLOCK, *COVERING),
    Plan.CALL_FIRST: (),
    Plan.REACTIVE: (),
}
ABOUT = {
    Plan.SERVICE_AGREEMENT: "So many hours a month at a discount, paid in advance, for a term. Maintenance, support "
    "and monitoring use them up; what goes beyond is billed with the next month.",
    Plan.RETAINER: "Money paid in advance and drawn down by work and parts, at a discount. No term.",
    Plan.BLOCK: "Hours bought in advance and used up by work. A larger block comes with free hours.",
    Plan.CALL_FIRST: "Nothing is done without asking. What was agreed is billed by the hour, on the next first.",
    Plan.REACTIVE: "No agreement to speak of: work when the client calls, by the hour.",
}
# Which field a reason of `core` is about, by a word in it; the first that is in the form.
FIELD_OF_WORD = (
    ("overlaps", "starts"), ("an agreement starts on", "starts"), ("before it starts", "ends"),
    ("top_up_to", "top_up_to"), ("next_block needs", "low_at_hours"), ("next_block", "next_block_hours"),
    ("low_at", "low_at_amount"), ("included_hours", "included_hours"), ("overage_discount", "overage_discount"),
    ("discount", "discount"), ("monitoring", "monitoring"), ("charged in advance", "starts"),
    ("at the earliest", "starts"),
)  # fmt: skip
IN_WORDS = (
    ("a service agreement needs included_hours", "a service agreement needs its hours a month"),
    ("top_up_to needs low_at, the amount below which the retainer is topped up",
     "say below which amount the retainer is topped up"),
    ("top_up_to is below low_at", "it is topped up to less than the amount below which it is topped up"),
    ("overage_discount", "the discount beyond the included hours"),
    ("next_block needs low_at, or below, the hours below which it is bought",
     "say below how many hours the next block is bought"),
    ("next_block has fewer hours", "the block has fewer hours"),
)  # fmt: skip


def usual(plan: Plan, starts: date, shop: terms.Shop) -> dict[str, Any]:
    """What is usually agreed under a plan; the shop changes what it wants."""
    values: dict[Plan, dict[str, Any]] = {
        Plan.SERVICE_AGREEMENT: {
            "included_hours": 8 * 3600,
            "discount": "10%",
            "monitoring": "included",
            "ends": add_months(starts, 12) - timedelta(days=1),
        },
        Plan.RETAINER: {"discount": "5%", "low_at_amount": 200_00, "top_up_to": 500_00, "monitoring": "included"},
        Plan.BLOCK: {"low_at_hours": 2 * 3600},
        Plan.CALL_FIRST: {"monitoring": f"{shop.monitoring_fee / 100:.2f}"},
        Plan.REACTIVE: {},
    }
    return {"starts": starts, "spyware": "covered", **values[plan]}


def told_by(row: Agreement) -> dict[str, Any]:
    """The terms of an agreement, as the form shows them."""
    return {
        "hourly_rate": row.hourly_rate,
        "net_days": row.net_days,
        "discount": row.discount,
        "overage_discount": row.overage_discount,
        "included_hours": row.included_seconds,
        "fee": row.fee,
        "roll_months": row.roll_months,
        "low_at_hours": row.low_at_seconds,
        "low_at_amount": row.low_at_amount,
        "top_up_to": row.top_up_to,
        **{name: getattr(row, name) for name in NEXT_BLOCK},
        "hours_lapse_months": row.hours_lapse_months,
        "monitoring": row.monitoring,
        "hourly": ", ".join(row.hourly),
        "spyware": row.spyware,
        "business_hours": row.business_hours,
        "holidays": row.holidays,
        "waives_interest": row.waives_interest,
        "is_per_visit": {None: "", True: "True", False: "False"}[row.is_per_visit],
        "trip_fee": row.trip_fee,
        "notice_days": row.notice_days,
        "renew_months": row.renew_months,
    }


class AgreementForm(forms.Form):
    """The terms of one plan; those that mean nothing to it are not asked."""

    starts = LocalDayField(label="From", help_text="Its first day.")
    ends = LocalDayField(label="Until", required=False, help_text="Its last day. Empty: until it is ended.")
    notice_days = forms.IntegerField(
        label="Days of notice", required=False, min_value=0, max_value=365, help_text="Empty: none is agreed."
    )
    renew_months = forms.IntegerField(
        label="Renewed for so many months", required=False, min_value=1, max_value=120,
        help_text="If nobody gives notice in time. Empty: it ends with its last day.",
    )  # fmt: skip
    included_hours = HoursField(label="Hours a month", help_text="Like 8 or 1:30.")
    discount = ShareField(label="Discount on the rate", required=False, help_text="Like 10%.")
    fee = AmountField(
        label="Monthly fee, if it was agreed", required=False, help_text="Empty: hours a month at the discounted rate."
    )
    overage_discount = ShareField(
        label="Discount beyond these hours", required=False, help_text="Empty: the same discount. 0%: the full rate."
    )
    roll_months = forms.IntegerField(
        label="Months for which unused hours can still be used", required=False, min_value=0, max_value=24,
        help_text="0: they lapse at the month's end.",
    )  # fmt: skip
    low_at_amount = AmountField(
        label="Low below", required=False, help_text="The client is told when less than this is available."
    )
    top_up_to = AmountField(
        label="Topped up to", required=False, help_text="The first of the month then asks for the rest up to this."
    )
    low_at_hours = HoursField(
        label="Low below, in hours", required=False, help_text="The client is told when fewer hours are left."
    )
    next_block_hours = forms.IntegerField(
        label="Next block, bought by itself: hours", required=False, min_value=1, max_value=9999,
        help_text="Empty: the next block is only bought by hand, or by the client in the portal.",
    )  # fmt: skip
    next_block_below = HoursField(
        label="Bought when fewer hours would be left than", required=False,
        help_text="Empty: as “low below”. 0: when the hours left do not suffice.",
    )  # fmt: skip
    next_block_rate = AmountField(
        label="Its price an hour", required=False,
        help_text="Empty: the hourly rate of its day, with the price list’s free hours. A price of its own has none.",
    )  # fmt: skip
    next_block_late_days = forms.IntegerField(
        label="Not bought while an invoice is late by more than, in days", required=False, min_value=0, max_value=365,
        help_text=f"Empty: {terms.USUAL_LATE_DAYS}.",
    )  # fmt: skip
    hours_lapse_months = forms.IntegerField(
        label="Months after which bought hours lapse", required=False, min_value=1, max_value=120,
        help_text="Empty: never. It holds for hours bought while this agreement is in force.",
    )  # fmt: skip
    hourly_rate = AmountField(
        label="Hourly rate", required=False, help_text="Empty: the shop's rate, also after it has changed."
    )
    net_days = forms.IntegerField(
        label="Days to pay", required=False, min_value=0, max_value=365, help_text="Empty: as everywhere in the shop."
    )
    monitoring = MonitoringField(
        label="Monitoring", required=False,
        help_text="none; included; a fee a month like 100.00; or hours off the block like 2 hours.",
    )  # fmt: skip
    hourly = forms.CharField(
        label="Always by the hour", required=False, max_length=200,
        help_text=f"Kinds of work that are not covered, with commas: {', '.join(Category)}, or one of your own.",
    )  # fmt: skip
    is_per_visit = forms.ChoiceField(
        label="Minimum and increment for", choices=[("", "as in the shop"), *TIME_COUNTS],
        required=False, help_text="A visit: the work on one order, on one day, at one place.",
    )  # fmt: skip
    trip_fee = AmountField(
        label="A trip", required=False, help_text="Of a visit on site. 0: included. Empty: as everywhere in the shop."
    )
    business_hours = WeekField(
        label="Business hours", required=False,
        help_text="Like Mon-Fri 08:00-18:00; Mon-Sun 00:00-24:00 means never after hours. Empty: the shop's.",
    )  # fmt: skip
    holidays = DaysOffField(label="Holidays", required=False, help_text="Like US-CA, 2026-12-24. Empty: the shop's.")
    waives_interest = forms.BooleanField(label="No interest on late invoices", required=False)
    spyware = forms.ChoiceField(label="Spyware clean-up", choices=SPYWARE)

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        for name in set(self.fields) - {*COMMON, *OF_PLAN[plan]}:
            del self.fields[name]
        self.fields["starts"].widget.attrs["autofocus"] = True

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields as they belong together, under what they are about."""
        named = (("When", WHEN), (dict(PLANS)[self.plan.value].capitalize(), OF_PLAN[self.plan]),
                 ("Money and monitoring", COMMON[len(WHEN):]))  # fmt: skip
        return [(legend, [self[name] for name in names]) for legend, names in named if names]

    def agreement(self, client: Client) -> Agreement:
        """The agreement that was typed; not yet signed."""
        told = self.cleaned_data
        overage = told.get("overage_discount")
        return Agreement(
            client=client,
            plan=self.plan.value,
            starts=told["starts"],
            ends=told["ends"],
            hourly_rate=told["hourly_rate"],
            net_days=told["net_days"],
            discount=show_share(told.get("discount") or parse_share("0%")),
            overage_discount="" if overage is None else show_share(overage),
            included_seconds=told.get("included_hours"),
            fee=told.get("fee"),
            roll_months=told.get("roll_months") or 0,
            low_at_seconds=told.get("low_at_hours"),
            low_at_amount=told.get("low_at_amount"),
            top_up_to=told.get("top_up_to"),
            **{name: told.get(name) for name in NEXT_BLOCK},
            hours_lapse_months=told["hours_lapse_months"],
            monitoring=told["monitoring"] or "",
            hourly=sorted({word.strip().lower() for word in (told.get("hourly") or "").split(",")} - {""}),
            spyware=told.get("spyware") or "covered",
            business_hours=told["business_hours"] or "",
            holidays=told["holidays"] or "",
            waives_interest=bool(told.get("waives_interest")),
            is_per_visit={"True": True, "False": False}.get(told["is_per_visit"]),
            trip_fee=told["trip_fee"],
            notice_days=told["notice_days"],
            renew_months=told["renew_months"],
        )

    def clean(self) -> dict[str, Any]:
        """What renews itself has a last day."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if not told.get("next_block_hours") and any(told.get(name) is not None for name in NEXT_BLOCK[1:]):
            self.add_error("next_block_hours", "say how many hours are bought by themselves, or leave the others empty")
        if told.get("renew_months") and not told.get("ends") and "ends" not in self.errors:
            self.add_error("ends", "what is renewed has a last day: write it, or leave the renewal empty")
        return told

    def refuse(self, reason: Refused) -> None:
        """Show a reason at the field that it is about, or above the form."""
        text = str(reason)
        field = next((name for word, name in FIELD_OF_WORD if word in text and name in self.fields), None)
        for word, plain in IN_WORDS:
            text = text.replace(word, plain)
        self.add_error(field, text)


class SignatureForm(forms.Form):
    """Who signed by hand."""

    name = forms.CharField(label="Signed by", max_length=120, help_text="The name under the paper that you keep.")


class EndForm(forms.Form):
    """The last day of an agreement, and why it ends."""

    ends = LocalDayField(label="Its last day", widget=forms.DateInput(attrs={"type": "date", "autofocus": True}))
    why = forms.CharField(label="Why", required=False, max_length=200)

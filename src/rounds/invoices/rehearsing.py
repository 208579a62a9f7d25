"""Plays a story through the database and the public verbs, and describes where it ends as `core.rehearsing` does."""

from datetime import UTC, date, datetime, time

from django.db import transaction

from rounds.charges.accounts import load_account
from rounds.charges.models import Block, Held, Notice, Purchase, Rated
from rounds.clients.agreeing import sign
from rounds.clients.exempting import exempt
from rounds.clients.models import AgreementEnd, Client, ShopTerms, Site
from rounds.clients.rows import agreement_row, shop_row
from rounds.clients.taxing import keep_told
from rounds.core import happenings
from rounds.core.account import Key, Part, Work
from rounds.core.bringing import Brought
from rounds.core.describing import TIMED, describe_taxes
from rounds.core.happenings import Event
from rounds.core.money import Refused, show_amount, show_hours
from rounds.core.stories import Scene, Story
from rounds.core.timeline import timeline
from rounds.invoices import noting, paying, refunding, selling, writing_off
from rounds.invoices.bringing import Told, bring_over
from rounds.invoices.debts import credit_of
from rounds.invoices.ending import end_early
from rounds.invoices.issuing import bring
from rounds.invoices.models import Invoice, InvoiceLine, Opening
from rounds.invoices.refund_models import How
from rounds.invoices.refunding import Giving
from rounds.people.models import Shop
from rounds.people.shop import local_moment, the_shop
from rounds.work.models import Approval, Order, Stint
from rounds.work.models import Part as PartRow
from rounds.work.voiding import void

BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)
LAST_MOMENT = time(23, 59, 59)


def play(story: Story) -> dict[str, object]:
    """Play a story through its last day, describe where it ends, and leave nothing of it behind."""
    with transaction.atomic():
        told = Telling(story)
        told.tell(story.through)
        described = describe(told.client, story.through)
        told.tell(max([story.through, *(event.recorded.date() for event in story.events)]))
        transaction.set_rollback(True)
    return described


class Telling:
    """A story as far as it has been told to the stored shop: its client, order, stints and parts by their keys.

    A late shop's ticker runs once, at the end; then the account is played before by nothing but the verbs that move
    money. What comes out is the same.
    """

    def __init__(self, story: Story, *, is_late: bool = False) -> None:
        self.story, self.is_late, self.told = story, is_late, 0
        self.client = Client.objects.create(name=story.title[:120] or "A story", since=BEGINNING)
        self.orders: dict[tuple[Site | None, Key | None], Order] = {}
        self.stints: dict[Key, Stint] = {}
        self.parts: dict[Key, PartRow] = {}
        self.bought: dict[Key, Purchase | None] = {}
        ShopTerms.objects.all().delete()
        Shop.objects.filter(pk=the_shop().pk).update(time_zone=story.zone.key if story.zone else "UTC")
        scene = story.scene or Scene(story.terms.shops)
        for since, shop in scene.shops:
            shop_row(max(since, BEGINNING.date()), shop, at=BEGINNING).save()
        self.sites: dict[Key, Site] = {
            name: Site.objects.create(client=self.client, name=name) for name in ("Main office", *scene.sites)
        }
        keep_told(scene.shops, self.sites, since=BEGINNING.date(), at=BEGINNING)
        if scene.billing_site is not None:
            Client.objects.filter(pk=self.client.pk).update(billing_site=self.sites[scene.billing_site])
        for first, last in scene.exempt:
            exempt(
                self.client, first, reason="As the story tells", certificate="S-1", until=last, by=None, at=BEGINNING
            )
        self.agreements = {
            agreement.key: sign(agreement_row(self.client, agreement), by=None, at=BEGINNING)
            for agreement in story.terms.agreements
        }
        for agreement in story.terms.agreements:
            if agreement.noticed_at is not None and agreement.ends is not None:
                at = local_moment(agreement.noticed_at.date(), agreement.noticed_at.time())
                AgreementEnd.objects.create(
                    agreement=self.agreements[agreement.key], ends=agreement.ends, recorded_at=at
                )
        if story.opening is not None:
            self._open(story.opening)

    def _named(self, work: Work) -> Key | None:
        """The order that a story names; work that names none is an order of its own where that matters."""
        if not self.story.terms.has_visits:
            return None
        return work.key if work.order is None else f"order {work.order}"

    def _open(self, brought: Brought) -> None:
        """Bring over what the client had in the old books, as the first thing of the opening day."""
        at = local_moment(brought.on, time())
        opening = Opening.objects.create(kind="story", on=brought.on, file_name="the story", at=at)
        names = [
            *("block" for _ in brought.blocks), *("hours" for _ in brought.rolled),
            *(["retainer"] if brought.retainer else []), *(["credit"] if brought.credit else []),
            *("invoice" for _ in brought.invoices),
        ]  # fmt: skip
        told = [Told(f"{name}:{place}", {}) for place, name in enumerate(names, start=1)]
        bring_over(opening, self.client, brought, told)

    def tell(self, through: date) -> None:
        """Tell what happened by the end of a day, and was not told before, in the order in which it counts."""
        steps = list(timeline(self.story.terms, self.story.events, through, self.story.opening))
        for step in steps[self.told :]:
            if isinstance(step.what, Event):
                self._happen(step.what)
        self.told = len(steps)
        bring(self.client, local_moment(through, LAST_MOMENT))

    def _happen(self, event: Event) -> None:
        at = local_moment(event.recorded.date(), event.recorded.time())
        match event.what:
            case Work() as work:
                self._work(event, work, at)
            case happenings.Approval(work=key):
                self._approve(self.stints[key], at)
            case Part() as part:
                self._use(event, part, at)
            case happenings.Purchase(hours=hours) if hours:
                invoice = selling.buy_hours(self.client, hours, at=at)
                self.bought[event.key] = invoice.closing.purchase if invoice else None
            case happenings.Deposit(amount=amount) if amount:
                selling.deposit(self.client, amount, at=at)
            case happenings.Payment(amount=amount, invoice=number):
                invoice = self._find(number, at) if number is not None else None
                if amount:
                    paying.pay(self.client, amount, at=at, invoice=invoice, came=paying.Came(on=event.at.date()))
            case happenings.Void(what=key):
                self._void(key, at)
            case happenings.Ending(agreement=key, on=ends, is_paid_out=is_paid_out):
                self._end(key, ends, Giving("as the story tells", at, how=How.TRANSFER if is_paid_out else None))
            case happenings.RefundOfHours() | happenings.RefundOfMoney() as told:
                self._give_back(told, at)
            case happenings.CreditNote() | happenings.WriteOff() | happenings.Expectation() as told:
                self._correct(told, at)

    def _correct(
        self, told: happenings.CreditNote | happenings.WriteOff | happenings.Expectation, at: datetime
    ) -> None:
        """Credit or write off an invoice, or expect it again."""
        invoice, why = self._find(told.invoice, at), "as the story tells"
        match told:
            case happenings.CreditNote():
                self._credit(told, invoice, at)
            case happenings.WriteOff(amount=amount):
                writing_off.write_off(invoice, amount, at=at, why=why)
            case happenings.Expectation():
                writing_off.take_up(invoice, at=at, why=why)

    def _credit(self, told: happenings.CreditNote, invoice: Invoice, at: datetime) -> None:
        """Credit an amount, a line (None: all that is left of it), or all that is left."""
        why = "as the story tells"
        if told.line is None:
            if told.amount != 0:
                noting.credit(invoice, told.amount, at=at, why=why, do_hours_stay=told.do_hours_stay)
            return
        lefts, amount = noting.standing_of(invoice).named, told.amount
        line, left = lefts[told.line - 1] if 1 <= told.line <= len(lefts) else (None, 0)
        taken = {line.pk: left if amount is None else amount} if line is not None else {}
        noting.credit_lines(invoice, taken, at=at, why=why, do_hours_stay=told.do_hours_stay)

    def _end(self, key: int, ends: date, giving: Giving) -> None:
        if key not in self.agreements:
            raise Refused(f"there is no agreement {key}")
        end_early(self.agreements[key], ends, giving)

    def _give_back(self, told: happenings.RefundOfHours | happenings.RefundOfMoney, at: datetime) -> None:
        giving = Giving("as the story tells", at, how=How.TRANSFER if told.is_paid_out else None)
        if isinstance(told, happenings.RefundOfHours):
            purchase = self.bought.get(told.purchase)
            if purchase is None:
                raise Refused("these hours cost nothing")
            block = Block.objects.get(purchase=purchase)
            refunding.refund_hours(block, told.seconds, giving, at_list_rate=told.at_list_rate)
        elif told.source == "retainer":
            refunding.refund_retainer(self.client, told.amount, giving, even_if_needed=told.even_if_needed)
        else:
            refunding.pay_out(self.client, told.amount, giving)

    def _order(self, name: Key | None, order: Key | None = None) -> Order:
        """The order of what is done at a site, or nowhere in particular."""
        key = (self.sites[name] if name is not None else None, order)
        if key not in self.orders:
            self.orders[key] = Order.objects.create(
                client=self.client, site=key[0], title="Work of the story", opened_at=BEGINNING
            )
        return self.orders[key]

    def _work(self, event: Event, work: Work, at: datetime) -> None:
        stint = Stint.objects.create(
            order=self._order(work.site, self._named(work)),
            started_at=local_moment(event.at.date(), event.at.time()),
            minutes=work.minutes,
            category=work.category,
            place=work.place,
            is_after_hours=work.is_after_hours,
            is_no_charge=work.is_no_charge,
            is_protected=work.is_protected,
            cause=work.cause,
            recorded_at=at,
        )
        self.stints[work.key] = stint
        if work.is_approved:
            self._approve(stint, at)
        self._tick(at)

    def _approve(self, stint: Stint, at: datetime) -> None:
        Approval.objects.create(stint=stint, who="the client", channel="phone", at=at)
        self._tick(at)

    def _tick(self, at: datetime) -> None:
        if not self.is_late:
            bring(self.client, at)

    def _use(self, event: Event, part: Part, at: datetime) -> None:
        if part.quantity:
            self.parts[part.key] = PartRow.objects.create(
                order=self._order(part.site),
                name="Part",
                quantity=part.quantity,
                price=part.price,
                cost=part.cost,
                used_at=local_moment(event.at.date(), event.at.time()),
                recorded_at=at,
            )
        self._tick(at)

    def _void(self, key: Key, at: datetime) -> None:
        wrong = self.stints.get(key) or self.parts.get(key)
        if wrong is not None:
            void(wrong, why="as the story tells", by=None, at=at)
        self._tick(at)

    def _find(self, number: int, at: datetime) -> Invoice:
        """The invoice at a place in order of issue, as it is at a moment."""
        bring(self.client, at)
        invoices = list(Invoice.objects.filter(client=self.client).order_by("pk"))
        if not 1 <= number <= len(invoices):
            raise Refused(f"there is no invoice {number} at that moment")
        return invoices[number - 1]


def describe(client: Client, day: date) -> dict[str, object]:
    """Describe a client's invoices, notices and balances at the end of a day, as they are stored."""
    account = load_account(client)
    invoices = Invoice.objects.filter(client=client).with_open().prefetch_related("lines").order_by("pk")
    still_open = [invoice.open for invoice in invoices]
    rated = Rated.objects.filter(client=client, stint__isnull=False).values("stint")
    return {
        "invoices": [_describe_invoice(*one) for one in zip(invoices, still_open, strict=True)],
        "notices": [{"date": str(notice.on), "kind": notice.kind} for notice in Notice.objects.filter(client=client)],
        "closing": {
            "receivable": show_amount(sum(still_open)),
            "credit": show_amount(credit_of(client)),
            "retainer": show_amount(account.retainer),
            "block_hours": show_hours(account.block_seconds),
            "included_hours": show_hours(account.included_seconds(day)),
            "unbilled": show_amount(account.unbilled_amount()),
            "held": Held.objects.filter(client=client, stint__void=None).exclude(stint__in=rated).count(),
        },
    }


def _describe_invoice(invoice: Invoice, still_open: int) -> dict[str, object]:
    return {
        "date": str(invoice.issued_on),
        "due": str(invoice.due_on),
        "lines": [_describe_line(line) for line in invoice.lines.all()],
        "tax": show_amount(invoice.tax),
        **describe_taxes(row.row for row in invoice.taxes),
        "total": show_amount(invoice.total),
        "from_retainer": show_amount(invoice.from_retainer),
        "open": show_amount(still_open),
    }


def _describe_line(line: InvoiceLine) -> dict[str, str]:
    hours = {"hours": show_hours(line.seconds or 0)} if line.kind in TIMED else {}
    return {"kind": line.kind, **hours, "amount": show_amount(line.amount)}

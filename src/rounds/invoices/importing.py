"""Keeps the bank's lines, each once, and what a person decides of them: a payment, a return, or nothing of clients'.

A suggestion is derived whenever it is shown, and never kept: only a decision is.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from rounds.charges.accounts import hold
from rounds.clients.models import Client
from rounds.core import bank
from rounds.core.account import Key
from rounds.core.e_invoice import account_in
from rounds.core.money import Refused, show_amount
from rounds.invoices.bank_reading import Statement, read
from rounds.invoices.models import BankDecision, BankFile, BankLine, Fate, Invoice, Payment
from rounds.invoices.paying import Came, pay
from rounds.invoices.unpaying import bounce, take_back
from rounds.people.models import User
from rounds.people.shop import local_day, the_shop

DAYS_LOOKED_BACK = 120  # for a payment that a line may be the return of, or that was recorded by hand before


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of a file: lines that are new, and lines that were known."""

    new: int
    known: int


def keep_file(raw: bytes, name: str, *, at: datetime, by: User | None, is_ours: bool = False) -> Kept:
    """Keep what is new in a file; the same file, or the same lines in another one, change nothing.

    Refused: no statement, another currency, or an account that no file was of before, unless it `is_ours`.
    """
    statements = read(raw)
    if not statements:
        raise Refused("there is no statement in the file")
    for statement in statements:
        _refuse_strange(statement, is_ours=is_ours)
    fingerprint = hashlib.sha256(raw).hexdigest()
    with transaction.atomic():
        new = sum(_keep(statement, fingerprint, name, at, by) for statement in statements)
    return Kept(new, sum(len(statement.lines) for statement in statements) - new)


def _keep(statement: Statement, fingerprint: str, name: str, at: datetime, by: User | None) -> int:
    """Keep one account's lines; says how many were new."""
    file, _ = BankFile.objects.get_or_create(
        fingerprint=fingerprint, account=statement.account, defaults={"name": name[:120], "read_at": at, "read_by": by}
    )
    lines = BankLine.objects.filter(account=statement.account)
    before = lines.count()
    BankLine.objects.bulk_create(
        (
            BankLine(file=file, account=statement.account, key=one.key, on=one.on, amount=one.amount, name=one.name,
                     from_account=one.account, text=one.text)
            for one in statement.lines
        ),
        ignore_conflicts=True,
    )  # fmt: skip
    return lines.count() - before


def _refuse_strange(statement: Statement, *, is_ours: bool) -> None:
    shop = the_shop()
    if statement.currency and statement.currency != shop.currency:
        raise Refused(f"the file is in {statement.currency}, the shop’s books are in {shop.currency}")
    known = set(BankFile.objects.values_list("account", flat=True))
    named = account_in(shop.bank_details)
    is_named = bool(named) and named.endswith(statement.account)
    if is_ours or statement.account in known or is_named or not (known or named):
        return
    before = ", ".join(sorted(known)) or f"{named}, by the shop’s bank details"
    raise Refused(f"the file is of account {statement.account}, the shop’s is {before}: tick the box if both are")


@dataclass(frozen=True, slots=True)
class Books:
    """What suggestions are made from: open invoices, those that lines name, and who pays."""

    owed: tuple[bank.Owed, ...]
    payers: bank.Payers

    def suggest(self, line: BankLine) -> bank.Suggestion | None:
        """What a line probably pays."""
        return bank.suggest(_value(line), self.owed, self.payers)


def books_for(lines: Iterable[BankLine]) -> Books:
    """Gather what suggestions for some lines are made from."""
    rows = Invoice.objects.filter(client__left_at=None).unpaid()
    owed = {row.pk: _owed(row) for row in rows}
    for series, number in {one for line in lines for one in bank.numbers_in(f"{line.text} {line.name}")}:
        for row in Invoice.objects.filter(series=series, number=number).with_open():
            owed.setdefault(row.pk, _owed(row))
    names: dict[Key, str] = dict(Client.objects.current().values_list("pk", "name"))
    return Books(tuple(owed.values()), bank.Payers(_accounts(), names))


def _owed(row: Invoice) -> bank.Owed:
    return bank.Owed(row.pk, row.client_id, row.series, row.number, row.due_on, row.open, row.old_number)


def _value(line: BankLine) -> bank.BankLine:
    return bank.BankLine(line.amount, line.name, line.from_account, line.text)


def _accounts() -> dict[str, Key]:
    """Clients by the accounts from which they have paid; an account from which several have is nobody's."""
    stands = BankDecision.objects.filter(payment__isnull=False, payment__reversal=None)
    pairs = stands.exclude(line__from_account="").values_list("line__from_account", "payment__client").distinct()
    clients: dict[str, set[int]] = {}
    for account, client in pairs:
        clients.setdefault(account, set()).add(client)
    return {account: next(iter(found)) for account, found in clients.items() if len(found) == 1}


def confirm(
    line: BankLine, client: Client, invoice: Invoice | None, *, at: datetime, by: User | None = None
) -> Payment:
    """Record a line as a client's payment, for the invoice he meant or on account. Refused: it is decided already."""
    if line.amount <= 0:
        raise Refused("money that went out pays no invoice")
    note = f"Bank, {line.on.day} {line.on:%B %Y}: {line.name or line.text}"
    with _deciding(line, client) as turn:
        came = Came(note[:200], min(line.on, local_day(at)))
        payment = pay(client, line.amount, at=at, invoice=invoice, by=by, came=came)
        _decide(line, turn, Fate.MATCHED, at=at, by=by, payment=payment)
    return payment


def link(line: BankLine, payment: Payment, *, at: datetime, by: User | None = None) -> None:
    """Say that a line is a payment that was recorded by hand before; nothing is paid by it."""
    if line.amount != payment.amount:
        raise Refused(f"the payment is {show_amount(payment.amount)}, the line {show_amount(line.amount)}")
    with _deciding(line, payment.client) as turn:
        if payment not in recorded_before(line):
            raise Refused("this payment stands for another line, or has been taken back")
        _decide(line, turn, Fate.MATCHED, at=at, by=by, payment=payment)


def confirm_return(line: BankLine, payment: Payment, *, at: datetime, by: User | None = None, fee: int = 0) -> None:
    """Take a payment back that a line shows going out again, for a fee or none."""
    with _deciding(line, payment.client) as turn:
        if payment not in returned_by(line):
            raise Refused("this payment is not what went out")
        reversal = bounce(payment, at=at, why=f"{line.name} {line.text}".strip() or "by the bank", by=by, fee=fee)
        BankDecision.objects.create(line=line, turn=turn, what=Fate.MATCHED, reversal=reversal, at=at, by=by)


def ignore(line: BankLine, *, at: datetime, by: User | None = None) -> None:
    """Leave a line aside: it has nothing to do with clients."""
    with _deciding(line) as turn:
        _decide(line, turn, Fate.IGNORED, at=at, by=by)


def reopen(line: BankLine, *, at: datetime, by: User | None = None) -> None:
    """Undo the last decision: a payment made by it is taken back. Refused: a return, which happened at the bank."""
    last = line.decisions.select_related("payment__client").order_by("-turn").first()
    if last is None or _fate(line) == "":
        raise Refused("nothing was decided about this line")
    if last.reversal_id is not None:
        raise Refused("the bank has returned this payment: if it came again, that is a line of its own")
    with transaction.atomic(), _racing():
        if last.payment is not None and last.payment.at == last.at:
            take_back(last.payment, at=at, why="Matched with the wrong line of the bank’s", by=by)
        _decide(line, last.turn + 1, Fate.REOPENED, at=at, by=by)


def confirm_sure(lines: Iterable[BankLine], *, at: datetime, by: User | None = None) -> Iterator[Payment | Refused]:
    """Record all lines whose suggestion is sure; a client's second one is looked at anew after the first."""
    waiting = list(lines)
    books, touched = books_for(waiting), set[Key]()
    for line in waiting:
        suggested = books.suggest(line)
        if suggested is not None and suggested.client in touched:
            suggested = books_for([line]).suggest(line)
        if suggested is None or not suggested.is_sure:
            continue
        touched.add(suggested.client)
        invoice = Invoice.objects.get(pk=suggested.invoice) if suggested.invoice else None
        try:
            yield confirm(line, Client.objects.get(pk=suggested.client), invoice, at=at, by=by)
        except Refused as refusal:
            yield refusal


def recorded_before(line: BankLine) -> list[Payment]:
    """Payments of the line's amount that were recorded by hand about that time, and stand for no other line."""
    rows = _payments_like(line, line.amount)
    return [payment for payment in rows if not _stands_for_a_line(payment)]


def returned_by(line: BankLine) -> list[Payment]:
    """Payments that a line of money going out may be the return of."""
    return list(_payments_like(line, -line.amount)) if line.amount < 0 else []


def _payments_like(line: BankLine, amount: int) -> Iterable[Payment]:
    days = timedelta(days=DAYS_LOOKED_BACK)
    near = Q(on__gte=line.on - days, on__lte=line.on + days)
    rows = Payment.objects.filter(near, amount=amount, reversal=None).select_related("client", "invoice")
    return rows.order_by("-on", "-pk")[:20]


def _stands_for_a_line(payment: Payment) -> bool:
    """Is a payment the last word on some line?"""
    decisions = payment.bank_decisions.select_related("line")
    return any(not one.line.decisions.filter(turn__gt=one.turn).exists() for one in decisions)


@contextmanager
def _deciding(line: BankLine, client: Client | None = None) -> Iterator[int]:
    """Hold what a decision changes, and give its turn. Refused: the line is decided, now or by somebody at once."""
    with _racing(), transaction.atomic():
        if client is not None:
            hold(client)
        if _fate(line):
            raise Refused("this line has been decided already")
        yield BankLine.objects.with_fate().get(pk=line.pk).turn + 1


@contextmanager
def _racing() -> Iterator[None]:
    """Tell the loser of two who decide about a line at once; each turn is taken by one."""
    try:
        yield
    except IntegrityError as trouble:
        if "bankdecision" not in str(trouble) and "each_bank_decision_once" not in str(trouble):
            raise
        raise Refused("somebody else has just decided about this line") from None


def _decide(
    line: BankLine, turn: int, what: Fate, *, at: datetime, by: User | None, payment: Payment | None = None
) -> None:
    BankDecision.objects.create(line=line, turn=turn, what=what, payment=payment, at=at, by=by)


def _fate(line: BankLine) -> str:
    return BankLine.objects.with_fate().get(pk=line.pk).fate

"""Opening balances from a file: everything is checked and shown, then all of it is brought over, or nothing."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db import transaction

from rounds.charges import bringing as accounts
from rounds.charges.models import Rated
from rounds.clients.models import Client
from rounds.clients.sheets import Problem, Row, Sheet, decode, read_sheet
from rounds.core.bringing import Brought
from rounds.core.money import Refused
from rounds.invoices import bringing
from rounds.invoices.bringing import Told, begin_series, bring_over, refuse_first_number
from rounds.invoices.models import BroughtOver, Invoice, Opening, OpeningDraft
from rounds.invoices.opening_columns import COLUMNS, Meaning, as_told, meaning_of
from rounds.people.models import User
from rounds.people.shop import local_day


@dataclass(slots=True)
class Item:
    """A row of a file as understood: for whom, and what it brings; `is_known`: it was brought over before."""

    line: int
    cells: dict[str, str]
    client: Client | None = None
    meaning: Meaning | None = None
    series: tuple[str, int] | None = None
    is_known: bool = False

    @property
    def key(self) -> str:
        """Its own among all that stand."""
        return self.meaning.key if self.meaning else f"series:{self.series[0] if self.series else ''}"


@dataclass(slots=True)
class Checked:
    """A file as it would be brought over now, and the sums of its rows that are right (cents, and seconds)."""

    sheet: Sheet
    items: list[Item] = field(default_factory=list)
    money: Counter[str] = field(default_factory=Counter)
    hours: Counter[str] = field(default_factory=Counter)

    @property
    def is_right(self) -> bool:
        """May it be brought over?"""
        return not self.sheet.problems

    @property
    def new(self) -> list[Item]:
        """What was not brought over before."""
        return [item for item in self.items if not item.is_known]

    @property
    def lines(self) -> int:
        """How many rows of the file are new."""
        return len({item.line for item in self.new})


def opening_day() -> date | None:
    """The day as of which something was brought over; None: nothing stands."""
    return Opening.objects.standing().values_list("on", flat=True).first()


def keep_draft(upload: OpeningDraft, raw: bytes) -> OpeningDraft:
    """Keep an upload until it is confirmed; it replaces the person's earlier ones. Refused: what is no text."""
    upload.text, upload.encoding = decode(raw)
    upload.file_name = upload.file_name[:200]
    OpeningDraft.objects.filter(made_by=upload.made_by, confirmed_at=None).delete()
    upload.save(force_insert=True)
    return upload


def check(kind: str, on: date, text: str, *, today: date) -> Checked:
    """Read a file and check it against itself and against what is kept now; nothing is kept."""
    checked = Checked(read_sheet(text, COLUMNS[kind]))
    problems = checked.sheet.problems
    problems += _wrong_day(on, today)
    bad = {problem.line for problem in problems}
    if 0 not in bad and 1 not in bad:
        rows = [row for row in checked.sheet.rows if row.line not in bad]
        found = _series(rows) if kind == "numbers" else _balances(kind, rows, on)
        for one in found:
            if isinstance(one, Problem):
                problems.append(one)
            else:
                checked.items.append(one)
        problems += dict.fromkeys(_repeated(checked.items))  # of two things in one row, once
        bad = {problem.line for problem in problems}
        checked.items = [item for item in checked.items if item.line not in bad]
        problems += _refused_together(checked.new, on)
    checked.sheet.notes += _late_notes(kind, checked.new, on)
    for item in checked.items:
        if item.meaning is not None:
            checked.money.update(item.meaning.money)
            checked.hours.update(item.meaning.hours)
    problems.sort(key=lambda problem: problem.line)
    return checked


def _wrong_day(on: date, today: date) -> Iterator[Problem]:
    stands = opening_day()
    if on > today:
        yield Problem(0, "", "", f"the opening day, {on}, is still to come")
    if stands is not None and stands != on:
        yield Problem(0, "", "", f"the books were opened on {stands}: all files have one opening day")


def _series(rows: Sequence[Row]) -> Iterator[Item | Problem]:
    for row in rows:
        item = Item(row.line, as_told("numbers", row.told), series=(row.told["series"], row.told["next"]))
        try:
            if not _stands(item):
                refuse_first_number(row.told["series"], row.told["next"])
        except Refused as reason:
            yield Problem(row.line, "Next number", str(row.told["next"]), str(reason))
        else:
            yield item


def _stands(item: Item) -> bool:
    return BroughtOver.objects.filter(opening__undoing=None, key=item.key).exists()


def _balances(kind: str, rows: Sequence[Row], on: date) -> Iterator[Item | Problem]:
    clients = {client.name.casefold(): client for client in Client.objects.current()}
    seen = Counter[str]()
    for row in rows:
        client = clients.get(row.told["client"].casefold())
        if client is None:
            what = "there is no such client: import or add clients first"
            yield Problem(row.line, "Client", row.told["client"], what)
            continue
        try:
            meanings = meaning_of(kind, row.told, client.pk, on)
        except Refused as reason:
            yield Problem(row.line, "", "", str(reason))
            continue
        for meaning in meanings:
            own = meaning
            if kind == "hours":  # a client may have bought the same twice: the second is another one
                seen[meaning.key] += 1
                own = replace(meaning, key=f"{meaning.key}:{seen[meaning.key]}")
            yield Item(row.line, as_told(kind, row.told), client, own)


def _repeated(items: Sequence[Item]) -> Iterator[Problem]:
    """Rows that repeat an earlier one, differ from what was brought over, or name an invoice that is our own."""
    stands = dict(BroughtOver.objects.filter(opening__undoing=None).values_list("key", "told"))
    seen: dict[str, int] = {}
    for item in items:
        if item.key in seen:
            yield Problem(item.line, "", "", f"this stands in line {seen[item.key]} already")
        elif item.key in stands:
            item.is_known = True
            if stands[item.key] != item.cells:
                what = "this was brought over with other figures: undo that file first"
                yield Problem(item.line, "", "", what)
        elif "number" in item.cells and _is_ours(item.cells["number"]):
            yield Problem(item.line, "Number", item.cells["number"], "an invoice of this number was issued here")
        seen.setdefault(item.key, item.line)


def _is_ours(number: str) -> bool:
    series, _dash, count = number.rpartition("-")
    is_number = count.isdecimal() and len(count) < 9
    return is_number and Invoice.objects.filter(old_number="", series=series, number=int(count)).exists()


def _refused_together(items: Sequence[Item], on: date) -> Iterator[Problem]:
    """What a client's account refuses of all his rows."""
    for own in _by_client(items).values():
        client, meanings = own[0].client, [item.meaning for item in own if item.meaning]
        if client is None or not (meanings[0].brought.blocks or meanings[0].brought.rolled):
            continue
        try:
            accounts.foresee(client, _together(own, on))
        except Refused as reason:
            yield Problem(own[0].line, "Client", client.name, str(reason))


def _late_notes(kind: str, items: Sequence[Item], on: date) -> Iterator[str]:
    """Say whose work since the opening day was rated without what would come over."""
    if kind not in {"hours", "included", "money"}:
        return
    rated = set(Rated.objects.filter(recorded_on__gte=on).order_by().values_list("client", flat=True).distinct())
    late = sorted({item.client.name for item in items if item.client is not None and item.client.pk in rated})
    if late:
        more = f" and {len(late) - 5} more" if len(late) > 5 else ""
        yield f"Work since {on} is rated already for {', '.join(late[:5])}{more}: there it counts from now on."


def _by_client(items: Sequence[Item]) -> dict[int, list[Item]]:
    found: dict[int, list[Item]] = {}
    for item in items:
        if item.client is not None:
            found.setdefault(item.client.pk, []).append(item)
    return found


def _together(items: Sequence[Item], on: date) -> Brought:
    """All that one client brings over."""
    parts = [item.meaning.brought for item in items if item.meaning]
    return Brought(
        on,
        blocks=tuple(block for part in parts for block in part.blocks),
        rolled=tuple(month for part in parts for month in part.rolled),
        retainer=sum(part.retainer for part in parts),
        credit=sum(part.credit for part in parts),
        invoices=tuple(invoice for part in parts for invoice in part.invoices),
    )


@transaction.atomic
def confirm(draft: OpeningDraft, *, at: datetime, by: User | None) -> int:
    """Bring over what is new in a draft, once: all or nothing; says how many rows. Refused: a problem."""
    kept = OpeningDraft.objects.select_for_update().get(pk=draft.pk)
    if kept.confirmed_at is not None:
        raise Refused("this file has been brought over already")
    count = bring_file(kept, at=at, by=by)
    kept.confirmed_at = at
    kept.save(update_fields=["confirmed_at"])
    return count


@transaction.atomic
def bring_file(file: OpeningDraft, *, at: datetime, by: User | None) -> int:
    """Bring over what is new in a file: all of it or nothing. Refused: a problem, also one that has come up since."""
    bringing.take_turns()
    checked = check(file.kind, file.on, file.text, today=local_day(at))
    if not checked.is_right:
        raise Refused("the file has problems: nothing was brought over")
    if not checked.new:
        return 0
    opening = Opening.objects.create(kind=file.kind, on=file.on, file_name=file.file_name, at=at, by=by)
    for item in checked.new:
        if item.series is not None:
            begin_series(opening, *item.series, Told(item.key, item.cells))
    for own in _by_client(checked.new).values():
        told = [Told(item.key, item.cells, item.meaning.note) for item in own if item.meaning]
        if own[0].client is not None:
            bring_over(opening, own[0].client, _together(own, file.on), told)
    return checked.lines

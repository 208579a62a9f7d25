"""Keeps the books of a rehearsed story: what was kept, act by act, goes in, balanced entries come out."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from rounds.core import entries
from rounds.core.account import Closing, Key, Outcome
from rounds.core.acts import Act, Credited, Issued, Lowered, Released
from rounds.core.books import Chart, Entry
from rounds.core.bringing import Brought, entry_of_opening
from rounds.core.performing import Performance
from rounds.core.settling import Receipt, Settlement


def books_of(performance: Performance, chart: Chart, through: date) -> list[Entry]:
    """Book everything that happened in a story, and what its fees have earned by the end of a day."""
    closings: dict[Key, Closing] = {issued.number: issued.closing for issued in performance.invoices}
    booked = [_book(chart, act, str(number), closings) for number, act in enumerate(performance.acts, start=1)]
    rests = {
        (act.what.crediting.invoice, rest.place): rest.amount
        for act in performance.acts
        if isinstance(act.what, Credited)
        for rest in act.what.rests
        if rest.deferred
    }
    earned = [entry for issued in performance.invoices for entry in _earn(chart, issued, rests, through)]
    return sorted([entry for entry in booked if entry is not None] + earned, key=lambda entry: entry.on)


def _book(chart: Chart, act: Act, key: str, closings: Mapping[Key, Closing]) -> Entry | None:
    """Book one act."""
    match act.what:
        case Outcome() as outcome:
            return entries.entry_of_outcome(chart, outcome, key=key, on=act.on, what=_what(outcome))
        case Settlement() as settlement:
            return entries.entry_of_settlement(chart, settlement, key=key, on=act.on, what="payment")
        case Receipt() as receipt:
            return entries.entry_of_receipt(chart, receipt, key=key, on=act.on, what="retainer received")
        case Brought() as brought:
            return entry_of_opening(chart, brought, key=key, what="brought over")
        case Credited() as note:
            codes = [row.tax.code for row in closings[note.crediting.invoice].taxes]
            back = _taken_back(note, codes)
            return entries.entry_of_credit(chart, note.crediting, back, key=key, on=act.on, what="credit note")
        case Lowered() | Released() as what:
            return _book_given_up(chart, what, key, act.on)


def _taken_back(note: Credited, codes: Sequence[str]) -> entries.TakenBack:
    fees = tuple((rest.kind, rest.amount) for rest in note.rests if rest.deferred)
    taxes = tuple((code, one.tax) for code, one in zip(codes, note.parts.rows, strict=True))
    hours = tuple(refund for refund in note.taken.refunds if not refund.was_credited)
    return entries.TakenBack(taxes, hours, fees)


def _book_given_up(chart: Chart, what: Lowered | Released, key: str, on: date) -> Entry | None:
    if isinstance(what, Lowered):
        return entries.entry_of_write_off(chart, what.amount, what.asked, key=key, on=on, what="written off")
    words = "given back from the retainer"
    return entries.entry_of_settlement(chart, what.settlement, chart.retainer, key=key, on=on, what=words)


def _what(outcome: Outcome) -> str:
    if outcome.closing is not None:
        return f"invoice ({outcome.closing.reason})"
    if outcome.refunds:
        return "hours given back"
    return "hours lapsed" if outcome.lapses else "rated"


def _earn(chart: Chart, issued: Issued, rests: Mapping[tuple[Key, int], int], through: date) -> Iterator[Entry]:
    """Earn an invoice's fees: each at the end of its period, or as far as it has run, but for rests given back."""
    for number, line in enumerate(issued.closing.lines):
        if line.period is not None:
            on = max(min(line.period[1], through), issued.closing.on)
            rest, key = rests.get((issued.number, number), 0), f"fee {issued.number}.{number}"
            entry = entries.entry_of_fee(chart, line, 0, key=key, on=on, rest=rest)
            if entry is not None:
                yield entry

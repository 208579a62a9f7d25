"""What the lines of an invoice say: a line of a closing goes in, the words printed for it come out."""

from rounds.core.account import Kind
from rounds.core.days import first_of_month, last_of_month
from rounds.core.money import show_hours
from rounds.core.terms import Place
from rounds.invoices.billed import Billed, Work
from rounds.invoices.models import Interest

LONGEST = 300


def words_for(line: Billed, late: Interest | None, *, is_deposit: bool) -> str:
    """Say what a line is for; `late` where it is interest."""
    if line.charge is not None:
        return _charged(line, late)[:LONGEST]
    match line.kind:
        case Kind.FEE:
            hours = f", {show_hours(line.included)} h a month included" if line.included else ""
            return f"Service agreement{hours}{_months(line)}"
        case Kind.MONITORING:
            return f"Monitoring{_months(line)}"
        case Kind.HOURS:
            return _hours_bought(line)
        case Kind.RETAINER:
            return "Deposit on your retainer" if is_deposit else "To fill up your retainer"
    return line.kind.capitalize()


def _charged(line: Billed, late: Interest | None) -> str:
    """What was charged for a stint, a part, or a late invoice."""
    if line.work is None:
        what = "Given back: interest" if line.amount < 0 else "Interest"
        return f"{what} on late invoice {late.invoice}" if late else what
    return _back(line) + (line.work.part or _stint(line, line.work))


def _back(line: Billed) -> str:
    return "Charged back: " if line.amount < 0 else ""


def _months(line: Billed) -> str:
    """The month that a line is for; where it is a part of one, its days are printed beside it."""
    if line.first_day is None or line.last_day is None:
        return ""
    is_whole = line.first_day == first_of_month(line.first_day) and line.last_day == last_of_month(line.first_day)
    return f", {line.first_day:%B %Y}" if is_whole else f", part of {line.first_day:%B %Y}"


def _hours_bought(line: Billed) -> str:
    free = (line.seconds or 0) - (line.quantity or 0) * 3600
    return f"Block of {line.quantity} hours" + (f", and {show_hours(free)} free" if free else "")


def _stint(line: Billed, stint: Work) -> str:
    if line.kind == Kind.TRIP:
        return f"Trip on site: {_title(stint)}"
    what = (stint.category or line.kind).capitalize()
    where = ", on site" if stint.place == Place.ONSITE else ""
    is_late = stint.is_after_hours or any("after hours, ×" in step for step in stint.trace)
    after = ", after hours" if is_late else ""
    beyond = ", beyond the included hours" if line.kind == Kind.OVERAGE else ""
    return f"{what}{where}{after}{beyond}: {_title(stint, stint.note or '')}"


def _title(stint: Work, note: str = "") -> str:
    return " ".join((note.strip() or stint.title or "").split())

"""Says a report in plain text, as its mail has it: a kept report in, lines of at most 78 characters out."""

from collections.abc import Iterator
from datetime import date, timedelta
from textwrap import fill
from zoneinfo import ZoneInfo

from rounds.core.daily import Row, Section
from rounds.pages.templatetags.rounds import SHAPES
from rounds.people.models import Shop
from rounds.reports.models import Report

WIDTH = 78
LATE_AFTER = timedelta(minutes=30)


def day_in_words(day: date) -> str:
    """A day: Friday, 27 November 2026."""
    return f"{day:%A}, {day.day} {day:%B %Y}"


def subject_of(report: Report) -> str:
    """The mail's subject: whose, how it is, and of which day."""
    return (
        f"{report.content['client']}: {report.words[:1].lower()}{report.words[1:]} ({report.day.day} {report.day:%B})"
    )


def notes_of(report: Report) -> list[str]:
    """What is to be known of the report itself: from when to when it looks, and whether it came late."""
    zone = ZoneInfo(report.zone)
    since, made, hour = (at.astimezone(zone) for at in (report.since, report.made_at, report.due_at))
    told = [f"From {since:%A %H:%M} to {made:%A %H:%M} ({report.zone})."]
    if report.made_at - report.due_at > LATE_AFTER:
        on = f" on {made.day} {made:%B}" if made.date() != hour.date() else ""
        told.append(f"It was made late: at {made:%H:%M}{on}; its hour was {hour:%H:%M}.")
    if days := report.days_without:
        listed = f"{days[0].day} {days[0]:%B}" + (f" to {days[-1].day} {days[-1]:%B}" if len(days) > 1 else "")
        told.append(f"No report was made on {listed}: this one says what is known since the one before.")
    if report.content["is_deaf"]:
        told.append("No machine at all is heard, at any client: the fault is likely ours.")
    return told


def line_of(row: Row) -> str:
    """One row as a line of text."""
    shape = SHAPES.get(row.state, "·")
    return f"{shape} {row.what}: {row.words}" if row.what else f"{shape} {row.words}"


def folded_of(section: Section) -> str:
    """The rows that are well in one line: "well: SRV01, SRV02"; "" if there are none."""
    names = list(dict.fromkeys(row.what or row.words for row in section.folded))
    return f"well: {', '.join(names)}" if names else ""


def text_of(report: Report, shop: Shop, link: str = "") -> str:
    """The mail's text."""
    parts = [
        "\n".join([report.content["client"], day_in_words(report.day), "", report.words]),
        "\n".join(_wrapped(note) for note in notes_of(report)),
        *("\n".join(_section(one)) for one in report.sections),
        f"Review it: {link}" if link else "",
        "\n".join(filter(None, [shop.name, shop.phone])),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _section(section: Section) -> Iterator[str]:
    title = section.title.upper()
    yield _wrapped(f"{title}: {section.words}" if section.words else title)
    for row in section.shown:
        yield _wrapped(line_of(row), "  ")
    if folded := folded_of(section):
        yield _wrapped(f"{SHAPES['well']} {folded}", "  ")


def _wrapped(text: str, indent: str = "") -> str:
    rest = f"{indent}  " if indent else ""
    plain = " ".join(text.split())
    return fill(plain, WIDTH, initial_indent=indent, subsequent_indent=rest, break_on_hyphens=False)

"""Prints a daily report as a PDF: the kept report in, bytes out, at any later time the same ones."""

from pathlib import Path

from rounds.core.daily import Section
from rounds.pages.printing import paper_for, printed
from rounds.pages.templatetags.rounds import SHAPES
from rounds.people.branding import brand_at
from rounds.people.shop import the_shop
from rounds.reports.models import Report
from rounds.reports.writing import day_in_words, folded_of, notes_of

TEMPLATE = Path(__file__).parent / "documents" / "report.typ"


def report_pdf(report: Report) -> bytes:
    """Print a report as it was made."""
    return printed(TEMPLATE, data_of(report), report.made_at)


def file_name(report: Report) -> str:
    """The name of a report's file."""
    return f"daily-report-{report.day.isoformat()}.pdf"


def data_of(report: Report) -> dict[str, object]:
    """What the template shows, all of it text."""
    shop = the_shop()
    return {
        "paper": paper_for(shop.currency),
        "brand": brand_at(report.made_at),
        "title": f"Daily report, {day_in_words(report.day)}",
        "shop": {
            "name": shop.name, "address": shop.address.strip(), "email": shop.email, "phone": shop.phone,
            "tax_number": "",
        },
        "client": report.content["client"],
        "state": report.state,
        "shape": SHAPES[report.state],
        "words": report.words,
        "notes": notes_of(report),
        "sections": [_section(one) for one in report.sections],
    }  # fmt: skip


def _section(section: Section) -> dict[str, object]:
    rows = [[row.state, SHAPES.get(row.state, "·"), row.what, row.words] for row in section.shown]
    return {"title": section.title, "words": section.words, "rows": rows, "folded": folded_of(section)}

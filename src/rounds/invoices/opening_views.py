"""Pages for a shop that starts in the middle: files of the old books, brought over or undone; and first numbers."""

import csv
import io

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from rounds.clients.sheets import LARGEST_FILE
from rounds.core.money import Refused
from rounds.invoices import bringing, opening
from rounds.invoices.models import Opening, OpeningDraft, Series
from rounds.invoices.opening_columns import COLUMNS, KINDS
from rounds.pages.listing import safe_cell
from rounds.pages.templatetags.rounds import hours, money
from rounds.people.access import SignedIn, bookkeeper, owner
from rounds.people.shop import local_day

SHOWN_ROWS, SHOWN_PROBLEMS = 500, 200
NAMES = dict(KINDS)


class UploadForm(forms.Form):
    """What is in the file, the opening day, and the file."""

    kind = forms.ChoiceField(label="What is in it", choices=KINDS)
    on = forms.DateField(
        label="Opening day",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="What is held and owed at the start of this day comes over. The first of a month is the easiest.",
    )
    file = forms.FileField(
        label="CSV file",
        help_text="Commas, semicolons or tabs; 1,234.50 or 1.234,50. The first row names the columns.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv"}),
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        """A file of a size that is meant."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(f"The file is larger than {LARGEST_FILE // 1_000_000} MB: split it.")
        return file


@bookkeeper
@require_http_methods(["GET", "HEAD", "POST"])
def openings(request: SignedIn) -> HttpResponse:
    """Upload a file of opening balances; what was brought over before, with its undoing."""
    now = timezone.now()
    day = opening.opening_day()
    initial = {"kind": request.GET.get("kind", "hours"), "on": day or local_day(now).replace(day=1)}
    form = UploadForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        told, file = form.cleaned_data, form.cleaned_data["file"]
        draft = OpeningDraft(
            kind=told["kind"], on=told["on"], file_name=file.name or "file", made_by=request.user, made_at=now
        )
        try:
            opening.keep_draft(draft, file.read())
        except Refused as reason:
            form.add_error("file", str(reason))
        else:
            return redirect("invoices:opening-draft", draft.pk)
    kept = Opening.objects.select_related("by", "undoing__by").prefetch_related("lines")
    reply = {"form": form, "day": day, "openings": [(NAMES.get(one.kind, one.kind), one) for one in kept],
             "samples": [(kind, name, COLUMNS[kind]) for kind, name in KINDS]}  # fmt: skip
    return render(request, "invoices/openings.html", reply, status=422 if form.errors else 200)


@bookkeeper
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: SignedIn, draft_id: int) -> HttpResponse:
    """What an uploaded file would bring over, row by row, with everything that is wrong; then bring it over."""
    shown = get_object_or_404(OpeningDraft, pk=draft_id, made_by=request.user)
    now = timezone.now()
    if request.method == "POST":
        try:
            count = opening.confirm(shown, at=now, by=request.user)
        except Refused as reason:
            messages.error(request, f"{str(reason)[0].upper()}{str(reason)[1:]}.")
            return redirect("invoices:opening-draft", shown.pk)
        verb = "row is" if count == 1 else "rows are"
        said = f"{count:,} {verb} brought over." if count else "All of it was brought over before: nothing has changed."
        messages.success(request, said)
        return redirect("invoices:openings")
    if shown.confirmed_at is not None:
        messages.warning(request, f"{shown.file_name} has been brought over already.")
        return redirect("invoices:openings")
    checked = opening.check(shown.kind, shown.on, shown.text, today=local_day(now))
    columns = COLUMNS[shown.kind]
    rows = _rows(checked, [column.name for column in columns])
    reply = {
        "draft": shown,
        "kind": NAMES[shown.kind],
        "checked": checked,
        "columns": columns,
        "count": len(rows),
        "rows": rows[:SHOWN_ROWS],
        "sums": [*((name, money(cents)) for name, cents in checked.money.items()),
                 *((name, f"{hours(seconds)} h") for name, seconds in checked.hours.items())],
        "problems": checked.sheet.problems[:SHOWN_PROBLEMS],
        "more_problems": max(0, len(checked.sheet.problems) - SHOWN_PROBLEMS),
    }  # fmt: skip
    return render(request, "invoices/opening_draft.html", reply)


def _rows(checked: opening.Checked, names: list[str]) -> list[tuple[int, list[str], str]]:
    """Each row that is right: its line, its cells as understood, and in words what would be made of it."""
    made: dict[int, list[str]] = {}
    cells: dict[int, list[str]] = {}
    for item in checked.items:
        cells[item.line] = [item.cells[name] for name in names]
        made.setdefault(item.line, []).append("brought over before" if item.is_known else _made(item))
    return [(line, told, "; ".join(dict.fromkeys(made[line]))) for line, told in cells.items()]


def _made(item: opening.Item) -> str:
    """What would be made of a row."""
    if item.series is not None:
        return f"the next number is {item.series[0]}-{item.series[1]:04d}"
    if item.meaning is None:
        return ""
    told = [f"{name.lower()} {money(cents)}" for name, cents in item.meaning.money.items()]
    return ", ".join([*told, *(f"{name.lower()} {hours(seconds)}" for name, seconds in item.meaning.hours.items())])


@bookkeeper
@require_http_methods(["GET", "HEAD", "POST"])
def undoing(request: SignedIn, opening_id: int) -> HttpResponse:
    """Undo a file as a whole, after asking by its name."""
    shown = get_object_or_404(Opening.objects.standing(), pk=opening_id)
    if request.method == "POST":
        try:
            bringing.undo(shown, at=timezone.now(), by=request.user)
        except Refused as reason:
            messages.error(request, f"Nothing is undone: {reason}.")
        else:
            messages.success(request, f"{shown.file_name} is undone. It can be brought over again.")
        return redirect("invoices:openings")
    reply = {"opening": shown, "kind": NAMES.get(shown.kind, shown.kind), "count": shown.lines.count()}
    return render(request, "invoices/opening_undoing.html", reply)


@bookkeeper
@require_safe
def sample(_request: SignedIn, kind: str) -> HttpResponse:
    """A file with the headings and one row, to be filled in."""
    if kind not in COLUMNS:
        raise Http404("there is no such sample")
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow([one.heading for one in COLUMNS[kind]])
    writer.writerow([safe_cell(one.example) for one in COLUMNS[kind]])
    reply = HttpResponse(made.getvalue(), content_type="text/csv; charset=utf-8")
    reply["Content-Disposition"] = f'attachment; filename="opening-{kind}.csv"'
    return reply


class NumberForm(forms.Form):
    """A series, and the number that it begins with."""

    series = forms.RegexField(
        r"^C?[12][0-9]{3}$",
        label="Series",
        help_text="The year of the invoices, like 2026; C2026 for its credit notes.",
        error_messages={"invalid": "Write a year, like 2026, or C2026 for credit notes."},
    )
    first = forms.IntegerField(
        label="Next number",
        min_value=1,
        max_value=99_999_999,
        help_text="One more than the last number of the old books. It cannot be changed once a number is given.",
    )


@owner
@require_http_methods(["GET", "HEAD", "POST"])
def numbers(request: SignedIn) -> HttpResponse:
    """With which number each series of invoices begins, and how far it is."""
    form = NumberForm(request.POST or None, initial={"series": str(local_day(timezone.now()).year)})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            bringing.set_first_number(told["series"], told["first"])
        except Refused as reason:
            form.add_error("first", f"{str(reason)[0].upper()}{str(reason)[1:]}.")
        else:
            messages.success(request, f"The next number of {told['series']} is {told['series']}-{told['first']:04d}.")
            return redirect("invoices:numbers")
    rows = [(row, f"{row.name}-{row.last + 1:04d}") for row in Series.objects.order_by("-name")]
    return render(request, "invoices/numbers.html", {"form": form, "rows": rows}, status=422 if form.errors else 200)

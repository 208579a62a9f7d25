"""Pages of the import: upload a file, see what it would do and what is wrong with it, import it."""

import csv
import io

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from rounds.clients import importing
from rounds.clients.models import ImportDraft
from rounds.clients.sheets import LARGEST_FILE
from rounds.core.money import Refused
from rounds.pages.counting import counted
from rounds.people.access import SignedIn, office

SHOWN_ROWS, SHOWN_PROBLEMS = 20, 200
KINDS = [("clients", "Clients"), ("contacts", "Contacts"), ("machines", "Machines and their sites")]


class UploadForm(forms.Form):
    """What is in the file, and the file."""

    kind = forms.ChoiceField(label="What is in it", choices=KINDS)
    file = forms.FileField(
        label="CSV file",
        help_text="Commas, semicolons or tabs; UTF-8, UTF-16 or Windows letters. The first row names the columns.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv"}),
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        """A file of a size that is meant."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(f"The file is larger than {LARGEST_FILE // 1_000_000} MB: split it.")
        return file


@office
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: SignedIn) -> HttpResponse:
    """Upload a file; nothing is imported yet."""
    form = UploadForm(request.POST or None, request.FILES or None, initial={"kind": request.GET.get("kind", "clients")})
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            draft = importing.keep_draft(
                form.cleaned_data["kind"], file.name or "file", file.read(), by=request.user, at=timezone.now()
            )
        except Refused as reason:
            form.add_error("file", str(reason))
        else:
            return redirect("clients:import-draft", draft.pk)
    context = {"form": form, "kinds": KINDS, "columns": importing.COLUMNS}
    return render(request, "clients/import.html", context)


@office
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: SignedIn, draft_id: int) -> HttpResponse:
    """What an uploaded file would do, with everything that is wrong; then import it."""
    shown = get_object_or_404(ImportDraft, pk=draft_id, made_by=request.user)
    if request.method == "POST":
        try:
            count = importing.run(shown, at=timezone.now())
        except Refused as reason:
            messages.error(request, str(reason))
            return redirect("clients:import-draft", shown.pk)
        except IntegrityError:
            messages.error(request, "Somebody has added one of these in the same moment: nothing was imported.")
            return redirect("clients:import-draft", shown.pk)
        messages.success(request, f"{counted(count, shown.kind)} {'is' if count == 1 else 'are'} imported.")
        return redirect("clients:clients")
    if shown.imported_at is not None:
        messages.warning(request, f"{shown.file_name} has been imported already.")
        return redirect("clients:clients")
    checked = importing.check(shown)
    columns = importing.COLUMNS[shown.kind]
    context = {
        "draft": shown,
        "checked": checked,
        "columns": columns,
        "rows": [(row.line, [_cell(row.told[one.name]) for one in columns]) for row in checked.rows[:SHOWN_ROWS]],
        "problems": checked.sheet.problems[:SHOWN_PROBLEMS],
        "more_problems": max(0, len(checked.sheet.problems) - SHOWN_PROBLEMS),
        "bad_lines": len({problem.line for problem in checked.sheet.problems}),
    }
    return render(request, "clients/draft.html", context)


def _cell(value: object) -> object:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


@office
@require_safe
def sample(request: SignedIn, kind: str) -> HttpResponse:
    """A file with the headings and one row, to be filled in."""
    del request
    if kind not in importing.COLUMNS:
        raise Http404("there is no such sample")
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow([one.heading for one in importing.COLUMNS[kind]])
    writer.writerow([one.example for one in importing.COLUMNS[kind]])
    reply = HttpResponse(made.getvalue(), content_type="text/csv; charset=utf-8")
    reply["Content-Disposition"] = f'attachment; filename="{kind}-sample.csv"'
    return reply

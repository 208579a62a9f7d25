"""The import: encodings and separators as they come, every bad row named, all of a file or nothing."""

import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from rounds.clients import importing
from rounds.clients.models import Client, Contact, ImportDraft, Machine, Site
from rounds.core.money import Refused
from rounds.people.models import User

type AsPerson = Callable[[User], Browser]


@pytest.fixture
def upload(theo: User) -> Callable[[str, bytes], ImportDraft]:
    return lambda kind, raw: importing.keep_draft(kind, "file.csv", raw, by=theo, at=timezone.now())


type Upload = Callable[[str, bytes], ImportDraft]


def told(draft: ImportDraft) -> list[tuple[int, str, str]]:
    return [(one.line, one.column, one.what) for one in importing.check(draft).sheet.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_file_is_read_as_it_comes(upload: Upload, encoding: str, separator: str) -> None:
    text = separator.join(("Name", "Kind")) + "\r\n" + separator.join(("Café Müller", "Residential")) + "\r\n"

    importing.run(upload("clients", text.encode(encoding)), at=timezone.now())

    assert Client.objects.get().name == "Café Müller"
    assert Client.objects.get().kind == "residential"


def test_every_bad_row_and_column_is_named_and_nothing_is_imported(upload: Upload, northside: Client) -> None:
    raw = (
        "client,name,e-mail,gets invoices,may decide\n"
        "Northside Dental,Ann,ann@example.com,yes,yes\n"
        "Nobody Ltd,Bob,bob@example.com,no,no\n"
        "Northside Dental,,x@example.com,no,no\n"
        "Northside Dental,Cleo,not an address,no,perhaps\n"
        "Northside Dental,Dora,,yes,\n"
        "Northside Dental,ann,,,\n"
        "Northside Dental,Nora,,,\n"
    )

    draft = upload("contacts", raw.encode())

    assert told(draft) == [
        (3, "Client", "there is no such client: import or add clients first"),
        (4, "Name", "this must not be empty"),
        (5, "E-mail", "this is not an e-mail address; write it like ann@example.com"),
        (5, "May decide", "write yes or no"),
        (6, "E-mail", "invoices go by mail: an address is needed"),
        (7, "Name", "this stands in line 2 already"),
        (8, "Name", "there is a contact of this name already"),
    ]
    with pytest.raises(Refused, match="nothing was imported"):
        importing.run(draft, at=timezone.now())
    assert Contact.objects.count() == 1


def test_machines_come_with_their_sites(upload: Upload, northside: Client, elm: Client) -> None:
    raw = (
        "Client;Site;Environment;Name;Kind;Protected\n"
        "Northside Dental;;;PC-01;PC;x\n"
        "northside dental;Workshop;dusty;PC-02;workstation;\n"
        "Elm St Law;;;SRV01;Server;no\n"
    )

    count = importing.run(upload("machines", raw.encode()), at=timezone.now())

    assert count == 3
    assert Site.objects.get(name="Workshop").environment == "dusty"
    assert Machine.objects.get(name="PC-01").site.name == "Main office"
    assert Machine.objects.get(name="PC-01").is_protected
    assert Machine.objects.get(site__client=elm).kind == "server"


def test_a_machine_needs_its_site_where_there_are_two(upload: Upload, northside: Client) -> None:
    Site.objects.create(client=northside, name="Workshop")

    draft = upload("machines", b"client,name\nNorthside Dental,PC-01\n")

    assert told(draft) == [(2, "Site", "this client has 2 sites: Main office, Workshop; say which")]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "the file is empty"),
        (b"\n\n ,, \n", "the file is empty"),
        (b"Name,Kind\n", "no rows"),
        (b"Kind\nbusiness\n", "this column is missing"),
        (b"Name,Name\nA,B\n", "two columns"),
        (b"Name,Kidn\nA,business\n", "is probably meant"),
        (b"Name,Kind\nA,farm\n", "may be business, residential"),
        (b'Name,Note\n"A,open\n', "quotation mark"),
        (b"Name\nA,B,C\n", "separator may stand inside"),
        (b"Name\n" + b"x" * 121 + b"\n", "longer than 120"),
    ],
)
def test_a_file_that_cannot_be_meant_says_why(upload: Upload, raw: bytes, said: str) -> None:
    problems = told(upload("clients", raw))

    assert any(said in what for _line, _column, what in problems), problems


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"PK\x03\x04 a spreadsheet", "save it as CSV"),
        (b"\x00\x01\x02\x81\x8d\x8f" * 50, "not a text file"),
        (b"x" * 5_000_001, "larger than"),
    ],
)
def test_what_is_no_text_is_not_even_kept(upload: Upload, raw: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        upload("clients", raw)

    assert not ImportDraft.objects.exists()


def test_unknown_columns_are_told_and_left_out(upload: Upload) -> None:
    draft = upload("clients", b"Name,Favourite colour\nElm,blue\n")

    assert importing.check(draft).sheet.notes == ["The column “Favourite colour” is not imported."]
    assert importing.run(draft, at=timezone.now()) == 1


def test_a_file_is_imported_once(upload: Upload) -> None:
    draft = upload("clients", b"Name\nElm\n")
    importing.run(draft, at=timezone.now())

    with pytest.raises(Refused, match="already"):
        importing.run(draft, at=timezone.now())


def test_what_was_added_meanwhile_stops_the_import(upload: Upload) -> None:
    draft = upload("clients", b"Name\nElm\nOak\n")
    assert importing.check(draft).is_right
    Client.objects.create(name="ELM")

    with pytest.raises(Refused):
        importing.run(draft, at=timezone.now())

    assert Client.objects.count() == 1


def test_our_own_export_is_taken_back_without_its_guards(upload: Upload) -> None:
    importing.run(upload("clients", b"Client,Kind,Plan\n'=SUM(A1),Business,reactive\n"), at=timezone.now())

    assert Client.objects.get().name == "=SUM(A1)"


def test_ten_thousand_rows_are_kept_in_few_statements(
    upload: Upload, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    raw = "Name,Kind\n" + "".join(f"Client {number},business\n" for number in range(10_000))
    read = upload("clients", raw.encode())

    with django_assert_max_num_queries(40):
        count = importing.run(read, at=timezone.now())

    assert count == Client.objects.count() == 10_000


def test_an_upload_is_shown_then_imported(theo: User, as_person: AsPerson) -> None:
    browser = as_person(theo)
    file = SimpleUploadedFile("clients.csv", b"Name\nElm St Law\n")

    shown = browser.post("/clients/import", {"kind": "clients", "file": file}, follow=True)
    assert not Client.objects.exists()
    done = browser.post(shown.redirect_chain[-1][0], follow=True)

    assert "1 client to import" in shown.text
    assert "1 client is imported" in done.text
    assert Client.objects.get().name == "Elm St Law"


def test_a_bad_upload_shows_what_to_mend(theo: User, as_person: AsPerson) -> None:
    file = SimpleUploadedFile("clients.csv", b"Name,Kind\nElm,farm\n")

    page = as_person(theo).post("/clients/import", {"kind": "clients", "file": file}, follow=True).text

    assert "1 line to mend" in page
    assert re.search(r"farm.*may be business, residential", page, re.DOTALL)
    assert "Import 0" not in page


def test_anothers_upload_does_not_exist(theo: User, bea: User, as_person: AsPerson, upload: Upload) -> None:
    draft = upload("clients", b"Name\nElm\n")

    assert as_person(bea).get(f"/clients/import/{draft.pk}").status_code == 404
    assert as_person(bea).post(f"/clients/import/{draft.pk}").status_code == 404


@pytest.mark.parametrize("kind", list(importing.COLUMNS))
def test_the_sample_is_right_but_for_its_client(
    theo: User, northside: Client, as_person: AsPerson, upload: Upload, kind: str
) -> None:
    Machine.objects.all().delete()
    Contact.objects.all().delete()

    sample = as_person(theo).get(f"/clients/import/{kind}.csv")

    assert told(upload(kind, sample.content)) == []
    assert as_person(theo).get("/clients/import/cats.csv").status_code == 404

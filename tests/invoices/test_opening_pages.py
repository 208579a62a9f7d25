"""The pages of opening balances: a file is shown row by row, brought over, undone; and who may see and do what."""

from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from rounds.charges.standing import holdings_of
from rounds.clients.models import Client
from rounds.invoices.models import Opening, OpeningDraft
from rounds.people.models import User
from tests.invoices.test_opening import INVOICES, MONEY, NOW, ON, bring_text, problems

type AsPerson = Callable[[User], Browser]


def test_the_pages_show_row_by_row_bring_over_and_undo(as_person: AsPerson, bea: User, northside: Client) -> None:
    browser = as_person(bea)
    file = SimpleUploadedFile("money.csv", MONEY.encode())

    shown = browser.post("/money/opening", {"kind": "money", "on": "2026-11-01", "file": file}, follow=True)
    page = shown.content.decode()
    assert "1 row to bring over" in page
    assert "340.00" not in page
    assert "300.00" in page
    assert "retainers 300.00; credit 40.00" in page
    assert not Opening.objects.exists()

    kept = browser.post(shown.redirect_chain[-1][0], follow=True).content.decode()
    assert "1 row is brought over" in kept
    one = Opening.objects.get()
    assert browser.get(f"/money/opening/{one.pk}/undoing").status_code == 200
    assert "is undone" in browser.post(f"/money/opening/{one.pk}/undoing", follow=True).content.decode()
    assert holdings_of(northside, ON).retainer == 0


def test_an_old_invoice_has_pages_but_no_paper(as_person: AsPerson, bea: User, northside: Client, nora: User) -> None:
    bring_text("invoices", INVOICES)

    for person, place in ((bea, "/invoices/INV-1043"), (nora, "/portal/invoices/INV-1043")):
        browser = as_person(person)
        assert browser.get(place).status_code == 200
        assert browser.get(f"{place}.pdf").status_code == 404


def test_the_samples_can_be_brought_back_as_they_are(as_person: AsPerson, bea: User, northside: Client) -> None:
    browser = as_person(bea)
    for kind in ("hours", "money", "invoices", "numbers"):
        text = browser.get(f"/money/opening/samples/{kind}.csv").content.decode()
        assert problems(kind, text) == []
    assert browser.get("/money/opening/samples/other.csv").status_code == 404


def test_the_owner_sets_the_first_number_and_nobody_else(
    as_person: AsPerson, olga: User, bea: User, theo: User
) -> None:
    browser = as_person(olga)
    assert (
        "2026-0108" in browser.post("/settings/numbers", {"series": "2026", "first": 108}, follow=True).content.decode()
    )
    assert browser.post("/settings/numbers", {"series": "26", "first": 0}).status_code == 422

    for stranger in (bea, theo):
        browser = as_person(stranger)
        assert browser.get("/settings/numbers").status_code == 404


def test_a_stranger_finds_no_opening(as_person: AsPerson, theo: User, nora: User, bea: User, northside: Client) -> None:
    bring_text("money", MONEY)
    draft = OpeningDraft.objects.create(kind="money", on=ON, file_name="x", text=MONEY, made_at=NOW, made_by=bea)
    places = [
        "/money/opening",
        "/money/opening/samples/money.csv",
        f"/money/opening/drafts/{draft.pk}",
        f"/money/opening/{Opening.objects.get().pk}/undoing",
    ]
    for stranger in (theo, nora):
        browser = as_person(stranger)
        assert [browser.get(place).status_code for place in places] == [404] * 4
        assert browser.post(places[3]).status_code == 404
    assert Opening.objects.standing().count() == 1

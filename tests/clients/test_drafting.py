"""Agreements before they are signed: drafts, sending, signing by hand, renewal by the notice date."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from rounds.clients import agreeing, drafting, renewing
from rounds.clients.models import Agreement, AgreementDraft, Client, Signature
from rounds.core.money import Refused
from rounds.people.models import User
from rounds.people.shop import local_day
from tests.trade import moment

type AsPerson = Callable[[User], Browser]
AT = moment(2030, 3, 4)


def written(client: Client, **more: object) -> AgreementDraft:
    terms = {"plan": "service-agreement", "starts": date(2030, 4, 1), "included_seconds": 8 * 3600, "discount": "10%"}
    return drafting.write_draft(Agreement(client=client, **terms | more), by=None, at=AT)


def test_a_draft_binds_nobody_until_it_is_signed_under_its_text(northside: Client, olga: User) -> None:
    draft = written(northside, ends=date(2031, 3, 31), notice_days=30, renew_months=12)
    assert not northside.agreements.exists()

    signature = drafting.sign_draft(draft, drafting.Signed(" Nora Norton "), by=olga, at=AT)

    row = northside.agreements.get()
    assert (row.starts, row.included_seconds, row.notice_days, row.renew_months) == (date(2030, 4, 1), 28800, 30, 12)
    assert (signature.name, signature.channel, signature.agreement, signature.recorded_by) == (
        "Nora Norton", "paper", row, olga,
    )  # fmt: skip
    assert signature.text == draft.text
    assert "8 hours a month at 90.00 an hour" in draft.text
    assert "It goes on for another 12 months under the same terms unless notice is given 30 days" in draft.text


def test_a_draft_is_signed_once(northside: Client) -> None:
    draft = written(northside)
    drafting.sign_draft(draft, drafting.Signed("Nora"), by=None, at=AT)

    with pytest.raises(Refused, match="meanwhile"):
        drafting.sign_draft(draft, drafting.Signed("Nora"), by=None, at=AT)
    with pytest.raises(Refused, match="meanwhile"):
        drafting.withdraw(draft, by=None, at=AT)

    assert Signature.objects.count() == 1


def test_a_draft_taken_back_cannot_be_signed(northside: Client) -> None:
    draft = written(northside)
    drafting.withdraw(draft, by=None, at=AT)

    with pytest.raises(Refused, match="taken back"):
        drafting.sign_draft(draft, drafting.Signed("Nora"), by=None, at=AT)

    assert not northside.agreements.exists()


def test_a_draft_of_a_change_ends_the_old_agreement_when_it_is_signed(northside: Client) -> None:
    old = agreeing.sign(Agreement(client=northside, plan="call-first", starts=date(2030, 3, 4)), by=None, at=AT)
    new = Agreement(client=northside, plan="retainer", starts=date(2030, 5, 1))

    draft = drafting.write_draft(new, by=None, at=AT, changes=old)
    drafting.sign_draft(draft, drafting.Signed("Nora"), by=None, at=AT)

    assert agreeing.agreement_on(northside, date(2030, 4, 30)) == old
    assert agreeing.agreement_on(northside, date(2030, 5, 1)).plan == "retainer"  # type: ignore[union-attr]


def test_nobody_is_sent_what_he_cannot_sign(northside: Client) -> None:
    with pytest.raises(Refused, match="nobody at Northside Dental can sign"):
        drafting.send(written(northside), by=None, at=AT)


def test_an_agreement_is_renewed_once_its_notice_date_has_passed(northside: Client) -> None:
    row = Agreement(
        client=northside, plan="service-agreement", starts=date(2030, 3, 4), ends=date(2030, 6, 30),
        included_seconds=3600, notice_days=30, renew_months=6, discount="5%",
    )  # fmt: skip
    agreeing.sign(row, by=None, at=AT)

    assert renewing.pull(moment(2030, 5, 31)) == 0
    assert renewing.pull(moment(2030, 6, 1)) == 1
    assert renewing.pull(moment(2030, 6, 1)) == 0

    following = northside.agreements.get(replaces=row)
    assert (following.starts, following.ends) == (date(2030, 7, 1), date(2030, 12, 31))
    assert (following.discount, following.renew_months, following.notice_days) == ("5%", 6, 30)


def test_renewals_are_counted_from_where_they_began_and_keep_their_day(northside: Client) -> None:
    row = Agreement(
        client=northside, plan="call-first", starts=date(2030, 1, 1), ends=date(2030, 1, 30), renew_months=1
    )
    agreeing.sign(row, by=None, at=moment(2029, 12, 20))

    for days in range(125):
        renewing.pull(moment(2030, 1, 30) + timedelta(days=days))

    periods = [(str(one.starts), str(one.ends)) for one in northside.agreements.order_by("starts")]
    assert periods[:5] == [
        ("2030-01-01", "2030-01-30"),
        ("2030-01-31", "2030-02-27"),
        ("2030-02-28", "2030-03-30"),
        ("2030-03-31", "2030-04-29"),
        ("2030-04-30", "2030-05-30"),
    ]


def test_a_renewal_missed_over_the_turn_of_a_month_begins_with_the_month_and_ends_as_it_would_have(
    northside: Client,
) -> None:
    terms = {"plan": "service-agreement", "starts": date(2030, 3, 31), "ends": date(2031, 3, 30), "renew_months": 12,
             "included_seconds": 3600}  # fmt: skip
    agreeing.sign(Agreement(client=northside, **terms), by=None, at=AT)

    assert renewing.pull(moment(2031, 4, 2)) == 1
    assert renewing.pull(moment(2031, 4, 2)) == 0
    assert renewing.pull(moment(2032, 5, 3)) == 1

    assert [(row.starts, row.ends) for row in northside.agreements.order_by("starts")] == [
        (date(2030, 3, 31), date(2031, 3, 30)),
        (date(2031, 4, 1), date(2032, 3, 30)),
        (date(2032, 5, 1), date(2033, 3, 30)),
    ]


def test_notice_in_time_keeps_an_agreement_from_being_renewed(northside: Client) -> None:
    row = Agreement(
        client=northside, plan="call-first", starts=date(2030, 3, 4), ends=date(2030, 6, 30), notice_days=30,
        renew_months=6,
    )  # fmt: skip
    agreeing.sign(row, by=None, at=AT)

    agreeing.end(row, date(2030, 6, 30), why="notice", by=None, at=moment(2030, 5, 2))

    assert renewing.pull(moment(2030, 6, 15)) == 0


def test_what_was_agreed_for_the_time_after_stands_instead_of_a_renewal(northside: Client) -> None:
    row = Agreement(
        client=northside, plan="call-first", starts=date(2030, 3, 4), ends=date(2030, 6, 30), renew_months=6
    )
    agreeing.sign(row, by=None, at=AT)
    agreeing.sign(Agreement(client=northside, plan="retainer", starts=date(2030, 8, 1)), by=None, at=AT)

    assert renewing.pull(moment(2030, 7, 1)) == 0


def test_the_shop_is_told_before_a_notice_date(northside: Client) -> None:
    row = Agreement(
        client=northside, plan="call-first", starts=date(2030, 3, 4), ends=date(2030, 6, 30), notice_days=30
    )
    agreeing.sign(row, by=None, at=AT)

    assert renewing.notices_due(date(2030, 4, 30)) == []
    assert renewing.notices_due(date(2030, 5, 1)) == [row]
    assert renewing.notices_due(date(2030, 6, 1)) == []


def test_a_draft_is_written_changed_and_signed_by_hand_on_the_pages(
    bea: User, northside: Client, as_person: AsPerson
) -> None:
    browser, new = as_person(bea), f"/clients/{northside.pk}/agreements/new?plan=call-first"
    first = browser.post(new, {"starts": "2030-04-01", "draft": "1", "monitoring": "80.00"}).url  # type: ignore[attr-defined]
    draft = AgreementDraft.objects.get()

    browser.post(f"{new}&draft={draft.pk}", {"starts": "2030-04-01", "draft": "1", "monitoring": "90.00"})
    changed = AgreementDraft.objects.open().get()
    page = browser.get(f"/agreements/drafts/{changed.pk}").text
    assert "Monitoring costs 90.00 a month." in page
    assert "Taken back" in browser.get(first).text
    assert "draft" in browser.get(f"/clients/{northside.pk}").text

    browser.post(f"/agreements/drafts/{changed.pk}/signature", {"name": "Nora Norton"})

    assert northside.agreements.get().monitoring == "90.00"
    assert "Nora Norton, by hand" in browser.get(f"/clients/{northside.pk}").text


def test_a_preview_shows_what_it_changes_on_the_next_invoice(bea: User, northside: Client, as_person: AsPerson) -> None:
    browser, new = as_person(bea), f"/clients/{northside.pk}/agreements/new?plan=call-first"
    first = (local_day(timezone.now()).replace(day=1) + timedelta(days=40)).replace(day=1)

    page = browser.post(new, {"starts": str(first), "monitoring": "80.00", "preview": "1"}).text

    shown = " ".join(page.split())
    assert f"The invoice of {first.day} {first:%B %Y}, as things stand now" in shown
    assert '<td class="number">0.00</td><td class="number"><strong>80.00</strong></td>' in shown


def test_a_technician_reads_a_draft_and_cannot_sign_it_and_a_stranger_finds_nothing(
    theo: User, northside: Client, stranger: User, as_person: AsPerson
) -> None:
    draft = written(northside)

    assert as_person(theo).get(f"/agreements/drafts/{draft.pk}").status_code == 200
    for what in ("sending", "withdrawal", "signature"):
        assert as_person(theo).post(f"/agreements/drafts/{draft.pk}/{what}").status_code == 404
        assert as_person(stranger).post(f"/agreements/drafts/{draft.pk}/{what}").status_code == 404
    assert as_person(stranger).get(f"/agreements/drafts/{draft.pk}").status_code == 404

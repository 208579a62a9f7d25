"""Agreements before they are signed: written down, put before the client, taken back, and signed under their text."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from rounds.clients import agreeing, explaining
from rounds.clients.models import (
    Agreement,
    AgreementDraft,
    Client,
    Contact,
    DraftSending,
    DraftWithdrawal,
    Signature,
)  # fmt: skip
from rounds.clients.rows import agreement_value
from rounds.core import terms
from rounds.core.money import Refused
from rounds.core.terms import Terms
from rounds.people.models import User
from rounds.people.shop import the_shop

DAYS = ("starts", "ends")
NOT_TERMS = {"id", "client", "replaces", "recorded_at", "recorded_by"}
TERMS = tuple(field.name for field in Agreement._meta.concrete_fields if field.name not in NOT_TERMS)


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature as it was given: the name as typed or written, and where; `contact` is who was signed in."""

    name: str
    channel: str = "paper"
    address: str = ""
    contact: Contact | None = None


def agreement_of(draft: AgreementDraft) -> Agreement:
    """The agreement that a draft makes; not signed."""
    told: dict[str, Any] = dict(draft.terms)
    days = {name: date.fromisoformat(told[name]) if told[name] else None for name in DAYS}
    return Agreement(client=draft.client, **told | days)


def copy_of(row: Agreement) -> Agreement:
    """Another agreement under the same terms, not signed."""
    return Agreement(client=row.client, **{name: getattr(row, name) for name in TERMS})


def text_of(agreement: Agreement) -> str:
    """The text under which an agreement is signed: who agrees, on what, in sentences, a line each."""
    shops = agreeing.shop_versions()
    value, shop = agreement_value(agreement), Terms(shops).shop_on(agreement.starts)
    until = f" to {_day(agreement.ends)}" if agreement.ends else " on"
    plan = agreement.get_plan_display()
    lines = [
        f"{plan.capitalize()} between {the_shop().name} and {agreement.client.name}",
        f"From {_day(agreement.starts)}{until}.",
        *explaining.in_words(value, shop),
        *explaining.first_invoices(value, shop),
        *explaining.ending_in_words(agreement),
    ]
    return "\n".join(lines)


@transaction.atomic
def write_draft(
    agreement: Agreement, *, by: User | None, at: datetime, changes: Agreement | None = None,
    instead_of: AgreementDraft | None = None,
) -> AgreementDraft:  # fmt: skip
    """Keep an agreement as a draft; `instead_of` is the draft that it takes the place of.

    Refused: terms that the rules refuse, an overlap with what is agreed, or a draft that is signed meanwhile.
    """
    held = [agreement_value(row) for row in agreeing.agreement_rows(agreement.client) if row != changes]
    terms.refuse_overlap([*held, agreement_value(agreement)])
    if instead_of is not None:
        withdraw(instead_of, by=by, at=at)
    told = {name: getattr(agreement, name) for name in TERMS}
    for name in DAYS:
        told[name] = told[name].isoformat() if told[name] else None
    return AgreementDraft.objects.create(
        client=agreement.client, terms=told, text=text_of(agreement), changes=changes, made_by=by, made_at=at
    )


def signers_of(client: Client) -> list[Contact]:
    """Who can sign in the portal: contacts who may decide and have a sign-in."""
    return list(Contact.objects.filter(client=client, may_decide=True, left_at=None).exclude(user=None))


@transaction.atomic
def send(draft: AgreementDraft, *, by: User | None, at: datetime) -> None:
    """Put a draft before the client, once. Refused: it is signed or taken back, or nobody there can sign."""
    _hold_open(draft)
    if not signers_of(draft.client):
        raise Refused(f"nobody at {draft.client} can sign: invite a contact who may decide to the portal")
    DraftSending.objects.get_or_create(draft=draft, defaults={"by": by, "at": at})


@transaction.atomic
def withdraw(draft: AgreementDraft, *, by: User | None, at: datetime) -> None:
    """Take a draft back. Refused: it is signed, or was taken back already."""
    _hold_open(draft)
    DraftWithdrawal.objects.create(draft=draft, by=by, at=at)


@transaction.atomic
def sign_draft(draft: AgreementDraft, signed: Signed, *, by: User | None, at: datetime) -> Signature:
    """Make a draft the agreement, and keep who signed it under which text.

    Refused: without a name; signed or taken back already; what `agreeing` refuses of the agreement itself.
    """
    if not signed.name.strip():
        raise Refused("write your name: it is the signature")
    kept = _hold_open(draft)
    agreement = agreement_of(kept)

    if kept.changes is None:
        agreeing.sign(agreement, by=by, at=at)
    else:
        agreeing.change(kept.changes, agreement, by=by, at=at)

    return Signature.objects.create(
        draft=kept, agreement=agreement, name=signed.name.strip(), channel=signed.channel, address=signed.address[:45],
        contact=signed.contact, text=kept.text, recorded_by=by, at=at,
    )  # fmt: skip


def _hold_open(draft: AgreementDraft) -> AgreementDraft:
    """Hold the client, so that what becomes of his drafts comes one after the other; the draft must still be open."""
    Client.objects.select_for_update().get(pk=draft.client_id)
    kept = AgreementDraft.objects.open().filter(pk=draft.pk).first()
    if kept is None:
        raise Refused("this draft has been signed or taken back meanwhile")
    return kept


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"

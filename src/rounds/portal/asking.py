"""Asking for help: a contact's words, and a photograph, become an order that the office sees at once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from rounds.clients.models import Contact, Machine
from rounds.core.money import Refused
from rounds.people.models import User
from rounds.portal.models import HelpRequest
from rounds.work.ordering import Call, take_order

LARGEST_PHOTO = 8_000_000
LONGEST_TEXT = 4000
TITLE_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Plea:
    """What a contact asks for: his words, the machine it is about, a photograph. `key` is the form's own."""

    key: UUID
    text: str
    machine: Machine | None = None
    photo: bytes | None = None


def photo_type(photo: bytes) -> str:
    """The type of a photograph by its first bytes, whatever it is called; "" for what browsers do not show safely."""
    if photo.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if photo.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    return "image/webp" if photo[:4] == b"RIFF" and photo[8:12] == b"WEBP" else ""


def refuse_photo(photo: bytes) -> None:
    """Refuse a photograph that is too large, or is none."""
    if len(photo) > LARGEST_PHOTO:
        raise Refused(f"the photograph is larger than {LARGEST_PHOTO // 1_000_000} MB: send a smaller one")
    if not photo_type(photo):
        raise Refused("this is not a photograph that we can show: send it as JPEG, PNG or WebP")


@transaction.atomic
def ask_for_help(contact: Contact, plea: Plea, *, by: User, at: datetime) -> HelpRequest:
    """Make an order of what a contact asks for. Sending the same form twice gives the request that is there.

    It is an order, not a proposal: whoever asks for help wants it done. Under call first its work is held all the
    same until he approves it, since he has not been told what it costs (billing-rules.md, "Call first").
    Refused: no words, too many, a photograph that is none, a machine of somebody else.
    """
    kept = HelpRequest.objects.filter(key=plea.key).first()
    if kept is not None and kept.contact_id != contact.pk:
        raise Refused("this form was sent already: open it again")
    if kept is not None:
        return kept
    text = plea.text.strip()
    if not text:
        raise Refused("say what is wrong or what you need")
    if len(text) > LONGEST_TEXT:
        raise Refused(f"these are {len(text)} letters; please keep to {LONGEST_TEXT}")
    if plea.photo is not None:
        refuse_photo(plea.photo)

    call = Call(contact.client, _title(text), plea.machine, note=f"{contact.name} in the portal: {text}")
    order = take_order(call, by=by, at=at)

    return HelpRequest.objects.create(
        key=plea.key, contact=contact, order=order, text=text, by=by, at=at,
        photo=plea.photo, photo_type=photo_type(plea.photo) if plea.photo else "",
    )  # fmt: skip


def _title(text: str) -> str:
    """The first line, or as much of it as a list can show."""
    first = text.splitlines()[0].strip()
    return first if len(first) <= TITLE_LENGTH else f"{first[: TITLE_LENGTH - 1].rstrip()}…"

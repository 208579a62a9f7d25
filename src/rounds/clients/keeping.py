"""Who and what the shop looks after: lets clients, contacts and machines go and come back, gives contacts a sign-in."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from rounds.clients.agreeing import agreement_rows
from rounds.clients.models import Client, Contact, Machine
from rounds.clients.rows import last_day
from rounds.core.money import Refused
from rounds.people import joining
from rounds.people.models import Role, User
from rounds.people.shop import local_day


@transaction.atomic
def leave(client: Client, *, at: datetime) -> None:
    """Serve a client no longer; what was done and owed stays. Refused: while an agreement runs on, or for the shop."""
    kept = Client.objects.select_for_update().get(pk=client.pk)
    if kept.is_own:
        raise Refused("these are the shop's own machines; they stay")
    today = local_day(at)
    running = [row for row in agreement_rows(kept) if (last := last_day(row)) is None or last > today]
    if running:
        raise Refused(f"the {running[-1].get_plan_display()} runs on: end it first")
    Client.objects.filter(pk=kept.pk, left_at=None).update(left_at=at, changed_at=at)


def come_back(client: Client) -> None:
    """Serve a client again."""
    Client.objects.filter(pk=client.pk).update(left_at=None, changed_at=timezone.now())


def retire(machine: Machine, *, at: datetime) -> None:
    """Look after a machine no longer; what it sent and what was done on it stays."""
    Machine.objects.filter(pk=machine.pk, retired_at=None).update(retired_at=at)


@transaction.atomic
def take_up(machine: Machine) -> None:
    """Look after a retired machine again. Refused: another one has its name by now."""
    site = machine.site
    if machine.retired_at and site.machines.filter(name=machine.name, retired_at=None).exists():
        raise Refused(f"{site.name} has another {machine.name} by now: rename that one first")
    Machine.objects.filter(pk=machine.pk).update(retired_at=None)


@transaction.atomic
def let_contact_go(contact: Contact, *, at: datetime) -> None:
    """Ask and mail a contact no longer; his sign-in ends at once."""
    Contact.objects.filter(pk=contact.pk, left_at=None).update(left_at=at)
    _note_change(contact)
    if contact.user is not None:
        joining.let_go(contact.user)


@transaction.atomic
def bring_contact_back(contact: Contact) -> None:
    """Ask a contact again; his sign-in, if he had one, works again."""
    Contact.objects.filter(pk=contact.pk).update(left_at=None)
    _note_change(contact)
    if contact.user is not None:
        joining.bring_back(contact.user)


@transaction.atomic
def invite(contact: Contact) -> User:
    """Give a contact a sign-in to the portal, once; a second time changes nothing.

    Refused: without an address, with somebody else's, or for one who has left.
    """
    kept = Contact.objects.select_for_update().select_related("client").get(pk=contact.pk)
    if kept.user is not None:
        return kept.user
    if kept.left_at is not None or kept.client.left_at is not None:
        raise Refused(f"{kept} is no longer a contact")
    if not kept.email:
        raise Refused(f"{kept} has no e-mail address: add it first, the portal knows people by it")
    kept.user = joining.add_person(kept.email, kept.name, Role.CONTACT)
    kept.save(update_fields=["user"])
    return kept.user


@transaction.atomic
def change_contact(contact: Contact) -> None:
    """Keep a contact's particulars, of a new one, too; his sign-in takes over name and address.

    Refused: an address taken away from one who signs in with it, or one that somebody else signs in with.
    """
    if contact.user is not None:
        if not contact.email:
            raise Refused(f"{contact} signs in with the address: it can be changed, but not taken away")
        joining.change_person(contact.user, email=contact.email, name=contact.name, role=Role.CONTACT)
    contact.save()
    _note_change(contact)


def _note_change(contact: Contact) -> None:
    """Whoever follows the clients sees that something of this one has changed."""
    Client.objects.filter(pk=contact.client_id).update(changed_at=timezone.now())

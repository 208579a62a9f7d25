"""What a search finds among clients, their contacts and machines."""

from collections.abc import Iterator

from django.db.models import F, Q

from rounds.clients.models import Client, Contact, Machine
from rounds.pages.panels import Found
from rounds.people.models import User

AT_MOST = 11  # one more than is shown, so that the page can say that there is more


def find_clients(user: User, text: str) -> Iterator[Found]:
    """Clients by name, current ones first."""
    del user
    for client in Client.objects.filter(name__icontains=text).order_by(F("left_at").asc(nulls_first=True), "name")[
        :AT_MOST
    ]:
        yield Found(client.name, "left" if client.left_at else client.get_kind_display(), f"/clients/{client.pk}")


def find_contacts(user: User, text: str) -> Iterator[Found]:
    """Contacts by name, address or telephone number."""
    del user
    matches = Q(name__icontains=text) | Q(email__icontains=text) | Q(phone__icontains=text)
    rows = Contact.objects.filter(matches).select_related("client")[:AT_MOST]
    for contact in rows:
        where = ", ".join(filter(None, (contact.client.name, contact.phone, contact.email)))
        yield Found(contact.name, where, f"/clients/{contact.client_id}#people")


def find_machines(user: User, text: str) -> Iterator[Found]:
    """Machines by name or note."""
    del user
    rows = Machine.objects.filter(Q(name__icontains=text) | Q(note__icontains=text)).select_related("site__client")
    for machine in rows.order_by(F("retired_at").asc(nulls_first=True), "name")[:AT_MOST]:
        retired = ", retired" if machine.retired_at else ""
        yield Found(machine.name, f"{machine.site}{retired}", f"/machines/{machine.pk}")

"""Imports clients, contacts and machines from a table: everything is checked, then all of it is kept, or nothing."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from rounds.clients.models import Client, ClientKind, Contact, Environment, ImportDraft, Machine, MachineKind, Site
from rounds.clients.sheets import Column, Problem, Row, Sheet, decode, read_sheet
from rounds.core.countries import read_country
from rounds.core.money import Refused
from rounds.people.models import User

type Key = tuple[str, ...]


def _text(longest: int) -> Callable[[str], str]:
    def read(cell: str) -> str:
        if len(cell) > longest:
            raise Refused(f"this is longer than {longest} letters")
        return cell

    return read


def _name(longest: int) -> Callable[[str], str]:
    limit = _text(longest)
    return lambda cell: limit(" ".join(cell.split()))


def _word(words: dict[str, str], default: str) -> Callable[[str], str]:
    """A reader of one of some words, in capitals or not; empty is the default."""

    def read(cell: str) -> str:
        if not cell:
            return default
        if cell.casefold() not in words:
            raise Refused(f"may be {', '.join(sorted(set(words)))}, or empty for {default}")
        return words[cell.casefold()]

    return read


def _flag(cell: str) -> bool:
    word = cell.casefold()
    if word in {"yes", "y", "true", "1", "x"}:
        return True
    if word in {"", "no", "n", "false", "0", "-"}:
        return False
    raise Refused("write yes or no")


def _email(cell: str) -> str:
    try:
        if cell:
            validate_email(cell)
    except ValidationError:
        raise Refused("this is not an e-mail address; write it like ann@example.com") from None
    return cell


KINDS = {word: kind.value for kind in ClientKind for word in (kind.value, kind.label.casefold())}
MACHINES = {word: kind.value for kind in MachineKind for word in (kind.value, kind.label.casefold())}
MACHINES |= {"pc": "workstation", "laptop": "workstation", "network": "device"}
ENVIRONMENTS = {word: one.value for one in Environment for word in (one.value, one.label.casefold())}
CLIENT = Column("client", "Client", _name(120), ("customer", "company"), is_required=True, example="Northside Dental")

COLUMNS: dict[str, tuple[Column, ...]] = {
    "clients": (
        Column("name", "Name", _name(120), ("client", "customer", "company"), is_required=True, example="Elm St Law"),
        Column("kind", "Kind", _word(KINDS, "business"), ("type",), example="business"),
        Column("billing_address", "Billing address", _text(500), ("address",), example="4 Elm St, Springfield"),
        Column("country", "Country", read_country, example="US"),
        Column("tax_number", "Tax number", _text(40), ("vat number",)),
        Column("note", "Note", _text(5000), ("notes",), example="call after 10"),
    ),
    "contacts": (
        CLIENT,
        Column("name", "Name", _name(120), ("contact",), is_required=True, example="Nora North"),
        Column("email", "E-mail", _email, ("e-mail address", "email", "mail"), example="nora@northside.example"),
        Column("phone", "Phone", _text(40), ("telephone",), example="555-0100"),
        Column("best_time", "Best time", _text(80), ("best time to call",), example="after 10"),
        Column("may_decide", "May decide", _flag, example="yes"),
        Column("gets_invoices", "Gets invoices", _flag, example="yes"),
    ),
    "machines": (
        CLIENT,
        Column("site", "Site", _name(120), ("location",), example="Main office"),
        Column("environment", "Environment", _word(ENVIRONMENTS, "office"), example="office"),
        Column("name", "Name", _name(80), ("machine", "computer", "hostname"), is_required=True, example="SRV01"),
        Column("kind", "Kind", _word(MACHINES, "workstation"), ("type",), example="server"),
        Column("is_protected", "Protected", _flag, ("is protected",), example="yes"),
        Column("note", "Note", _text(5000), ("notes",), example="under the stairs"),
    ),
}


class Checked(NamedTuple):
    """A draft as it would be imported now."""

    sheet: Sheet
    rows: list[Row]

    @property
    def is_right(self) -> bool:
        """May it be imported?"""
        return not self.sheet.problems


def keep_draft(kind: str, file_name: str, raw: bytes, *, by: User, at: datetime) -> ImportDraft:
    """Keep an upload until it is imported; it replaces the person's earlier ones. Refused: what is no text."""
    text, encoding = decode(raw)
    ImportDraft.objects.filter(made_by=by, imported_at=None).delete()
    return ImportDraft.objects.create(
        kind=kind, file_name=file_name[:200], encoding=encoding, text=text, made_by=by, made_at=at
    )


def check(draft: ImportDraft) -> Checked:
    """Read a draft and check it against itself and against what is kept now; nothing is kept."""
    sheet = read_sheet(draft.text, COLUMNS[draft.kind])
    bad_lines = {problem.line for problem in sheet.problems}
    rows = [row for row in sheet.rows if row.line not in bad_lines]
    sheet.problems += {"clients": _check_clients, "contacts": _check_contacts, "machines": _check_machines}[draft.kind](
        rows
    )
    sheet.problems.sort(key=lambda problem: problem.line)
    return Checked(sheet, rows)


@transaction.atomic
def run(draft: ImportDraft, *, at: datetime) -> int:
    """Import a draft, once: all rows or none; say how many. Refused: a problem, also one that has come up since."""
    kept = ImportDraft.objects.select_for_update().get(pk=draft.pk)
    if kept.imported_at is not None:
        raise Refused("this file has been imported already")
    checked = check(kept)
    if not checked.is_right:
        raise Refused("the file has problems: nothing was imported")
    {"clients": _keep_clients, "contacts": _keep_contacts, "machines": _keep_machines}[kept.kind](checked.rows)
    kept.imported_at = at
    kept.save(update_fields=["imported_at"])
    return len(checked.rows)


def _twice(rows: list[Row], key: Callable[[Row], Key], kept: set[Key], what: str) -> Iterator[Problem]:
    """Rows that repeat an earlier one, or something that is kept already."""
    seen: dict[Key, int] = {}
    for row in rows:
        mine = key(row)
        if mine in kept:
            yield Problem(row.line, "Name", row.told["name"], f"there is {what} of this name already")
        elif mine in seen:
            yield Problem(row.line, "Name", row.told["name"], f"this stands in line {seen[mine]} already")
        seen.setdefault(mine, row.line)


def _check_clients(rows: list[Row]) -> list[Problem]:
    kept: set[Key] = {(name.casefold(),) for name in Client.objects.values_list("name", flat=True)}
    return list(_twice(rows, lambda row: (row.told["name"].casefold(),), kept, "a client"))


def _clients() -> dict[str, Client]:
    return {client.name.casefold(): client for client in Client.objects.filter(left_at=None)}


def _unknown_clients(rows: list[Row], clients: dict[str, Client]) -> Iterator[Problem]:
    for row in rows:
        if row.told["client"].casefold() not in clients:
            what = "there is no such client: import or add clients first"
            yield Problem(row.line, CLIENT.heading, row.told["client"], what)


def _check_contacts(rows: list[Row]) -> list[Problem]:
    clients = _clients()
    problems = list(_unknown_clients(rows, clients))
    problems += [
        Problem(row.line, "E-mail", "", "invoices go by mail: an address is needed")
        for row in rows
        if row.told["gets_invoices"] and not row.told["email"]
    ]
    held = Contact.objects.filter(left_at=None).values_list("client__name", "name")
    kept: set[Key] = {(client.casefold(), name.casefold()) for client, name in held}

    def key(row: Row) -> Key:
        return (row.told["client"].casefold(), row.told["name"].casefold())

    return problems + list(_twice(rows, key, kept, "a contact"))


def _site_of(row: Row, sites: dict[str, list[str]]) -> str:
    """The site's name: as told; else the client's only one, or the first to be made."""
    told = str(row.told["site"])
    own = sites.get(row.told["client"].casefold(), [])
    return told or (own[0] if own else "Main office")


def _sites() -> dict[str, list[str]]:
    sites: dict[str, list[str]] = {}
    for client, name in Site.objects.order_by("pk").values_list("client__name", "name"):
        sites.setdefault(client.casefold(), []).append(name)
    return sites


def _check_machines(rows: list[Row]) -> list[Problem]:
    clients, sites = _clients(), _sites()
    problems = list(_unknown_clients(rows, clients))
    for row in rows:
        own = sites.get(row.told["client"].casefold(), [])
        if not row.told["site"] and len(own) > 1:
            what = f"this client has {len(own)} sites: {', '.join(own[:5])}; say which"
            problems.append(Problem(row.line, "Site", "", what))
    held = Machine.objects.filter(retired_at=None).values_list("site__client__name", "site__name", "name")
    kept: set[Key] = {(client.casefold(), site.casefold(), name.casefold()) for client, site, name in held}

    def key(row: Row) -> Key:
        return (row.told["client"].casefold(), _site_of(row, sites).casefold(), row.told["name"].casefold())

    return problems + list(_twice(rows, key, kept, "a machine"))


def _keep_clients(rows: list[Row]) -> None:
    Client.objects.bulk_create((Client(**row.told) for row in rows), batch_size=500)


def _keep_contacts(rows: list[Row]) -> None:
    clients = _clients()
    made = ({**row.told, "client": clients[row.told["client"].casefold()]} for row in rows)
    Contact.objects.bulk_create((Contact(**told) for told in made), batch_size=500)


def _keep_machines(rows: list[Row]) -> None:
    clients, names = _clients(), _sites()
    sites = {(site.client_id, site.name.casefold()): site for site in Site.objects.all()}
    machines = []
    for row in rows:
        client, name = clients[row.told["client"].casefold()], _site_of(row, names)
        if (client.pk, name.casefold()) not in sites:
            made = Site.objects.create(client=client, name=name, environment=row.told["environment"])
            sites[client.pk, name.casefold()] = made
        told = {field: row.told[field] for field in ("name", "kind", "is_protected", "note")}
        machines.append(Machine(site=sites[client.pk, name.casefold()], **told))
    Machine.objects.bulk_create(machines, batch_size=500)

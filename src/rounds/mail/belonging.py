"""Says whose a mail, or a row of its table, is: by the rule, the source, and the names in it."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db.models import Q

from rounds.clients.models import Client, Machine
from rounds.core.mail_rules import Understood
from rounds.core.patterns import fold
from rounds.mail.models import ShopRule, Source


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose a mail is: the client, and the machine if it names one that is known."""

    client: Client
    machine: Machine | None


type Named = Callable[[str, Client | None], Machine | None]


def machine_named(name: str, client: Client | None) -> Machine | None:
    """The machine of a name, with its domain or without; None: there is none, or there are several."""
    if not name:
        return None
    same = Machine.objects.filter(
        Q(name__iexact=name) | Q(name__iexact=name.partition(".")[0]), retired_at=None, site__client__left_at=None
    )
    if client is not None:
        same = same.filter(site__client=client)
    found = list(same.select_related("site__client")[:2])
    return found[0] if len(found) == 1 else None


def client_named(name: str) -> Client | None:
    """The client of a name, if there is one."""
    return Client.objects.current().filter(name__iexact=name).first()


def find_whose(source: Source, understood: Understood, rule: ShopRule | None = None) -> Whose | None:
    """Whose a mail is: by the rule, the source, the client that it names, or a machine's name that only one has."""
    if rule is not None and rule.machine and source.client_id in {None, rule.machine.site.client_id}:
        return Whose(rule.machine.site.client, rule.machine)
    client = source.client or (rule.client if rule is not None else None)
    if client is None and understood.client:
        client = client_named(understood.client)
    machine = machine_named(understood.machine, client)
    if client is None:
        return Whose(machine.site.client, machine) if machine else None
    return Whose(client, machine or source.machine)


@dataclass(slots=True)
class Owners:
    """Whose the rows of one table are: all machines and clients that they name are looked up at once."""

    source: Source
    rule: ShopRule | None
    machines: dict[str, list[Machine]] = field(default_factory=lambda: defaultdict(list))
    clients: dict[str, Client | None] = field(default_factory=dict)

    @classmethod
    def of(cls, source: Source, rule: ShopRule | None, rows: Iterable[Understood]) -> "Owners":
        """Look up what the rows name."""
        told = list(rows)
        found = cls(
            source, rule, clients={name: client_named(name) for name in {one.client for one in told if one.client}}
        )
        wanted = {name for one in told for name in _forms(one.machine)}
        there = Machine.objects.filter(retired_at=None, site__client__left_at=None)
        keys = [key for key, name in there.values_list("pk", "name") if fold(name) in wanted]
        for machine in Machine.objects.select_related("site__client").in_bulk(keys).values():
            found.machines[fold(machine.name)].append(machine)
        return found

    def whose(self, row: Understood) -> Whose | None:
        """Whose a row is; a machine that it names and nobody knows is nobody else's, though its client may be known."""
        client = self.source.client or (self.rule.client if self.rule is not None else None)
        client = client or self.clients.get(row.client)
        found = {one.pk: one for name in _forms(row.machine) for one in self.machines.get(name, ())}
        of_client = [one for one in found.values() if client is None or one.site.client_id == client.pk]
        machine = of_client[0] if len(of_client) == 1 else None
        if client is None:
            return Whose(machine.site.client, machine) if machine else None
        return Whose(client, machine)


def _forms(name: str) -> set[str]:
    """A machine's name with its domain and without."""
    return {fold(name), fold(name.partition(".")[0])} - {""}

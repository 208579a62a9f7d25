"""Which networks watches may look at: `"watches": {"networks": [...]}` in the machine's own `policy.json`.

A name is resolved once, here, and the connection goes to the address that was checked, so that a name which changes
meanwhile leads nowhere else. Nothing that the shop sends widens this.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

from rounds_agent.watches.outcomes import CannotAsk

EVERYWHERE = "any"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Wrong(ValueError):
    """A network that cannot be read."""


def read_networks(texts: list[str]) -> list[Network]:
    """Networks as written: 192.168.1.0/24, one address, or “any”."""
    found: list[Network] = []
    for text in texts:
        if text == EVERYWHERE:
            found += [ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")]
            continue
        try:
            found.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            raise Wrong(f"“{text}” is no network like 192.168.1.0/24") from None
    return found


def networks_of(policy: Any) -> list[Network]:
    """The networks that a policy allows; CannotAsk if it allows none."""
    told = policy.get("watches") if isinstance(policy, dict) else None
    named = told.get("networks") if isinstance(told, dict) else None
    texts = [text for text in named if isinstance(text, str)] if isinstance(named, list) else []
    try:
        found = read_networks(texts)
    except Wrong as wrong:
        raise CannotAsk(f"this machine's policy cannot be read: {wrong}") from None
    if not found:
        raise CannotAsk("this machine's policy allows no watches")
    return found


def address_of(host: str, networks: list[Network]) -> str:
    """The first address of a host that the policy allows."""
    try:
        told = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as why:
        raise CannotAsk(f"“{host}” has no address here: {why}") from None
    addresses = list(dict.fromkeys(str(one[4][0]) for one in told))
    for address in addresses:
        if is_allowed(address, networks):
            return address
    raise CannotAsk(f"this machine's policy does not allow {', '.join(addresses[:3])}")


def is_allowed(address: str, networks: list[Network]) -> bool:
    """Is an address in one of the networks? An IPv4 address in IPv6's dress is what it is."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    known = getattr(known, "ipv4_mapped", None) or known
    return any(known in network for network in networks)

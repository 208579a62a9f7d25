"""What one watch has to ask with: its target, its settings, the networks that are allowed, and until when."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass, field
from typing import Any

from rounds_agent.watches.outcomes import CannotAsk, Fails
from rounds_agent.watches.policy import Network, address_of

SECONDS = 10.0


@dataclass
class Asked:
    """A watch that is due. `memory` is what the last run left for this one."""

    target: str
    settings: dict[str, Any]
    networks: list[Network]
    memory: dict[str, Any] = field(default_factory=dict)
    seconds: float = SECONDS
    until: float = 0.0

    def __post_init__(self) -> None:
        self.until = time.monotonic() + self.seconds

    @property
    def left(self) -> float:
        """Seconds that are left; TimeoutError if there are none."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"no answer in {self.seconds:.0f} seconds")
        return left

    def text(self, name: str, usual: str = "") -> str:
        """A setting that is a text."""
        told = self.settings.get(name, usual)
        return told if isinstance(told, str) else usual

    def number(self, name: str, usual: int) -> int:
        """A setting that is a whole number."""
        told = self.settings.get(name, usual)
        return told if isinstance(told, int) and not isinstance(told, bool) else usual

    def is_set(self, name: str) -> bool:
        """A setting that is yes or no."""
        return self.settings.get(name) is True

    def address(self, host: str | None = None) -> str:
        """The address to ask, allowed by the machine's policy."""
        return address_of(self.target if host is None else host, self.networks)

    def connect(self, host: str, port: int) -> socket.socket:
        """A connection to a host; Fails says why there is none."""
        address = self.address(host)
        try:
            return socket.create_connection((address, port), timeout=self.left)
        except TimeoutError:
            raise Fails(f"{address} port {port} does not answer in {self.seconds:.0f} seconds") from None
        except OSError as why:
            raise Fails(f"{address} port {port}: {why.strerror or why}") from None


def place_of(target: str, port: int) -> tuple[str, int]:
    """Host and port of a target: `host`, `host:port`, `[::1]:port`, or an address of IPv6 by itself."""
    host, colon, said = target.rpartition(":")
    if not colon or (":" in host and not host.endswith("]")):
        return target.strip("[]"), port
    if not said.isdecimal() or not 0 < int(said) < 65536:
        raise CannotAsk(f"“{target}” is no host and port")
    return host.strip("[]"), int(said)

"""The way out of the site: directly, or through an HTTP proxy that a setting or the environment names."""

from __future__ import annotations

from rounds_agent.transport import Address, Proxy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

DIRECT = "none"  # the setting that asks for no proxy, whatever the environment says


def read_proxy(text: str) -> Proxy:
    """Read `http://[user:password@]host[:port]`, or `host:port`; ValueError says what is wrong with it."""
    scheme, separator, rest = text.rpartition("://")
    if separator and scheme != "http":
        raise ValueError(f"“{text}” is no proxy like http://proxy.example.com:3128 (HTTP proxies are understood)")
    account, _, place = rest.rstrip("/").rpartition("@")
    host, colon, port = place.rpartition(":")
    if not colon or port.endswith("]"):
        host, port = place, "3128"
    if not host or not port.isdecimal() or "/" in host:
        raise ValueError(f"“{text}” is no proxy like http://proxy.example.com:3128")
    return Proxy(host.strip("[]"), int(port), _unquote(account))


def _unquote(text: str) -> str:
    """Undo %40 and the like."""
    first, *parts = text.split("%")
    told = (
        bytes.fromhex(part[:2]) + part[2:].encode() if _is_hex(part[:2]) else b"%" + part.encode() for part in parts
    )
    return b"".join([first.encode(), *told]).decode("utf-8", "replace")


def _is_hex(text: str) -> bool:
    return len(text) == 2 and not set(text.lower()) - set("0123456789abcdef")


def _is_excepted(address: Address, exceptions: str) -> bool:
    """Does NO_PROXY name the server: by its name, by the end of it, with or without its port?"""
    for one in (part.strip().lower() for part in exceptions.split(",")):
        name, colon, port = one.rpartition(":")
        wanted = name if colon and port.isdecimal() else one
        if colon and port.isdecimal() and int(port) != address.port:
            continue
        bare = wanted.lstrip("*").lstrip(".")
        if one == "*" or (bare and (address.host.lower() == bare or address.host.lower().endswith(f".{bare}"))):
            return True
    return False


def proxy_for(address: Address, setting: str, environment: Mapping[str, str]) -> Proxy | None:
    """The proxy to take; None for the direct way. The setting goes before the environment."""
    if setting:
        return None if setting == DIRECT else read_proxy(setting)
    named = proxy_text(address, environment)
    return read_proxy(named) if named else None


def proxy_text(address: Address, environment: Mapping[str, str]) -> str:
    """What the environment says of a proxy for this server; "" if nothing."""
    names = ("https_proxy", "HTTPS_PROXY") if address.is_tls else ("http_proxy", "HTTP_PROXY")
    told = [environment.get(name, "") for name in (*names, "all_proxy", "ALL_PROXY")]
    exceptions = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    if address.is_loopback or _is_excepted(address, exceptions):
        return ""
    return next(filter(None, told), "")

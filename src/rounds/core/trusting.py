"""Says whether a mail may open or close a finding by itself: how it came and who may send go in, yes or no and why out.

An address that only its sender was told is a key of its own, and is enough where nobody is named who may send. A
mailbox that everybody knows is none: there the sender must be named, and his mail server must vouch for him (SPF or
DKIM, as the receiving mail server has noted it), since anybody can write anything into "From". What SPF, DKIM or DMARC
say is forged is never trusted. What is not trusted waits for a person.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PASS, FAIL = "pass", "fail"
METHODS = ("spf", "dkim", "dmarc")
LONGEST_HEADER = 10_000  # characters; a mail server writes a few hundred


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a mail came. Results are words such as "pass" and "fail"; empty: nobody has looked."""

    sender: str  # the address in From
    came_to_own_address: bool
    spf: str = ""
    dkim: str = ""
    dmarc: str = ""
    vouched_domains: tuple[str, ...] = ()  # for which SPF or DKIM passes


@dataclass(frozen=True, slots=True)
class Trust:
    """Whether, and why, for a person."""

    is_given: bool
    why: str


def judge(arrival: Arrival, may_send: Sequence[str], *, unchecked: bool = False) -> Trust:
    """Say whether a mail is trusted; `unchecked`: a named sender's mail is taken though nobody vouches for it."""
    sender = arrival.sender.lower()
    domain = sender.rpartition("@")[2]
    is_vouched = any(_is_of(domain, one) for one in arrival.vouched_domains)
    doubt = _forged(arrival, domain or "its sender", is_vouched=is_vouched)
    if not doubt and not may_send and not arrival.came_to_own_address:
        doubt = "nobody has said yet who may send for this source"
    if not doubt and may_send and not is_named(sender, may_send):
        doubt = f"{sender or 'a mail without a sender'} is not among those who may send"
    if not doubt and not (is_vouched or arrival.came_to_own_address or unchecked):
        doubt = f"no mail server vouches that it is from {sender}"
    if doubt:
        return Trust(is_given=False, why=doubt)
    ground = f"the mail server vouches for {domain}" if is_vouched else "it came to the source's own address"
    if not (is_vouched or arrival.came_to_own_address):
        ground = "it is taken unchecked"
    return Trust(is_given=True, why=f"{sender} may send, and {ground}" if may_send else ground)


def _forged(arrival: Arrival, domain: str, *, is_vouched: bool) -> str:
    """What the receiving mail server has found wrong; nothing, if nothing."""
    if arrival.dmarc == FAIL:
        return f"the mail server says that it is not from {domain} (DMARC fails)"
    if arrival.spf == FAIL and not is_vouched:
        return f"the mail server says that it may not come from there for {domain} (SPF fails)"
    if arrival.dkim == FAIL and not is_vouched:
        return f"its signature does not hold (DKIM fails for {domain})"
    return ""


def is_named(sender: str, may_send: Iterable[str]) -> bool:
    """Is an address among those who may send: itself, or its domain as "@example.com"?"""
    sender = sender.lower()
    domain = sender.rpartition("@")[2]
    return bool(sender) and any(
        one == sender or (one.startswith("@") and one[1:] == domain) for one in map(str.lower, may_send)
    )


def _is_of(domain: str, vouched: str) -> bool:
    """A domain is vouched for by itself or by the domain above it; a bare ending such as "com" vouches for nobody."""
    vouched = vouched.lower()
    return "." in vouched and (domain == vouched or domain.endswith(f".{vouched}"))


@dataclass(frozen=True, slots=True)
class Checks:
    """What the receiving mail server has noted: a result of each method, and the domains that it vouches for."""

    spf: str = ""
    dkim: str = ""
    dmarc: str = ""
    vouched_domains: tuple[str, ...] = ()


def read_checks(headers: Iterable[str], checked_by: Sequence[str]) -> Checks:
    """Read the headers Authentication-Results (RFC 8601), uppermost first, of the servers that are believed.

    Anybody can write such a header into his mail: one of a server that is not named in `checked_by` says nothing. The
    uppermost result of each method counts; of several DKIM signatures one that holds is enough.
    """
    believed = {one.lower() for one in checked_by}
    found: dict[str, str] = {}
    domains: list[str] = []
    for header in headers:
        server, _, rest = _without_comments(header[:LONGEST_HEADER]).partition(";")
        if not server.strip() or server.split()[0].lower() not in believed:
            continue
        for part in rest.split(";"):
            method, result, properties = _check(part)
            if method not in METHODS or (method in found and not (method == "dkim" and result == PASS)):
                continue
            found[method] = result
            domain = properties.get({"spf": "smtp.mailfrom", "dkim": "header.d"}.get(method, ""), "")
            if result == PASS and domain:
                domains.append(domain.rpartition("@")[2].strip('"<>'))
    spf, dkim, dmarc = (found.get(method, "") for method in METHODS)
    return Checks(spf, dkim, dmarc, tuple(dict.fromkeys(domains)))


def _check(part: str) -> tuple[str, str, dict[str, str]]:
    """One check: its method, its result and its properties; "dkim=pass header.d=example.com"."""
    words = [word.partition("=") for word in part.lower().split() if "=" in word]
    if not words:
        return "", "", {}
    (method, _, result), *others = words
    return method.partition("/")[0], result[:12], {name: value for name, _, value in others}


def _without_comments(header: str) -> str:
    """A header without what stands in round brackets, which may stand within each other."""
    kept, depth = [], 0
    for sign in header:
        if sign == "(":
            depth += 1
        elif sign == ")":
            depth = max(0, depth - 1)
        elif not depth:
            kept.append(sign)
    return "".join(kept)

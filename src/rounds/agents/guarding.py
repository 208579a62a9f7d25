"""What guards a machine and what is wrong inside it, in words: each is a list of names or rows that an agent told.

Anti-virus, failed services, those that must run, disks' own health, ends of certificates, administrators
(docs/agent-protocol.md).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rounds.core.standing import COUNTED

SHOWN = 6  # certificates
WORN = 90  # percent of what a disk's maker says it stands

type Told = tuple[str, bool]  # words, and is anything wrong?


def antivirus(fact: Mapping[str, Any]) -> Told:
    """Each product: whether it watches, and of when its signatures are."""
    products = _rows(fact, "products")
    told = [_product(one) for one in products]
    return "; ".join(told) or "none is installed", not any(one.get("is_active") is True for one in products)


def _product(one: Mapping[str, Any]) -> str:
    active, current, at = one.get("is_active"), one.get("is_current"), str(one.get("signatures_at") or "")[:10]
    words = [str(one.get("product") or "a program")]
    if isinstance(active, bool):
        words.append("watches all the time" if active else "does not watch all the time")
    if at:
        words.append(f"signatures of {at}")
    elif isinstance(current, bool):
        words.append("is current" if current else "is out of date")
    return ", ".join(words)


def units(fact: Mapping[str, Any]) -> Told:
    """Services that failed."""
    failed = [str(name) for name in fact["failed"]]
    return f"failed: {', '.join(failed)}" if failed else "none has failed", bool(failed)


def expected(fact: Mapping[str, Any]) -> Told:
    """Whether what must run does."""
    missing = [str(name) for name, runs in fact.items() if runs is False]
    return ", ".join(f"{name} does not run" for name in missing) or f"{', '.join(fact)}", bool(missing)


def smart(fact: Mapping[str, Any]) -> Told:
    """What each disk says of itself."""
    told = [_disk(one) for one in _rows(fact, "disks")]
    return "; ".join(words for words, _ in told), any(is_wrong for _, is_wrong in told)


def _disk(one: Mapping[str, Any]) -> Told:
    counts = [(name.replace("_", " "), one[name]) for name in COUNTED if one.get(name)]
    worn = one.get("worn_percent")
    words = ["passes its own test" if one["passed"] else "says that it fails", *(f"{n} {name}" for name, n in counts)]
    words += [f"{worn} % worn"] if worn else []
    is_wrong = not one["passed"] or bool(counts) or bool(worn and worn >= WORN)
    return f"{one.get('device', 'a disk')} {', '.join(words)}", is_wrong


def certificates(fact: Mapping[str, Any]) -> Told:
    """Until when each certificate is good, the soonest first; those that cannot be read before them."""
    rows = sorted(_rows(fact, "certificates"), key=lambda one: ("error" not in one, str(one.get("ends_at"))))
    told = [_certificate(one) for one in rows]
    more = [f"and {len(told) - SHOWN} more"] if len(told) > SHOWN else []
    return "; ".join([*told[:SHOWN], *more]), any("error" in one for one in rows)


def _certificate(one: Mapping[str, Any]) -> str:
    if "error" in one:
        return f"{one['path']}: {one['error']}"
    return f"{one.get('name') or one['path']} until {one['ends_at'][:10]}"


def administrators(fact: Mapping[str, Any]) -> Told:
    """Who may do everything."""
    return ", ".join(str(name) for name in fact["names"]), False


def _rows(fact: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    return [one for one in fact[name] if isinstance(one, Mapping)]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: its label, how a fact is put into words, and what it is called when there is none."""

    label: str
    told: Callable[[Mapping[str, Any]], Told]
    absent: str


LINES = {
    "antivirus": Line("Anti-virus", antivirus, "none is installed"),
    "units": Line("Services", units, "no systemd that could be asked which have failed"),
    "expected": Line("Must run", expected, "nothing is named that must run"),
    "smart": Line("Disks' health", smart, "no disk tells of its own"),
    "certificates": Line("Certificates", certificates, "none is known"),
    "administrators": Line("Administrators", administrators, "cannot be told of this system"),
}

"""Tells whether a machine that is new may be one that is known, reinstalled: what both say of themselves, compared.

Only hints: a name, a serial number or a card can be copied or taken over. A person decides; nothing is keyed on them.
"""

from collections.abc import Mapping

NAME = "the same name"


def likeness(new: Mapping[str, object], old: Mapping[str, object]) -> tuple[str, ...]:
    """What two machines have in common, the strongest first, as words; nothing if they are strangers.

    Both as agents send them when they enrol: hashes, but for the host name.
    """
    told = []
    if _text(new, "serial_sha256") and new["serial_sha256"] == old.get("serial_sha256"):
        told.append("the same serial number")
    if _cards(new) & _cards(old):
        told.append("the same network card")
    if _text(new, "machine_id_sha256") and new["machine_id_sha256"] == old.get("machine_id_sha256"):
        told.append("the same machine-id")
    if _text(new, "hostname") and _text(new, "hostname").casefold() == _text(old, "hostname").casefold():
        told.append(NAME)
    return tuple(told)


def _text(hints: Mapping[str, object], name: str) -> str:
    told = hints.get(name)
    return told if isinstance(told, str) else ""


def _cards(hints: Mapping[str, object]) -> set[str]:
    told = hints.get("cards_sha256")
    return {one for one in told if isinstance(one, str)} if isinstance(told, list | tuple) else set()

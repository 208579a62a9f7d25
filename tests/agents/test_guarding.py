"""What guards a machine is told in words, each marked if somebody should look at it."""

from typing import Any

import pytest
from django.utils import timezone

from rounds.agents.models import State
from rounds.agents.telling import UNREADABLE, facts

CLAM = {"product": "ClamAV", "engine": "1.4", "signatures_at": "2026-11-26T08:00:00Z", "is_active": True}
SDA = {"device": "/dev/sda", "passed": True, "hours": 24, "reallocated_sectors": 0, "worn_percent": 3}
SDB = {**SDA, "device": "/dev/sdb", "passed": False, "pending_sectors": 8}
GOOD = {"path": "/etc/a.pem", "name": "mail.example", "ends_at": "2027-01-05T00:00:00Z"}


def told(facts_: dict[str, Any], probes: dict[str, str] | None = None) -> dict[str, tuple[str, str]]:
    """The lines of the table by their labels, each with how it is."""
    state = State(taken_at=timezone.now(), seen_at=timezone.now(), facts=facts_, probes=probes or {})
    return {fact.label: (fact.words, fact.how) for fact in facts(state)}


@pytest.mark.parametrize(
    ("name", "fact", "label", "words", "how"),
    [
        ("antivirus", {"products": [CLAM]}, "Anti-virus",
         "ClamAV, watches all the time, signatures of 2026-11-26", "value"),
        ("antivirus", {"products": [{"product": "X", "is_active": False, "is_current": False}]}, "Anti-virus",
         "X, does not watch all the time, is out of date", "error"),
        ("antivirus", {"products": []}, "Anti-virus", "none is installed", "error"),
        ("units", {"failed": []}, "Services", "none has failed", "value"),
        ("units", {"failed": ["a.service", "b.service"]}, "Services", "failed: a.service, b.service", "error"),
        ("expected", {"service a": True, "process b": True}, "Must run", "service a, process b", "value"),
        ("expected", {"service a": True, "process b": False}, "Must run", "process b does not run", "error"),
        ("smart", {"disks": [SDA]}, "Disks' health", "/dev/sda passes its own test, 3 % worn", "value"),
        ("smart", {"disks": [SDA, SDB]}, "Disks' health",
         "/dev/sda passes its own test, 3 % worn; /dev/sdb says that it fails, 8 pending sectors, 3 % worn", "error"),
        ("certificates", {"certificates": [GOOD]}, "Certificates", "mail.example until 2027-01-05", "value"),
        ("certificates", {"certificates": [GOOD, {"path": "/etc/b.pem", "error": "no certificate"}]}, "Certificates",
         "/etc/b.pem: no certificate; mail.example until 2027-01-05", "error"),
        ("certificates", {"certificates": [GOOD] * 8}, "Certificates",
         "; ".join(["mail.example until 2027-01-05"] * 6) + "; and 2 more", "value"),
        ("administrators", {"names": ["alice", "root"]}, "Administrators", "alice, root", "value"),
    ],
)  # fmt: skip
def test_it_is_told_in_words(name: str, fact: dict[str, Any], label: str, words: str, how: str) -> None:
    assert told({name: fact})[label] == (words, how)


@pytest.mark.parametrize("name", ["antivirus", "units", "smart", "certificates", "administrators"])
@pytest.mark.parametrize("fact", [None, [], "x", 3, {}, {"failed": 3, "products": 3, "disks": [{}], "names": 3,
                                                           "certificates": [{"path": "/a"}]}])  # fmt: skip
def test_what_cannot_be_read_is_said(name: str, fact: Any) -> None:
    before = told({})
    (told_now,) = [line for label, line in told({name: fact}).items() if label not in before]

    assert told_now == (UNREADABLE, "error")


def test_what_has_no_value_says_why_and_what_was_not_told_yet_is_not_there() -> None:
    lines = told({}, {"antivirus": "absent", "smart": "error: disks tell SMART to root alone"})

    assert lines["Anti-virus"] == ("none is installed", "absent")
    assert lines["Disks' health"] == ("could not be measured: disks tell SMART to root alone", "error")
    assert not {"Services", "Certificates", "Administrators"} & lines.keys()

"""The rules that come with Rounds, each tried on mails: real ones where the program runs here, recorded shapes else."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.core.mail_rows import understand
from rounds.core.mail_rules import Row, Understood
from rounds.mail.packs import packs
from rounds.mail.reading import read
from rounds.mail.understanding import prepare
from tests.mail.test_receiving import fragments

FOLDER = Path(__file__).with_name("packs")
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((FOLDER / "expected.toml").read_text())
RULES = [rule for pack in packs() for rule in pack.rules]
LINES = sorted({str(one) for rule in RULES for patterns in rule.patterns.values() for one in patterns})


def told_by(name: str) -> Understood | None:
    return understand(RULES, prepare(read((FOLDER / f"{name}.eml").read_bytes())))


def test_every_mail_is_expected_and_there() -> None:
    assert {path.stem for path in FOLDER.glob("*.eml")} == set(EXPECTED)


def shown(row: Row) -> str:
    """A row of a table as `expected.toml` has it."""
    told = row.understood
    result = told.severity or told.result or "waits"
    return f"{row.number}: {result}, {told.machine}, {told.job}, {told.at:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_mail_is_understood(name: str) -> None:
    told = told_by(name)
    assert told is not None

    said: dict[str, Any] = {"rule": told.origin, "at": told.at.isoformat() if told.at else ""}
    said |= {part: getattr(told, part) for part in ("result", "severity", "product", "client", "machine", "job")}
    said["rows"] = [shown(row) for row in told.rows]

    assert {part: value for part, value in said.items() if value} == EXPECTED[name]


@pytest.mark.parametrize(
    ("failure", "success"),
    [
        ("veeam-failed", "veeam-success"),
        ("backup-exec-failed", "backup-exec-success"),
        ("synology-failed", "synology-complete"),
        ("windows-backup-event-5", "windows-backup-event-4"),
        ("windows-backup-event-5", "windows-backup-summary-ok"),
        ("mdadm-degraded", "mdadm-rebuilt"),
        ("megaraid-degraded", "megaraid-optimal"),
        ("apcupsd-onbattery", "apcupsd-offbattery"),
        ("apcupsd-commfailure", "apcupsd-commok"),
        ("nut-on-battery", "nut-on-line"),
        ("unattended-upgrades-failure", "unattended-upgrades-success"),
    ],
)
def test_a_success_is_about_the_same_as_the_failure_before_it(failure: str, success: str) -> None:
    failed, succeeded = told_by(failure), told_by(success)

    assert failed is not None
    assert succeeded is not None
    assert (failed.result, succeeded.result) == ("failure", "success")
    assert failed.about == succeeded.about


def test_every_pack_has_a_mail_of_its_own() -> None:
    assert {expected["rule"].partition(":")[0] for expected in EXPECTED.values()} == {pack.name for pack in packs()}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_mail_that_was_cut_or_damaged_on_its_way_is_no_worse_than_not_understood(name: str) -> None:
    raw = (FOLDER / f"{name}.eml").read_bytes()

    for damaged in (raw[: len(raw) // 2], raw.replace(b"\n", b""), raw[::-1], raw.replace(b" ", b"\x00"), raw.upper()):
        told = understand(RULES, prepare(read(damaged)))
        assert told is None or told.rows or told.result in {"failure", "success", "notice"}


@given(st.lists(st.one_of(fragments, st.sampled_from([line.encode() for line in LINES]), st.binary(max_size=20))))
def test_the_rules_bear_whatever_is_made_of_the_lines_that_they_look_for(parts: list[bytes]) -> None:
    told = understand(RULES, prepare(read(b"\r\n".join(parts))))

    assert told is None or len(told.about) <= 150

"""What facts of a machine open and close: services, anti-virus, disks' own health, certificates, backups."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.core.detecting import Level
from rounds.core.examining import Chart, examine
from rounds.core.latest import Sight
from rounds.core.standing import RULES_OF
from rounds.core.watching import FACT_RULES, LIMITS, changed, title

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WINDOWS = {"family": "windows"}
type Facts = Mapping[str, Any]


def played(*hours: Facts, probes: Mapping[int, Mapping[str, str]] = {}) -> list[str]:
    """What opens and closes when a machine tells these facts, one after the other, an hour apart."""
    chart, said = Chart(), []
    for number, facts in enumerate(hours):
        sight = Sight(NOON + number * HOUR, {}, {}, {"hardware": {"cores": 2}, **facts}, probes.get(number, {}))
        chart, decided = examine(chart, sight, LIMITS)
        for one in decided:
            words = title(one.rule, one.subject, one.event.evidence) if one.event.is_opening else "closes"
            said.append(f"{number} {one.rule}: {words}")
    return said


def in_days(days: float) -> str:
    return (NOON + timedelta(days=days)).isoformat()


def expected(**runs: bool) -> Facts:
    return {"expected": {f"service {name}": is_running for name, is_running in runs.items()}}


def antivirus(*products: Facts, system: Facts = WINDOWS) -> Facts:
    return {"antivirus": {"products": list(products)}, "os": system}


def smart(**told: Any) -> Facts:
    return {"smart": {"disks": [{"device": "/dev/sda", "passed": True, **told}]}}


def certificate(days: float) -> Facts:
    return {
        "certificates": {"certificates": [{"path": "/etc/a.pem", "name": "mail.example", "ends_at": in_days(days)}]}
    }


def backup(**told: Any) -> Facts:
    return {"backups": {"runs": [{"product": "restic", "repository": "/srv/repo", **told}]}}


OFF = {"product": "Defender", "is_active": False}
ON = {"product": "Defender", "is_active": True, "signatures_at": in_days(-1)}


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ([expected(nginx=True, ssh=True)], []),
        ([expected(nginx=False, ssh=True), expected(nginx=True, ssh=True)],
         ["0 not-running: The service nginx does not run", "1 not-running: closes"]),
        ([expected(nginx=False), expected(ssh=True)],
         ["0 not-running: The service nginx does not run", "1 not-running: closes"]),
        ([{"units": {"failed": ["a.service"]}}, {"units": {"failed": ["a.service"]}}, {"units": {"failed": []}}],
         ["1 service-failed: Failed: a.service", "2 service-failed: closes"]),
        ([antivirus(OFF)] * 2, []),
        ([antivirus(OFF)] * 3 + [antivirus(OFF, ON)],
         ["2 antivirus-off: Anti-virus: Defender is off", "3 antivirus-off: closes"]),
        ([antivirus()] * 3, ["2 antivirus-off: Anti-virus: none is installed"]),
        ([antivirus({**ON, "is_current": False})] * 3, ["2 antivirus-off: Anti-virus: Defender is out of date"]),
        ([antivirus({"product": "X"})] * 3, []),  # nobody can tell whether it is on
        ([antivirus(OFF, system={"family": "linux"})] * 3, []),  # where scans at night are the usual
        ([antivirus({**ON, "signatures_at": in_days(-5)}), antivirus(ON)],
         ["0 signatures-old: Anti-virus signatures are 5 days old", "1 signatures-old: closes"]),
        ([antivirus({**OFF, "signatures_at": in_days(-50)}, ON)], []),  # the one that guards counts
        ([smart()], []),
        ([smart(passed=False), smart()],
         ["0 disk-failing: /dev/sda says that it fails", "1 disk-failing: closes"]),
        ([smart(pending_sectors=8, media_errors=1), smart(pending_sectors=0)],
         ["0 disk-errors: /dev/sda has 9 errors", "1 disk-errors: closes"]),
        ([smart(worn_percent=93)], ["0 disk-worn: /dev/sda is 93 % worn"]),
        ([certificate(30), certificate(20.5), certificate(-1), certificate(60)],
         ["1 certificate-near: The certificate of mail.example ends in 20 days", "3 certificate-near: closes"]),
        ([certificate(-3)], ["0 certificate-near: The certificate of mail.example has ended"]),
        ([backup(last_at=in_days(-0.5)), backup(last_at=in_days(-3.1))], []),
        ([backup(last_at=in_days(-4)), backup(last_at=in_days(-0.1))],
         ["0 backup-old: restic /srv/repo: the last backup is 4 days old", "1 backup-old: closes"]),
        ([backup(error="the repository holds no snapshot"), backup(last_at=in_days(0))],
         ["0 backup-error: restic /srv/repo: the repository holds no snapshot", "1 backup-error: closes"]),
    ],
)  # fmt: skip
def test_it_opens_and_closes(hours: Sequence[Facts], said: list[str]) -> None:
    assert played(*hours) == said


def test_what_was_not_told_or_could_not_be_measured_decides_nothing() -> None:
    said = played(smart(passed=False), {}, {}, probes={2: {"smart": "error: timed out"}})

    assert said == ["0 disk-failing: /dev/sda says that it fails"]


def test_what_is_there_and_was_not_measured_this_time_stays_as_it_is() -> None:
    gone_sour = {"path": "/etc/a.pem", "error": "no certificate"}

    assert len(played(*[antivirus(OFF)] * 3, {"antivirus": {"products": [OFF]}}, antivirus(OFF))) == 1
    assert len(played(backup(last_at=in_days(-5)), backup(error="no route"), backup(last_at=in_days(-5)))) == 3
    assert len(played(smart(worn_percent=95), smart(), smart(worn_percent=95))) == 1
    assert len(played(certificate(3), {"certificates": {"certificates": [gone_sour]}}, certificate(3))) == 1


def test_what_waits_goes_on_waiting_when_only_a_part_is_told() -> None:
    said = played(antivirus(OFF), {"antivirus": {"products": [OFF]}}, antivirus(OFF))

    assert said == ["2 antivirus-off: Anti-virus: Defender is off"]


def test_what_the_machine_has_no_more_is_over_and_forgotten() -> None:
    assert played(smart(passed=False), {}, probes={1: {"smart": "absent"}})[1:] == ["1 disk-failing: closes"]

    chart = Chart()
    for number, names in enumerate([("a", "b"), ("a",), ("a",)]):
        sight = Sight(NOON + number * HOUR, facts=expected(**dict.fromkeys(names, True)))
        chart, _ = examine(chart, sight, LIMITS)
    assert [part for _rule, part in chart.memories] == ["service a"]


def test_a_limit_of_several_looks_counts_what_is_told_each_hour() -> None:
    limit = changed("disk-worn", {"times": 2, "of": 3})
    assert isinstance(limit, Level)
    chart, opened = Chart(), []
    for number, worn in enumerate((93, 80, 93)):
        sight = Sight(NOON + number * HOUR, facts=smart(worn_percent=worn))
        chart, decided = examine(chart, sight, {"disk-worn": limit})
        opened += [number for _ in decided]

    assert opened == [2]


def test_a_check_in_from_before_changes_nothing() -> None:
    chart, _ = examine(Chart(), Sight(NOON, facts=expected(a=True, b=False)), LIMITS)

    after, decided = examine(chart, Sight(NOON - HOUR, facts=expected(a=False)), LIMITS)

    assert decided == []
    assert after.memories == chart.memories


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=5), st.just("2026-11-28T00:00Z")),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["products", "is_active", "signatures_at", "disks", "passed", "failed", "certificates", "ends_at"]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([*RULES_OF, "os"]), JSON))
def test_whatever_a_fact_holds_is_read_or_left_alone(facts: dict[str, Any]) -> None:
    for one in played(facts, facts, facts):
        assert one.split()[1].rstrip(":") in FACT_RULES

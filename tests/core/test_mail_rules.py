"""Rules for alert mail: what they know a mail by, what they take from it, what they say it reports, and why."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.core.mail_rows import apply, understand
from rounds.core.mail_rules import Mail, Understood, about, believed, make, read_time
from rounds.core.money import Refused
from rounds.core.patterns import Text

SENT = datetime(2026, 11, 26, 21, 14, tzinfo=timezone(timedelta(hours=-5)))


def mail(subject: str, text: str = "", sender: str = "Backup <backup@srv01.example>") -> Mail:
    return Mail(sender, Text.of(subject), Text.of(text), SENT)


def told(spec: dict[str, Any], subject: str, text: str = "") -> Understood | None:
    return apply(make(spec, "a rule"), mail(subject, text))


def test_a_rule_says_what_and_why() -> None:
    spec = {"product": "Vault", "subject": ["Vault on {machine}"], "take": ["Job: {job}"], "failure": ["broke off"]}

    found = told(spec, "Vault on SRV01.example", "Job: Nightly\nIt broke off at 3 %")

    assert found == Understood(
        "a rule", "failure", "trouble",
        "known by “Vault on {machine}” in the subject; “broke off” in the text tells the result",
        product="Vault", machine="SRV01.example", job="Nightly", at=SENT,
    )  # fmt: skip
    assert found.about == "vault · srv01 · nightly"


@pytest.mark.parametrize(
    ("text", "result", "severity"),
    [
        ("all well", "success", ""),
        ("all well, but slow", "failure", "soon"),
        ("all well, but slow, and broke off", "failure", "trouble"),
        ("for your records", "notice", ""),
        ("nothing that is known", None, None),
    ],
)
def test_a_failure_outweighs_a_success(text: str, result: str | None, severity: str | None) -> None:
    spec = {
        "subject": ["Vault"],
        "failure": ["broke off"],
        "soon": ["slow"],
        "success": ["all well"],
        "notice": ["records"],
    }

    found = told(spec, "Vault", text)

    assert (found.result, found.severity) == (result, severity) if found else result is None


def test_a_word_where_the_result_stands_is_looked_up() -> None:
    spec = {"subject": ["Job {job}: {result}"], "results": {"Gut": "success", "Schlecht": "soon"}}

    assert [one and one.result for one in (told(spec, f"Job A: {word}") for word in ("gut", "schlecht", "neu"))] == [
        "success", "failure", None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("bad: 0", "success"),
        ("bad: 0\nbad: 2", "failure"),
        ("bad: 0x0", "success"),
        ("bad: 0x800423F4", "failure"),
        ("bad: -2147024894", "failure"),
        ("bad: 00", "success"),
        ("bad: none", None),
        ("", None),
    ],
)
def test_counts_of_nought_are_a_success_and_any_other_is_a_failure(text: str, result: str | None) -> None:
    found = told({"subject": ["Vault"], "counts": ["bad: {count}"]}, "Vault", text)

    assert (found.result if found else None) == result


def test_the_sender_and_what_must_not_be_there_are_asked_too() -> None:
    spec = {"subject": ["Vault"], "result": "success", "from": ["@srv01.example"], "not": ["trial"]}

    assert told(spec, "Vault")
    assert told(spec, "Vault", "a trial run") is None
    assert apply(make(spec, "a rule"), mail("Vault", sender="x@elsewhere.example")) is None


def test_of_subjects_one_is_enough_and_of_lines_each_must_be_there() -> None:
    spec = {"subject": ["Vault", "Safe"], "text": ["one {job}", "two"], "result": "success"}

    assert told(spec, "Safe", "one x\ntwo")
    assert told(spec, "Safe", "one x") is None


def test_without_machine_and_job_the_subject_tells_what_it_is_about() -> None:
    spec = {"product": "Vault", "subject": ["Vault"], "failure": ["failed"], "success": ["done"]}
    failed, done, other = (
        told(spec, subject) for subject in ("Vault north failed", "Vault north done", "Vault south done")
    )

    assert failed
    assert done
    assert other
    assert failed.about == done.about != other.about


def test_the_first_rule_that_understands_counts() -> None:
    rules = [
        make({"subject": ["Vault"], "failure": ["broke"]}, "first"),
        make({"subject": ["Vault"], "result": "notice"}, "next"),
    ]

    told = [understand(rules, mail(subject)) for subject in ("Vault broke", "Vault")]

    assert [one.origin for one in told if one] == ["first", "next"]
    assert understand(rules, mail("Other")) is None


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"subject": ["x"]}, "must say what its mails report"),
        ({"result": "success"}, "else it knows every mail"),
        ({"subject": ["x"], "result": "fine"}, "is no result"),
        ({"subject": ["x"], "results": {"ok": "fine"}}, "is no result"),
        ({"subject": ["x"], "result": "success", "regex": ["(a+)+"]}, "a rule has no “regex”"),
        ({"subject": ["x"] * 41, "result": "success"}, "at most 40 patterns"),
        ({"subject": ["x"], "counts": ["errors {*}"]}, "needs the hole {count}"),
        ({"subject": ["x"], "result": "success", "times": ["%d %d"]}, "the year must stand in it"),
        ({"subject": ["x"], "result": "success", "times": ["%b %d %H:%M"]}, "the year must stand in it"),
        ({"subject": ["x"], "result": "success", "times": ["%Y %d %d"]}, "no way to write a time"),
        ({"subject": ["x"], "result": "success", "times": ["%q"]}, "no way to write a time"),
    ],
)
def test_what_is_no_rule_is_refused(spec: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused, match=why):
        make(spec, "a rule")


def test_a_time_is_read_in_the_zone_of_the_mail() -> None:
    ways = ["%Y-%m-%d %H:%M"]

    assert read_time("2026-11-26 20:00", ways, SENT.tzinfo) == SENT.replace(hour=20, minute=0)
    assert read_time("2026-11-26 20:00", ways, None) is None
    assert read_time("yesterday", ways, SENT.tzinfo) is None
    assert read_time("9" * 100, ways, SENT.tzinfo) is None


@pytest.mark.parametrize(
    ("at", "is_believed"),
    [
        (SENT - timedelta(days=2), True),
        (SENT + timedelta(hours=1), True),
        (SENT - timedelta(days=400), False),
        (SENT + timedelta(days=2), False),
        (datetime.min.replace(tzinfo=UTC), False),
        (datetime.max.replace(tzinfo=UTC), False),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))), False),
    ],
)
def test_a_clock_that_is_plainly_wrong_is_not_believed(at: datetime, *, is_believed: bool) -> None:
    assert (believed(at, arrived_at=SENT) == at) == is_believed


def test_a_machine_is_the_same_with_its_domain_and_without_and_addresses_are_kept_apart() -> None:
    assert about("Veeam", "SRV01.northside.example", "A  b") == about("veeam", "srv01", "a b") == "veeam · srv01 · a b"
    assert about("", "10.0.0.1", "") != about("", "10.0.0.2", "")


texts = st.text(max_size=60)


@given(texts, texts, texts)
def test_whatever_comes_is_read(sender: str, subject: str, text: str) -> None:
    rule = make(
        {"subject": ["a {machine}: {job}"], "success": ["ok"], "counts": ["n {count}"], "result": "notice"}, "x"
    )

    found = apply(rule, Mail(sender, Text.of(subject), Text.of(text)))

    assert found is None or len(found.about) <= 150

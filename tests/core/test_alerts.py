"""What alert mails of other products report, by their words."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.core.alerts import classify, topic

# Subjects and lines as such products write them; the names are made up.
FAILURES = [
    ("[Failed] Backup job SRV01 (1 machine)", ""),
    ("Backup completed with errors", "3 files could not be read"),
    ("Nightly backup", "Task result: FAILURE"),
    ("Backup of D: was unsuccessful", ""),
    ("The backup operation has not completed", ""),
    ("SMART error (CurrentPendingSector) detected on host: nas", "Device: /dev/sda, 8 sectors"),
    ("DegradedArray event on /dev/md0:srv01", "A DegradedArray event had been detected"),
    ("UPS on battery", "Utility power lost"),
    ("Outbreak alert", "12 computers in 1 hour"),
    ("Scan report", "Threat detected: Eicar-Test-Signature"),
    ("Scan report", "Infected files: 3"),
    ("Weekly summary", "0 errors on SRV01\n2 errors on SRV02"),
]
SUCCESSES = [
    ("[Success] Backup job SRV01 (1 machine)", "Errors: 0, warnings: 0"),
    ("Backup completed successfully", "No errors were found."),
    ("Backup OK", ""),
    ("Nightly", "Snapshot 1f2e saved. Finished with 0 failed files."),
    ("Scan report", "Infected files: 0\nScan completed"),
    ("Restore test", "The log is at /var/log/error.log. Completed without any errors."),
    ("Array rebuilt", ""),
]
UNKNOWNS = [("", ""), ("Weekly report", "See attachment"), ("Your licence ends on 3 May", "Renew it.")]


@pytest.mark.parametrize(
    ("subject", "text", "result"),
    [
        *((*mail, "failure") for mail in FAILURES),
        *((*mail, "success") for mail in SUCCESSES),
        *((*mail, "unknown") for mail in UNKNOWNS),
    ],
)
def test_a_mail_is_read_by_its_words(subject: str, text: str, result: str) -> None:
    assert classify(subject, text).result == result


def test_the_reason_names_the_words_and_their_place() -> None:
    assert classify("Nightly", "Task failed on D:").why == "“failed” in the text"


def test_a_source_with_words_of_its_own_is_read_by_those() -> None:
    words = {"failure_words": ["NICHT erfolgreich", "Fehler"], "success_words": ["erfolgreich"]}

    assert classify("Sicherung nicht  erfolgreich", "", **words).result == "failure"
    assert classify("Sicherung erfolgreich", "failed is no word of this source", **words).result == "success"
    assert classify("Sicherung", "", **words).result == "unknown"


def test_words_are_words_and_not_patterns() -> None:
    assert classify("a.b", "", failure_words=["a+b", "(", ""]).result == "unknown"


@given(st.text(), st.text(), st.lists(st.text(max_size=10), max_size=3), st.lists(st.text(max_size=10), max_size=3))
def test_no_text_and_no_words_are_too_strange(subject: str, text: str, bad: list[str], good: list[str]) -> None:
    verdict = classify(subject, text, bad, good)

    assert verdict.result in {"failure", "success", "unknown"}
    assert verdict.why


def test_a_mail_made_to_be_slow_is_read_all_the_same() -> None:
    assert classify("no " * 100_000, "error " + "no no " * 200_000).result in {"failure", "unknown"}


@pytest.mark.parametrize(
    ("failure", "success"),
    [
        ("Backup of SRV01 failed on 3 May 2026 at 21:14", "Backup of SRV01: OK"),
        ("[FAILED] Nightly copy", "[SUCCESS] Nightly copy (4.5 GB)"),
        ("Copy to vault-2 completed with errors", "Copy to vault-2 completed"),
        ("Backup failed", "Backup successful"),
    ],
)
def test_a_failure_and_a_success_of_the_same_job_have_the_same_topic(failure: str, success: str) -> None:
    assert topic(failure) == topic(success) != ""


def test_other_jobs_and_machines_have_other_topics() -> None:
    jobs = (
        "Copy of A",
        "Copy of B",
        "Backup of SRV01",
        "Backup of SRV02",
        "Mail store of SRV01",
        "Backup of SRV01-old",
    )

    assert len({topic(f"{job} OK") for job in jobs}) == 6
    assert topic("Sicherung A fehlgeschlagen", ["fehlgeschlagen"]) == topic("Sicherung A") == "sicherung a"


@pytest.mark.parametrize("part", ["errors ", " ", "no ", "0 x ", "err", "no\n\n", "failed\t: "])
def test_no_mail_takes_for_ever_to_read(part: str) -> None:
    before = time.process_time()

    for text in (part * 200_000, "errors" + part * 200_000, "no" + " " * 500_000):
        classify(text, text)
        topic(text)

    assert time.process_time() - before < 5

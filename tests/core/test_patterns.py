"""Patterns with holes: what they find, what they refuse, and that nobody can write one that takes for ever."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.core.money import Refused
from rounds.core.patterns import LONGEST_PATTERN, MOST_HOLES, Text, find, find_all, fold, parse, propose


@pytest.mark.parametrize(
    ("pattern", "line", "filled"),
    [
        ("Backup of {machine}: {result}", "backup  of SRV01:  Success", {"machine": "SRV01", "result": "Success"}),
        ("{machine} is full", "Disk of: SRV01 is full", {"machine": "Disk of: SRV01"}),
        ("{machine:word} is full", "On SRV01 is full now", {"machine": "SRV01"}),
        ("Job: {job}", 'Job: "Nightly, all"', {"job": "Nightly, all"}),
        ("Server {machine:word}", "Server SRV01, rack 3", {"machine": "SRV01"}),
        ("on {machine:word} since", "on SRV01 since", {"machine": "SRV01"}),
        ("on {machine:word} since", "on SRV01 and SRV02 since", None),
        ("errors: {count} ({*})", "Errors: 3 (of 40)", {"count": "3"}),
        ("ok", "look at this", None),
        ("ok", "all is OK.", {}),
        ("error", "errors were found", None),
        ("[Failed] {job}", "[Failed] Nightly", {"job": "Nightly"}),
        ("Job: {job}", "Job:", None),
        ("fürth {job}", "FÜRTH Nightly", {"job": "Nightly"}),
        ("straße {job}", "STRASSE x", None),
        ("{job} İstanbul", "Backup İSTANBUL", {"job": "Backup"}),
    ],
)  # fmt: skip
def test_a_pattern_finds_its_words_in_their_order(pattern: str, line: str, filled: dict[str, str] | None) -> None:
    assert find(parse(pattern), Text.of(f"first line\n{line}\nlast line")) == filled


def test_each_line_in_which_it_is_found_counts() -> None:
    text = Text.of("SRV01: 0 errors\nSRV02: 2 errors\n")

    assert [one["count"] for one in find_all(parse("{*}: {count} errors"), text)] == ["0", "2"]


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("", "no words of its own"),
        ("{*}", "no words of its own"),
        ("{machine} - {job}", "no words of its own"),
        ("x {machine}{job} y", "two holes with no words between"),
        ("x {password}", "no hole that is known"),
        ("x" * (LONGEST_PATTERN + 1), "at most 300 characters"),
        ("a{*}" * (MOST_HOLES + 1), "at most 12 holes"),
    ],
)
def test_a_pattern_that_means_nothing_is_refused(pattern: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        parse(pattern)


@pytest.mark.parametrize(
    "pattern", ["a{*}a{*}a{*}a{*}a{*}a{*}a{*}a{*}a{*}a{*}b", "(a+)+$ {*} x", "aaaaaaaaaaaaaaaaaaaab"]
)
@pytest.mark.parametrize("text", ["a" * 1_000_000, "a \n" * 300_000, " " * 1_000_000, "ab " * 300_000])
def test_no_pattern_takes_for_ever(pattern: str, text: str) -> None:
    before = time.process_time()

    find(parse(pattern), Text.of(text))

    assert time.process_time() - before < 5  # a regular expression like these would take longer than the world is old


words = st.text(max_size=40)


@given(words, words)
def test_whatever_is_written_is_read_or_refused(pattern: str, text: str) -> None:
    try:
        made = parse(pattern)
    except Refused:
        return
    filled = find(made, Text.of(text))
    assert filled is None or all(value.strip() for value in filled.values())


@given(words)
def test_small_letters_stand_where_the_letters_stood(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text("abcS01 .:{}()[]<>-", min_size=1, max_size=80))
def test_what_is_proposed_for_a_line_finds_it(line: str) -> None:
    proposed = propose(line, {"S01": "machine"})
    try:
        made = parse(proposed)
    except Refused:
        return
    assert find(made, Text.of(" ".join(line.replace("{", "(").replace("}", ")").split()))) is not None


def test_names_and_figures_of_a_line_become_holes() -> None:
    proposed = propose("Backup of SRV01 on 2026-11-27 at 21:14: 3 files failed", {"SRV01": "machine", "failed": "*"})

    assert proposed == "Backup of {machine} on {*} at {*}: {*} files {*}"

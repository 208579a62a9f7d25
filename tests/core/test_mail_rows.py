"""Rules for tables: each row is read by itself, by its machine, and a row that tells nothing says why."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.core.mail_rows import apply, usual
from rounds.core.mail_rules import Mail, Row, Understood, make
from rounds.core.mail_tables import Sheet
from rounds.core.money import Refused
from rounds.core.patterns import Text

SENT = datetime(2026, 11, 27, 6, tzinfo=UTC)
COLUMNS = {"machine": ["Computer"], "result": ["Status"], "severity": ["Severity"], "time": ["When"], "job": ["Job"]}


def mail(*sheets: Sheet, subject: str = "Report") -> Mail:
    return Mail("a@x.example", Text.of(subject), Text.of(""), SENT, sheets)


def read(csv: str, **spec: Any) -> Understood | None:
    return apply(make({"columns": COLUMNS, **spec}, "a rule"), mail(Sheet("a.csv", csv)))


def rows(csv: str, **spec: Any) -> tuple[Row, ...]:
    told = read(csv, **spec)
    return told.rows if told else ()


def results(csv: str, **spec: Any) -> list[str]:
    return [one.understood.severity or one.understood.result for one in rows(csv, **spec)]


def test_each_row_is_about_its_own_machine() -> None:
    told = read(
        "Computer,Job,Status,When\nPC-01,Full,OK,2026-11-26 21:00\nPC-02.x.example,Full,Failed,\n", product="Vault"
    )

    assert told is not None
    assert [(one.understood.about, one.understood.result, one.understood.at) for one in told.rows] == [
        ("vault · pc-01 · full", "success", datetime(2026, 11, 26, 21, tzinfo=UTC)),
        ("vault · pc-02 · full", "failure", SENT),
    ]
    assert (told.result, told.why) == ("failure", "2 of 2 rows of its table tell a result")


def test_titles_above_the_head_repeated_heads_and_sums_are_no_rows() -> None:
    told = rows(
        "Report of the night;\n;\nComputer;Status\nPC-01;OK\nComputer;Status\nPC-02;OK\nTotal;2\n(2 rows affected);\n"
    )

    assert [(one.number, one.text) for one in told] == [(3, "PC-01 · OK"), (5, "PC-02 · OK")]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("PC-01,perhaps", "“perhaps” tells no result"), ("PC-01,", "it says no result"),
        (",Failed", "nothing stands under “Computer”"), ("PC-01,OK,and more", "it has 3 cells, but the head has 2"),
        ("PC-01", "it says no result"), ("PC-01,not quite successful", "tells no result"),
    ],
)  # fmt: skip
def test_a_row_that_tells_no_result_says_why_and_holds_up_no_other(row: str, why: str) -> None:
    (bad, good) = rows(f"Computer,Status\n{row}\nPC-02,OK\n")

    assert (bad.understood.result, good.understood.result) == ("", "success")
    assert why in bad.why


def test_the_rules_own_words_come_before_its_patterns_and_those_before_the_usual_words() -> None:
    csv = "Computer,Status\nA,gut\nB,Failed\nC,Failed again\nD,OK\n"

    assert results(csv, results={"gut": "success", "failed": "notice"}, soon=["Status: Failed again"]) == [
        "success", "notice", "soon", "success",
    ]  # fmt: skip


def test_a_severity_says_how_soon_and_without_a_result_all() -> None:
    assert results("Computer,Status,Severity\nA,Failed,Critical\nB,Failed,Low\nC,OK,Critical\nD,,Medium\n") == [
        "trouble", "soon", "success", "soon",
    ]  # fmt: skip
    only = {"columns": {"machine": ["Computer"], "severity": ["Severity"]}}
    assert results("Computer,Severity\nA,High\nB,Warning\nC,Info\nD,Sunny\n", **only) == [
        "trouble", "soon", "notice", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("Success", "success"), ("Completed with warnings", "soon"), ("Completed, 0 warnings", "success"),
        ("Partially protected", "soon"), ("Not protected", "failure"), ("Up to date", "success"), ("Not OK", "failure"),
        ("Completed with errors", "failure"), ("No threats found", "success"), ("42", ""),
        ("not successful at all", "failure"),
    ],
)  # fmt: skip
def test_usual_words_in_a_cell(word: str, outcome: str) -> None:
    assert usual(word) == outcome


def test_rows_that_the_rule_leaves_out_are_none() -> None:
    assert len(rows("Computer,Status\nTEST-1,Failed\nPC-01,OK\n", ignore=["Computer: TEST{*}"])) == 1


def test_a_table_without_the_columns_is_not_this_rules() -> None:
    assert read("Machine,Status\nPC-01,OK\n") is None
    assert read("Computer,Colour\nPC-01,red\n") is None
    assert read("Computer,Status\n") is None


def test_a_files_table_comes_before_the_same_in_html_and_the_same_file_twice_counts_once() -> None:
    csv = Sheet("a.csv", "Computer,Status\nPC-01,OK\n")
    html = Sheet("", "<table><tr><td>Computer<td>Status<tr><td>PC-09<td>Failed</table>", is_html=True)
    rule = make({"columns": COLUMNS}, "a rule")

    both, only = apply(rule, mail(html, csv, csv)), apply(rule, mail(html))

    assert both is not None
    assert only is not None
    assert [one.understood.machine for one in (*both.rows, *only.rows)] == ["PC-01", "PC-09"]


def test_a_subject_still_tells_whose_mails_a_rule_knows() -> None:
    rule = make({"columns": COLUMNS, "subject": ["Night of {client}"]}, "a rule")
    sheet = Sheet("a.csv", "Computer,Status\nPC-01,OK\n")

    told = apply(rule, mail(sheet, subject="Night of Elm"))

    assert told is not None
    assert told.rows[0].understood.client == "Elm"
    assert apply(rule, mail(sheet, subject="Day of Elm")) is None


def test_a_table_that_goes_on_says_so_in_a_row_of_its_own() -> None:
    told = apply(make({"columns": COLUMNS}, "a rule"), mail(Sheet("a", "Computer,Status\nA,OK\nB,O", is_cut=True)))

    assert told is not None
    assert [(one.number, one.text, one.understood.result) for one in told.rows] == [
        (2, "A · OK", "success"), (3, "what follows", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"columns": {"result": ["Status"]}}, "which column of the table names the machine"),
        ({"columns": {"machine": ["A"], "colour": ["B"]}}, "no “colour”"),
        ({"columns": {"machine": ["A"]}}, "must say what its mails report"),
        ({"columns": COLUMNS, "machine": "SRV01"}, "takes the machine from each row"),
    ],
)
def test_what_is_no_rule_for_a_table_is_refused(spec: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused, match=why):
        make(spec, "a rule")


@given(
    st.lists(st.sampled_from(["Computer", "Status", "PC-01", "OK", "Failed", "=1+1", "", "Total", '"', "\n", ",", ";"]))
)
def test_whatever_a_table_says_every_row_is_told_or_says_why(parts: list[str]) -> None:
    told = rows("Computer,Status,Severity\n" + "".join(parts))

    assert all(bool(one.understood.result) != bool(one.why) for one in told)
    assert len({one.number for one in told}) == len(told)

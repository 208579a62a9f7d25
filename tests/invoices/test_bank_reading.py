"""Reading the bank's files: what comes out of CAMT.053 and OFX, and what is refused in which words."""

import re
from datetime import date

import pytest

from rounds.core.money import Refused
from rounds.invoices.bank_reading import LARGEST_FILE, ReadLine, read, read_amount
from tests.invoices.bank_files import OURS, SPACE, Told, camt, ofx

NORTH = Told(150_00, "Northside Dental", "Invoice 2026-0042", "B1", "DE89370400440532013000")
RENT = Told(-900_00, "The landlord", "April", "B2")


def _plain(lines: tuple[ReadLine, ...]) -> list[tuple[date, int, str, str, str]]:
    return [(one.on, one.amount, one.name, one.account, one.text) for one in lines]


def test_a_camt_is_read_with_both_directions_and_the_other_side() -> None:
    (statement,) = read(camt(NORTH, RENT))

    assert (statement.account, statement.currency) == (OURS, "USD")
    assert _plain(statement.lines) == [
        (date(2026, 4, 2), 150_00, "Northside Dental", "DE89370400440532013000", "Invoice 2026-0042"),
        (date(2026, 4, 2), -900_00, "The landlord", "", "April"),
    ]


def test_an_ofx_of_the_older_kind_is_read() -> None:
    (statement,) = read(ofx(NORTH, Told(-1, "Café & Söhne", "", "B3")))

    assert (statement.account, statement.currency) == ("000123456", "USD")
    assert _plain(statement.lines) == [
        (date(2026, 4, 2), 150_00, "Northside Dental", "", "Invoice 2026-0042"),
        (date(2026, 4, 2), -1, "Café & Söhne", "", ""),
    ]


def test_an_ofx_in_xml_is_read() -> None:
    text = (
        '<?xml version="1.0"?><?OFX OFXHEADER="200" VERSION="211"?><OFX><CREDITCARDMSGSRSV1><CCSTMTTRNRS><CCSTMTRS>'
        "<CURDEF>usd</CURDEF><CCACCTFROM><ACCTID>99 1</ACCTID></CCACCTFROM><BANKTRANLIST><STMTTRN><DTPOSTED>20260402"
        "</DTPOSTED><TRNAMT>+12,5</TRNAMT><FITID>x</FITID><NAME>A</NAME></STMTTRN></BANKTRANLIST></CCSTMTRS>"
        "</CCSTMTTRNRS></CREDITCARDMSGSRSV1></OFX>"
    )

    (statement,) = read(text.encode())

    assert (statement.account, statement.currency, statement.lines[0].amount) == ("991", "USD", 12_50)


def test_names_with_prefixes_are_the_same_names() -> None:
    plain = camt(NORTH)
    prefixed = plain.replace(b'<Document xmlns="', b'<b:Document xmlns:b="')
    for tag in set(re.findall(rb"<([A-Z]\w*)", plain)):
        prefixed = prefixed.replace(b"<" + tag + b">", b"<b:" + tag + b">").replace(
            b"<" + tag + b" ", b"<b:" + tag + b" "
        ).replace(b"</" + tag + b">", b"</b:" + tag + b">")  # fmt: skip

    assert read(prefixed) == read(plain)


def _with_details(details: str) -> bytes:
    whole = camt(Told(92_00, ref="E1")).decode()
    return whole.replace(whole[whole.index("<NtryDtls>") : whole.index("</Ntry>")], details).encode()


def test_what_was_instructed_in_another_currency_is_not_taken_for_what_came() -> None:
    raw = _with_details(
        "<NtryDtls><TxDtls><AmtDtls><InstdAmt><Amt Ccy='EUR'>100.00</Amt></InstdAmt>"
        "<TxAmt><Amt Ccy='USD'>92.00</Amt></TxAmt></AmtDtls></TxDtls></NtryDtls>"
    )

    assert [one.amount for one in read(raw)[0].lines] == [92_00]


def test_a_batch_is_divided_if_its_parts_say_all_of_it_and_stays_whole_if_not() -> None:
    part = "<TxDtls><Amt Ccy='USD'>{}</Amt><CdtDbtInd>CRDT</CdtDbtInd><RmtInf><Ustrd>{}</Ustrd></RmtInf></TxDtls>"
    whole = _with_details(f"<NtryDtls>{part.format('50.00', 'a')}{part.format('42.00', 'b')}</NtryDtls>")
    short = _with_details(f"<NtryDtls>{part.format('50.00', 'a')}{part.format('41.00', 'b')}</NtryDtls>")

    assert [(one.amount, one.text) for one in read(whole)[0].lines] == [(50_00, "a"), (42_00, "b")]
    assert [one.amount for one in read(short)[0].lines] == [92_00]


def test_a_line_that_is_not_booked_yet_is_left_out() -> None:
    assert read(camt(NORTH).replace(b"BOOK", b"PDNG"))[0].lines == ()


def test_lines_of_which_the_bank_says_the_same_are_still_two_and_the_same_two_in_the_next_file() -> None:
    twice = Told(20_00, "Ann", "thanks")
    (first,), (second,) = read(camt(twice, twice, NORTH)), read(camt(RENT, twice, twice))

    assert len({one.key for one in first.lines}) == 3
    assert {one.key for one in first.lines} & {one.key for one in second.lines} == {one.key for one in first.lines[:2]}


@pytest.mark.parametrize(
    ("text", "cents"),
    [("12", 12_00), ("12.5", 12_50), ("-12,50", -12_50), ("+0.01", 1), ("92.00000", 92_00), ("0", 0)],
)
def test_an_amount_is_read_as_written(text: str, cents: int) -> None:
    assert read_amount(text) == cents


@pytest.mark.parametrize("text", ["", "1,000", "1,234.50", "1.001", "12.5.0", "abc", "1e5", "nan", "9" * 20, "１２"])
def test_an_amount_that_is_not_clear_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        read_amount(text)


BOMB = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><Document xmlns="%s">&c;</Document>""" % SPACE.encode()
FILE = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><Document>&x;</Document>'


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "neither a CAMT.053 nor an OFX"),
        (b"Date;Amount\n2026-04-02;12.50\n", "neither a CAMT.053 nor an OFX"),
        (b"%PDF-1.7 \xff\xfe\x00", "neither a CAMT.053 nor an OFX"),
        (b"\x00" * 100, "neither a CAMT.053 nor an OFX"),
        (camt(NORTH)[:-40], "not whole XML"),
        (b"<html><body>Sign in</body></html>", "another kind of XML"),
        (camt(NORTH, space=SPACE.replace("053", "054")), "this is a CAMT.054"),
        (BOMB, "document type"),
        (FILE, "document type"),
        (BOMB.decode().encode("utf-16"), "document type"),
        (ofx(NORTH).replace(b"<OFX>", b"<!DOCTYPE x><OFX>"), "document type"),
        (ofx(NORTH)[:-130], "ends in the middle"),
        (ofx(NORTH).replace(b"150.00", b"1,500"), "not a clear amount"),
        (ofx(NORTH).replace(b"20260402", b"20260231"), "is not a day"),
        (ofx(NORTH).replace(b"<ACCTID>000123456", b""), "of which account"),
        (camt(NORTH).replace(b"150.00", b"a lot"), "is not an amount"),
        (camt(NORTH).replace(b"CRDT", b"????"), "came or went"),
        (camt(NORTH).replace(b"<Dt>2026-04-02</Dt>", b""), "is not a day"),
        (camt(NORTH, RENT).replace(b'Ccy="USD">900', b'Ccy="CHF">900'), "several currencies"),
        (b"<" + b"x" * LARGEST_FILE, "larger than 5 MB"),
    ],
)
def test_what_is_no_statement_is_refused_in_words(raw: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why):
        read(raw)

"""Reads the bank's file: bytes of a CAMT.053 (ISO 20022) or an OFX go in, statements with their booked lines come out.

Amounts are read as they are written, never as floats; what cannot be read is refused with its place. An XML that brings
a document type is refused before anything in it is looked up: no bank's statement has one, but attacks do.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from xml.sax.saxutils import unescape

from lxml import etree

from rounds.core.money import Refused

LARGEST_FILE = 5_000_000
MOST = 10**14  # cents in one line: more is a mistake
_AMOUNT = re.compile(r"([+-]?)(\d+)(?:([.,])(\d+))?", re.ASCII)
_CAMT = re.compile(r"urn:iso:std:iso:20022:tech:xsd:(camt\.\d{3})\.\d{3}\.\d{2}")
_TAG = re.compile(r"<(/?)([A-Za-z0-9.]+)[^<>]*>([^<]*)")

type Found = dict[str, str]


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A booked line: its day, cents in (+) or out (-), the other side, the text; `key` is its own in its account."""

    key: str
    on: date
    amount: int
    name: str
    account: str
    text: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What a file tells of one account of the shop's."""

    account: str
    currency: str
    lines: tuple[ReadLine, ...]


def read(raw: bytes) -> list[Statement]:
    """Read a file's statements, one for each account. Refused, in words: what is no statement, or cannot be read."""
    if len(raw) > LARGEST_FILE:
        raise Refused(f"the file is larger than {LARGEST_FILE // 1_000_000} MB: ask the bank for fewer days at once")
    start = raw.lstrip(b"\xef\xbb\xbf \r\n\t")[:2000].upper()
    if start.startswith(b"OFXHEADER") or b"<OFX>" in start or b"<?OFX" in start:
        return _read_ofx(raw)
    if start.startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        return _read_camt(raw)
    raise Refused("this is neither a CAMT.053 nor an OFX file: choose one of them where the bank offers statements")


def read_amount(text: str) -> int:
    """Read a bank's amount as cents: a point or a comma before the cents, no signs between thousands."""
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise Refused(f"“{text.strip()[:40]}” is not an amount")
    sign, whole, mark, decimals = match.groups(default="")
    if decimals[2:].strip("0") or (mark == "," and len(decimals) > 2):
        raise Refused(f"“{text.strip()[:40]}” is not a clear amount of cents")
    cents = int(whole) * 100 + int(decimals[:2].ljust(2, "0"))
    if cents > MOST:
        raise Refused(f"“{text.strip()[:40]}” is more than any bank books")
    return -cents if sign == "-" else cents


def _read_camt(raw: bytes) -> list[Statement]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as trouble:
        raise Refused(f"the file is not whole XML: {trouble}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refused("the file brings a document type, as no bank's statement does: it is not read")
    space = etree.QName(root).namespace or ""
    kind = _CAMT.fullmatch(space)
    if kind is None or kind[1] != "camt.053":
        told = f"a {kind[1].upper()}" if kind else "another kind of XML"
        raise Refused(f"this is {told}: ask the bank for a CAMT.053, the statement of booked lines")
    spaces = {"c": space}
    return [_camt_statement(node, spaces) for node in root.iterfind("c:BkToCstmrStmt/c:Stmt", spaces)]


type Node = etree._Element
type Spaces = dict[str, str]


def _camt_statement(node: Node, spaces: Spaces) -> Statement:
    account = _first(node, ("c:Acct/c:Id/c:IBAN", "c:Acct/c:Id/c:Othr/c:Id"), spaces)
    if not account:
        raise Refused("a statement in the file does not say of which account it is")
    found = [one for entry in node.iterfind("c:Ntry", spaces) for one in _camt_entry(entry, spaces)]
    currencies = {one["currency"] for one in found} | {_first(node, ("c:Acct/c:Ccy",), spaces)} - {""}
    if len(currencies) > 1:
        raise Refused(f"account {account} has lines in several currencies: {', '.join(sorted(currencies))}")
    return Statement(_plain(account), min(currencies, default=""), _lines(found))


def _camt_entry(entry: Node, spaces: Spaces) -> Iterator[Found]:
    """The transactions of a booked entry; one that the bank does not divide is one transaction.

    An entry's own amount counts in the account's currency. A transaction's counts where it says one in that currency
    (`Amt`, or in older versions `AmtDtls/TxAmt/Amt`); what was instructed abroad, in another currency, does not.
    """
    if _first(entry, ("c:Sts/c:Cd", "c:Sts"), spaces) != "BOOK":
        return
    whole = _camt_amount(entry, spaces)
    currency = _attribute(entry, "c:Amt", spaces)
    common = {
        "on": _first(entry, ("c:BookgDt/c:Dt", "c:BookgDt/c:DtTm", "c:ValDt/c:Dt", "c:ValDt/c:DtTm"), spaces),
        "id": _first(entry, ("c:AcctSvcrRef", "c:NtryRef"), spaces), "currency": currency,
        "text": _first(entry, ("c:AddtlNtryInf",), spaces),
    }  # fmt: skip
    parts = entry.findall("c:NtryDtls/c:TxDtls", spaces)
    amounts = [_camt_part(part, whole, currency, spaces) for part in parts]
    if len(parts) < 2 or None in amounts or sum(one or 0 for one in amounts) != whole:
        known = parts[0] if len(parts) == 1 else None  # a batch that the bank does not divide in full stays whole
        yield common | {"amount": str(whole)} | (_camt_details(known, whole, spaces) if known is not None else {})
        return
    for part, amount in zip(parts, amounts, strict=True):
        yield common | {"amount": str(amount)} | _camt_details(part, amount or 0, spaces)


def _camt_part(part: Node, whole: int, currency: str, spaces: Spaces) -> int | None:
    """What one transaction of an entry moves, in the account's currency; None where it does not say that."""
    for path in ("c:Amt", "c:AmtDtls/c:TxAmt/c:Amt"):
        if _attribute(part, path, spaces) == currency:
            amount = read_amount(_first(part, (path,), spaces))
            direction = _first(part, ("c:CdtDbtInd",), spaces)
            goes_out = direction == "DBIT" if direction else whole < 0
            return -amount if goes_out else amount
    return None


def _camt_amount(entry: Node, spaces: Spaces) -> int:
    amount = read_amount(_first(entry, ("c:Amt",), spaces))
    direction = _first(entry, ("c:CdtDbtInd",), spaces)
    if direction not in {"CRDT", "DBIT"}:
        raise Refused(f"a line over {_first(entry, ('c:Amt',), spaces)} does not say whether it came or went")
    return amount if direction == "CRDT" else -amount


def _camt_details(part: Node, amount: int, spaces: Spaces) -> Found:
    """The other side and the text of a transaction: who paid where money came, who was paid where it went."""
    other = "Dbtr" if amount > 0 else "Cdtr"
    about = f"c:RltdPties/c:{other}"
    texts = [node.text or "" for path in ("c:RmtInf/c:Ustrd", "c:RmtInf/c:Strd/c:CdtrRefInf/c:Ref",
             "c:RmtInf/c:Strd/c:RfrdDocInf/c:Nb", "c:RmtInf/c:Strd/c:AddtlRmtInf", "c:AddtlTxInf")
             for node in part.iterfind(path, spaces)]  # fmt: skip
    account = _first(part, (f"{about}Acct/c:Id/c:IBAN", f"{about}Acct/c:Id/c:Othr/c:Id"), spaces)
    found = {
        "id": _first(part, ("c:Refs/c:AcctSvcrRef", "c:Refs/c:TxId", "c:Refs/c:InstrId"), spaces),
        "name": _first(part, (f"{about}/c:Nm", f"{about}/c:Pty/c:Nm"), spaces),
        "account": _plain(account),
        "text": " ".join(filter(None, texts)),
    }
    return {what: value for what, value in found.items() if value not in {"", "NOTPROVIDED"}}


def _first(node: Node, paths: tuple[str, ...], spaces: Spaces) -> str:
    """The text of the first of some elements that is there and not empty."""
    for path in paths:
        text = (node.findtext(path, "", spaces) or "").strip()
        if text:
            return text
    return ""


def _attribute(node: Node, path: str, spaces: Spaces) -> str:
    found = node.find(path, spaces)
    return found.get("Ccy", "") if found is not None else ""


def _read_ofx(raw: bytes) -> list[Statement]:
    """An OFX of either kind: its older one (SGML) does not close the elements that hold text."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
        raise Refused("the file brings a document type, as no bank's statement does: it is not read")
    statements: list[Statement] = []
    about: Found = {}
    line: Found | None = None
    found: list[Found] = []
    for match in _TAG.finditer(text):
        is_end, tag, value = bool(match[1]), match[2].upper(), unescape(match[3]).strip()
        if tag in {"STMTRS", "CCSTMTRS"}:
            if is_end:
                statements.append(_ofx_statement(about, found))
            about, found, line = {}, [], None
        elif tag == "STMTTRN":
            if is_end and line is not None:
                found.append(_ofx_line(line, about))
            line = None if is_end else {}
        elif not is_end and value:
            (about if line is None else line).setdefault(tag, value)
    if line is not None or found:
        raise Refused("the file ends in the middle of a statement: get it from the bank once more")
    return statements


def _ofx_statement(about: Found, found: list[Found]) -> Statement:
    if "ACCTID" not in about:
        raise Refused("a statement in the file does not say of which account it is")
    return Statement(_plain(about["ACCTID"]), about.get("CURDEF", "").upper(), _lines(found))


def _ofx_line(line: Found, about: Found) -> Found:
    texts = [line[tag] for tag in ("MEMO", "CHECKNUM", "REFNUM") if tag in line]
    return {
        "on": line.get("DTPOSTED", ""), "amount": str(read_amount(line.get("TRNAMT", ""))), "id": line.get("FITID", ""),
        "name": line.get("NAME", ""), "text": " ".join(texts), "currency": about.get("CURDEF", ""),
    }  # fmt: skip


def _lines(found: list[Found]) -> tuple[ReadLine, ...]:
    """Lines with a key each, the same one in every file that tells of them: by all that the bank says of a line.

    Lines of which it says the same are told apart by counting them on their day, since files hold whole days.
    """
    seen: Counter[str] = Counter()
    lines = []
    for one in found:
        on, amount = _day(one["on"]), int(one["amount"])
        told = [one.get(what, "") for what in ("id", "name", "account", "text")]
        same = "\n".join([on.isoformat(), str(amount), *(told[:1] if told[0] else told)])
        seen[same] += 1
        key = hashlib.sha256(f"{same}\n{seen[same]}".encode()).hexdigest()[:32]
        lines.append(ReadLine(key, on, amount, told[1][:140], told[2][:40], " ".join(told[3].split())[:500]))
    return tuple(line for line in lines if line.amount)


def _day(text: str) -> date:
    """A day as 2026-04-02, with or without a time, or as OFX writes it, 20260402120000[-5:EST]."""
    digits = text[:8] if text[:8].isdecimal() else text[:10].replace("-", "")
    try:
        return datetime.strptime(digits, "%Y%m%d").date()  # noqa: DTZ007 - the bank's day has no zone
    except ValueError:
        raise Refused(f"“{text[:40]}” is not a day") from None


def _plain(account: str) -> str:
    """An account's number without spaces, in capitals."""
    return "".join(account.split()).upper()[:40]

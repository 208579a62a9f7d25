"""Reads a raw mail, however broken it is: bytes in; who sent it, its subject and its text out."""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime
from hashlib import sha256
from html import unescape
from pathlib import PurePath

from rounds.core.mail_tables import LONGEST_SHEET, MOST_SHEETS, Sheet

LONGEST_READ = 1_000_000  # bytes; what a mail reports stands at its head, and the raw mail is kept whole
LONGEST_TEXT = 1_000_000  # characters
LONGEST_HEAD, LONGEST_HEADER = 256_000, 10_000
MOST_PARTS, MOST_RECIPIENTS = 200, 100

TABLE_ENDINGS, HTML_ENDINGS = {".csv", ".tsv", ".tab"}, {".html", ".htm"}
TABLE_KINDS = {"text/csv", "text/tab-separated-values", "text/comma-separated-values", "application/csv"}
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))  # at the beginning

_CHARSET = re.compile(r"(?:utf-?(?:8|16|32)|us-ascii|iso-8859|latin|windows-|cp\d|koi8|shift|gb|big5|euc)", re.I)
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]@]{1,64}@[\w.-]{1,255}")
_BRACKETS = re.compile(r"<([^<>\s]{1,320})>")
_UNSEEN = re.compile(r"<(script|style|head)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/table)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_BLANKS = re.compile(r"[^\S\n]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Mail:
    """What is read in a mail; `is_named`: it has a Message-ID or a date, so that two mails are never the same bytes."""

    sender: str
    subject: str
    text: str
    is_named: bool
    message_id: str = ""
    date: str = ""
    recipients: tuple[str, ...] = ()  # addresses, of all headers that name some
    checks: tuple[str, ...] = field(default=())  # Authentication-Results, the uppermost first
    sheets: tuple[Sheet, ...] = ()  # files with tables, and HTML
    unread: tuple[str, ...] = ()  # the names of the other files: packed ones, too, which are never opened

    @property
    def sender_address(self) -> str:
        """The address in From, in small letters; nothing, if there is none, or if there are several."""
        found = _BRACKETS.findall(self.sender) or _ADDRESS.findall(self.sender)
        return found[0].lower() if len(found) == 1 and "@" in found[0] else ""

    @property
    def sent_at(self) -> datetime | None:
        """When it was sent by its own date, if that is one with a time zone."""
        try:
            read = parsedate_to_datetime(self.date)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        return read if read.tzinfo is not None else None

    def digest(self) -> str:
        """What makes it this mail, by whatever way it came: its marks of the way (Received ...) are no part of it.

        A Message-ID alone is not enough: some consoles give all their mails the same. Of a mail that was cut, where its
        files end depends on the way.
        """
        told = [self.message_id, self.date, self.sender, self.subject, self.text]
        told += [sha256(one.text.encode()).hexdigest() for one in self.sheets if not one.is_html and not one.is_cut]
        return sha256(json.dumps(told).encode()).hexdigest()


def read(raw: bytes) -> Mail:
    """Read a mail. Whatever is wrong in it, there is an answer; what cannot be decoded becomes a replacement sign."""
    head, body = _parted(raw)
    try:
        # compat32: the newer policies fail on some headers that are out there.
        message = message_from_bytes(head + body[: LONGEST_READ - len(head)], policy=policy.compat32)
        text, files = _text(message), _files(message, is_cut=len(raw) > LONGEST_READ)
    except RecursionError:  # parts within parts without end
        message = message_from_bytes(head, policy=policy.compat32)
        text, files = _decoded(body[:LONGEST_READ], "utf-8"), ((), ())
    message_id, date = (_line(_header(message, name))[:500] for name in ("Message-ID", "Date"))
    return Mail(
        sender=_line(_header(message, "From"))[:320],
        subject=_line(_header(message, "Subject"))[:500],
        text=_clean(text)[:LONGEST_TEXT],
        is_named=bool(message_id or date),
        message_id=message_id, date=date,
        recipients=_recipients(message),
        checks=tuple(_line(one) for one in _all(message, "Authentication-Results")),
        sheets=files[0], unread=files[1],
    )  # fmt: skip


def _parted(raw: bytes) -> tuple[bytes, bytes]:
    """Head and body; of a head without end only its beginning is read."""
    ends = [end for mark in (b"\n\n", b"\r\n\r\n") if (end := raw.find(mark)) >= 0]
    end = min(ends, default=len(raw))
    if end <= LONGEST_HEAD:
        return raw[:end], raw[end:]
    return raw[:LONGEST_HEAD].rpartition(b"\n")[0] or raw[:LONGEST_HEAD], raw[end:]


def _recipients(message: Message) -> tuple[str, ...]:
    """Every address that the mail was for, by any header that says so."""
    names = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
    return tuple(dict.fromkeys(_addresses([one for name in names for one in _all(message, name)])))[:MOST_RECIPIENTS]


def _addresses(headers: list[str]) -> list[str]:
    return [address for header in headers for address in _ADDRESS.findall(_line(header))]


def _all(message: Message, name: str) -> list[str]:
    """Every header of a name as text, the first few."""
    return [str(one)[:LONGEST_HEADER] for one in (message.get_all(name) or [])[:20]]


def _header(message: Message, name: str) -> str:
    raw = message.get(name)
    if raw is None:
        return ""
    if isinstance(raw, str):
        raw = raw[:LONGEST_HEADER]
    try:
        parts = decode_header(raw)
    except (HeaderParseError, ValueError):  # binascii's errors are ValueErrors
        return str(raw)
    return "".join(part if isinstance(part, str) else _decoded(part, charset or "utf-8") for part, charset in parts)


def _text(message: Message) -> str:
    """The plain text of all parts that are not files; of a mail that has none, its HTML without the marks."""
    plain, marked = [], []
    for part, _ in zip(message.walk(), range(MOST_PARTS), strict=False):
        if part.is_multipart() or part.get_content_disposition() == "attachment":
            continue
        kind = part.get_content_type()
        if kind == "text/plain":
            plain.append(_body(part))
        elif kind == "text/html":
            marked.append(_without_marks(_body(part)))
    return "\n".join(part for part in plain if part.strip()) or "\n".join(marked)


def _files(message: Message, *, is_cut: bool) -> tuple[tuple[Sheet, ...], tuple[str, ...]]:
    """The parts in which there may be tables, and the names of files that are not read."""
    sheets, unread = [], []
    for part, _ in zip(message.walk(), range(MOST_PARTS), strict=False):
        if part.is_multipart():
            continue
        name, kind = _file_name(part), part.get_content_type()
        ending = PurePath(name).suffix.lower()
        is_html = ending in HTML_ENDINGS or (kind == "text/html" and ending not in TABLE_ENDINGS)
        if is_html or ending in TABLE_ENDINGS or kind in TABLE_KINDS:
            text = _clean(_sheet_text(part))
            longer = is_cut or len(text) > LONGEST_SHEET
            sheets.append(Sheet(name, text[:LONGEST_SHEET], is_html=is_html, is_cut=longer))
        elif name or part.get_content_disposition() == "attachment":
            unread.append(name or kind)
    return tuple(sheets[:MOST_SHEETS]), (*unread, *(one.name for one in sheets[MOST_SHEETS:]))


def _file_name(part: Message) -> str:
    """The name of a part's file, however it is written; what is no name is none."""
    try:
        told = part.get_filename("")
        pieces = decode_header(told[:1000])
    except (HeaderParseError, ValueError, LookupError, TypeError, AttributeError):
        return ""
    name = "".join(one if isinstance(one, str) else _decoded(one, charset or "utf-8") for one, charset in pieces)
    return _line(name)[:120]


def _sheet_text(part: Message) -> str:
    """A file's text: by the mark at its beginning, by what is said of it, as UTF-8, or else as Windows writes it."""
    body = _payload(part)
    if isinstance(body, str):
        return body
    for mark, charset in MARKS:
        if body.startswith(mark):
            return body.decode(charset, errors="replace")
    head = body[:200]
    if head.count(0) * 3 > len(head):  # UTF-16 without a mark
        return body.decode("utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be", errors="replace")
    for charset in (part.get_content_charset(""), "utf-8"):
        try:
            if _CHARSET.match(charset):
                return body.decode(charset)
        except (LookupError, ValueError):
            continue
    return body.decode("cp1252", errors="replace")


def _payload(part: Message) -> bytes | str:
    try:
        body = part.get_payload(decode=True)
    except (ValueError, LookupError):
        body = None
    return body if isinstance(body, bytes) else str(part.get_payload())


def _body(part: Message) -> str:
    body = _payload(part)
    return body if isinstance(body, str) else _decoded(body, part.get_content_charset("utf-8"))


def _decoded(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset, errors="replace")
    except (LookupError, ValueError):  # no such charset, or one that is none for text
        return body.decode("utf-8", errors="replace")


def _without_marks(html: str) -> str:
    seen = _BREAK.sub("\n", _UNSEEN.sub(" ", html))
    lines = (_BLANKS.sub(" ", line).strip() for line in unescape(_TAG.sub(" ", seen)).splitlines())
    return "\n".join(line for line in lines if line)


def _clean(text: str) -> str:
    """The text as a database and a page can hold it."""
    return _CONTROL.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def _line(text: str) -> str:
    return " ".join(_clean(text).split())

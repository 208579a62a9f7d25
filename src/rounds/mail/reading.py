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

LONGEST_READ = 1_000_000  # bytes; what a mail reports stands at its head, and the raw mail is kept whole
LONGEST_TEXT = 1_000_000  # characters
LONGEST_HEAD, LONGEST_HEADER = 256_000, 10_000
MOST_PARTS, MOST_RECIPIENTS = 200, 100

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

        A Message-ID alone is not enough: some consoles give all their mails the same.
        """
        told = [self.message_id, self.date, self.sender, self.subject, self.text]
        return sha256(json.dumps(told).encode()).hexdigest()


def read(raw: bytes) -> Mail:
    """Read a mail. Whatever is wrong in it, there is an answer; what cannot be decoded becomes a replacement sign."""
    head, body = _parted(raw)
    try:
        # compat32: the newer policies fail on some headers that are out there.
        message = message_from_bytes(head + body[: LONGEST_READ - len(head)], policy=policy.compat32)
        text = _text(message)
    except RecursionError:  # parts within parts without end
        message = message_from_bytes(head, policy=policy.compat32)
        text = _decoded(body[:LONGEST_READ], "utf-8")
    message_id, date = (_line(_header(message, name))[:500] for name in ("Message-ID", "Date"))
    return Mail(
        sender=_line(_header(message, "From"))[:320],
        subject=_line(_header(message, "Subject"))[:500],
        text=_clean(text)[:LONGEST_TEXT],
        is_named=bool(message_id or date),
        message_id=message_id, date=date,
        recipients=_recipients(message),
        checks=tuple(_line(one) for one in _all(message, "Authentication-Results")),
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


def _body(part: Message) -> str:
    try:
        body = part.get_payload(decode=True)
    except (ValueError, LookupError):
        body = None
    if not isinstance(body, bytes):
        return str(part.get_payload())
    return _decoded(body, part.get_content_charset("utf-8"))


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

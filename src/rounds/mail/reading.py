"""Reads a raw mail, however broken it is: bytes in; who sent it, its subject and its text out."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from html import unescape

LONGEST_TEXT = 1_000_000  # characters kept of the text; the raw mail is kept whole
MOST_PARTS = 200

_UNSEEN = re.compile(r"<(script|style|head)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/table)\b[^>]*>", re.IGNORECASE)
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


def read(raw: bytes) -> Mail:
    """Read a mail. Whatever is wrong in it, there is an answer; what cannot be decoded becomes a replacement sign."""
    try:
        # compat32: the newer policies fail on some headers that are out there.
        message = message_from_bytes(raw, policy=policy.compat32)
        text = _text(message)
    except RecursionError:  # parts within parts without end
        message = message_from_bytes(raw.partition(b"\n\n")[0][:10_000], policy=policy.compat32)
        text = _decoded(raw, "utf-8")
    return Mail(
        sender=_line(_header(message, "From"))[:320],
        subject=_line(_header(message, "Subject"))[:500],
        text=_clean(text)[:LONGEST_TEXT],
        is_named=bool(_header(message, "Message-ID").strip() or _header(message, "Date").strip()),
    )


def _header(message: Message, name: str) -> str:
    raw = message.get(name)
    if raw is None:
        return ""
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
    seen = _BREAK.sub("\n", _UNSEEN.sub(" ", html[: 4 * LONGEST_TEXT]))
    lines = (_BLANKS.sub(" ", line).strip() for line in unescape(_TAG.sub(" ", seen)).splitlines())
    return "\n".join(line for line in lines if line)


def _clean(text: str) -> str:
    """The text as a database and a page can hold it."""
    return _CONTROL.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def _line(text: str) -> str:
    return " ".join(_clean(text).split())

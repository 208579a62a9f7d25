"""Asks PowerShell for objects, as JSON; names of fields are the same in every language of Windows."""

from __future__ import annotations

import json

from rounds_agent.clock import write_moment
from rounds_agent.probes.asking import ask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BEFORE = "$ErrorActionPreference='Stop'; [Console]::OutputEncoding=[Text.Encoding]::UTF8; "
FIRST_REAL = 0  # seconds since 1970: what lies before is “never” (1600, 1601, 0001)


def objects(script: str, *, seconds: float = 120) -> list[dict[str, Any]]:
    """What a script gives, as a list: one object alone comes without its list, none as nothing."""
    command = f"{BEFORE}@({script}) | ConvertTo-Json -Depth 4 -Compress"
    return read(ask(["powershell.exe", "-NoProfile", "-NonInteractive", "-Command", command], seconds=seconds))


def read(answer: str) -> list[dict[str, Any]]:
    """The objects of an answer of ConvertTo-Json."""
    text = answer.lstrip("\ufeff").strip()
    told = json.loads(text) if text else []
    return [one for one in (told if isinstance(told, list) else [told]) if isinstance(one, dict)]


def moment(told: object) -> str | None:
    """A moment of ConvertTo-Json: “/Date(1731600000000)/” (version 5), or ISO 8601 (version 7); None for never."""
    if isinstance(told, dict):  # version 5 gives some as {"value": "/Date(…)/", "DateTime": "in words"}
        return moment(told.get("value"))
    text = str(told or "")
    if text.startswith("/Date("):
        digits = text.removeprefix("/Date(").rstrip("/)")
        sign, digits = (-1, digits[1:]) if digits.startswith("-") else (1, digits)
        since = sign * int(digits.partition("+")[0].partition("-")[0]) / 1000
        return write_moment(since) if since > FIRST_REAL else None
    return text if len(text) >= 19 and text[:4].isdecimal() and int(text[:4]) >= 1970 else None


def whole(told: object) -> int | None:
    """A whole number; None if it is none."""
    return told if isinstance(told, int) and not isinstance(told, bool) else None

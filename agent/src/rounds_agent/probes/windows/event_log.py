"""Errors of Windows' event logs behind a record's number, by wevtutil; its XML has the same names in every language."""

from __future__ import annotations

from rounds_agent.probes.asking import ask
from rounds_agent.probes.reading import Absent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from xml.etree.ElementTree import Element

CHANNELS = ("System", "Application", "Microsoft-Windows-Backup")
LEVELS = {"1": "critical", "2": "error", "3": "warning", "4": "information"}
MOST, MAX_TEXT = 50, 500
SPACE = "{http://schemas.microsoft.com/win/2004/08/events/event}"
HOUR = 3_600_000  # milliseconds, for the first look


def query(channel: str, behind: int | None) -> list[str]:
    """The command: the oldest first, behind a record, or of the last hour."""
    place = f"EventRecordID>{behind}" if behind is not None else f"TimeCreated[timediff(@SystemTime)<={HOUR}]"
    path = f"*[System[(Level=1 or Level=2) and {place}]]"
    return ["wevtutil", "query-events", channel, f"/query:{path}", f"/count:{MOST}", "/format:RenderedXml"]


def parse(channel: str, xml: str) -> list[dict[str, Any]]:
    """The events of wevtutil's answer, which has one element after another and none around them."""
    from xml.etree import ElementTree  # noqa: PLC0415 - by the child process on Windows alone

    root = ElementTree.fromstring(f"<events>{xml.lstrip(chr(0xFEFF))}</events>")  # noqa: S314 - of this very machine
    return [_event(channel, one) for one in root.iter(f"{SPACE}Event")]


def _event(channel: str, event: Element) -> dict[str, Any]:

    def of(name: str, attribute: str = "") -> str:
        found = event.find(f"{SPACE}System/{SPACE}{name}")
        return "" if found is None else (found.get(attribute, "") if attribute else found.text or "")

    words = event.find(f"{SPACE}RenderingInfo/{SPACE}Message")
    values = [one.text or "" for one in event.iterfind(f"{SPACE}EventData/{SPACE}Data")]
    return {
        "id": f"{channel}:{of('EventRecordID')}",
        "record": int(of("EventRecordID")),
        "at": of("TimeCreated", "SystemTime"),
        "source": f"{of('Provider', 'Name')} {of('EventID')}",
        "level": LEVELS.get(of("Level"), "error"),
        "text": ((words.text if words is not None else "") or " ".join(values)).strip()[:MAX_TEXT],
    }


def newer_than(bookmark: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The next events of all channels, and the bookmark behind them; a channel that is not there is left out."""
    found: list[dict[str, Any]] = []
    behind, missing = dict(bookmark), 0
    for channel in CHANNELS:
        try:
            events = parse(channel, ask(query(channel, behind.get(channel))))
        except OSError:
            missing += 1
            continue
        if events:
            behind[channel] = max(event["record"] for event in events)
        found += [{name: value for name, value in event.items() if name != "record"} for event in events]
    if missing == len(CHANNELS):
        raise Absent
    return found, behind

"""What kinds of devices tell by SNMP, each by the table that it is told in; what a device does not have is left out."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from rounds_agent.watches.ber import Oid, Value, dotted
from rounds_agent.watches.outcomes import CannotAsk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rounds_agent.watches.asking import Asked
    from rounds_agent.watches.manager import Manager
    from rounds_agent.watches.outcomes import Outcome

MOST_PARTS = 64
LONGEST_NAME = 60


class Talk:
    """A device that answers, and what is found out about it. `up`: hundredths of a second since it was started."""

    def __init__(self, manager: Manager, outcome: Outcome, asked: Asked) -> None:
        self.manager, self.outcome, self.asked = manager, outcome, asked
        self.up: int | None = None

    def one(self, name: str) -> Value:
        """One object; None if the device does not have it."""
        oid = dotted(name)
        return self.manager.get([oid]).get(oid)

    def some(self, names: dict[str, str]) -> dict[str, Value]:
        """Some objects by names of ours; those that the device does not have are None."""
        told = self.manager.get([dotted(oid) for oid in names.values()])
        return {name: told.get(dotted(oid)) for name, oid in names.items()}

    def column(self, name: str) -> dict[Oid, Value]:
        """A column of a table by its rows' indices."""
        return dict(self.manager.walk(dotted(name)))

    def table(self, under: str, columns: dict[str, int]) -> dict[Oid, dict[str, Value]]:
        """Columns of a table, by row; rows are those of the first column."""
        rows: dict[Oid, dict[str, Value]] = {}
        for place, (name, number) in enumerate(columns.items()):
            for index, value in self.column(f"{under}.{number}").items():
                if place == 0 and len(rows) < 1000:
                    rows[index] = dict.fromkeys(columns)
                if index in rows:
                    rows[index][name] = value
        return rows

    def figure(self, kind: str, value: float, part: str = "") -> None:
        """Tell a figure, of the device or of a part of it."""
        same = sum(1 for name in self.outcome.figures if name.partition("@")[0] == kind)
        if same < MOST_PARTS:
            self.outcome.figures[f"{kind}@{part}" if part else kind] = round(float(value), 2)

    def alert(self, words: str) -> None:
        """Tell of something that the device warns of."""
        self.outcome.facts.setdefault("alerts", []).append(words[:120])


def text_of(value: object) -> str:
    """A text as a device tells it, without what no page can show."""
    if not isinstance(value, bytes):
        return ""
    text = value.rstrip(b"\0").decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()[:200]


def name_of(value: object, index: Oid) -> str:
    """The name of a part, or its number."""
    text = text_of(value).replace("@", " ")[:LONGEST_NAME].strip()
    return text or ".".join(str(arc) for arc in index)


def number_of(value: object) -> int | None:
    """A number, also if it is told as a text."""
    if isinstance(value, int):
        return value
    found = re.match(r"-?\d+", text_of(value))
    return int(found[0]) if found else None


# Printers: RFC 3805, and hrPrinterDetectedErrorState of RFC 2790 (language-neutral, unlike the texts of alerts).
SUPPLIES = "1.3.6.1.2.1.43.11.1.1"
PAGES = "1.3.6.1.2.1.43.10.2.1.4"
PRINTER_STATUS, PRINTER_ERRORS = "1.3.6.1.2.1.25.3.5.1.1", "1.3.6.1.2.1.25.3.5.1.2"
SERIAL, DEVICE = "1.3.6.1.2.1.43.5.1.1.17.1", "1.3.6.1.2.1.25.3.2.1.3.1"
STATES = {3: "idle", 4: "printing", 5: "warming up"}
ERRORS = (
    "paper low", "no paper", "toner low", "no toner", "a door is open", "paper jam", "offline", "service requested",
    "a tray is missing", "the output tray is missing", "a supply is missing", "the output is nearly full",
    "the output is full", "a tray is empty", "maintenance is overdue",
)  # fmt: skip


def printer(talk: Talk) -> None:
    """Supplies in percent of what they hold, pages, and what the printer complains of."""
    for index, row in talk.table(SUPPLIES, {"name": 6, "holds": 8, "level": 9}).items():
        holds, level = number_of(row["holds"]), number_of(row["level"])
        if holds and holds > 0 and level is not None and 0 <= level <= holds:  # below nothing: it cannot tell
            talk.figure("supply.percent", 100 * level / holds, name_of(row["name"], index))
    pages = [count for count in map(number_of, talk.column(PAGES).values()) if count is not None and count >= 0]
    if pages:
        talk.figure("pages", max(pages))
    talk.outcome.facts.setdefault("alerts", [])
    for value in talk.column(PRINTER_ERRORS).values():
        for words in errors_in(value if isinstance(value, bytes) else b""):
            talk.alert(words)
    states = [STATES.get(number_of(value) or 0, "") for value in talk.column(PRINTER_STATUS).values()]
    talk.outcome.facts["status"] = ", ".join(filter(None, states))
    for name, oid in (("serial", SERIAL), ("model", DEVICE)):
        if text := text_of(talk.one(oid)):
            talk.outcome.facts[name] = text


def errors_in(bits: bytes) -> Iterator[str]:
    """The complaints in hrPrinterDetectedErrorState: the highest bit first."""
    for place, words in enumerate(ERRORS):
        if place // 8 < len(bits) and bits[place // 8] & 0x80 >> place % 8:
            yield words


# Ports: RFC 2863. Counters of 64 bits where there are some.
PORTS, MORE = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"
UP, LOOPBACK = 1, 24
LONGEST_PAUSE = 6 * 3600.0  # seconds between two looks of which a rate is made
COUNTED: dict[str, tuple[int | None, int]] = {
    "in": (6, 10),
    "out": (10, 16),
    "wrong_in": (None, 14),
    "wrong_out": (None, 20),
}


def ports(talk: Talk) -> None:
    """Traffic and errors of the ports that are up; those that were named and are not are down."""
    rows = talk.table(PORTS, {"label": 2, "kind": 3, "is_up": 8})
    names = {index: name_of(value, index) for index, value in talk.column(f"{MORE}.1").items()}
    wanted = {one.strip().lower() for one in talk.asked.text("ports").split(",") if one.strip()}
    counted = _counted(talk)
    before = _before(talk, counted)
    for index, row in rows.items():
        name = names.get(index) or name_of(row["label"], index)
        number = ".".join(str(arc) for arc in index)
        if wanted & {name.lower(), name_of(row["label"], index).lower(), number}:
            wanted -= {name.lower(), name_of(row["label"], index).lower(), number}
            talk.figure("interface.down", 0.0 if row["is_up"] == UP else 1.0, name)
        if row["is_up"] == UP and row["kind"] != LOOPBACK:
            _rates(talk, name, number, (before, counted))
    if wanted:
        raise CannotAsk(f"the device has no port called {', '.join(sorted(wanted))}")


def _counted(talk: Talk) -> dict[str, dict[str, int]]:
    """The counters of all ports, by what they count and by port."""
    found = {}
    for what, (long, short) in COUNTED.items():
        column = talk.column(f"{MORE}.{long}") if long else {}
        column = column or talk.column(f"{PORTS}.{short}")
        found[what] = {".".join(map(str, index)): count for index, count in column.items() if isinstance(count, int)}
    return found


def _before(talk: Talk, counted: dict[str, dict[str, int]]) -> dict[str, object]:
    """The counters of the last time, unless the device was started since; now's are remembered for the next."""
    kept, now = dict(talk.asked.memory), time.time()
    talk.asked.memory.clear()
    talk.asked.memory.update({"at": now, "up": talk.up, "counted": counted})
    at, up = kept.get("at"), kept.get("up")
    if not isinstance(at, int | float) or not 1 <= now - at <= LONGEST_PAUSE:
        return {}
    if isinstance(up, int) and talk.up is not None and talk.up < up:
        return {}
    return {"seconds": now - at, "counted": kept["counted"]}


def _rates(talk: Talk, name: str, number: str, told: tuple[dict[str, object], dict[str, dict[str, int]]]) -> None:
    """What went through a port since the last time; nothing the first time, or where a counter began anew."""
    before, now = told
    counted, seconds = before.get("counted"), before.get("seconds")
    if not isinstance(counted, dict) or not isinstance(seconds, float):
        return
    grown: dict[str, float] = {}
    for what, column in now.items():
        old = counted[what].get(number) if isinstance(counted.get(what), dict) else None
        if isinstance(old, int) and number in column and column[number] >= old:
            grown[what] = column[number] - old
    for way in ("in", "out"):
        if way in grown:
            talk.figure(f"interface.{way}_bits", grown[way] * 8 / seconds, name)
    if "wrong_in" in grown or "wrong_out" in grown:
        talk.figure("interface.errors", (grown.get("wrong_in", 0) + grown.get("wrong_out", 0)) * 60 / seconds, name)


# Servers and whatever runs net-snmp: RFC 2790 (storage, processors) and UCD-SNMP-MIB (load).
STORAGE, FIXED_DISK = "1.3.6.1.2.1.25.2.3.1", dotted("1.3.6.1.2.1.25.2.1.4")
PROCESSORS, LOAD_5 = "1.3.6.1.2.1.25.3.3.1.2", "1.3.6.1.4.1.2021.10.1.3.2"
NOT_DISKS = ("/run", "/dev", "/sys", "/proc")


def storage(talk: Talk) -> None:
    """How full the fixed disks are; where a NAS has told of its volumes already, that is enough."""
    if any(name.startswith("volume.used_percent@") for name in talk.outcome.figures):
        return
    for index, row in talk.table(STORAGE, {"name": 3, "kind": 2, "size": 5, "used": 6}).items():
        size, used, name = number_of(row["size"]), number_of(row["used"]), name_of(row["name"], index)
        if row["kind"] == FIXED_DISK and size and size > 0 and used is not None and not name.startswith(NOT_DISKS):
            talk.figure("volume.used_percent", min(100.0, 100 * used / size), name)


def load(talk: Talk) -> None:
    """How busy its processors are, and its load."""
    busy = [share for share in map(number_of, talk.column(PROCESSORS).values()) if share is not None]
    if busy:
        talk.figure("load.percent", sum(busy) / len(busy))
    try:
        talk.figure("load", float(text_of(talk.one(LOAD_5))))
    except ValueError:
        return


# UPS: RFC 1628, and APC's own PowerNet-MIB where that says nothing.
UPS = {
    "maker": "1.3.6.1.2.1.33.1.1.1.0", "model": "1.3.6.1.2.1.33.1.1.2.0", "battery": "1.3.6.1.2.1.33.1.2.1.0",
    "minutes": "1.3.6.1.2.1.33.1.2.3.0", "charge": "1.3.6.1.2.1.33.1.2.4.0", "source": "1.3.6.1.2.1.33.1.4.1.0",
    "load": "1.3.6.1.2.1.33.1.4.4.1.5.1",
}  # fmt: skip
ALARMS, BATTERY_BAD = "1.3.6.1.2.1.33.1.6.2.1.2", dotted("1.3.6.1.2.1.33.1.6.3.1")
APC = {
    "model": "1.3.6.1.4.1.318.1.1.1.1.1.1.0", "charge": "1.3.6.1.4.1.318.1.1.1.2.2.1.0",
    "ticks": "1.3.6.1.4.1.318.1.1.1.2.2.3.0", "replace": "1.3.6.1.4.1.318.1.1.1.2.2.4.0",
    "output": "1.3.6.1.4.1.318.1.1.1.4.1.1.0", "load": "1.3.6.1.4.1.318.1.1.1.4.2.3.0",
}  # fmt: skip
ON_BATTERY, REPLACE, APC_ON_BATTERY = 5, 2, 3


def ups(talk: Talk) -> None:
    """How full the battery is, how long it lasts, and whether all runs on it."""
    told = talk.some(UPS)
    if number_of(told["charge"]) is None:
        _apc(talk)
        return
    is_bad = BATTERY_BAD in talk.column(ALARMS).values()
    _battery(talk, told, on_battery=told["source"] == ON_BATTERY, is_bad=is_bad)
    if (minutes := number_of(told["minutes"])) is not None:
        talk.figure("battery.minutes", minutes)
    talk.outcome.facts["model"] = f"{text_of(told['maker'])} {text_of(told['model'])}".strip()


def _apc(talk: Talk) -> None:
    told = talk.some(APC)
    if number_of(told["charge"]) is None:
        raise CannotAsk("the device tells of no battery: it is no UPS that is known here")
    _battery(talk, told, on_battery=told["output"] == APC_ON_BATTERY, is_bad=told["replace"] == REPLACE)
    if (ticks := number_of(told["ticks"])) is not None:
        talk.figure("battery.minutes", ticks / 6000)
    talk.outcome.facts["model"] = text_of(told["model"])


def _battery(talk: Talk, told: dict[str, Value], *, on_battery: bool, is_bad: bool) -> None:
    talk.figure("battery.percent", number_of(told["charge"]) or 0)
    talk.figure("battery.on", float(on_battery))
    talk.figure("part.failed", float(is_bad), "Battery")
    if (share := number_of(told["load"])) is not None:
        talk.figure("load.percent", share)


# Synology: SYNOLOGY-SYSTEM-MIB, -DISK-MIB, -RAID-MIB, by their guide.
SYNOLOGY = {
    "system": "1.3.6.1.4.1.6574.1.1.0", "temperature": "1.3.6.1.4.1.6574.1.2.0", "power": "1.3.6.1.4.1.6574.1.3.0",
    "fan": "1.3.6.1.4.1.6574.1.4.1.0", "model": "1.3.6.1.4.1.6574.1.5.1.0", "serial": "1.3.6.1.4.1.6574.1.5.2.0",
    "version": "1.3.6.1.4.1.6574.1.5.3.0",
}  # fmt: skip
SYNOLOGY_DISKS, SYNOLOGY_RAIDS = "1.3.6.1.4.1.6574.2.1.1", "1.3.6.1.4.1.6574.3.1.1"
FAILED_DISK, FAILED_RAID = {4, 5}, {11, 12}


def synology(talk: Talk) -> None:
    """Disks, volumes, fans and temperature of a Synology."""
    told = talk.some(SYNOLOGY)
    if told["system"] is None:
        return
    for name, words in (("system", "System"), ("power", "Power supply"), ("fan", "Fan")):
        if told[name] is not None:
            talk.figure("part.failed", float(told[name] != 1), words)
    if (degrees := number_of(told["temperature"])) is not None:
        talk.figure("temperature", degrees)
    for name in ("model", "serial", "version"):
        if text := text_of(told[name]):
            talk.outcome.facts[name] = text
    for index, row in talk.table(SYNOLOGY_DISKS, {"name": 2, "state": 5, "degrees": 6}).items():
        _disk(talk, name_of(row["name"], index), row, is_bad=row["state"] in FAILED_DISK)
    for index, row in talk.table(SYNOLOGY_RAIDS, {"name": 2, "state": 3, "free": 4, "size": 5}).items():
        free, size, name = number_of(row["free"]), number_of(row["size"]), name_of(row["name"], index)
        talk.figure("part.failed", float(row["state"] in FAILED_RAID), name)
        if size and size > 0 and free is not None and 0 <= free <= size and name.lower().startswith("volume"):
            talk.figure("volume.used_percent", 100 - 100 * free / size, name)


def _disk(talk: Talk, name: str, row: dict[str, Value], *, is_bad: bool) -> None:
    talk.figure("part.failed", float(is_bad), name)
    degrees = number_of(row["degrees"])
    if degrees is not None and 0 < degrees < 120:
        talk.figure("temperature", degrees, name)


# QNAP: NAS-MIB, where sizes and temperatures are texts: “35 C/95 F”, “1.79 TB”.
QNAP_MODEL = "1.3.6.1.4.1.24681.1.2.12.0"
QNAP_DISKS, QNAP_VOLUMES = "1.3.6.1.4.1.24681.1.2.11.1", "1.3.6.1.4.1.24681.1.2.17.1"
READY, NO_DISK = 0, -5
SIZES = {"KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "PB": 1e15}


def qnap(talk: Talk) -> None:
    """Disks and volumes of a QNAP."""
    if not (model := text_of(talk.one(QNAP_MODEL))):
        return
    talk.outcome.facts["model"] = model
    for index, row in talk.table(QNAP_DISKS, {"name": 2, "degrees": 3, "state": 4}).items():
        if row["state"] != NO_DISK:
            _disk(talk, name_of(row["name"], index), row, is_bad=row["state"] != READY)
    for index, row in talk.table(QNAP_VOLUMES, {"name": 2, "size": 4, "free": 5, "state": 6}).items():
        size, free = size_of(row["size"]), size_of(row["free"])
        name = name_of(row["name"], index)
        talk.figure("part.failed", float(not text_of(row["state"]).lower().startswith("ready")), name)
        if size and free is not None and free <= size:
            talk.figure("volume.used_percent", 100 - 100 * free / size, name)


def size_of(value: object) -> float | None:
    """A size in bytes, told as a number or as “1.79 TB”."""
    if isinstance(value, int):
        return float(value)
    found = re.match(r"(\d+(?:\.\d+)?)\s*([KMGTP]B)?", text_of(value), re.IGNORECASE)
    return float(found[1]) * SIZES.get((found[2] or "").upper(), 1.0) if found else None

"""Which anti-virus product guards this machine, whether it does so all the time, and how old its signatures are.

ClamAV on Linux; on Windows Defender, and what the Security Center knows of (there is none on servers).
"""

from __future__ import annotations

import time

from rounds_agent.clock import write_moment
from rounds_agent.probes.asking import ask
from rounds_agent.probes.reading import IS_WINDOWS, names_in, text_or_nothing
from rounds_agent.probes.windows import defender

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def parse_clamav(answer: str) -> dict[str, object]:
    """`ClamAV 1.0.7/27448/Mon Nov  4 09:22:27 2024`; without signatures nothing follows the first slash."""
    engine, _, rest = answer.strip().splitlines()[0].partition("/")
    number, _, built = rest.partition("/")
    product = {"product": "ClamAV", "engine": engine.removeprefix("ClamAV ").strip()}
    return {**product, "signatures": number.strip(), "signatures_at": _moment(built)}


def _moment(text: str) -> str | None:
    """`Mon Nov  4 09:22:27 2024`, in the machine's time."""
    parts = text.split()
    if len(parts) != 5 or parts[1] not in MONTHS:
        return None
    hour, minute, second = (int(part) for part in parts[3].split(":"))
    local = (int(parts[4]), MONTHS.index(parts[1]) + 1, int(parts[2]), hour, minute, second, 0, 0, -1)
    return write_moment(time.mktime(local))


def _runs(program: str) -> bool:
    return any(name.isdecimal() and text_or_nothing(f"/proc/{name}/comm") == program for name in names_in("/proc"))


def measure(home: str) -> dict[str, object]:
    """The products; `is_active` says whether files are watched all the time, as far as that can be told."""
    del home
    if IS_WINDOWS:
        return {"facts": {"antivirus": {"products": defender.products()}}}
    product = parse_clamav(ask(["clamscan", "--version"], seconds=60))
    return {"facts": {"antivirus": {"products": [{**product, "is_active": _runs("clamonacc")}]}}}

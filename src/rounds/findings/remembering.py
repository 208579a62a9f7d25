"""Takes up what is remembered of machines between their check-ins, and keeps it: charts, as JSON of a known shape.

It happens to every machine every minute, and reading a known shape takes less time than reading any JSON.
"""

from collections.abc import Iterable
from datetime import date, datetime

import msgspec
from django.db.models import TextField
from django.db.models.functions import Cast

from rounds.core.detecting import Memory
from rounds.core.examining import Chart
from rounds.findings.models import MachineMemory
from rounds.rows.upserting import upsert


class KeptMemory(msgspec.Struct, gc=False):
    """A `Memory` as it is kept."""

    at: datetime | None
    open: bool
    marks: str
    since: dict[str, datetime]


class KeptChart(msgspec.Struct, gc=False):
    """A `Chart` as it is kept; of a machine never seen, nothing is."""

    cores: int | None = None
    rules: list[tuple[str, str, KeptMemory]] = []
    maxima: dict[str, dict[date, float]] = {}


_decoder = msgspec.json.Decoder(KeptChart)


def packed(chart: Chart) -> KeptChart:
    """A chart as it is to be kept."""
    rules = [
        (rule, subject, KeptMemory(memory.at, memory.is_open, memory.marks, dict(memory.since)))
        for (rule, subject), memory in chart.memories.items()
    ]
    return KeptChart(chart.cores, rules, {disk: dict(days) for disk, days in chart.maxima.items()})


def unpacked(text: str) -> Chart:
    """A chart as it was kept."""
    kept = _decoder.decode(text)
    memories = {
        (rule, subject): Memory(memory.at, memory.open, memory.marks, memory.since)
        for rule, subject, memory in kept.rules
    }
    return Chart(memories, kept.cores, kept.maxima)


def charts_of(machines: Iterable[int]) -> dict[int, Chart]:
    """The charts of machines, by their keys; of one that is not among them nothing is remembered."""
    rows = MachineMemory.objects.filter(pk__in=list(machines)).annotate(text=Cast("chart", TextField()))
    return {key: unpacked(text) for key, text in rows.values_list("pk", "text")}


def keep(charts: Iterable[tuple[int, Chart]]) -> None:
    """Keep the charts of machines."""
    upsert(MachineMemory, ("machine", "chart"), [(key, packed(chart)) for key, chart in charts])

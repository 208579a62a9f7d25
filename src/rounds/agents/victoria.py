"""The storage of samples at scale: VictoriaMetrics beside the database, fed in batches, read by its HTTP interface.

A reader of check-ins as others are (`reading`): its cursor moves when a batch was taken, so that a batch is sent at
least once, and again after a kill; VictoriaMetrics is to run with -dedup.minScrapeInterval=1ms, which makes nothing of
the second time. It acknowledges from memory: before check-ins go, it is asked whether it has their day whole, and what
it lost is sent again. Rolled-up figures it makes itself when asked.
"""

import json
import logging
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import msgspec
from django.conf import settings

from rounds.agents import reading
from rounds.agents.figures import figures_of
from rounds.agents.storage import DAY, Asked, NotYet
from rounds.core.packing import Table, merge, table_of
from rounds.core.rolling import column_of

log = logging.getLogger(__name__)

READER = "victoria"
AT_ONCE = 2000
SECONDS = 20
# What makes a stretch's figure; the stretch ends a millisecond before the next one begins.
ROLLING = {
    "min": "min_over_time({})",
    "max": "max_over_time({})",
    "avg": "avg_over_time({})",
    "last": "last_over_time({})",
    "p95": "quantile_over_time(0.95, {})",
}


def feed(_at: datetime) -> int:
    """Send what is new to VictoriaMetrics, if it is used; say how many check-ins."""
    if not settings.VICTORIA:
        return 0
    total = 0
    while count := _feed_some(Victoria(settings.VICTORIA)):
        total += count
    return total


def _feed_some(victoria: "Victoria") -> int:
    """Look, send, note: no transaction is open while VictoriaMetrics answers, as SQLite has one writer."""
    check_ins = reading.look(READER, AT_ONCE)
    by_machine: dict[int, list[tuple[int, dict[str, float]]]] = {}
    for one in check_ins:
        row = (reading.milliseconds(one.taken_at), figures_of(one.samples, one.disks, one.watches))
        by_machine.setdefault(one.machine_id, []).append(row)
    if check_ins:
        victoria.send({machine_id: table_of(rows) for machine_id, rows in by_machine.items()})
        reading.note(READER, check_ins)
    return len(check_ins)


def metric_of(machine_id: int, name: str) -> dict[str, str]:
    """The labels of a figure: its name as Grafana's users would write it, and as it is under `figure`."""
    plain, _, place = name.partition("@")
    readable = re.sub(r"[^a-zA-Z0-9_]", "_", plain)
    labels = {"__name__": f"rounds_{readable}", "machine": str(machine_id), "figure": name}
    return labels | ({"place": place} if place else {})


class Victoria:
    """VictoriaMetrics at an address."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")

    def append(self, machine_id: int, day: int, table: Table) -> Callable[[], None]:
        """See that it has a day whole before its check-ins go; what is missing is sent again, and waited for."""
        counts = self._counts(machine_id, day)
        for name, column in table.columns.items():
            told = len(_without_holes(table, column)[0])
            if counts.get(name, 0) < told:
                self.send({machine_id: table})
                raise NotYet(f"VictoriaMetrics had {counts.get(name, 0)} of {told} samples of {name} of a day")
        return lambda: None

    def send(self, tables: Mapping[int, Table]) -> None:
        """Send figures of machines."""
        lines = [
            msgspec.json.encode({"metric": metric_of(machine_id, name), "values": values, "timestamps": times})
            for machine_id, table in tables.items()
            for name, column in table.columns.items()
            for times, values in [_without_holes(table, column)]
        ]
        self._ask("/api/v1/import", body=b"\n".join(lines))

    def read(self, machine_id: int, asked: Asked) -> Table:
        """Read samples, or have it roll them up."""
        if asked.until <= asked.since:
            return Table()
        if not asked.step:
            span = {"start": asked.since / 1000, "end": (asked.until - 1) / 1000}
            said = self._ask("/api/v1/export", {"match[]": _selector(machine_id, asked), **span})
            return merge([_table(series) for series in map(json.loads, said.splitlines())])
        return merge([table for kind in asked.kinds for table in self._rolled(machine_id, asked, kind)])

    def _rolled(self, machine_id: int, asked: Asked, kind: str) -> Iterator[Table]:
        first = asked.since // asked.step * asked.step
        span = {"start": (first + asked.step - 1) / 1000, "end": (asked.until + asked.step - 1) / 1000}
        figures = f"{_selector(machine_id, asked)}[{asked.step}ms]"
        query = {"query": ROLLING[kind].format(figures), "step": f"{asked.step}ms", "nocache": 1, **span}
        for series in json.loads(self._ask("/api/v1/query_range", query))["data"]["result"]:
            values = [(round(at * 1000) + 1 - asked.step, float(value)) for at, value in series["values"]]
            name = column_of(series["metric"]["figure"], kind)
            yield table_of((at, {name: value}) for at, value in values if at < asked.until)

    def _counts(self, machine_id: int, day: int) -> dict[str, int]:
        query = f'count_over_time({{machine="{machine_id}", __name__=~"rounds_.+"}}[{DAY}ms])'
        said = self._ask("/api/v1/query", {"query": query, "time": ((day + 1) * DAY - 1) / 1000, "nocache": 1})
        return {one["metric"]["figure"]: int(one["value"][1]) for one in json.loads(said)["data"]["result"]}

    def _ask(self, path: str, query: Mapping[str, Any] | None = None, body: bytes | None = None) -> bytes:
        asked = f"{self.address}{path}"
        sent = body if body is not None else urlencode(query or {}).encode()
        try:
            with urlopen(Request(asked, data=sent), timeout=SECONDS) as reply:  # noqa: S310 - the shop's own address
                return bytes(reply.read())
        except HTTPError as error:
            raise NotYet(f"VictoriaMetrics answers {error.code}: {error.read(200).decode(errors='replace')}") from None
        except (URLError, HTTPException, OSError) as error:
            raise NotYet(f"VictoriaMetrics does not answer at {self.address}: {error}") from None


def _selector(machine_id: int, asked: Asked) -> str:
    """A machine's figures that are asked for, as its query language writes them."""
    patterns = [re.escape(name) for name in asked.names.exact]
    patterns += [f"{re.escape(beginning)}.*" for beginning in asked.names.beginnings]
    labels = [f'machine="{machine_id}"', '__name__=~"rounds_.+"']
    if patterns:
        labels.append(f"figure=~{json.dumps('|'.join(patterns))}")
    return f"{{{', '.join(labels)}}}"


def _without_holes(table: Table, column: Iterable[float | None]) -> tuple[list[int], list[float]]:
    """Moments and figures; what is not finite is no figure there."""
    both = zip(table.times, column, strict=True)
    pairs = [(at, figure) for at, figure in both if figure is not None and math.isfinite(figure)]
    return [at for at, _ in pairs], [figure for _, figure in pairs]


def _table(series: Mapping[str, Any]) -> Table:
    name = series["metric"]["figure"]
    return table_of(
        (at, {name: float(value)}) for at, value in zip(series["timestamps"], series["values"], strict=True)
    )

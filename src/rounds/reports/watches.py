"""What a report needs of watches: what each last gave, with the open findings about it; asked once for many."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from rounds.core.daily_machines import Wrong
from rounds.core.daily_watches import Looked
from rounds.findings.models import Finding
from rounds.watches.models import Sighting, Watch
from rounds.watches.wording import short


def watched_of(
    clients: Collection[int], findings: Mapping[int, Iterable[Finding]], at: datetime
) -> dict[int, list[Looked]]:
    """What is watched of some clients, by the client; `findings` are theirs."""
    wrong: dict[str, list[Wrong]] = {}
    for row in (row for rows in findings.values() for row in rows):
        if row.closed_at is None and row.subject.startswith("watch "):
            wrong.setdefault(row.subject.partition(":")[0], []).append(Wrong(row.rule, row.severity, row.title))
    rows = Watch.objects.current().filter(site__client__in=clients).select_related("site", "sighting")
    found: dict[int, list[Looked]] = {}
    for watch in rows.order_by("name", "pk"):
        sighting = getattr(watch, "sighting", None)
        found.setdefault(watch.site.client_id, []).append(_looked(watch, sighting, wrong, at))
    return found


def _looked(watch: Watch, sighting: Sighting | None, wrong: Mapping[str, list[Wrong]], at: datetime) -> Looked:
    about = tuple(wrong.get(f"watch {watch.pk}", ()))
    if sighting is None:
        return Looked(name=watch.name, wrong=about)
    return Looked(
        name=watch.name, is_ok=sighting.is_ok, is_old=sighting.is_old(at), measured_at=sighting.measured_at,
        shows=short(sighting), wrong=about,
    )  # fmt: skip

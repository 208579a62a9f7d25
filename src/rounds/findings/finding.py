"""Brings findings up to date with everything to their left: check-ins, silence, watches, alert mail, evidence."""

from datetime import datetime

from rounds.findings import others, reporting, watching
from rounds.findings.listening import watch_silence
from rounds.findings.opening import close_abandoned
from rounds.findings.surging import watch_mail


def pull(at: datetime) -> int:
    """Open and close what there is to open and close; say how much was new. Again, or late, it changes nothing more."""
    new = watching.pull() + reporting.pull() + watch_silence(at) + others.watch_watches(at)
    return new + watch_mail(at) + reporting.close_unheard(at) + close_abandoned(at)

"""Proves the books once a day: what does not hold is a finding for the shop itself, until it holds again."""

import logging
from datetime import datetime

from rounds.clients.models import Client
from rounds.findings.opening import Cause, Seen, close, open_once
from rounds.invoices.checking import differences
from rounds.invoices.tax_reporting import wrong_tax
from rounds.ledger import booking, sealing
from rounds.ledger.models import Proof
from rounds.people.shop import local_day

RULE = "books-wrong"
SHOWN = 20  # differences that a finding and a proof keep; there may be thousands of one cause
log = logging.getLogger("rounds.books")


def pull(at: datetime) -> int:
    """Prove the books if that was not done today; says how many proofs were kept."""
    if Proof.objects.filter(on=local_day(at)).exists():
        return 0
    wrong = prove(at)
    _, is_new = Proof.objects.get_or_create(on=local_day(at), defaults={"at": at, "wrong": wrong[:SHOWN]})
    return int(is_new)


def prove(at: datetime) -> list[str]:
    """Book and seal what is new, look for everything that does not hold, and tell the shop; nothing, if all is well.

    Others go on booking meanwhile: what looks wrong counts only if it is still the same at a second look.
    """
    _catch_up(at)
    wrong = _everything_wrong()
    if wrong:
        _catch_up(at)
        again = set(_everything_wrong())
        wrong = [difference for difference in wrong if difference in again]
    _tell(wrong, at)
    return wrong


def _everything_wrong() -> list[str]:
    return [*differences(), *wrong_tax()]


def _catch_up(at: datetime) -> None:
    booking.pull(at)
    sealing.pull()


def _tell(wrong: list[str], at: datetime) -> None:
    own = Client.objects.filter(is_own=True).order_by("pk").first()
    if wrong:
        log.error("the books do not hold: %s", "; ".join(wrong[:SHOWN]))
    if own is None:
        return
    cause = Cause(own.pk, None, RULE, "")
    if wrong:
        title = f"The books do not hold: {wrong[0]}"
        shown = {"routine": "What does not hold", "summary": "; ".join(wrong[:SHOWN]), "count": len(wrong)}
        open_once(cause, Seen(title, "trouble", at, shown))
        return
    kept = cause.open_finding()
    if kept is not None:
        close(kept, {"routine": "Proof", "summary": "the books hold again"}, at=at)

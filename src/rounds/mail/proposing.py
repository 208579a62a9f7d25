"""Proposes a rule for a mail that no rule knows: the mail in; what the form of a new rule begins with, out."""

import re
from typing import Any

from rounds.clients.models import Machine
from rounds.core.alerts import classify, topic
from rounds.core.patterns import propose
from rounds.mail.heading import propose_columns
from rounds.mail.models import AlertMail, Source
from rounds.mail.understanding import told_of

_TOLD = re.compile(r"“(.+)” in the (subject|text)")


def propose_rule(mail: AlertMail) -> dict[str, Any]:
    """A rule that knows this mail by its subject: machines, figures and the word that tells the result become holes."""
    told = told_of(mail)
    source: Source = mail.source
    machines = Machine.objects.filter(retired_at=None)
    machines = machines.filter(site__client=source.client) if source.client else machines
    lowered = told.subject.lower()
    names = {name: "machine" for name in machines.values_list("name", flat=True) if name.lower() in lowered}
    verdict = classify(told.subject, "")
    found = _TOLD.search(verdict.why)
    if found:
        names[found[1]] = "*"
    first_line = next((line.strip() for line in told.text.splitlines() if any(c.isalnum() for c in line)), "")
    proposed = {
        "name": (topic(told.subject) or source.name)[:120],
        "source": "this",
        "sender": told.sender_address.rpartition("@")[2] and f"@{told.sender_address.rpartition('@')[2]}",
        "subject": propose(told.subject, names),
        "failure": found[1] if found and verdict.result == "failure" else "",
        "success": found[1] if found and verdict.result == "success" else "",
        "result": "",
    }
    if columns := propose_columns(told):
        proposed |= {f"column_{role}": cell for role, cell in columns.items()} | {"failure": "", "success": ""}
    if not any(c.isalnum() for c in re.sub(r"\{[^}]*\}", "", proposed["subject"])):
        proposed |= {"subject": "", "text": "" if columns else propose(first_line, {})}
    return proposed

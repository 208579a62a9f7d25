"""Run inside an installation by test_check_ins.py: enrols agents, makes a token, tells what was kept."""

import hashlib
import json
import secrets
import sys

import django

django.setup()

from django.db.models import Sum  # noqa: E402
from django.utils import timezone  # noqa: E402 - Django is set up by now

from rounds.agents import reading  # noqa: E402
from rounds.agents.enrolling import Asked, Hints, Offer, enrol, make_token  # noqa: E402
from rounds.agents.models import CheckIn, State  # noqa: E402
from rounds.clients.models import Client, Site  # noqa: E402
from rounds.findings import watching  # noqa: E402
from rounds.findings.models import Finding  # noqa: E402


def site() -> Site:
    """Where all of them stand."""
    client, _ = Client.objects.get_or_create(name="Northside Dental")
    return Site.objects.get_or_create(client=client, name="Main office")[0]


def enrolled() -> str:
    """The secret of a new agent."""
    secret, now = secrets.token_urlsafe(32), timezone.now()
    _, token = make_token(site(), Offer(), by=None, at=now)
    hashed = hashlib.sha256(secret.encode()).hexdigest()
    enrol(Asked(token, secrets.token_hex(16), hashed, Hints(hostname=secrets.token_hex(4))), at=now)
    return secret


def count() -> dict[str, object]:
    """What is there, and that it is taken once."""
    rows = list(CheckIn.objects.values_list("agent", "epoch", "number"))
    told: dict[str, object] = {"rows": len(rows), "distinct": len(set(rows))}
    told["pulled"] = [reading.pull(), reading.pull()]
    watching.pull()
    told["known"] = State.objects.aggregate(of_all=Sum("check_ins"))["of_all"]
    told["findings"] = Finding.objects.filter(rule="disk-full").count()
    return told


def seen() -> dict[str, object]:
    """What is known of the machine seen last."""
    reading.pull()
    state = State.objects.order_by("-seen_at").first()
    kernel = state.facts.get("os", {}).get("kernel") if state else None
    return {"check_ins": state.check_ins if state and kernel else 0, "kernel": kernel}


if __name__ == "__main__":
    (asked,) = sys.argv[1:]
    if asked == "token":
        print(make_token(site(), Offer(), by=None, at=timezone.now())[1])
    elif asked in {"count", "seen"}:
        print(json.dumps({"count": count, "seen": seen}[asked]()))
    else:
        print(" ".join(enrolled() for _ in range(int(asked))))

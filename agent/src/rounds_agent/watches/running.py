"""The child that looks at what is due: all at once, each within its own time; each result is left as it comes."""

from __future__ import annotations

import importlib
import os
import threading
import time
from typing import Any

from rounds_agent.clock import write_moment
from rounds_agent.home import files_of, read_json, remove, under, write_json
from rounds_agent.others import EVERY, FOLDER, LISTED
from rounds_agent.watches.asking import SECONDS, Asked
from rounds_agent.watches.outcomes import CannotAsk, told_of
from rounds_agent.watches.policy import networks_of

# Kind to the module that watches so, and the seconds that it may take.
KINDS = {
    "ping": ("ping", SECONDS),
    "tcp": ("tcp", SECONDS),
    "http": ("http", 20.0),
    "tls": ("tls", SECONDS),
    "dns": ("dns", SECONDS),
    "smtp": ("smtp", 20.0),
    "snmp": ("snmp", 45.0),
}
AT_ONCE = 16
EARLY = 20.0  # seconds: check-ins come a little earlier or later, and bring this child with them
MOST_WAITING = 2000  # results, if no check-in takes them
ASKED = "watched.json"
FAILURES = (ArithmeticError, LookupError, OSError, TypeError, ValueError, Exception)


def run_due(home: str) -> int:
    """Look at everything that is due once."""
    listed, now = read_json(under(home, LISTED)), time.time()
    watches = [one for one in listed.get("watches", []) if _is_watch(one)] if isinstance(listed, dict) else []
    kept = read_json(under(home, ASKED))
    asked_at = kept if isinstance(kept, dict) else {}
    due = [one for one in watches if not 0 <= now - _moment(asked_at, one) < one.get("every", EVERY) - EARLY]
    os.makedirs(under(home, FOLDER), mode=0o700, exist_ok=True)
    _forget(home, {str(one["id"]) for one in watches})
    write_json(under(home, ASKED), {str(one["id"]): now if one in due else _moment(asked_at, one) for one in watches})
    _all_at_once(home, due)
    return 0


def _is_watch(one: Any) -> bool:
    return isinstance(one, dict) and isinstance(one.get("id"), int) and isinstance(one.get("every", EVERY), int)


def _moment(asked_at: dict[str, Any], one: dict[str, Any]) -> float:
    moment = asked_at.get(str(one["id"]), 0.0)
    return float(moment) if isinstance(moment, int | float) else 0.0


def _forget(home: str, live: set[str]) -> None:
    """Forget what was remembered of watches that are no more, and the oldest results that nobody takes."""
    for name in files_of(under(home, FOLDER), ".memory"):
        if name[:-7] not in live:
            remove(under(home, FOLDER, name))
    names = sorted(files_of(under(home, FOLDER), ".json"), key=lambda name: name.partition("-")[2])
    for name in names[:-MOST_WAITING]:
        remove(under(home, FOLDER, name))


def _all_at_once(home: str, due: list[dict[str, Any]]) -> None:
    """Some threads that take one after another. They are not waited for longer than any may take."""
    waiting, lock = list(due), threading.Lock()
    policy = read_json(under(home, "policy.json"))

    def take() -> None:
        while True:
            with lock:
                if not waiting:
                    return
                one = waiting.pop(0)
            look(home, one, policy)

    threads = [threading.Thread(target=take, daemon=True) for _ in range(min(AT_ONCE, len(due)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def look(home: str, one: dict[str, Any], policy: Any) -> None:
    """Look at one, and leave what it gave."""
    began, memory = time.time(), under(home, FOLDER, f"{one['id']}.memory")
    told, remembered = ask(one, policy, read_json(memory))
    if remembered is not None:
        write_json(memory, remembered)
    name = f"{one['id']}-{int(began * 1000)}.json"
    write_json(under(home, FOLDER, name), {"watch": one["id"], "at": write_moment(began), **told})


def ask(one: dict[str, Any], policy: Any, memory: Any) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Ask one: what it gave, and what is to be remembered for the next time."""
    kind, settings, target = one.get("kind"), one.get("settings"), one.get("target")
    try:
        if kind not in KINDS or not isinstance(target, str) or not target:
            raise CannotAsk(f"this agent knows no watch “{kind}”; it knows {', '.join(KINDS)}")
        module, seconds = KINDS[kind]
        networks = networks_of(policy)
        known = memory if isinstance(memory, dict) else {}
        asked = Asked(target, settings if isinstance(settings, dict) else {}, networks, known, seconds)
        outcome = importlib.import_module(f"rounds_agent.watches.{module}").watch(asked)
    except FAILURES as problem:  # whatever one fails with, the others go on
        return told_of(problem), None
    return outcome.told(), asked.memory or None

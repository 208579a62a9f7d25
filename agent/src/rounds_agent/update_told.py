"""What is to be told of updates: why there was none, or which version was no good; light enough to stay in memory."""

from __future__ import annotations

from rounds_agent import __version__
from rounds_agent.home import read_json, under


def _numbers(version: object) -> list[int]:
    return [int(part) for part in str(version).split(".") if part.isdecimal()]


def update_told(home: str) -> str:
    """The words; "" if all is as it should be."""
    told = read_json(under(home, "update.json"))
    if isinstance(told, dict) and told.get("why"):
        return str(told["why"])[:300]
    failed = read_json(under(home, "versions", "failed.json"))
    if not isinstance(failed, dict) or not failed:
        return ""
    last = max(failed.values(), key=lambda one: float(one.get("at", 0)))
    return f"version {last['version']} {last['why']}"[:300] if _numbers(last["version"]) > _numbers(__version__) else ""

"""Which files to restore, and what it proves when they come back: a seed and paths, or a report in; the answer out."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

CAME_BACK = frozenset({"same", "restored"})  # docs/agent-protocol.md, "restore-files"
VERDICTS = CAME_BACK | {"different", "failed"}
CONFIDENCE = 0.95


def choose(paths: Iterable[str], seed: str, count: int) -> list[str]:
    """Choose files as an agent does: in the order of SHA-256(seed + path), the first `count` of them.

    Whoever has the seed and the list of files can recompute it; whoever has not seen the seed cannot prepare for it.
    """
    ordered = sorted(paths, key=lambda path: (sha256(f"{seed}{path}".encode(errors="surrogateescape")).digest(), path))
    return ordered[:count]


@dataclass(frozen=True, slots=True)
class Proof:
    """What one restore of random files came to."""

    summary: str
    is_good: bool = False
    tried: int = 0
    came_back: int = 0


def judge(report: Mapping[str, Any], *, is_ok: bool, asked: int) -> Proof:
    """Read an agent's report of `restore-files`. What cannot be read, or is less than was asked for, proves nothing.

    A file that did not come back, or came back different, is bad; so is a report that contradicts itself.
    """
    if "code" in report or "files" not in report:
        reason = str(report.get("reason") or report.get("code") or "the report names no files")
        return Proof(f"The restore could not be tried: {reason}"[:200])
    files = report["files"]
    verdicts = [file.get("verdict") for file in files if isinstance(file, Mapping)] if isinstance(files, list) else []
    if not verdicts or len(verdicts) != len(files) or not all(verdict in VERDICTS for verdict in verdicts):
        return Proof("The report of the restore cannot be read")
    tried, came_back = len(verdicts), sum(verdict in CAME_BACK for verdict in verdicts)
    bad = [str(file.get("path")) for file in files if file["verdict"] not in CAME_BACK]
    if bad:
        return Proof(f"{came_back} of {tried} files came back; not {bad[0]}"[:200], tried=tried, came_back=came_back)
    there, too_large = report.get("files_in_snapshot"), report.get("files_too_large", 0)
    if isinstance(there, int) and isinstance(too_large, int):
        asked = min(asked, there - max(0, too_large))
    if tried < asked:
        return Proof(f"Only {tried} of the {asked} files asked for were tried", tried=tried, came_back=came_back)
    if not is_ok:
        return Proof("The agent says that the restore failed, yet names no bad file", tried=tried, came_back=came_back)
    return Proof(f"{came_back} of {tried} random files came back", is_good=True, tried=tried, came_back=came_back)


def surely_restorable(came_back: int, tried: int, confidence: float = CONFIDENCE) -> float:
    """The share of all files that can be restored at least, with this confidence (0 to 1; 0 if nothing was tried).

    Clopper and Pearson's exact one-sided bound: the share p at which so many or more out of `tried` come back with
    probability 1 − confidence. Without a bad file it is (1 − confidence)^(1/n), about 1 − 3/n: the rule of three.
    """
    if not 0 <= came_back <= tried:
        raise ValueError(f"{came_back} of {tried} files cannot have come back")
    if came_back == 0:
        return 0.0
    if came_back == tried:
        return float((1 - confidence) ** (1 / tried))
    low, high = 0.0, came_back / tried
    for _ in range(60):
        middle = (low + high) / 2
        if _at_least(came_back, tried, middle) < 1 - confidence:
            low = middle
        else:
            high = middle
    return low


def _at_least(successes: int, trials: int, share: float) -> float:
    """The probability of so many or more successes, each with the same share; by logarithms, which cannot overflow."""
    if share <= 0:
        return 0.0
    ways = math.lgamma(trials + 1)
    return math.fsum(
        math.exp(
            ways - math.lgamma(k + 1) - math.lgamma(trials - k + 1)
            + k * math.log(share) + (trials - k) * math.log1p(-share)
        )
        for k in range(successes, trials + 1)
    )  # fmt: skip


def claim(came_back: int, tried: int) -> str:
    """Say what a run of restores proves, never more than is sure: the percentage is rounded down."""
    if not tried:
        return "Not proved: no file has been restored yet"
    share = surely_restorable(came_back, tried)
    percent = math.floor(share * 1000) / 10 if share >= 0.99 else math.floor(share * 100)
    sure = f"at least {percent:g} % can be restored ({CONFIDENCE:.0%} sure)".replace("95%", "95 %")
    return f"{came_back} of {tried} came back: {sure}"

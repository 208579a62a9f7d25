"""Reads another product's alert mail by its words: subject and text in; failure, success or unknown, and why, out.

The rule is the same for all products, since their words are much the same. A failure anywhere outweighs a success, for
a mail that reports both wants to be looked at. What says that nothing failed ("0 errors", "no warnings", "errors: 0")
is taken out first. A source with words of its own is read by those alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

FAILURE_WORDS = (
    "failed", "failure", "failing", "fail", "error", "errors", "unsuccessful", "unsuccessfully", "aborted", "cancelled",
    "canceled", "critical", "fatal", "corrupt", "corrupted", "degraded", "degradedarray", "offline", "infected",
    "malware detected", "virus detected", "threat detected", "virus found", "threat found", "not completed",
    "did not complete",
    "could not be completed", "not successful", "outbreak", "on battery", "power failure", "missed", "incomplete",
)  # fmt: skip
SUCCESS_WORDS = (
    "success", "successful", "successfully", "succeeded", "completed", "finished", "passed", "ok", "healthy",
    "no threats found", "clean", "recovered", "restored to normal", "back online", "rebuilt",
)  # fmt: skip

# "no errors", "0 failed", "without any warning", "zero threats found"; "errors: 0", "failed items = 0", "failures 0".
_NOTHING = re.compile(
    r"\b(?:no|0|zero|without|none)\s+(?:\w+\s+){0,2}?(?:err\w*|fail\w*|warn\w*|infect\w*|threat\w*|virus\w*|malware|corrupt\w*|missed)"
    r"|\b(?:err\w*|fail\w*|infect\w*|threats?|virus\w*|corrupt\w*|missed)(?:\s+\w+){0,2}?\s*[:=]?\s*\b(?:0|none|no|zero)\b(?![.,:]?\d)",
    re.IGNORECASE,
)
_LONGEST = 200_000  # characters looked at; a longer mail is a log, and its verdict stands at its head


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a mail reports, "failure", "success" or "unknown", and why: the words and where they stand."""

    result: str
    why: str


def classify(subject: str, text: str, failure_words: Sequence[str] = (), success_words: Sequence[str] = ()) -> Verdict:
    """Say what a mail reports. Words given replace the usual ones of their kind."""
    # Blanks side by side become one first: `_NOTHING` would try every way to divide a million of them.
    places = (("subject", _squeezed(subject[:1000])), ("text", _squeezed(text[:_LONGEST])))
    for result, own, usual in (
        ("failure", failure_words, FAILURE_WORDS),
        ("success", success_words, SUCCESS_WORDS),
    ):
        pattern = _pattern(tuple(own) or usual)
        for name, place in places:
            # A shop that gives its own words means them as they stand; only the usual ones need this care.
            found = pattern.search(place if own else _NOTHING.sub(" ", place))
            if found:
                return Verdict(result, f"“{found[0]}” in the {name}")
    return Verdict("unknown", "none of the words that tell a failure from a success is in it")


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def topic(subject: str, failure_words: Sequence[str] = (), success_words: Sequence[str] = ()) -> str:
    """What a mail is about by its subject alone: without words that tell a result, dates, figures and small words.

    So "Backup of SRV01 failed on 3 May" and "Backup of SRV01: OK" are about the same, and SRV02's is about another.
    """
    told = _NOTHING.sub(" ", _squeezed(subject[:1000]))
    for own, usual in ((failure_words, FAILURE_WORDS), (success_words, SUCCESS_WORDS)):
        told = _pattern((*own, *usual)).sub(" ", told)
    words = (word.strip("._-") for word in _WORD.findall(told.lower()))
    return " ".join(word for word in words if word and word not in _SMALL and not _FIGURE.fullmatch(word))[:150].strip()


_WORD = re.compile(r"[\w.-]+")
_FIGURE = re.compile(r"[\d._-]+(?:st|nd|rd|th|am|pm|s|m|h|t|z|kb|mb|gb|tb|kib|mib|gib|tib)?")
_SMALL = frozenset((
    "about", "after", "an", "and", "are", "as", "at", "been", "by", "but", "com", "did", "for", "from", "had",
    "has", "have", "in", "is", "it", "its", "no", "not", "of", "on", "or", "out", "status", "that", "the", "this",
    "to", "was", "were", "will", "with", "without", "result", "results", "report", "reports", "warning", "warnings",
    "minutes", "hours", "seconds", "am", "pm", "kb", "mb", "gb", "tb", "kib", "mib", "gib", "tib", "mon",
    "tue", "wed", "thu", "fri", "sat", "sun", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
    "sunday", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "january",
    "february", "march", "april", "june", "july", "august", "september", "october", "november", "december",
))  # fmt: skip


@lru_cache(maxsize=256)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Whole words, longest first, in any case; not inside a path or a name such as error.log."""
    told = sorted((word.strip() for word in words if word.strip()), key=len, reverse=True)
    if not told:
        return re.compile(r"(?!)")
    each = "|".join(r"\s+".join(re.escape(part) for part in word.split()) for word in told)
    return re.compile(rf"(?<![\w./\\-])(?:{each})(?![\w/\\]|[.-]\w)", re.IGNORECASE)

"""Patterns with holes, as a technician writes them: a pattern and a text go in, what stands in the holes comes out.

`Backup of {machine} ended: {result}` is found in a line that has these words in this order, in any case and with any
blanks between them. A hole takes what stands between the words around it: a first one from the start of the line, a
last one to its end; `{*}` takes and forgets; `{machine:word}` takes one word only. Where a pattern begins or ends with
a word, that is a whole one: `ok` is not found in "look". The next words count at the first place at which they stand,
so that the time needed grows with the length of the text alone, whoever wrote the pattern: these are no regular
expressions, and cannot run away as those can.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rounds.core.money import Refused

LONGEST_PATTERN, MOST_HOLES, LONGEST_VALUE = 300, 12, 200
MOST_LINES = 20_000
HOLES = ("client", "machine", "product", "job", "result", "time", "count", "*")
_HOLE = re.compile(r"\{([a-z]+|\*)(:word)?\}")
_TRIM = " \t\"'“”‘’«»,;"


@dataclass(frozen=True, slots=True)
class Hole:
    """A place to be filled: its name, and whether with one word only."""

    name: str
    is_word: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern as written, and cut into words and holes; `words[i]` stands before `holes[i]`, the last ends it."""

    text: str
    words: tuple[str, ...]
    holes: tuple[Hole, ...]

    @property
    def longest_words(self) -> str:
        """The longest words that a text must have for the pattern to be found in it, in small letters."""
        return max(self.words, key=len).strip()

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=4096)
def parse(text: str) -> Pattern:
    """Read a pattern. Refused: one without words, with two holes side by side, or with a hole of an unknown name."""
    squeezed = " ".join(text.split())
    if len(squeezed) > LONGEST_PATTERN:
        raise Refused(f"a pattern has at most {LONGEST_PATTERN} characters")
    words, holes, end = [], [], 0
    for found in _HOLE.finditer(squeezed):
        if found[1] not in HOLES:
            known = ", ".join(f"{{{one}}}" for one in HOLES)
            raise Refused(f"“{found[0]}” is no hole that is known; there are {known}")
        words.append(fold(squeezed[end : found.start()]))
        holes.append(Hole(found[1], is_word=bool(found[2])))
        end = found.end()
    words.append(fold(squeezed[end:]))
    if not any(any(c.isalnum() for c in word) for word in words):
        raise Refused(f"“{squeezed}” has no words of its own: it would be found everywhere")
    if any(not word.strip() for word in words[1:-1]):
        raise Refused(f"“{squeezed}” has two holes with no words between them")
    if len(holes) > MOST_HOLES:
        raise Refused(f"a pattern has at most {MOST_HOLES} holes")
    return Pattern(squeezed, tuple(words), tuple(holes))


def fold(text: str) -> str:
    """Small letters, each in the place of its own: so that a place found is the same in the text as it was."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


@dataclass(frozen=True, slots=True)
class Text:
    """A text made ready to be searched: its lines with single blanks, and the same in small letters."""

    lines: tuple[str, ...]
    small: tuple[str, ...]
    whole: str  # all small lines, to say quickly that something is not in it

    @classmethod
    def of(cls, text: str) -> "Text":
        """Make a text ready; of one with very many lines, the first ones count."""
        lines = tuple(" ".join(line.split()) for line in text.splitlines()[:MOST_LINES])
        small = tuple(fold(line) for line in lines)
        return cls(lines, small, "\n".join(small))


type Filled = Mapping[str, str]


def find(pattern: Pattern, text: Text) -> Filled | None:
    """What stands in the holes of a pattern in the first line in which it is found; None: it is in none."""
    return next(find_all(pattern, text), None)


def find_all(pattern: Pattern, text: Text) -> Iterator[Filled]:
    """What stands in the holes, for each line in which the pattern is found."""
    longest = pattern.longest_words
    if longest not in text.whole:
        return
    for line, small in zip(text.lines, text.small, strict=True):
        if longest in small and (filled := _fill(pattern, line, small)) is not None:
            yield filled


def _fill(pattern: Pattern, line: str, small: str) -> Filled | None:
    """Look for the words from left to right in one line; what lies between them fills the holes."""
    places = _places(pattern, small)
    if places is None:
        return None
    filled: dict[str, str] = {}
    for number, hole in enumerate(pattern.holes):
        starts, ends = places[number][1], places[number + 1][0]
        value = line[starts:ends].strip(_TRIM)
        if hole.is_word:
            value = _one_word(value, is_first=number == 0 and not pattern.words[0].strip(), is_last=ends == len(line))
        if hole.name == "*":
            continue
        if not value:
            return None
        filled.setdefault(hole.name, value[:LONGEST_VALUE])
    return filled


def _places(pattern: Pattern, small: str) -> list[tuple[int, int]] | None:
    """Where the words of a pattern begin and end in a line, in their order."""
    places, at, last = [], 0, len(pattern.words) - 1
    for number, word in enumerate(pattern.words):
        # A blank at the pattern's edge need not be there.
        sought = word.lstrip() if number == 0 else word
        sought = sought.rstrip() if number == last else sought
        if not sought:
            found = 0 if number == 0 else len(small)
        else:
            found = _find_whole(small, sought, at, at_start=number == 0, at_end=number == last)
        if found < 0:
            return None
        places.append((found, found + len(sought)))
        at = found + len(sought)
    return places


def _find_whole(small: str, sought: str, at: int, *, at_start: bool, at_end: bool) -> int:
    """The first place at which the words stand; at the pattern's edges, no letter or figure may go on there."""
    while (found := small.find(sought, at)) >= 0:
        end = found + len(sought)
        is_cut = (at_start and found > 0 and sought[0].isalnum() and small[found - 1].isalnum()) or (
            at_end and end < len(small) and sought[-1].isalnum() and small[end].isalnum()
        )
        if not is_cut:
            return found
        at = found + 1
    return -1


def _one_word(value: str, *, is_first: bool, is_last: bool) -> str:
    """The word beside the words of the pattern; nothing, if there are several between two of them."""
    parts = value.split()
    if is_first:
        return parts[-1].strip(_TRIM) if parts else ""
    if is_last:
        return parts[0].strip(_TRIM) if parts else ""
    return parts[0] if len(parts) == 1 else ""


_NUMBER = re.compile(r"(?<!\w)\d+(?:[.,:/-]\d+)*(?!\w)")


def propose(line: str, names: Mapping[str, str]) -> str:
    """Propose a pattern for a line of a mail: known names and figures become holes, the rest stays.

    `names` maps what stands in the line to the hole for it, such as {"SRV01": "machine"}.
    """
    told = " ".join(line.replace("{", "(").replace("}", ")").split())[:LONGEST_PATTERN]
    for value in sorted(names, key=len, reverse=True):
        if value.strip():
            told = _put_hole(told, value, names[value])
    cut = [part if part.startswith("{") else _NUMBER.sub("{*}", part) for part in re.split(r"(\{[a-z*]+\})", told)]
    return _bounded(re.sub(r"\{[a-z*]+\}(?:\s*\{[a-z*]+\})+", _one_of_several, "".join(cut)))


def _put_hole(line: str, value: str, hole: str) -> str:
    sought = re.compile(rf"(?<![\w{{]){re.escape(value)}(?![\w}}])", re.IGNORECASE)
    return sought.sub(f"{{{hole}}}", line, count=1)


def _one_of_several(found: re.Match[str]) -> str:
    """Holes side by side become one: the one that has a name, if one has."""
    named = re.findall(r"\{([a-z]+)\}", found[0])
    return f"{{{named[0]}}}" if named else "{*}"


def _bounded(text: str) -> str:
    """As much of a proposal as a pattern may have."""
    holes = list(_HOLE.finditer(text))
    if len(holes) > MOST_HOLES:
        text = text[: holes[MOST_HOLES].start()]
    return text[:LONGEST_PATTERN].strip()

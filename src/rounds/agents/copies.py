"""Notices when two machines share one agent's identity, because a disk was copied with it: by a nonce that is echoed.

Every answer has a fresh nonce, which the agent keeps in memory and sends with its next check-in. One agent's nonces are
one line. A check-in that does not echo the end of a line begins another one: an agent or this server was started again,
an answer was lost, or a disk was set back to a snapshot; then the old line is never heard of again. Of two machines,
both lines go on: when one that was thought dead comes back, and then the other, both live. The younger is set apart.

Lines live in the memory of one front. One that is killed, or one of several, only needs a few check-ins more.
"""

import secrets
from dataclasses import dataclass, field

MOST_LINES = 64
RETURNS = 2  # a disk may be set back, and forth again: one return proves nothing
NONCE, DRAWN = 16, 512  # letters of a nonce; so many are drawn at once, as asking for chance costs more than all else
_drawn: list[str] = []


def _nonce() -> str:
    if not _drawn:
        letters = secrets.token_hex(NONCE * DRAWN // 2)
        _drawn.extend(letters[at : at + NONCE] for at in range(0, len(letters), NONCE))
    return _drawn.pop()


@dataclass(slots=True, eq=False)
class Line:
    """One chain of nonces: its last one, and whether anybody ever echoed one of it."""

    nonce: str = ""
    is_heard: bool = False
    is_set_apart: bool = False
    token: str = ""  # with which whoever holds this line is to enrol anew
    token_at: float = 0.0


@dataclass(slots=True)
class Lines:
    """The lines of one agent, the oldest first."""

    lines: list[Line] = field(default_factory=list)
    last: Line | None = None
    returns: int = 0

    def hear(self, echo: str) -> Line:
        """Note what a check-in echoes; its line, with the nonce for the answer."""
        line = self.last
        if line is None or not echo or line.nonce != echo:  # else it is one machine that goes on, as nearly all do
            line = next((one for one in self.lines if echo and one.nonce == echo), None)
            if line is None:
                line = self._begin()
            else:
                self._go_on(line)
        line.nonce = _nonce()
        return line

    def _begin(self) -> Line:
        line = Line()
        self.lines.append(line)
        if len(self.lines) > MOST_LINES:
            dead = next((one for one in self.lines if not one.is_heard), self.lines[0])
            self.lines.remove(dead)
        return line

    def _go_on(self, line: Line) -> None:
        if line.is_heard and self.last is not line:
            self.returns += 1
        line.is_heard, self.last = True, line
        if self.returns >= RETURNS:
            self.returns = 0
            _, *younger = [one for one in self.lines if one.is_heard]
            for one in younger:
                one.is_set_apart = True

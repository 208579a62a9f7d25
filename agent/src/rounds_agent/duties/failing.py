"""How a duty fails: with a code for programs and a reason for people."""

from __future__ import annotations


class Failed(Exception):
    """The duty could not be done."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code

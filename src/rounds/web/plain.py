"""A plain check-in from the gate, in the shape in which granian gives requests: its scope and its protocol."""

from typing import Any

from rounds.web.gate import Answer, Asked, Headers

NOTHING = Asked({}, b"")


class Plain:
    """Both the scope and the protocol of a request whose body is here."""

    scheme, http_version, method, path = "http", "1.1", "POST", "/check-in"

    def __init__(self, asked: Asked, answer: Answer) -> None:
        self.asked, self.answer = asked, answer

    @property
    def headers(self) -> Headers:
        """Its headers."""
        return self.asked.headers

    async def __call__(self) -> bytes:
        """Its body."""
        return self.asked.body

    def response_bytes(self, status: int, _headers: Any, body: bytes) -> None:
        """Answer it."""
        self.answer(status, body)

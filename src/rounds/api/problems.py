"""What went wrong, as problem details (RFC 9457): what it is, and where, in words that its reader can act on."""

from http import HTTPStatus

import msgspec
from django.http import HttpResponse

from rounds.api import shapes

MEDIA = "application/problem+json"


class Problem(Exception):
    """A request that is not answered as it was asked."""

    def __init__(
        self, status: int, detail: str, *, errors: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors, self.headers = status, detail, errors or {}, headers or {}

    def reply(self) -> HttpResponse:
        """As it is answered."""
        wrong = [shapes.Wrong(where, what) for where, what in self.errors.items()]
        told = shapes.Problem("about:blank", HTTPStatus(self.status).phrase, self.status, self.detail, wrong)
        return HttpResponse(
            msgspec.json.encode(told), content_type=MEDIA, status=self.status,
            headers={"Cache-Control": "no-store", **self.headers},
        )  # fmt: skip


def unread(error: msgspec.ValidationError, what: str) -> Problem:
    """What does not have the shape that is asked for: where, and what would be right."""
    told, _, where = str(error).partition(" - at `$")
    place = where.rstrip("`").lstrip(".") or what
    return Problem(422, f"The {what} cannot be taken: see errors.", errors={place: told.replace("`", "")})


def refused(reason: str) -> Problem:
    """What the rules refuse, in their words."""
    return Problem(422, f"{reason[:1].upper()}{reason[1:]}.")

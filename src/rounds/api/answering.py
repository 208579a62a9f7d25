"""Answers a request: who asks and may he, is it readable, has it been sent before; then the operation, as JSON.

Nothing here knows a cookie: a program shows its token with every request, so no page elsewhere can ask in its place.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any

import msgspec
from django.core.cache import cache
from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from rounds.api import problems
from rounds.api.admitting import PREFIX, token_of
from rounds.api.models import Scope, Sent, Token
from rounds.api.operations import BASE, Asked, Document, Operation
from rounds.api.problems import Problem
from rounds.core.money import Refused
from rounds.people.fields import FIRST_YEAR, LAST_YEAR
from rounds.people.shop import the_shop

LARGEST_BODY = 64 * 1024
REQUESTS_A_MINUTE = 600
LONGEST_KEY = 80
REACHES = {Scope.READ: 1, Scope.WORK: 2, Scope.WRITE: 3}
encode = msgspec.json.Encoder().encode


def view_of(operations: Mapping[str, Operation]) -> Callable[..., HttpResponseBase]:
    """The view of an address; without cookies there is nothing that a page elsewhere could forge."""
    return csrf_exempt(partial(answer, operations=operations))


def answer(request: HttpRequest, operations: Mapping[str, Operation], **keys: Any) -> HttpResponseBase:
    """Answer what one address can be asked."""
    try:
        return _answer(request, operations, keys)
    except Problem as problem:
        return problem.reply()
    except Refused as reason:
        return problems.refused(str(reason)).reply()
    except Http404:
        return Problem(404, "There is nothing at this address.").reply()


@csrf_exempt
def nothing(request: HttpRequest) -> HttpResponse:
    """Answer an address that does not exist: to a stranger no other than one that does."""
    try:
        recognise(request, timezone.now())
    except Problem as problem:
        return problem.reply()
    return Problem(404, "There is nothing at this address.").reply()


def _answer(request: HttpRequest, operations: Mapping[str, Operation], keys: Mapping[str, Any]) -> HttpResponseBase:
    now = timezone.now()
    token = recognise(request, now)
    operation = operations.get("GET" if request.method == "HEAD" else str(request.method))
    if operation is None:
        allowed = ", ".join(sorted({*operations, *(["HEAD"] if "GET" in operations else [])}))
        raise Problem(405, f"This address takes {allowed}.", headers={"Allow": allowed})
    _refuse_strange(operation, token)
    asked = Asked(request, token, token.person, the_shop(), now)
    if operation.query is not None or request.GET:
        asked = replace(asked, query=_query(request, operation))
    if operation.method == "GET":
        return _shown(request, operation.act(asked, **keys))
    if operation.body is not None:
        asked = replace(asked, body=_body(request, operation.body))
    if operation.method == "POST":
        return _once(asked, partial(operation.act, asked, **keys))
    return _changed(asked, operations["GET"], partial(operation.act, asked, **keys), keys)


def recognise(request: HttpRequest, now: datetime) -> Token:
    """Whose token it is. Refused alike: none, an unknown, a revoked or an expired one, one of somebody who has left."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    secret = secret.strip()
    is_one = kind.lower() == "bearer" and secret.startswith(PREFIX) and len(secret) < 100
    token = token_of(secret, now) if is_one else None
    if token is None:
        told = "Send a token that holds, like this: Authorization: Bearer rounds_…"
        raise Problem(401, told, headers={"WWW-Authenticate": 'Bearer realm="rounds"'})
    place = f"api:{token.pk}:{int(now.timestamp()) // 60}"
    if cache.add(place, 1, 120):
        return token
    try:
        count = cache.incr(place)
    except ValueError:  # it went out of the cache just now
        return token
    if count > REQUESTS_A_MINUTE:
        wait = str(60 - int(now.timestamp()) % 60)
        told = f"A token may ask {REQUESTS_A_MINUTE} times a minute; go on in {wait} seconds."
        raise Problem(429, told, headers={"Retry-After": wait})
    return token


def _refuse_strange(operation: Operation, token: Token) -> None:
    if not operation.may(token.person):
        raise Problem(
            403, f"This is for {operation.whom}; the token acts as a {token.person.get_role_display().lower()}."
        )
    if REACHES[Scope(token.scope)] < REACHES[operation.scope]:
        raise Problem(403, f"The token was made for this: {token.get_scope_display().lower()}. This needs another one.")


def _query(request: HttpRequest, operation: Operation) -> Any:
    """What stands behind the question mark."""
    twice = [name for name, values in request.GET.lists() if len(values) > 1]
    if twice:
        raise Problem(422, "The address cannot be taken: see errors.", errors={twice[0]: "it is given more than once"})
    shape = operation.query
    if shape is None:
        name = next(iter(request.GET))
        raise Problem(422, "The address cannot be taken: see errors.", errors={name: "there is no such parameter here"})
    try:
        told = msgspec.convert(request.GET.dict(), shape, strict=False)
    except msgspec.ValidationError as error:
        raise problems.unread(error, "address") from None
    _refuse_distant(told)
    return told


def _body(request: HttpRequest, shape: type[msgspec.Struct]) -> Any:
    """What was sent, read as its shape."""
    if request.content_type != "application/json":
        raise Problem(415, "Send JSON, with Content-Type: application/json.")
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not length.isdecimal() or int(length) > LARGEST_BODY:
        raise Problem(413, f"A body has up to {LARGEST_BODY // 1024} KiB.")
    try:
        told = msgspec.json.decode(request.body, type=shape)
    except RequestDataTooBig:
        raise Problem(413, f"A body has up to {LARGEST_BODY // 1024} KiB.") from None
    except msgspec.ValidationError as error:
        raise problems.unread(error, "body") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Problem(400, f"The body is not JSON: {error}.") from None
    _refuse_distant(told)
    return told


def _refuse_distant(told: msgspec.Struct) -> None:
    """Refuse days and moments that no calendar of the shop reaches."""
    for name in told.__struct_fields__:
        value = getattr(told, name)
        if isinstance(value, date) and not FIRST_YEAR <= value.year <= LAST_YEAR:
            what = f"the year {value.year} is out of range; it may be {FIRST_YEAR} to {LAST_YEAR}"
            raise Problem(422, "A day is out of range: see errors.", errors={name: what})


def _shown(request: HttpRequest, found: Any) -> HttpResponse:
    """What was asked for; to who has it already, that it is unchanged (RFC 9110, 13.1.2)."""
    if isinstance(found, Document):
        content, reply = found.content, HttpResponse(found.content, content_type=found.media)
        reply["Content-Disposition"] = f'attachment; filename="{found.name}"'
    else:
        content = encode(found)
        reply = HttpResponse(content, content_type="application/json")
    mark = mark_of(content)
    known = [one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")]
    if mark in known or "*" in known:
        reply = HttpResponse(status=304)
    reply["ETag"], reply["Cache-Control"], reply["Vary"] = mark, "private, no-cache", "Authorization"
    return reply


def mark_of(content: bytes) -> str:
    """The mark by which a program says which state of a thing it has."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _changed(asked: Asked, whole: Operation, act: Any, keys: Mapping[str, Any]) -> HttpResponseBase:
    """Change something; with If-Match only if it still is as the program knows it."""
    with transaction.atomic():
        wanted = asked.request.headers.get("If-Match", "").strip()
        if wanted not in {"", "*"}:
            now = mark_of(encode(whole.act(replace(asked, body=None, query=None), **keys)))
            if now not in {one.strip() for one in wanted.split(",")}:
                raise Problem(412, "It has been changed meanwhile: ask for it again, then change it.")
        content = encode(act())
    return HttpResponse(
        content, content_type="application/json", headers={"ETag": mark_of(content), "Cache-Control": "no-store"}
    )


def _once(asked: Asked, act: Any) -> HttpResponse:
    """Do what is sent once for its key, however often it is sent; what was refused may be sent again.

    The key is kept in the transaction of the deed: both are there, or neither. Of two at once, the database lets one
    keep the key; the other is undone, or refused because of what the first has just recorded, and answered the same.
    """
    key = asked.request.headers.get("Idempotency-Key", "").strip().strip('"')
    if not key or len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        told = f"1 to {LONGEST_KEY} letters, digits or signs of ASCII, new for each thing that is sent"
        raise Problem(400, "Send a key, so that nothing is recorded twice.", errors={"Idempotency-Key": told})
    parts = (asked.request.method, asked.request.get_full_path(), msgspec.to_builtins(asked.body))
    fingerprint = hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
    sent = Sent.objects.filter(person=asked.person, key=key)
    if kept := sent.first():
        return _again(kept, fingerprint)
    try:
        with transaction.atomic():
            made = act()
            kept = Sent.objects.create(
                person=asked.person, key=key, fingerprint=fingerprint, status=201, location=_location(made, asked),
                reply=encode(made).decode(), at=asked.at, token=asked.token,
            )  # fmt: skip
    except (IntegrityError, Problem, Refused) as reason:
        if kept := sent.first():
            return _again(kept, fingerprint)
        if not isinstance(reason, IntegrityError):
            raise
        told = "Somebody else changed the same thing at the same moment: send it again."
        raise Problem(409, told) from None
    return _made(kept)


def _again(kept: Sent, fingerprint: str) -> HttpResponse:
    """Answer what was done already as it was answered then."""
    if kept.fingerprint != fingerprint:
        raise Problem(422, "This key came with something else before.", errors={"Idempotency-Key": "take a new one"})
    reply = _made(kept)
    reply["Idempotency-Replayed"] = "true"
    return reply


def _made(kept: Sent) -> HttpResponse:
    headers = {"Cache-Control": "no-store", "Location": kept.location}
    return HttpResponse(kept.reply, content_type="application/json", status=kept.status, headers=headers)


def _location(made: Any, asked: Asked) -> str:
    """Where what was made is found from now on."""
    path = asked.request.path
    if path.endswith("/void"):
        return path.removesuffix("/void")
    return f"{BASE}/{path.rsplit('/', 1)[-1]}/{made.id}"

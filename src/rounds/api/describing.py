"""The description of all this as OpenAPI 3.1, made of the declarations by which requests are checked."""

import re
from functools import cache
from typing import Any

import msgspec

from rounds import __version__
from rounds.api import money_operations, shapes, shop_operations, work_operations
from rounds.api.answering import LARGEST_BODY, LONGEST_KEY, REQUESTS_A_MINUTE
from rounds.api.operations import BASE, GROUPS, OPERATIONS, Operation

MODULES = (shop_operations, work_operations, money_operations)  # reading them declares all operations
NOT = {
    400: "The body is not JSON, or a header is missing.",
    401: "No token, or one that does not hold.",
    403: "The token's person, or the token, may not do this.",
    404: "There is no such thing.",
    409: "It contradicts what is there, or something changed at the same moment.",
    412: "It is not any more as If-Match says.",
    413: f"The body is larger than {LARGEST_BODY // 1024} KiB.",
    415: "The body is not sent as JSON.",
    422: "Something cannot be taken; `errors` says what and where.",
    500: "The server failed. Send it again later, with the same key.",
    429: f"More than {REQUESTS_A_MINUTE} requests of a token in a minute; Retry-After says when to go on.",
}
ABOUT = (
    "Clients, work and money of the shop. Amounts are text with their currency, hours text, days ISO dates in the "
    "shop's calendar, moments have their offset. Errors are problem details (RFC 9457)."
)
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "New for each thing that is sent. Sent again with the same key, it is done once and answered alike.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!#-~]+$"},
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of the state that is meant; if it has changed meanwhile, nothing is (412).",
    "schema": {"type": "string", "pattern": '^"[0-9a-f]{32}"$'},
}


@cache
def description() -> dict[str, Any]:
    """The whole document."""
    kinds = [kind for one in OPERATIONS for kind in (one.reply, one.body) if kind is not None and kind != one.media]
    shown, parts = msgspec.json.schema_components([*kinds, shapes.Problem], ref_template="#/components/schemas/{name}")
    schemas = dict(zip([*map(str, kinds), "problem"], shown, strict=True))
    paths: dict[str, Any] = {}
    for one in OPERATIONS:
        paths.setdefault(BASE + one.path, {})[one.method.lower()] = _operation(one, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Rounds", "version": __version__, "description": ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": [{"name": name} for name in GROUPS],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": parts,
        },
    }


def _operation(one: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.about.split(". ")[0].rstrip("."),
        "description": f"{one.about}\n\nFor {one.whom}.",
        "tags": [one.group],
        "parameters": [*_keys(one), *parameters(one)],
        "responses": _replies(one, schemas),
    }
    if one.body is not None:
        told["requestBody"] = {
            "required": True, "content": {"application/json": {"schema": schemas[str(one.body)]}}
        }  # fmt: skip
    if one.is_made:
        told["parameters"].append(KEY)
    elif one.method == "PATCH":
        told["parameters"].append(IF_MATCH)
    return told


def _keys(one: Operation) -> list[dict[str, Any]]:
    number = {"type": "string", "minLength": 1, "maxLength": 40, "pattern": "^[A-Za-z0-9 ._-]+$"}
    key = {"type": "integer", "minimum": 1, "maximum": 10**15 - 1}
    return [
        {"name": name, "in": "path", "required": True, "schema": number if name == "number" else key}
        for name in re.findall(r"\{(\w+)\}", one.path)
    ]


def parameters(one: Operation) -> list[dict[str, Any]]:
    """What may stand behind the question mark of an operation."""
    if one.query is None:
        return []
    (_ref,), parts = msgspec.json.schema_components([one.query], ref_template="{name}")
    fields = parts[one.query.__name__]["properties"]
    return [
        {"name": name, "in": "query", "required": False, "schema": _without_null(schema)}
        for name, schema in fields.items()
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """What a parameter may be when it is there: an address has no null."""
    kinds = [one for one in schema.get("anyOf", []) if one != {"type": "null"}]
    if "anyOf" in schema:
        return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    if None in schema.get("enum", []):
        return {"enum": [word for word in schema["enum"] if word is not None]}
    return {name: value for name, value in schema.items() if not (name == "default" and value is None)}


def _replies(one: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    media = one.media or "application/json"
    schema = {} if one.media else {"schema": schemas[str(one.reply)]}
    replies: dict[str, Any] = {"201" if one.is_made else "200": {"description": "Done.", "content": {media: schema}}}
    if one.method == "GET":
        replies["304"] = {"description": "It is as the ETag in If-None-Match says."}
    wrong = {"application/problem+json": {"schema": schemas["problem"]}}
    for status in statuses(one):
        replies[str(status)] = {"description": NOT[status], "content": wrong}
    return replies


def statuses(one: Operation) -> list[int]:
    """The ways in which an operation may go wrong."""
    found = {401, 403, 422, 429, 500}
    if "{" in one.path:
        found.add(404)
    if one.body is not None:
        found |= {400, 409, 413, 415}
    if one.method == "PATCH":
        found.add(412)
    return sorted(found)

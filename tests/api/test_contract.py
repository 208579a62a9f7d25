"""The description and the answers agree, whatever is asked: garbage and things that exist, as every kind of person."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from rounds.api.describing import description
from rounds.api.operations import OPERATIONS, Operation
from rounds.clients.models import Agreement, Client, Contact
from rounds.invoices.models import Invoice, Payment
from rounds.people.models import Shop, User
from rounds.work.models import Order, Part, Stint
from tests.api.conftest import AsProgram
from tests.api.test_reading import trade

__all__ = ["trade"]

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
FEW = settings(max_examples=12, suppress_health_check=list(HealthCheck), deadline=None)
MODELS = {"client": Client, "contact": Contact, "agreement": Agreement, "order": Order, "stint": Stint, "part": Part,
          "payment": Payment}  # fmt: skip


@pytest.fixture
def schema(shop: Shop, settings: Any) -> Iterator[Any]:
    """The description as it is served, before the application that serves it, all in the transaction of the test."""
    settings.ALLOWED_HOSTS = ["*"]
    for when in (request_started, request_finished):
        when.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    for when in (request_started, request_finished):
        when.connect(close_old_connections)


@pytest.fixture
def people(
    as_program: AsProgram, olga: User, theo: User, bea: User, monkeypatch: pytest.MonkeyPatch
) -> list[dict[str, str]]:
    """What programs of every role show, and may ask as often as they like."""
    monkeypatch.setattr("rounds.api.answering.REQUESTS_A_MINUTE", 10**9)
    return [as_program(person).headers for person in (olga, theo, bea)]


@pytest.mark.parametrize("one", OPERATIONS, ids=lambda one: one.name)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
def test_answers_are_as_described(
    schema: Any, people: list[dict[str, str]], trade: list[Invoice], one: Operation, mode: GenerationMode
) -> None:  # fmt: skip
    there = _ids()
    checks = CHECKS if mode == GenerationMode.POSITIVE else [*CHECKS, negative_data_rejection]

    @given(st.data(), schema[f"/api/v1{one.path}"][one.method].as_strategy(generation_mode=mode))
    @FEW
    def ask(data: st.DataObject, case: Case[Any]) -> None:
        if mode == GenerationMode.POSITIVE:
            _name_what_exists(data, case, there)
        headers = data.draw(st.sampled_from(people))
        answer = case.call_and_validate(headers=headers, checks=checks)
        assert answer.status_code < 500

    ask()


def _ids() -> dict[str, list[Any]]:
    """What there is, by the word that names it in an address or a body."""
    found: dict[str, list[Any]] = {
        name: list(model._default_manager.values_list("pk", flat=True)) for name, model in MODELS.items()
    }
    found["number"] = found["invoice"] = [row.full_number for row in Invoice.objects.all()]
    return found


def _name_what_exists(data: st.DataObject, case: Case[Any], there: dict[str, list[Any]]) -> None:
    """Let most requests be about something that exists: numbers out of the air find nothing."""
    parts = [case.path_parameters, case.query, case.body if isinstance(case.body, dict) else {}]
    for part in parts:
        for name in set(part or {}) & set(there):
            if data.draw(st.integers(0, 4)):
                part[name] = data.draw(st.sampled_from(there[name]))


@pytest.mark.parametrize("one", OPERATIONS, ids=lambda one: one.name)
def test_no_operation_forgets_to_ask_for_the_token(schema: Any, one: Operation) -> None:
    operation = schema[f"/api/v1{one.path}"][one.method]

    @given(operation.as_strategy())
    @FEW
    def ask(case: Case[Any]) -> None:
        reply = case.call()
        assert reply.status_code == 401
        case.validate_response(reply, checks=CHECKS)

    ask()


def test_the_description_has_every_operation_and_says_how_each_goes_wrong() -> None:
    told = description()

    assert sum(len(methods) for methods in told["paths"].values()) == len(OPERATIONS)
    names = [method["operationId"] for methods in told["paths"].values() for method in methods.values()]
    assert len(set(names)) == len(names)
    for methods in told["paths"].values():
        for method in methods.values():
            assert {"401", "403", "422", "429"} <= set(method["responses"])
            assert method["summary"]
            assert ("get" in methods) or method["requestBody"]

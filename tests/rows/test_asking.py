"""A question that was written once is answered as Django answers it, whichever key it is about."""

from datetime import date
from typing import Any

import pytest
from django.db.models import Count, Sum

from rounds.charges.models import Charge, RetainerMove
from rounds.clients.models import Client, Site
from rounds.rows.asking import Question

pytestmark = pytest.mark.django_db
BY_CLIENT = Client.objects.annotate(places=Count("sites")).order_by().values_list("pk", "places")
SITES = Question(lambda client: BY_CLIENT.filter(pk=client))


def test_each_key_has_its_own_answer() -> None:
    north, south = (Client.objects.create(name=name) for name in ("Northside", "Southside"))
    Site.objects.bulk_create(Site(client=north, name=name) for name in ("Mill Street", "Harbour"))

    assert SITES.about(north.pk) == [(north.pk, 2)]
    assert SITES.about(south.pk) == [(south.pk, 0)]
    assert SITES.about(0) == []


def test_the_statement_is_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def ask(client: int) -> "object":
        asked.append(client)
        return Client.objects.filter(pk=client).order_by().values_list("pk")

    question = Question(ask)  # type: ignore[arg-type, var-annotated]
    north = Client.objects.create(name="Northside")

    answers = [question.about(north.pk) for _ in range(3)]

    assert answers == [[(north.pk,)]] * 3
    assert len(asked) == 1


def test_sums_are_whole_numbers_on_every_engine() -> None:
    north = Client.objects.create(name="Northside")
    RetainerMove.objects.create(client=north, on=date(2026, 4, 1), amount=300, cause="one", turn=1)
    moved = RetainerMove.objects.order_by().values("client").annotate(moved=Sum("amount"))
    question = Question(lambda client: moved.filter(client=client).values_list("moved"))

    ((amount,),) = question.about(north.pk)

    assert (amount, type(amount)) == (300, int)


def test_days_and_lists_come_as_they_were_kept() -> None:
    north = Client.objects.create(name="Northside")
    Charge.objects.create(client=north, kind="interest", amount=132, recorded_on=date(2026, 4, 1), trace=["20 days"],
                          turn=1)  # fmt: skip
    question = Question(
        lambda client: Charge.objects.filter(client=client).order_by().values_list("recorded_on", "trace", "rated")
    )

    answers: list[tuple[Any, ...]] = list(question.about(north.pk))
    assert answers == [(date(2026, 4, 1), ["20 days"], None)]

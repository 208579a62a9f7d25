"""A row is updated only where it is as it was said to be."""

from datetime import date

import pytest

from rounds.charges.models import Standing
from rounds.clients.models import Client
from rounds.rows.updating import update_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def standing() -> Standing:
    client = Client.objects.create(name="Northside")
    return Standing.objects.create(client=client, turn=3, opened_through=date(2026, 4, 1))


def test_the_row_that_is_as_it_was_gets_its_values_and_others_stay(standing: Standing) -> None:
    other = Standing.objects.create(client=Client.objects.create(name="Southside"), turn=3)

    before = {"client_id": standing.client_id, "turn": 3, "lapsed_through": None}
    done = update_row(Standing, before, turn=4, lapsed_through=date(2026, 4, 2), opened_through=None)

    standing.refresh_from_db()
    other.refresh_from_db()
    assert done
    assert (standing.turn, standing.lapsed_through, standing.opened_through) == (4, date(2026, 4, 2), None)
    assert other.turn == 3


@pytest.mark.parametrize(
    ("name", "value"), [("turn", 2), ("opened_through", None), ("opened_through", date(2026, 5, 1))]
)
def test_a_row_that_has_changed_is_left_alone(standing: Standing, name: str, value: object) -> None:
    done = update_row(Standing, {"client_id": standing.client_id, name: value}, turn=9)

    standing.refresh_from_db()
    assert not done
    assert standing.turn == 3


def test_one_that_had_a_value_is_found_by_it(standing: Standing) -> None:
    assert update_row(Standing, {"opened_through": date(2026, 4, 1)}, turn=7)

    standing.refresh_from_db()
    assert standing.turn == 7

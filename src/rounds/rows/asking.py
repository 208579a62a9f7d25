"""Asks the same question about one thing after another: the statement is written once, by Django, and kept.

Writing it takes Django longer than the database takes to answer: half a millisecond where a sum is asked for. The
answers are whole numbers, which need no conversion, so a question is for keys, counts and sums.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, cast

from django.db import connection, models

from rounds.rows import prepared

KEY = -7_077_077_077_077  # stands for the key in the question; no key and no other value is like it


class Question[Row: tuple[int, ...]]:
    """A question about one key: `ask` makes the query set of a key, with the values asked for."""

    def __init__(self, ask: Callable[[int], models.QuerySet[Any, Row]]) -> None:
        self._ask = ask

    def about(self, key: int) -> list[Row]:
        """The rows of the answer."""
        statement, given = self._statement(connection.vendor)
        with prepared.cursor() as cursor:
            cursor.execute(statement, [key if value == KEY else value for value in given])
            rows = cursor.fetchall()
        return [cast("Row", tuple(map(int, row))) for row in rows]  # PostgreSQL gives sums as decimals

    @cache  # noqa: B019 - questions are constants of their modules
    def _statement(self, _vendor: str) -> tuple[str, tuple[Any, ...]]:
        statement, given = self._ask(KEY).query.sql_with_params()
        return statement, given

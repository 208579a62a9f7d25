"""Asks the same question about one thing after another: the statement is written once, by Django, and kept.

Writing it takes Django longer than the database takes to answer: half a millisecond where a sum is asked for.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, cast

from django.db import connection, models

from rounds.rows import prepared

KEY = -7_077_077_077_077  # stands for the key in the question; no key and no other value is like it
type Converters = tuple[tuple[int, tuple[Callable[..., Any], ...], Any], ...]  # place, Django's own, the expression


class Question[Row: tuple[Any, ...]]:
    """A question about one key: `ask` makes the query set of a key, with the values asked for."""

    def __init__(self, ask: Callable[[int], models.QuerySet[Any, Row]]) -> None:
        self._ask = ask

    def about(self, key: int) -> list[Row]:
        """The rows of the answer, each value as Django gives it."""
        statement, given, converters = self._written(connection.vendor)
        with prepared.cursor() as cursor:
            cursor.execute(statement, [key if value == KEY else value for value in given])
            rows = cursor.fetchall()
        return [cast("Row", tuple(_converted(row, converters))) for row in rows]

    @cache  # noqa: B019 - questions are constants of their modules
    def _written(self, _vendor: str) -> tuple[str, tuple[Any, ...], Converters]:
        compiler = self._ask(KEY).query.get_compiler(connection=connection)
        statement, given = compiler.as_sql()
        converters = compiler.get_converters([expression for expression, *_ in compiler.select])
        told = ((place, tuple(each), expression) for place, (each, expression) in converters.items())
        return statement, tuple(given), tuple(told)


def _converted(row: tuple[Any, ...], converters: Converters) -> list[Any]:
    values = list(row)
    for place, each, expression in converters:
        for convert in each:
            values[place] = convert(values[place], expression, connection)
    return values

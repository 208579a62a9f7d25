"""A front on a real port, for tests that need one."""

from collections.abc import Iterator

import pytest

from tests.agents.front import Running, running_front


@pytest.fixture
def front(transactional_db: None) -> Iterator[Running]:
    """A front over the test's database."""
    with running_front() as front:
        yield front

"""The sample shop: its books balance and open elsewhere, and its monthly run may be killed at any moment."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

from rounds.core.beancount import beancount_account
from tests.faults.installation import Installation, installation
from tests.ledger.judges import printed_by_beancount, printed_by_hledger, printed_by_ledger

SAMPLE = "tests.faults.sample"
KILLS = 10


class Undisturbed(NamedTuple):
    """A shop after a run that nothing disturbed: how many statements it took, and what came of it."""

    shop: Installation
    statements: int
    shown: str


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The sample shop on the evening before the 1st."""
    with installation(tmp_path_factory.mktemp("sample") / "home") as made:
        made.run(SAMPLE, "make")
        yield made


@pytest.fixture(scope="module")
def undisturbed(sample: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Undisturbed]:
    """The shop after a run that nothing disturbed."""
    with installation(tmp_path_factory.mktemp("undisturbed") / "home", like=sample) as made:
        yield Undisturbed(made, int(made.run(SAMPLE, "tick")), made.run(SAMPLE, "show"))


def exported(made: Installation, folder: Path, form: str) -> Path:
    journal = folder / f"books.{form}"
    journal.write_text(made.run("rounds.web", "books", "export", "--format", form))
    return journal


def test_the_sample_shops_books_are_whole(undisturbed: Undisturbed) -> None:
    told = json.loads(undisturbed.shown)

    assert told["differences"] == []
    assert len({client for _, client, *_ in told["invoices"]}) == 5
    assert len(told["invoices"]) > 40


def test_the_sample_shop_expects_mails_of_backups(undisturbed: Undisturbed) -> None:
    told = json.loads(undisturbed.shown)

    assert told["expected"] == ["Backup of ELM-SRV", "Backup of OAK-NAS"]


def test_hledger_ledger_and_beancount_print_the_sample_shops_balances(undisturbed: Undisturbed, tmp_path: Path) -> None:
    shop = undisturbed.shop
    ours = {}
    for line in shop.run("rounds.web", "books", "balances").splitlines():
        amount, commodity, account = line.split()
        ours[account, commodity] = Decimal(amount)

    assert printed_by_hledger(exported(shop, tmp_path, "hledger")) == ours
    assert printed_by_ledger(exported(shop, tmp_path, "ledger")) == ours
    by_beancount = {(beancount_account(account), commodity): sum_ for (account, commodity), sum_ in ours.items()}
    beancount = exported(shop, tmp_path, "beancount")
    assert printed_by_beancount(beancount) == by_beancount
    subprocess.run([Path(sys.executable).with_name("bean-check"), "--no-cache", beancount], check=True)


@pytest.mark.parametrize("part", range(KILLS))
def test_a_run_killed_at_any_statement_and_started_again_bills_the_same(
    sample: Installation, undisturbed: Undisturbed, tmp_path: Path, part: int
) -> None:
    moment = max(2, undisturbed.statements * (2 * part + 1) // (2 * KILLS))
    with installation(tmp_path / "home", like=sample) as made:
        with made.start(SAMPLE, "tick", str(moment)) as process:
            process.communicate()
        assert process.returncode == -signal.SIGKILL

        made.run(SAMPLE, "tick")

        assert made.run(SAMPLE, "show") == undisturbed.shown

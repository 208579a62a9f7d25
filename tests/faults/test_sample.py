"""The sample shop: its books balance and open elsewhere, and its monthly run may be killed at any moment."""

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.faults.installation import Installation, installation

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


def test_hledger_and_ledger_print_the_sample_shops_balances(undisturbed: Undisturbed, tmp_path: Path) -> None:
    shop = undisturbed.shop
    ours = {}
    for line in shop.run("rounds.web", "books", "balances").splitlines():
        amount, commodity, account = line.split()
        ours[account] = f"{amount} {commodity}"

    journal = exported(shop, tmp_path, "hledger")
    subprocess.run(["hledger", "-f", str(journal), "check", "--strict"], check=True)
    flat = ["hledger", "-f", str(journal), "balance", "--flat", "--no-total", "--format", "%(total) %(account)"]
    printed = subprocess.run(flat, capture_output=True, text=True, check=True).stdout
    theirs = {account: f"{amount} {commodity}" for amount, commodity, account in map(str.split, printed.splitlines())}

    strict = ["ledger", "--strict", "--pedantic", "-f", str(exported(shop, tmp_path, "ledger")), "balance"]
    subprocess.run(strict, check=True, capture_output=True)
    assert theirs == ours


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

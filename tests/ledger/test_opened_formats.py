"""The books of a shop that started in the middle, as files: others accept them and add up the same."""

from pathlib import Path

from rounds.clients.models import Client
from rounds.invoices import bringing
from rounds.invoices.models import Opening
from rounds.ledger.balancing import balances
from rounds.ledger.exporting import export
from tests.invoices.test_opening import HOURS, INVOICES, MONEY, NOW, bring_text
from tests.ledger.judges import (
    as_beancount,
    as_printed,
    printed_by_beancount,
    printed_by_hledger,
    printed_by_ledger,
)


def test_three_programs_accept_the_books_of_a_shop_that_started_in_the_middle(
    northside: Client, elm: Client, tmp_path: Path
) -> None:
    for kind, text in (("hours", HOURS), ("invoices", INVOICES), ("money", MONEY)):
        bring_text(kind, text)
    bring_text("money", "Client,Retainer\nElm St Law,12.34\n")
    bringing.undo(Opening.objects.latest("pk"), at=NOW, by=None)
    files = {name: tmp_path / f"books.{name}" for name in ("hledger", "ledger", "beancount")}
    for name, file in files.items():
        file.write_bytes(b"".join(export(name)))

    ours = balances()

    assert ours[f"equity:opening:{northside.pk}", "USD"] == -(1121_00 - 500_00 - 300_00 - 40_00)
    assert printed_by_hledger(files["hledger"]) == as_printed(ours)
    assert printed_by_ledger(files["ledger"]) == as_printed(ours)
    assert printed_by_beancount(files["beancount"]) == as_beancount(ours)

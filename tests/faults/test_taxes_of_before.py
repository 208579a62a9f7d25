"""A shop that had one tax in its prices, brought to now, owes and has charged what it did, by code and day."""

import json
from pathlib import Path

from tests.faults.installation import installation

SHOP = "tests.faults.taxes_of_before"


def test_the_one_tax_of_before_becomes_a_code_and_every_paper_keeps_its_tax(tmp_path: Path) -> None:
    with installation(tmp_path / "home") as made:
        made.run(SHOP, "make")
        made.run("rounds.web", "migrate", "-v0")
        made.run("rounds.web", "migrate", "-v0")
        shown = json.loads(made.run(SHOP, "show"))
        credited = json.loads(made.run(SHOP, "credit"))

    assert shown["rates"] == [["2005-01-01", "tax", "5%", "S"], ["2005-03-01", "tax", "8.25%", "S"]]
    assert shown["choices"] == [
        ["2005-01-01", {"part": "tax"}],
        ["2005-03-01", {"part": "tax", "labour": "tax"}],
    ]
    assert shown["now"] == [
        {"part": "1/20"},
        {"part": "33/400", "labour": "33/400"},
        {"part": "33/400", "labour": "33/400"},
    ]
    assert shown["invoices"] == [
        ["2005-0001", [["tax", "5%", 80_00, 4_00]], 4_00, 184_00],
        ["2005-0002", [["tax", "8.25%", 180_00, 14_85]], 14_85, 194_85],
        ["2005-0003", [], 0, 50_00],
    ]
    assert shown["lines"] == [["part", "tax"], ["labour", ""], ["part", "tax"], ["labour", "tax"], ["fee", ""]]
    assert shown["credited"] == [["tax", 50_00, 4_13]]
    assert shown["report"] == [
        ["2005-02-01", "5%", 80_00, 4_00, 0, 0],
        ["2005-04-01", "8.25%", 180_00, 14_85, 50_00, 4_13],
    ]
    assert shown["booked"] == [-18_85]  # of the invoices; the entry of the credit note was kept then
    assert credited == {"credited": ["tax", 40_00, 2_00], "booked": [-16_85]}
    assert shown["is_guarded"] == [True, True, True]

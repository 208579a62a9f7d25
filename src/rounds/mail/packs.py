"""The rules for products that many shops have, as they come with the program: one file each in the folder `packs`."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rounds.core.mail_rules import Rule, make

FOLDER = Path(__file__).with_name("packs")
LAST = {"cron"}


@dataclass(frozen=True, slots=True)
class Pack:
    """The rules for one product, in the order in which they are tried."""

    name: str
    product: str
    note: str
    rules: tuple[Rule, ...]


@cache
def packs() -> tuple[Pack, ...]:
    """All packs by name, those that know mails of any program last; a mistake in one stops the program: it is ours."""
    return tuple(_load(path) for path in sorted(FOLDER.glob("*.toml"), key=lambda path: (path.stem in LAST, path.stem)))


def _load(path: Path) -> Pack:
    told = tomllib.loads(path.read_text())
    rules = (make({"product": told["product"], **one}, f"{path.stem}: {one['name']}") for one in told["rule"])
    return Pack(path.stem, told["product"], told.get("note", ""), tuple(rules))

"""Releases for tests: the agent as another version, with whatever fault is wanted, signed by keys made here."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rounds.agents import packaging, releasing
from rounds.agents.releasing import Document, Package

DAY = timedelta(days=1)


def in_days(days: float) -> datetime:
    """A moment from now."""
    return datetime.now(UTC) + days * DAY


def package_of(
    folder: Path, version: str, *, fault: str = "", file: str = "running.py", old: str = "import os\n", new: str = ""
) -> Package:
    """The agent as a version, with a fault at the beginning of a file, or something in it replaced."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(packaging.sources(), folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "__init__.py").write_text(f'"""The agent."""\n\n__version__ = "{version}"\n')
    new = new or (f"{old}{fault}\n" if fault else "")
    if new:
        place = folder / file
        text = place.read_text()
        assert old in text
        place.write_text(text.replace(old, new))
    return packaging.pack(folder)


class Keys:
    """Some private keys, and the documents that they sign."""

    def __init__(self, count: int = 2, threshold: int = 2) -> None:
        self.private = [Ed25519PrivateKey.generate() for _ in range(count)]
        self.threshold = threshold

    @property
    def public(self) -> list[str]:
        return [releasing.public_of(one) for one in self.private]

    def document(self, number: int = 1, *, days: float = 100, by: "tuple[Keys, ...]" = ()) -> Document:
        """These are trusted; signed by themselves, and by those before."""
        told = releasing.keys_document(self.public, threshold=self.threshold, number=number, until=in_days(days))
        for keys in (self, *by):
            told = keys.sign(told)
        return told

    def sign(self, document: Document, count: int | None = None) -> Document:
        """Signed by so many of the keys, or by all."""
        for private in self.private[:count]:
            document = releasing.sign(document, private)
        return document

    def release(self, package: Package, number: int, *, days: float = 30, count: int | None = None) -> Document:
        """A package as a release."""
        return self.sign(releasing.release_document(package, number=number, until=in_days(days)), count)


def give_out(home: Path, keys: list[Document], release: Document, package: Package) -> None:
    """Have a server give out whatever is said, also what `publish` would refuse: as an intruder in it would."""
    place = home / releasing.FOLDER
    place.mkdir(exist_ok=True)
    for number, document in enumerate(keys, start=1):
        (place / f"keys-{number}.json").write_text(json.dumps(document))
    (place / f"package-{releasing.says(release)['sha256']}.zip").write_bytes(package.body)
    (place / "release.json").write_text(json.dumps(release))
    packaging._released.cache_clear()

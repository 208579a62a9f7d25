"""`rounds release …`: makes keys, signs releases of the agent offline, and publishes what is signed on this server."""

import getpass
import json
import os
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from rounds.agents import packaging, releasing
from rounds.core.money import Refused


class Command(BaseCommand):
    """Works on files; needs no database, and only `publish` and `show` know of this server."""

    help = "Make and sign releases of the agent, and give one out to the machines."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One part for each step."""
        steps = parser.add_subparsers(dest="step", required=True)
        key = steps.add_parser("key", help="make a private key, and print its public key; keep it off this server")
        key.add_argument("file", type=Path)
        keys = steps.add_parser("keys", help="write which public keys are trusted; then sign it")
        keys.add_argument("folder", type=Path)
        keys.add_argument("--key", action="append", required=True, help="a public key; once for each")
        keys.add_argument("--threshold", type=int, default=1, help="how many of them must sign (1)")
        keys.add_argument("--days", type=int, default=730, help="how long they are trusted (730)")
        make = steps.add_parser("make", help="pack the agent beside this program as a release; then sign it")
        make.add_argument("folder", type=Path)
        make.add_argument("--days", type=int, default=90, help="until when agents install it (90)")
        sign = steps.add_parser("sign", help="add a signature to keys-N.json or release.json")
        sign.add_argument("file", type=Path)
        sign.add_argument("--key", type=Path, required=True, help="the private key's file")
        publish = steps.add_parser("publish", help="check a folder, and give its release out")
        publish.add_argument("folder", type=Path)
        steps.add_parser("show", help="print what is given out")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do a step."""
        del args
        try:
            getattr(self, f"_{options['step']}")(options, datetime.now(UTC))
        except (Refused, OSError) as why:
            raise CommandError(str(why)) from None
        except json.JSONDecodeError as why:
            raise CommandError(f"a file is damaged: {why}") from None

    def _key(self, options: dict[str, Any], _at: datetime) -> None:
        passphrase = _passphrase("Passphrase of the new key (empty: none): ")
        pem, public = releasing.make_key(passphrase)
        descriptor = os.open(options["file"], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        self.stdout.write(public)

    def _keys(self, options: dict[str, Any], at: datetime) -> None:
        folder: Path = options["folder"]
        folder.mkdir(parents=True, exist_ok=True)
        number = 1 + len(list(folder.glob("keys-*.json")))
        until = at + timedelta(days=options["days"])
        document = releasing.keys_document(options["key"], threshold=options["threshold"], number=number, until=until)
        self._write(folder / f"keys-{number}.json", document)

    def _make(self, options: dict[str, Any], at: datetime) -> None:
        folder: Path = options["folder"]
        folder.mkdir(parents=True, exist_ok=True)
        package, before = packaging.pack(packaging.sources()), releasing.read(folder)
        number = releasing.says(before.release)["number"] + 1 if before else 1
        (folder / f"package-{package.sha256}.zip").write_bytes(package.body)
        until = at + timedelta(days=options["days"])
        self._write(folder / "release.json", releasing.release_document(package, number=number, until=until))

    def _sign(self, options: dict[str, Any], _at: datetime) -> None:
        file: Path = options["file"]
        document = json.loads(file.read_text())
        self.stdout.write(json.dumps(releasing.says(document), indent=1))
        private = releasing.read_key(options["key"].read_bytes(), _passphrase("Passphrase of the key: "))
        self._write(file, releasing.sign(document, private))

    def _publish(self, options: dict[str, Any], at: datetime) -> None:
        told = releasing.publish(options["folder"], settings.HOME, at=at)
        self.stdout.write(f"Given out: version {told['version']}, release {told['number']}, until {told['expires_at']}")

    def _show(self, _options: dict[str, Any], _at: datetime) -> None:
        published = releasing.read(settings.HOME / releasing.FOLDER)
        if published is None:
            self.stdout.write("Nothing is given out: agents stay as they were installed.")
            return
        for document in (*published.keys, published.release):
            self.stdout.write(json.dumps(releasing.says(document)))

    def _write(self, path: Path, document: releasing.Document) -> None:
        path.write_text(json.dumps(document, indent=1))
        self.stdout.write(f"{path}: {len(document['signatures'])} signatures")


def _passphrase(question: str) -> str:
    """From the environment (for a machine without a keyboard), or asked."""
    told = os.environ.get("ROUNDS_RELEASE_PASSPHRASE")
    return getpass.getpass(question) if told is None else told

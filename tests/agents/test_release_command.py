"""`rounds release`, from keys to a release that is given out, as an owner types it."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client as Browser

from rounds_agent.releases import check_package, check_release, first_trust


@pytest.fixture(autouse=True)
def _place(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.HOME = tmp_path / "shop"
    settings.HOME.mkdir()
    monkeypatch.setenv("ROUNDS_RELEASE_PASSPHRASE", "four words of it")


def _do(*arguments: object) -> None:
    call_command("release", *map(str, arguments))


def test_two_people_sign_and_the_server_gives_out_what_machines_believe(
    db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, pems = tmp_path / "offline", [tmp_path / "olga.pem", tmp_path / "theo.pem"]
    for pem in pems:
        _do("key", pem)
    public = capsys.readouterr().out.split()
    _do("keys", folder, "--key", public[0], "--key", public[1], "--threshold", 2)
    _do("make", folder)
    for name in ("keys-1.json", "release.json"):
        _do("sign", folder / name, "--key", pems[0])
        with pytest.raises(CommandError, match="lack"):
            _do("publish", folder)
        _do("sign", folder / name, "--key", pems[1])
    assert json.loads(Browser().post("/agents/release", {"keys": 0}, content_type="application/json").content) == {
        "keys": [], "release": None,
    }  # fmt: skip

    _do("publish", folder)

    assert all(b"ENCRYPTED" in pem.read_bytes() and pem.stat().st_mode & 0o777 == 0o600 for pem in pems)
    told = json.loads(Browser().post("/agents/release", {"keys": 0}, content_type="application/json").content)
    release = check_release(first_trust(told["keys"][0]), told["release"], now=0)
    check_package(release, Browser().get(f"/agents/package/{release['sha256']}").content)
    script = Browser().get("/agents/install.sh").content.decode()
    assert release["sha256"] in script
    assert json.dumps(told["keys"][0]) in script


def test_a_wrong_passphrase_a_taken_file_and_keys_that_make_no_sense_are_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = tmp_path / "olga.pem"
    _do("key", pem)
    before = pem.read_bytes()

    with pytest.raises(CommandError, match="exists"):
        _do("key", pem)
    with pytest.raises(CommandError, match="no public key"):
        _do("keys", tmp_path, "--key", "x")
    with pytest.raises(CommandError, match="3 of 1 keys"):
        _do("keys", tmp_path, "--key", "0" * 64, "--threshold", 3)
    with pytest.raises(CommandError, match="no release with its package"):
        _do("publish", tmp_path)
    _do("make", tmp_path)
    monkeypatch.setenv("ROUNDS_RELEASE_PASSPHRASE", "another")
    with pytest.raises(CommandError, match="cannot be read"):
        _do("sign", tmp_path / "release.json", "--key", pem)

    assert pem.read_bytes() == before


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b'{"keys": "x"}', b'{"keys": null}', b"\xff"])
def test_a_question_that_makes_no_sense_is_told_so(db: None, body: bytes) -> None:
    reply = Browser(enforce_csrf_checks=True).post("/agents/release", body, content_type="application/json")

    assert reply.status_code == 400

"""Installing the agent by its one line: what is served, what is checked, and a machine that is made for real."""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from rounds.agents import install_views, packaging
from rounds.agents.enrolling import Offer, make_token
from rounds.agents.models import Agent, CheckIn
from rounds.clients.models import Client, Machine
from rounds.people.models import User
from tests.agents.front import Running

type AsPerson = Callable[[User], Browser]


def _body(reply: Any) -> bytes:
    return b"".join(reply.streaming_content) if reply.streaming else bytes(reply.content)


def test_the_package_is_the_agent_and_the_same_to_the_byte() -> None:
    one, other = packaging.pack(packaging.sources()), packaging.pack(packaging.sources())

    assert one == other
    with zipfile.ZipFile(BytesIO(one.body)) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    assert {"__main__.py", "version.json", "rounds_agent/running.py", "rounds_agent/launcher.py"} <= set(names)
    assert not [name for name in names if "__pycache__" in name or name.startswith(("/", ".."))]


def test_the_script_fetches_exactly_what_is_served(db: None) -> None:
    script = Browser().get("/agents/install.sh").content.decode()

    told = re.search(r"^SHA256='([0-9a-f]{64})'$", script, re.MULTILINE)
    assert told
    assert "@" not in re.sub(r'"\$@"|\$@', "", script)
    served = _body(Browser().get(f"/agents/package/{told[1]}"))
    assert hashlib.sha256(served).hexdigest() == told[1]


@pytest.mark.parametrize(
    "path", ["/agents/package/" + "0" * 64, "/agents/install.ps1", "/agents/x", "/agents/package/x"]
)
def test_what_is_not_given_out_is_not_there(db: None, settings: Any, tmp_path: Path, path: str) -> None:
    settings.HOME = tmp_path

    assert Browser().get(path).status_code == 404


def test_the_line_checks_the_script_by_its_hash(as_person: AsPerson, theo: User, northside: Client) -> None:
    asked = {"site": northside.sites.get().pk, "machine_kind": "server", "uses": 1, "days": 7}

    page = as_person(theo).post("/tokens/", asked, follow=True).content.decode()

    script = hashlib.sha256(Browser().get("/agents/install.sh").content).hexdigest()
    assert f"{script}  rounds-install.sh" in page
    assert "has not got what machines with Windows need" in page


def test_an_address_that_could_break_out_of_the_script_is_refused(settings: Any) -> None:
    settings.SITE_URL = "https://rounds.example.com/';reboot;'"

    with pytest.raises(Exception, match="cannot stand in a script"):
        install_views.script("install.sh")


def test_for_windows_the_owners_own_files_are_served_by_their_hash(db: None, settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    (tmp_path / "windows").mkdir()
    parts = {"python-3.13.9-embed-amd64.zip": b"a python", "psutil-7.1.0-cp37-abi3-win_amd64.whl": b"a wheel"}
    for name, content in parts.items():
        (tmp_path / "windows" / name).write_bytes(content)

    script = Browser().get("/agents/install.ps1").content.decode()

    for content in parts.values():
        sha256 = hashlib.sha256(content).hexdigest()
        assert f"'{sha256}'" in script
        assert _body(Browser().get(f"/agents/package/{sha256}")) == content
    assert not re.search(r"@[A-Z_0-9]+@", script)
    line = install_views.lines("a-token")["windows"]
    assert hashlib.sha256(script.encode()).hexdigest() in line


@pytest.fixture
def shop(front: Running, settings: Any) -> Iterator[Running]:
    settings.SITE_URL = f"http://127.0.0.1:{front.port}"
    install_views._made.cache_clear()
    yield front
    install_views._made.cache_clear()


def _install(shop: Running, folder: Path, *arguments: str, script: bytes = b"") -> subprocess.CompletedProcess[str]:
    """Run the script for the root of an image: everything but the user and the running service is as on a machine."""
    status, _, text = shop.ask("GET", "/agents/install.sh")
    assert status == 200
    file = folder / "rounds-install.sh"
    file.write_bytes(script or text)
    root = folder / "root"
    root.mkdir(exist_ok=True)
    environment = {"PATH": os.environ["PATH"], "ROUNDS_ROOT": str(root), "HOME": str(folder)}
    return subprocess.run(
        ["sh", str(file), *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def _token(machine: Machine, **offer: Any) -> str:
    return make_token(machine.site, Offer(**offer), by=None, at=timezone.now())[1]


@pytest.mark.django_db(transaction=True)
def test_a_machine_is_installed_enrolled_and_sends(shop: Running, srv01: Machine, tmp_path: Path) -> None:
    done = _install(shop, tmp_path, _token(srv01), "--expect-services", "cron,ssh", "--watch-networks", "10.0.0.0/8")
    assert done.returncode == 0, done.stderr
    root = tmp_path / "root"
    state = root / "var/lib/rounds-agent"
    assert (state.stat().st_mode & 0o777, (state / "config.json").stat().st_mode & 0o777) == (0o700, 0o600)
    assert json.loads((state / "expected.json").read_text())["services"] == ["cron", "ssh"]
    assert json.loads((state / "policy.json").read_text())["watches"] == {"networks": ["10.0.0.0/8"]}

    launcher = root / "opt/rounds-agent/launcher.py"
    running = subprocess.Popen(
        [sys.executable, "-I", "-S", str(launcher), "run", "--home", str(state), "--every", "0.3"],
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 90
        while CheckIn.objects.count() < 2 and time.monotonic() < until:
            time.sleep(0.1)
    finally:
        running.terminate()
        ended = running.wait(60)

    assert CheckIn.objects.count() >= 2
    assert ended == 0, "told to stop, it stops by itself"
    assert Agent.objects.get().machine != srv01


@pytest.mark.django_db(transaction=True)
def test_the_unit_is_one_that_systemd_accepts_and_starts_at_boot(shop: Running, srv01: Machine, tmp_path: Path) -> None:
    for option in ((), ("--as-root", "--upgrade")):
        done = _install(shop, tmp_path, *(option or (_token(srv01),)))
        assert done.returncode == 0, done.stderr
        root = tmp_path / "root"
        unit = root / "etc/systemd/system/rounds-agent.service"
        text = unit.read_text()
        assert ("User=rounds-agent" in text) == (not option)
        assert (root / "etc/systemd/system/multi-user.target.wants/rounds-agent.service").is_symlink()
        # What it is to start lies in the image here, so that alone is put in its place for the check.
        checked = tmp_path / "rounds-agent.service"
        checked.write_text(re.sub(r"/opt/rounds-agent", f"{root}/opt/rounds-agent", text))
        told = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", str(checked)], capture_output=True, text=True, check=False
        )
        assert "rounds-agent" not in told.stderr, told.stderr
        assert told.returncode == 0


@pytest.mark.django_db(transaction=True)
def test_only_a_machine_that_watches_others_may_ping_as_root_does(
    shop: Running, srv01: Machine, tmp_path: Path
) -> None:
    unit = tmp_path / "root/etc/systemd/system/rounds-agent.service"

    _install(shop, tmp_path, _token(srv01))
    without = unit.read_text()
    (tmp_path / "root/var/lib/rounds-agent/policy.json").write_text('{"watches": {"networks": ["10.0.0.0/8"]}}')
    _install(shop, tmp_path, "--upgrade")

    assert "\nCapabilityBoundingSet=\nAmbientCapabilities=\n" in without
    assert "\nCapabilityBoundingSet=CAP_NET_RAW\nAmbientCapabilities=CAP_NET_RAW\n" in unit.read_text()


@pytest.mark.django_db(transaction=True)
def test_again_it_brings_up_to_date_and_keeps_the_identity(shop: Running, srv01: Machine, tmp_path: Path) -> None:
    _install(shop, tmp_path, _token(srv01))
    state = tmp_path / "root/var/lib/rounds-agent"
    before = (state / "config.json").read_bytes()
    stale = tmp_path / "root/opt/rounds-agent/base/rounds_agent/gone.py"
    stale.write_text("")

    again = _install(shop, tmp_path, "--upgrade")
    with_token = _install(shop, tmp_path, _token(srv01))

    assert again.returncode == with_token.returncode == 0
    assert "the token was not used" in with_token.stdout
    assert (state / "config.json").read_bytes() == before
    assert not stale.exists()
    assert Agent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_uninstalled_nothing_of_it_is_left(shop: Running, srv01: Machine, tmp_path: Path) -> None:
    _install(shop, tmp_path, _token(srv01))

    done = _install(shop, tmp_path, "--uninstall")

    assert done.returncode == 0, done.stderr
    left = [path for path in (tmp_path / "root").rglob("*") if path.is_file() or path.is_symlink()]
    assert left == []


@pytest.mark.django_db(transaction=True)
def test_a_machine_that_is_refused_is_left_as_it_was_and_comes_in_by_another_token(
    shop: Running, srv01: Machine, tmp_path: Path
) -> None:
    over = make_token(srv01.site, Offer(valid_for=timedelta(0)), by=None, at=timezone.now())[1]

    refused = [_install(shop, tmp_path, token, "--watch-networks", "10.0.0.0/8") for token in ("made-up", over)]
    left = {path.name for path in (tmp_path / "root").rglob("*")}
    let_in = _install(shop, tmp_path, _token(srv01))

    assert [done.returncode for done in refused] == [1, 1]
    assert "this token is not known" in refused[0].stderr
    assert "this token expired" in refused[1].stderr
    assert "nothing was installed; make a token" in refused[1].stderr
    assert left <= {"opt", "var", "lib"}, "nothing of ours"
    assert let_in.returncode == 0, let_in.stderr
    assert json.loads((tmp_path / "root/var/lib/rounds-agent/policy.json").read_text()) == {}
    assert Agent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_an_answer_the_same_line_asks_the_same_again(shop: Running, srv01: Machine, tmp_path: Path) -> None:
    text = shop.ask("GET", "/agents/install.sh")[2]
    away = text.replace(b'--server "$SERVER"', b"--server http://127.0.0.1:1")
    token, state = _token(srv01), tmp_path / "root/var/lib/rounds-agent"

    unanswered = _install(shop, tmp_path, token, script=away)
    instance = json.loads((state / "identity.json").read_text())["instance"]
    again = _install(shop, tmp_path, token)

    assert unanswered.returncode == 1
    assert "run the same line again" in unanswered.stderr
    assert again.returncode == 0, again.stderr
    assert json.loads((state / "config.json").read_text())["instance"] == instance
    assert Agent.objects.get().instance == instance


@pytest.mark.django_db(transaction=True)
def test_a_machine_that_waits_keeps_its_place_when_another_token_is_refused(
    shop: Running, srv01: Machine, tmp_path: Path
) -> None:
    _install(shop, tmp_path, _token(srv01, needs_approval=True))
    identity = tmp_path / "root/var/lib/rounds-agent/identity.json"
    before = identity.read_bytes()

    refused = _install(shop, tmp_path, "made-up")
    upgraded = _install(shop, tmp_path, "--upgrade")

    assert refused.returncode == 1
    assert "what was here before is as it was" in refused.stderr
    assert upgraded.returncode == 0, upgraded.stderr
    assert identity.read_bytes() == before


@pytest.mark.parametrize("has_sudo", [True, False])
def test_who_is_not_root_becomes_root_by_sudo_or_is_told_how(db: None, tmp_path: Path, *, has_sudo: bool) -> None:
    (tmp_path / "rounds-install.sh").write_bytes(Browser().get("/agents/install.sh").content)
    programs = {"id": "echo 1000", **({"sudo": 'echo "by sudo: $*"'} if has_sudo else {})}
    for name, does in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    path = f"{tmp_path}:/nowhere"  # and nothing else: what is asked for here is built into the shell

    done = subprocess.run(
        ["/bin/sh", "rounds-install.sh", "--upgrade"],
        cwd=tmp_path,
        env={"PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    if has_sudo:
        assert done.stdout == "by sudo: sh rounds-install.sh --upgrade\n"
    else:
        assert (done.returncode, "su -" in done.stderr) == (1, True)


@pytest.mark.django_db(transaction=True)
def test_what_is_not_the_package_is_not_installed(shop: Running, srv01: Machine, tmp_path: Path) -> None:
    text = shop.ask("GET", "/agents/install.sh")[2]
    other = re.sub(rb"^SHA256='[0-9a-f]{64}'", b"SHA256='" + b"0" * 64 + b"'", text, flags=re.MULTILINE)
    swapped = text.replace(b'fetch "$SERVER/agents/package/$SHA256"', b'fetch "$SERVER/agents/install.sh"')

    for script in (other, swapped):
        done = _install(shop, tmp_path, _token(srv01), script=script)
        assert done.returncode == 1
        assert not (tmp_path / "root/opt/rounds-agent").exists()
        assert not (tmp_path / "root/var/lib/rounds-agent").exists()
    assert "not what the shop said" in done.stderr


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "the token is missing"),
        (["made-up"], "this token is not known"),
        (["--upgrade"], "no agent on this machine"),
        (["--ca"], "its value is missing"),
        (["--dance", "x"], "--dance is not known"),
    ],
)
def test_what_cannot_be_done_says_why(shop: Running, tmp_path: Path, arguments: list[str], says: str) -> None:
    done = _install(shop, tmp_path, *arguments)

    assert done.returncode == 1
    assert says in done.stderr


def test_shellcheck_finds_nothing_in_the_script() -> None:
    told = subprocess.run(
        ["shellcheck", "-s", "sh", str(install_views.FOLDER / "install.sh")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (told.returncode, told.stdout) == (0, "")

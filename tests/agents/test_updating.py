"""Signed updates with real processes: what is good replaces the old version, what is not leaves it where it is."""

import json
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from rounds.agents import packaging, releasing
from rounds.agents.enrolling import Offer, make_token
from rounds.agents.models import CheckIn
from rounds.clients.models import Machine
from rounds.core.money import Refused
from tests.agents.crooked import Swap, crooked_server
from tests.agents.front import Running
from tests.agents.releases import Keys, give_out, package_of

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Installed:
    """An installed agent, and the keys that it trusts."""

    program: Path
    home: Path
    shop_home: Path
    keys: Keys

    @contextmanager
    def running(self, trial_seconds: float = 30, update_seconds: float = 0.5) -> Iterator[subprocess.Popen[bytes]]:
        told = {"ROUNDS_AGENT_TRIAL_SECONDS": str(trial_seconds), "ROUNDS_AGENT_UPDATE_SECONDS": str(update_seconds)}
        process = subprocess.Popen(self.command, env={**os.environ, **told}, stderr=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)

    @property
    def command(self) -> list[str]:
        launcher = str(self.program / "launcher.py")
        return [sys.executable, "-I", "-S", launcher, "run", "--home", str(self.home), "--every", "0.3"]

    def told(self, name: str) -> Any:
        file = self.home / name
        return json.loads(file.read_text()) if file.exists() else None


@pytest.fixture
def installed(front: Running, srv01: Machine, settings: Any, tmp_path: Path) -> Installed:
    """The agent as it is now, installed, enrolled, and trusting two keys."""
    settings.HOME = tmp_path / "shop"
    settings.HOME.mkdir()
    made = Installed(tmp_path / "program", tmp_path / "home", settings.HOME, Keys())
    with zipfile.ZipFile(BytesIO(packaging.own().body)) as archive:
        archive.extractall(made.program / "base")
    (made.program / "launcher.py").write_bytes((made.program / "base/rounds_agent/launcher.py").read_bytes())
    token = make_token(srv01.site, Offer(machine=srv01), by=None, at=timezone.now())[1]
    base = [sys.executable, "-I", "-S", str(made.program / "base")]
    server = ["--server", f"http://127.0.0.1:{front.port}", "--token", token, "--home", str(made.home)]
    subprocess.run([*base, "enrol", *server], check=True, capture_output=True)
    (tmp_path / "keys.json").write_text(json.dumps(made.keys.document()))
    subprocess.run([*base, "adopt", "--keys", str(tmp_path / "keys.json"), "--home", str(made.home)], check=True)
    (made.home / "facts").mkdir()
    (made.home / "slow.json").write_text("{}")
    return made


def _offer(
    installed: Installed,
    version: str = "9.1.0",
    *,
    number: int = 1,
    days: float = 30,
    fault: dict[str, str] | None = None,
) -> str:
    """Give a signed release out; its name on the machine."""
    package = package_of(installed.shop_home / "source" / "rounds_agent", version, **(fault or {}))
    release = installed.keys.release(package, number, days=days)
    give_out(installed.shop_home, [installed.keys.document()], release, package)
    return f"{version}-{package.sha256[:16]}"


def _agent_facts() -> list[dict[str, Any]]:
    bodies = CheckIn.objects.order_by("pk").values_list("body", flat=True)
    facts = (json.loads(zlib.decompress(bytes(body))).get("facts", {}).get("agent") for body in bodies)
    return [fact for fact in facts if fact]


def _wait(is_so: Callable[[], bool], seconds: float = 40) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, [_agent_facts()[-3:], CheckIn.objects.count()]
        time.sleep(0.1)


def _goes_on() -> None:
    before = CheckIn.objects.count()
    _wait(lambda: CheckIn.objects.count() >= before + 3)


def test_a_good_version_replaces_the_old_one_and_stays(installed: Installed) -> None:
    name = _offer(installed)

    with installed.running():
        _wait(lambda: installed.told("versions/current.json") is not None)
        _goes_on()
    with installed.running(update_seconds=3600):
        _goes_on()

    assert installed.told("versions/current.json") == {"name": name, "version": "9.1.0"}
    assert installed.told("versions/next.json") is None
    assert _agent_facts()[0]["version"] == packaging.own().version
    assert _agent_facts()[-1]["version"] == "9.1.0"
    numbers = list(CheckIn.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1)), "no number was left out or used twice"


def test_a_disk_that_takes_nothing_puts_an_update_off_and_the_old_version_goes_on(installed: Installed) -> None:
    name = _offer(installed)
    with installed.running():
        _wait(lambda: installed.told("versions/current.json") is not None)
    (installed.home / "versions/current.json").unlink()
    (installed.home / "versions/next.json").write_text(json.dumps({"name": name, "version": "9.1.0"}))

    # No file may grow beyond the counter, as when the disk is full.
    full = subprocess.Popen(["prlimit", "--fsize=23", *installed.command], stderr=subprocess.PIPE, text=True)
    try:
        _goes_on()
        assert full.poll() is None
    finally:
        full.terminate()
        _, said = full.communicate(timeout=30)

    assert "the new version is put off" in said
    assert installed.told("versions/next.json") is None
    assert _agent_facts()[-1]["version"] == packaging.own().version


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ({"fault": "raise RuntimeError('broken')"}, "ended with status 1 before it had reached the shop"),
        ({"fault": "import time; time.sleep(3600)"}, "did not reach the shop within 3 seconds"),
        ({"fault": "os._exit(0)"}, "ended with status 0"),
        ({"file": "sending.py", "old": '"/check-in"', "new": '"/nowhere"'}, "did not reach the shop"),
    ],
)
def test_a_version_that_does_not_check_in_gives_way_to_the_old_one(
    installed: Installed, fault: dict[str, str], says: str
) -> None:
    name = _offer(installed, fault=fault)

    with installed.running(trial_seconds=3):
        _wait(lambda: (installed.told("versions/failed.json") or {}).get(name) is not None)
        _goes_on()
        _wait(lambda: says in _agent_facts()[-1].get("update", ""))

    assert _agent_facts()[-1]["version"] == packaging.own().version
    assert installed.told("versions/failed.json")[name]["times"] == 1, "it is not tried again before a day is over"
    assert installed.told("versions/current.json") is None


def test_a_better_version_after_a_bad_one_is_taken(installed: Installed) -> None:
    bad = _offer(installed, fault={"fault": "raise RuntimeError"})
    with installed.running():
        _wait(lambda: bad in (installed.told("versions/failed.json") or {}))
        good = _offer(installed, "9.1.1", number=2)
        _wait(lambda: (installed.told("versions/current.json") or {}).get("name") == good)
        _wait(lambda: _agent_facts()[-1]["version"] == "9.1.1" and "update" not in _agent_facts()[-1])

    assert installed.told("versions/current.json") == {"name": good, "version": "9.1.1"}
    assert "update" not in _agent_facts()[-1]


def _is_refused(installed: Installed, says: str) -> bool:
    """Does the agent say why it does not take what is given out, go on as it is, and keep nothing of it?"""
    with installed.running():
        _wait(lambda: says in (installed.told("update.json") or {}).get("why", ""))
        _goes_on()
    is_kept = installed.told("versions/next.json") is not None or any((installed.home / "versions").glob("9*"))
    return not is_kept and {fact["version"] for fact in _agent_facts()} == {packaging.own().version}


def test_what_is_not_signed_by_enough_keys_is_not_installed(installed: Installed) -> None:
    package = package_of(installed.shop_home / "source", "9.1.0")
    alone, other = installed.keys.release(package, 1, count=1), Keys()

    give_out(installed.shop_home, [installed.keys.document()], alone, package)
    assert _is_refused(installed, "1 of the 2 signatures")
    give_out(installed.shop_home, [installed.keys.document()], other.release(package, 1), package)
    assert _is_refused(installed, "0 of the 2 signatures")
    give_out(installed.shop_home, [installed.keys.document(), other.document(2)], other.release(package, 1), package)
    assert _is_refused(installed, "signatures that are needed of the keys of before")


def test_an_expired_release_is_told_of_and_not_installed(installed: Installed) -> None:
    _offer(installed, days=-1)

    assert _is_refused(installed, "expired")


def test_a_package_that_was_tampered_with_is_not_installed(installed: Installed) -> None:
    package = package_of(installed.shop_home / "source", "9.1.0")
    release = installed.keys.release(package, 1)
    body = bytearray(package.body)
    body[len(body) // 2] ^= 1
    give_out(installed.shop_home, [installed.keys.document()], release, releasing.Package("9.1.0", bytes(body)))

    # The server itself finds nothing under that hash; one that is in an intruder's hands would send it all the same.
    packaging._released.cache_clear()
    assert _is_refused(installed, "not updated")


def _one_bit_off(body: bytes) -> bytes:
    return body[:-100] + bytes([body[-100] ^ 1]) + body[-99:]


SWAPS: dict[str, Swap] = {
    "one bit is another": _one_bit_off,
    "cut short": lambda body: body[:-1],
    "something behind it": lambda body: body + b"\0",
    "the package of today, signed once": lambda _body: packaging.own().body,
    "nothing": lambda _body: b"",
}


@pytest.mark.parametrize("swap", SWAPS.values(), ids=SWAPS)
def test_a_server_that_gives_out_another_package_than_was_signed_is_not_believed(
    installed: Installed, front: Running, swap: Swap
) -> None:
    name = _offer(installed)
    config = installed.told("config.json")

    with crooked_server(front.port, swap) as (address, given):
        (installed.home / "config.json").write_text(json.dumps({**config, "server": address}))
        assert _is_refused(installed, "package is not the one that was signed")
        assert given
    (installed.home / "config.json").write_text(json.dumps(config))
    with installed.running():
        _wait(lambda: (installed.told("versions/current.json") or {}).get("name") == name)


def test_an_older_release_or_version_is_not_installed(installed: Installed) -> None:
    _offer(installed, "9.2.0", number=5)
    with installed.running():
        _wait(lambda: (installed.told("versions/current.json") or {}).get("version") == "9.2.0")
        _offer(installed, "9.1.0", number=4)
        _wait(lambda: "older than release 5" in (installed.told("update.json") or {}).get("why", ""))
        _offer(installed, "9.1.0", number=6)
        _wait(lambda: installed.told("trust.json")["release"] == 6)
        _goes_on()

    assert installed.told("versions/current.json")["version"] == "9.2.0"
    assert installed.told("versions/next.json") is None


def test_keys_are_replaced_on_the_way_to_a_release(installed: Installed) -> None:
    new = Keys(count=1, threshold=1)
    package = package_of(installed.shop_home / "source", "9.1.0")
    documents = [installed.keys.document(), new.document(2, by=(installed.keys,))]
    give_out(installed.shop_home, documents, new.release(package, 1), package)

    with installed.running():
        _wait(lambda: installed.told("versions/current.json") is not None)

    assert installed.told("trust.json")["keys"] == new.public


def test_killed_at_any_moment_it_ends_with_one_agent_of_the_new_version(installed: Installed) -> None:
    name = _offer(installed)
    lot = random.Random(4)  # noqa: S311 - no secret
    for _ in range(14):
        with installed.running() as process:
            time.sleep(lot.uniform(0.05, 2.2))
            process.send_signal(signal.SIGKILL)
        if (installed.told("versions/next.json") or {}).get("tries", 0) >= 2:
            break  # killed in a third trial it would be taken for no good: the next test
    with installed.running():
        _wait(lambda: installed.told("versions/next.json") is None, 60)
        _wait(lambda: _agent_facts()[-1]["version"] == "9.1.0", 60)
        _goes_on()

    assert installed.told("versions/current.json") == {"name": name, "version": "9.1.0"}
    assert _running_in(installed.home) == []
    numbers = list(CheckIn.objects.filter(epoch=1).values_list("number", flat=True))
    assert len(numbers) == len(set(numbers))


def test_killed_in_three_trials_it_is_taken_for_no_good(installed: Installed) -> None:
    name = _offer(installed, fault={"fault": "import time; time.sleep(3600)"})
    for tries in (1, 2, 3):
        with installed.running() as process:
            _wait(lambda tries=tries: (installed.told("versions/next.json") or {}).get("tries") == tries)  # type: ignore[misc]
            process.send_signal(signal.SIGKILL)

    with installed.running():
        _wait(lambda: name in (installed.told("versions/failed.json") or {}))
        _goes_on()

    assert "was begun 3 times" in installed.told("versions/failed.json")[name]["why"]
    assert _agent_facts()[-1]["version"] == packaging.own().version


def test_stopped_in_the_middle_of_a_trial_it_goes_on_with_it_later(installed: Installed) -> None:
    name = _offer(installed, fault={"file": "sending.py", "old": '"/check-in"', "new": '"/nowhere"'})
    with installed.running(trial_seconds=60):
        _wait(lambda: (installed.told("versions/next.json") or {}).get("tries") == 1)

    assert installed.told("versions/next.json")["name"] == name
    assert _running_in(installed.home) == []


def _running_in(home: Path) -> list[str]:
    """The agents that run in a home; a short-lived child of one that was stopped may still be at work."""
    found = []
    for place in Path("/proc").iterdir():
        if place.name.isdecimal():
            try:
                line = (place / "cmdline").read_bytes()
            except OSError:
                continue
            if str(home).encode() in line and b"\0run\0" in line:
                found.append(line.decode())
    return found


def test_what_agents_would_refuse_is_not_published(installed: Installed, tmp_path: Path) -> None:
    folder, keys = tmp_path / "offline", installed.keys
    package = package_of(tmp_path / "source", "9.1.0")
    now = timezone.now()

    def put(*documents: releasing.Document, release: releasing.Document) -> None:
        folder.mkdir(exist_ok=True)
        for number, document in enumerate(documents, start=1):
            (folder / f"keys-{number}.json").write_text(json.dumps(document))
        (folder / f"package-{package.sha256}.zip").write_bytes(package.body)
        (folder / "release.json").write_text(json.dumps(release))

    bad = {
        "lacks signatures": keys.release(package, 1, count=1),
        "expired": keys.release(package, 1, days=-1),
    }
    for words, release in bad.items():
        put(keys.document(), release=release)
        with pytest.raises(Refused, match=words):
            releasing.publish(folder, installed.shop_home, at=now)
    assert releasing.read(installed.shop_home / releasing.FOLDER) is None

    put(keys.document(), release=keys.release(package, 3))
    for _ in range(2):
        assert releasing.publish(folder, installed.shop_home, at=now)["number"] == 3
    put(keys.document(), release=keys.release(package, 2))
    with pytest.raises(Refused, match="does not follow release 3"):
        releasing.publish(folder, installed.shop_home, at=now)
    other = Keys()
    put(other.document(), release=other.release(package, 4))
    with pytest.raises(Refused, match="other keys"):
        releasing.publish(folder, installed.shop_home, at=now)

"""The probes: what they read is what the system says, and a failure is never taken for a value."""

import os
import time
from pathlib import Path

import psutil
import pytest

from rounds_agent.clock import Clock, read_moment
from rounds_agent.home import make_home, write_json
from rounds_agent.probes import boot, disks, hardware, load, memory, reboot, system, updates, uptime
from rounds_agent.probes.outcome import outcome
from rounds_agent.probes.processor import Processor
from rounds_agent.probes.reading import Absent
from rounds_agent.watching import ALL_FACTS_EVERY, Watcher


def _leave(home: Path, probe: str, told: dict[str, object]) -> None:
    """As the child for slow probes does."""
    (home / "facts").mkdir(exist_ok=True)
    write_json(home / "facts" / f"{probe}.json", told)


def _samples(told: dict[str, object]) -> dict[str, float]:
    samples = told["samples"]
    assert isinstance(samples, dict)
    return samples


def test_a_probe_gives_a_value_or_says_absent_or_fails_and_these_are_three_things() -> None:
    def absent() -> dict[str, object]:
        raise Absent

    def broken() -> dict[str, object]:
        return {"facts": int("many")}

    assert outcome(lambda: {"samples": {}}) == {"value": {"samples": {}}}
    assert outcome(absent) == {"absent": True}
    assert outcome(broken)["error"].startswith("ValueError: ")


def test_memory_is_what_psutil_says() -> None:
    told = _samples(memory.measure())

    assert told["memory.used_percent"] == pytest.approx(psutil.virtual_memory().percent, abs=3)
    assert told["memory.available_bytes"] == pytest.approx(psutil.virtual_memory().available, rel=0.05)


def test_a_busy_processor_shows() -> None:
    probe = Processor()
    probe.measure()
    end = time.monotonic() + 0.4
    while time.monotonic() < end:
        pass

    busy = _samples(probe.measure())["processor.percent"]

    assert 60 / (os.cpu_count() or 1) < busy <= 100


def test_load_and_uptime_are_what_the_system_says() -> None:
    assert _samples(load.measure())["load.1"] == pytest.approx(os.getloadavg()[0], abs=0.5)
    assert _samples(uptime.measure())["uptime.seconds"] == pytest.approx(time.time() - psutil.boot_time(), abs=5)


def test_disks_are_as_full_as_df_says() -> None:
    told = disks.measure()["disks"]

    assert isinstance(told, dict)
    assert told["/"]["used_percent"] == pytest.approx(psutil.disk_usage("/").percent, abs=1)
    assert 0 <= told["/"]["inodes_percent"] <= 100


def test_only_local_disks_are_looked_at_each_once() -> None:
    table = """\
proc /proc proc rw 0 0
/dev/sda1 / ext4 rw 0 0
/dev/sda1 /var/lib/docker/bind ext4 rw 0 0
/dev/sdb1 /srv/our\\040data xfs rw 0 0
nas:/backup /mnt/nas nfs4 rw 0 0
tmpfs /run tmpfs rw 0 0
overlay /var/lib/docker/overlay2/x/merged overlay rw 0 0
/dev/loop3 /snap/core/1 squashfs ro 0 0
"""

    assert disks.mounted(table) == {"/": "/dev/sda1", "/srv/our data": "/dev/sdb1"}


def test_a_disk_where_the_agent_may_not_go_takes_none_with_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # As it was on Debian 13: a stick in /media/alice (0700), and a disk below a folder of root's.
    table = """\
/dev/vda / ext4 rw 0 0
/dev/sdb1 /media/alice/usb ext4 rw 0 0
/dev/sdc1 /srv/closed/data ext4 rw 0 0
"""
    really = os.statvfs

    def as_the_account(place: str) -> os.statvfs_result:
        if place != "/":
            raise PermissionError(13, "Permission denied", place)
        return really(place)

    monkeypatch.setattr(disks, "text_of", lambda _: table)
    monkeypatch.setattr(os, "statvfs", as_the_account)
    home = tmp_path / "home"
    make_home(home)

    check_in = Watcher(home, Clock()).take()

    assert list(check_in["disks"]) == ["/"]
    assert "disks" not in check_in["probes"]
    assert check_in["probes"]["disk /srv/closed/data"] == "error: Permission denied"
    assert not [name for name in check_in["probes"] if "media" in name], "what is plugged in is its owner's"


def test_the_moment_of_the_start_does_not_wander() -> None:
    probe = boot.Boot()

    first, second = probe.measure(), probe.measure()

    assert first == second
    assert isinstance(first["facts"], dict)
    assert read_moment(first["facts"]["boot"]["booted_at"]) == pytest.approx(psutil.boot_time(), abs=2)


def test_system_and_hardware_are_told() -> None:
    os_fact, hardware_fact = system.measure()["facts"], hardware.measure()["facts"]

    assert isinstance(os_fact, dict)
    assert isinstance(hardware_fact, dict)
    assert os_fact["os"]["kernel"] == os.uname().release
    assert hardware_fact["hardware"]["memory_bytes"] == pytest.approx(psutil.virtual_memory().total)


def test_updates_are_counted_from_what_apt_would_do() -> None:
    answer = """\
Reading package lists...
The following packages will be upgraded:
  libssl3 tzdata
Inst libssl3 [3.0.9-1] (3.0.11-1~deb12u2 Debian-Security:12/stable-security [amd64])
Inst tzdata [2023c-5] (2024a-0+deb12u1 Debian:12.5/stable [all])
Inst linux-image-6.1.0-26-amd64 (6.1.112-1 Debian-Security:12/stable-security [amd64])
Conf libssl3 (3.0.11-1~deb12u2 Debian-Security:12/stable-security [amd64])
"""

    assert updates.parse(answer) == {"pending": 2, "security": 1, "names": ["libssl3", "tzdata"]}


def test_nothing_to_update_is_a_value() -> None:
    assert updates.parse("Reading package lists...\n") == {"pending": 0, "security": 0, "names": []}


@pytest.mark.parametrize(
    ("running", "installed", "newer"),
    [
        ("6.1.0-25-amd64", ["6.1.0-25-amd64", "6.1.0-26-amd64"], "6.1.0-26-amd64"),
        ("6.1.0-9-amd64", ["6.1.0-9-amd64", "6.1.0-10-amd64"], "6.1.0-10-amd64"),
        ("6.1.0-26-amd64", ["6.1.0-25-amd64", "6.1.0-26-amd64"], ""),
        ("6.1.0-25-amd64", ["6.1.0-26-cloud-amd64"], ""),
        ("6.18.44-fc", [], ""),
        ("5.14.0-362.el9.x86_64", ["5.14.0-427.el9.x86_64"], "5.14.0-427.el9.x86_64"),
        ("5.15.0-91-generic", ["5.15.0-94-lowlatency"], ""),
    ],
)
def test_a_newer_kernel_of_the_same_flavour_asks_for_a_restart(running: str, installed: list[str], newer: str) -> None:
    assert reboot.newer_kernel(running, installed) == newer


def test_facts_are_told_when_they_change_and_once_an_hour(tmp_path: Path) -> None:
    make_home(tmp_path)
    watcher = Watcher(tmp_path, Clock())

    first, second = watcher.take(), watcher.take()
    _leave(tmp_path, "updates", {"value": {"facts": {"updates": {"pending": 4}}}})
    third = watcher.take()
    later = [watcher.take() for _ in range(ALL_FACTS_EVERY - 2)]

    assert {"os", "hardware", "boot", "agent"} <= set(first["facts"])
    assert second["facts"] == {}
    assert third["facts"] == {"updates": {"pending": 4}}
    assert set(later[-1]["facts"]) == set(first["facts"]) | {"updates"}


def test_a_probe_that_fails_says_so_and_the_others_go_on(tmp_path: Path) -> None:
    make_home(tmp_path)
    _leave(tmp_path, "updates", {"error": "OSError: apt-get: exit status 100"})

    told = Watcher(tmp_path, Clock()).take()

    assert told["probes"]["updates"] == "error: OSError: apt-get: exit status 100"
    assert "updates" not in told["facts"]
    assert "memory.used_percent" in told["samples"]

"""Watches by SNMP against Debian's snmpd, in every way of asking; and devices that cannot run here, as they tell."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rounds_agent.watches import aes
from rounds_agent.watches.running import ask
from rounds_agent.watches.snmp_devices import errors_in, size_of
from rounds_agent.watches.usm import localized
from tests.agent.servers import answering
from tests.agent.snmpd import COMMUNITY, PASSWORDS, free_port, running_snmpd

HERE = {"watches": {"networks": ["127.0.0.0/8"]}}
SECRETS = {"auth_password": PASSWORDS[0], "privacy_password": PASSWORDS[1]}
BY_USER = [
    {"user": "encrypted", "hash": "sha", "cipher": "aes"},
    {"user": "encrypted256", "hash": "sha256", "cipher": "aes"},
    {"user": "signed", "hash": "sha256"},
    {"user": "oldsigned", "hash": "sha"},
]


def looked(port: int, kind: str = "host", memory: Any = None, **settings: Any) -> tuple[dict[str, Any], Any]:
    """What a watch gives, and what it remembers."""
    usual = {"device_kind": kind, "version": "2c", "community": COMMUNITY}
    one = {"id": 1, "kind": "snmp", "target": f"127.0.0.1:{port}", "settings": usual | settings}
    return ask(one, HERE, memory)


@pytest.fixture(scope="module")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with running_snmpd(tmp_path_factory.mktemp("snmpd")) as port:
        yield port


def test_a_server_tells_by_community_what_it_is_and_how_full_and_busy_it_is(snmpd: int) -> None:
    told, _ = looked(snmpd)

    assert told["ok"] is True, told
    assert told["facts"]["name"] == "sw-northside"
    assert told["facts"]["where"] == "Rack 2"
    assert told["facts"]["model"].startswith("Linux")
    assert told["figures"]["load"] >= 0
    assert 0 < told["figures"]["milliseconds"] < 5000


@pytest.mark.parametrize("user", BY_USER, ids=lambda one: one["user"])
def test_a_user_of_version_3_is_told_the_same(snmpd: int, user: dict[str, str]) -> None:
    told, _ = looked(snmpd, version="3", **SECRETS, **user)

    assert told["ok"] is True, told
    assert told["facts"]["name"] == "sw-northside"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"auth_password": "another password"}, "the password for signing"),
        ({"user": "nobody"}, "knows no such user"),
        ({"cipher": ""}, "lets this community or user read nothing so"),
        ({"hash": "sha256"}, "the password for signing, or the way of signing, is wrong"),
    ],
)
def test_what_is_wrong_about_a_user_is_said(snmpd: int, wrong: dict[str, str], why: str) -> None:
    told, _ = looked(snmpd, **{"version": "3", **SECRETS, **BY_USER[0], **wrong})

    assert told["ok"] is False
    assert why in told["why"]
    assert not any(secret in str(told) for secret in PASSWORDS)


def test_a_wrong_password_for_encrypting_fails(snmpd: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rounds_agent.watches.manager.TRY_FOR", 0.3)

    told, _ = looked(snmpd, **{"version": "3", **BY_USER[0], **SECRETS, "privacy_password": "another password"})

    assert told["ok"] is False


def test_a_wrong_community_and_a_closed_port_fail(snmpd: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rounds_agent.watches.manager.TRY_FOR", 0.2)

    assert "does not answer to SNMP" in looked(snmpd, community="guess")[0]["why"]
    assert "nobody listens for SNMP" in looked(free_port())[0]["why"]


def test_a_device_that_was_started_anew_meanwhile_is_understood(tmp_path: Path) -> None:
    for _ in range(2):  # its boots grow, its clock begins anew
        with running_snmpd(tmp_path) as port:
            assert looked(port, version="3", **SECRETS, **BY_USER[0])[0]["ok"] is True


def test_traffic_is_told_from_the_second_look_on(snmpd: int) -> None:
    first, memory = looked(snmpd, "switch")
    time.sleep(1.2)
    second, _ = looked(snmpd, "switch", memory)

    assert not any(name.startswith("interface.in_bits") for name in first["figures"])
    names = {name.partition("@")[2] for name in second["figures"] if name.startswith("interface.in_bits@")}
    assert "lo" not in names
    assert all(value >= 0 for value in second["figures"].values())


def test_counters_that_began_anew_give_no_traffic(snmpd: int) -> None:
    _, memory = looked(snmpd, "switch")
    memory["at"] -= 60
    for column in memory["counted"].values():
        for port in column:
            column[port] += 10**15

    told, _ = looked(snmpd, "switch", memory)

    assert not any("bits" in name for name in told["figures"])


@pytest.mark.parametrize(
    "memory", [None, {}, {"at": "x"}, {"at": 0, "counted": 3}, {"at": 1e18, "counted": {"in": []}}]
)
def test_a_memory_that_makes_no_sense_is_none(snmpd: int, memory: Any) -> None:
    assert looked(snmpd, "switch", memory)[0]["ok"] is True


def test_a_port_that_must_be_up_and_is_there_is_told_of_and_another_is_missed(snmpd: int) -> None:
    there, _ = looked(snmpd, "switch", ports="lo")
    missing, _ = looked(snmpd, "switch", ports="lo, Gi1/0/99")

    assert there["figures"]["interface.down@lo"] == 0
    assert missing["ok"] is None
    assert missing["why"] == "the device has no port called gi1/0/99"


@pytest.mark.parametrize("by", [{}, {"version": "3", **SECRETS, **BY_USER[1]}], ids=["community", "user"])
def test_a_printer_tells_its_supplies_pages_and_complaints(tmp_path: Path, by: dict[str, str]) -> None:
    with running_snmpd(tmp_path, "printer") as port:
        told, _ = looked(port, "printer", **by)

    supplies = {name: value for name, value in told["figures"].items() if name.startswith("supply")}
    assert supplies == {"supply.percent@Black Toner": 7.0, "supply.percent@Cyan Toner": 50.0}
    assert told["figures"]["pages"] == 48211
    assert told["facts"]["alerts"] == ["paper low", "toner low"]
    assert told["facts"]["status"] == "idle"
    assert (told["facts"]["model"], told["facts"]["serial"]) == ("Example Colour Laser 4100", "XK4100-0042")


def test_a_synology_tells_its_disks_volumes_and_temperatures(tmp_path: Path) -> None:
    with running_snmpd(tmp_path, "synology") as port:
        told, _ = looked(port, "nas")

    figures = told["figures"]
    failed = {name.partition("@")[2] for name, value in figures.items() if name.startswith("part.failed@") and value}
    volumes = {name: value for name, value in figures.items() if name.startswith("volume")}
    assert failed == {"Disk 2", "Volume 1", "Storage Pool 1"}
    assert volumes == {"volume.used_percent@Volume 1": 90.0}
    assert (figures["temperature"], figures["temperature@Disk 2"]) == (41, 38)
    assert told["facts"]["model"] == "DS920+"


def test_a_qnap_tells_its_disks_and_volumes(tmp_path: Path) -> None:
    with running_snmpd(tmp_path, "qnap") as port:
        told, _ = looked(port, "nas")

    figures = told["figures"]
    assert (figures["part.failed@HDD1"], figures["part.failed@HDD2"]) == (0, 1)
    assert "part.failed@HDD3" not in figures
    assert figures["volume.used_percent@DataVol1"] == pytest.approx(71.43)
    assert figures["temperature@HDD1"] == 35


def test_a_ups_tells_its_battery_and_that_all_runs_on_it(tmp_path: Path) -> None:
    with running_snmpd(tmp_path / "ups", "ups") as port:
        told = looked(port, "ups")[0]["figures"]
    with running_snmpd(tmp_path / "apc", "apc") as port:
        apc = looked(port, "ups")[0]

    assert (told["battery.percent"], told["battery.minutes"], told["load.percent"]) == (64, 22, 31)
    assert (told["battery.on"], told["part.failed@Battery"]) == (1, 1)
    assert (apc["figures"]["battery.percent"], apc["figures"]["battery.minutes"]) == (100, 40)
    assert (apc["figures"]["battery.on"], apc["figures"]["part.failed@Battery"]) == (0, 0)
    assert apc["facts"]["model"] == "Smart-UPS 1500"


def test_what_is_no_ups_cannot_be_asked_as_one(snmpd: int) -> None:
    told, _ = looked(snmpd, "ups")

    assert told["ok"] is None
    assert "no battery" in told["why"]


def test_garbage_for_an_answer_is_waited_out_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rounds_agent.watches.manager.TRY_FOR", 0.2)
    with answering(lambda packet: packet[::-1]) as port:
        told, _ = looked(port)

    assert told["ok"] is False


def test_the_cipher_does_what_the_standards_say() -> None:
    plain, key = "00112233445566778899aabbccddeeff", bytes(range(16))
    assert (
        aes.encrypt(bytes.fromhex(plain), aes.expand(key)).hex() == "69c4e0d86a7b0430d8cdb78070b4c55a"
    )  # FIPS 197, C.1

    # SP 800-38A, F.3.13: CFB128-AES128, four blocks.
    key, start = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"), bytes(range(16))
    text = bytes.fromhex(
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
        "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
    )
    secret = aes.cfb(key, start, text, decrypts=False)
    assert secret.hex() == (
        "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b"
        "26751f67a3cbb140b1808cf187a4f4dfc04b05357c5d1c0eeac4c66f9ff7f2e6"
    )
    assert aes.cfb(key, start, secret, decrypts=True) == text
    assert aes.cfb(key, start, text[:21], decrypts=False) == secret[:21]


def test_a_key_is_made_of_a_password_as_the_standard_says() -> None:
    engine = bytes.fromhex("000000000000000000000002")

    # RFC 3414, A.3.2.
    assert localized("sha1", "maplesyrup", engine).hex() == "6695febc9288e36282235fc7151f128497b38f3f"


def test_complaints_and_sizes_are_read() -> None:
    assert list(errors_in(b"\x40\x04")) == ["no paper", "a tray is empty"]
    assert list(errors_in(b"")) == []
    assert (size_of(b"1.5 TB"), size_of(b"700 GB"), size_of(12), size_of(b"--")) == (1.5e12, 7e11, 12.0, None)

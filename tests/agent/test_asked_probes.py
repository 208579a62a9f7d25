"""What other programs answer, read into facts: answers of real programs, and shapes from vendors' documentation."""

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from rounds_agent.home import make_home, read_json, write_json
from rounds_agent.probes import (
    administrators,
    antivirus,
    certificates,
    events,
    smart,
    software,
    traffic,
    units,
    updates,
)
from rounds_agent.probes.asking import ask
from rounds_agent.probes.outcome import outcome
from rounds_agent.probes.slow import SCHEDULE, due, measure_slowly
from rounds_agent.probes.windows import accounts, defender, event_log, installed, powershell, server_backup, updating

# The shapes of Windows' answers are those that Microsoft's documentation shows; none was recorded on a machine.


def test_a_failing_disk_shows_and_a_sleeping_one_is_left_out() -> None:
    table = [{"id": 5, "name": "Reallocated_Sector_Ct", "when_failed": "now", "raw": {"value": 312}}]
    disk = smart.parse(json.dumps({
        "smartctl": {"exit_status": 24}, "device": {"name": "/dev/sda"}, "model_name": "WD Red",
        "smart_status": {"passed": False}, "power_on_time": {"hours": 40001}, "ata_smart_attributes": {"table": table},
    }))  # fmt: skip
    asleep = {"smartctl": {"messages": [{"string": "Device is in STANDBY mode, exit(2)"}], "exit_status": 2}}

    assert disk is not None
    assert (disk["passed"], disk["reallocated_sectors"]) == (False, 312)
    assert disk["failing"] == ["Reallocated_Sector_Ct"]
    assert smart.steady([disk])[0]["hours"] == 39984
    assert smart.parse(json.dumps(asleep)) is None


def test_the_packages_are_those_of_this_machine() -> None:
    told = software.measure("")["facts"]
    assert isinstance(told, dict)

    packages = told["software"]["packages"]

    assert packages["dpkg"] == ask(["dpkg-query", "-W", "-f", "${Version}", "dpkg"])


def test_smartctl_itself_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    told = outcome(lambda: smart.measure(str(tmp_path)))

    assert shutil.which("smartctl", path="/usr/sbin:/usr/bin")
    assert "error" not in told


def test_who_is_not_root_does_not_say_that_there_are_no_disks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # In the unit /dev is its own: smartctl finds nothing, and ends well. Recorded on Debian 13.
    (tmp_path / "smartctl").write_text('#!/bin/sh\necho \'{"smartctl": {"exit_status": 0}}\'\n')
    (tmp_path / "smartctl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    monkeypatch.setattr(os, "geteuid", lambda: 996)
    by_the_account = outcome(lambda: smart.measure(""))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    by_root = outcome(lambda: smart.measure(""))

    assert "--as-root" in by_the_account["error"]
    assert by_root == {"absent": True}


def test_signatures_of_clamav_have_a_version_and_a_moment() -> None:
    told = antivirus.parse_clamav("ClamAV 1.0.7/27448/Mon Nov  4 09:22:27 2024\n")

    assert (told["engine"], told["signatures"]) == ("1.0.7", "27448")
    assert str(told["signatures_at"]).startswith("2024-11-0")
    assert antivirus.parse_clamav("ClamAV 1.0.7\n")["signatures_at"] is None


def test_who_may_become_root_is_named() -> None:
    passwd = "root:x:0:0::/:/bin/sh\ntoor:x:0:0::/:/bin/sh\neve:x:1000:27::/:/bin/sh\nbob:x:1001:1001::/:/bin/sh"
    group = "root:x:0:\nsudo:x:27:ann\nusers:x:100:bob"

    assert administrators.parse(passwd, group) == ["ann", "eve", "root", "toor"]


def test_failed_units_and_updates_of_dnf_are_read() -> None:
    assert units.parse("● nginx.service loaded failed failed A web server\n") == ["nginx.service"]
    listed = "\nopenssl.x86_64   1:3.0.7-27.el9   baseos\nvim.x86_64   2:8.2   appstream\n"
    assert updates.parse_dnf(listed, "RHSA-2026:1 Important/Sec. openssl-1:3.0.7-27.el9.x86_64\n") == {
        "pending": 2, "security": 1, "names": ["openssl", "vim"],
    }  # fmt: skip


def test_a_certificates_end_and_name_are_read(tmp_path: Path) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime(2026, 11, 27, tzinfo=UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.com")])
    building = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    building = building.serial_number(7).not_valid_before(now).not_valid_after(now + timedelta(days=90))
    made = building.sign(key, hashes.SHA256())
    for form, file in ((serialization.Encoding.PEM, "a.pem"), (serialization.Encoding.DER, "a.der")):
        (tmp_path / file).write_bytes(made.public_bytes(form))
    (tmp_path / "broken").write_bytes(made.public_bytes(serialization.Encoding.DER)[:100])
    write_json(tmp_path / "expected.json", {"certificates": [str(tmp_path / f) for f in ("a.pem", "a.der", "broken")]})

    told = certificates.measure(str(tmp_path))["facts"]
    assert isinstance(told, dict)
    rows = told["certificates"]["certificates"]

    assert [(row.get("name"), row.get("ends_at")) for row in rows[:2]] == [
        ("mail.example.com", "2027-02-25T00:00:00Z")
    ] * 2
    assert rows[2]["error"]


def test_a_folder_of_certificates_that_is_closed_is_not_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(folder: str) -> list[str]:
        raise PermissionError(13, "Permission denied", folder)

    monkeypatch.setattr(certificates, "LIVE", str(tmp_path / "live"))
    without = outcome(lambda: certificates.measure(str(tmp_path)))
    monkeypatch.setattr(os, "listdir", closed)
    told = outcome(lambda: certificates.measure(str(tmp_path)))

    assert without == {"absent": True}
    [row] = told["value"]["facts"]["certificates"]["certificates"]
    assert row == {
        "path": str(tmp_path / "live"),
        "error": "Permission denied: install the agent with --as-root",
    }


def test_traffic_counts_whole_disks_and_real_cards() -> None:
    disks = traffic.read_disks("   8 0 sda 1 0 10 5 2 0 20 6 0 300 11\n   8 1 sda1 1 0 8 5 2 0 8 6 0 3 11\n", {"sda"})
    cards = traffic.read_cards("h\n  lo: 1 0 0 0 0 0 0 0 1 0 0 0\n eth0: 100 1 2 0 0 0 0 0 200 1 0 1 0 0 0 0\n")

    assert disks == {"sda": (5120, 10240, 300)}
    assert cards == {"eth0": (100, 200, 3)}


def test_a_line_of_the_journal_is_read_whatever_its_text_is() -> None:
    row = {"__CURSOR": "s=1", "__REALTIME_TIMESTAMP": "1764201600000000", "PRIORITY": "2", "_SYSTEMD_UNIT": "a.service"}

    assert events.parse(json.dumps({**row, "MESSAGE": "no space"}))["text"] == "no space"
    assert events.parse(json.dumps({**row, "MESSAGE": [110, 255]}))["text"] == "n\ufffd"
    assert events.parse(json.dumps({**row, "MESSAGE": None}))["level"] == "critical"


def test_probes_are_asked_when_due_or_changed_or_after_the_clock_was_set_back() -> None:
    asked = dict.fromkeys(SCHEDULE, 1000.0)

    assert due(asked, 1001.0, is_changed=False) == []
    assert set(due(asked, 1001.0, is_changed=True)) == {"updates", "software", "antivirus", "administrators"}
    assert set(due(asked, 500.0, is_changed=False)) == set(SCHEDULE)
    assert set(due({}, 500.0, is_changed=False)) == set(SCHEDULE)


def test_the_child_leaves_what_each_probe_gave(tmp_path: Path) -> None:
    make_home(tmp_path)
    soon = dict.fromkeys(SCHEDULE, datetime.now(UTC).timestamp()) | {"administrators": 0, "units": 0}
    write_json(tmp_path / "slow.json", {"stamp": "", "asked_at": soon})

    measure_slowly(tmp_path)

    told = read_json(tmp_path / "facts" / "administrators.json")
    assert "root" in told["value"]["facts"]["administrators"]["names"]


def test_defender_in_passive_mode_is_not_active_whatever_its_switches_say() -> None:
    on = dict.fromkeys(("AMServiceEnabled", "AntivirusEnabled", "RealTimeProtectionEnabled"), True)
    normal = {**on, "AMRunningMode": "Normal", "QuickScanAge": 1, "FullScanAge": 4_294_967_295}
    signatures = {"AntivirusSignatureLastUpdated": "/Date(1764201600000)/"}

    assert defender.parse_defender({**normal, **signatures})["is_active"] is True
    assert defender.parse_defender({**normal, **signatures})["signatures_at"].startswith("2025-11-27")
    assert "full_scan_days" not in defender.parse_defender(normal)
    assert defender.parse_defender({**normal, "AMRunningMode": "Passive Mode"})["is_active"] is False
    assert defender.parse_center({"displayName": "ESET", "productState": 0x041000})["is_active"] is True
    assert defender.parse_center({"displayName": "ESET", "productState": 0x040010})["is_current"] is False


def test_moments_of_powershell_are_read_and_never_is_none() -> None:
    assert powershell.moment("/Date(1764201600000)/") == "2025-11-27T00:00:00.000000Z"
    assert powershell.moment({"value": "/Date(-11644473600000)/", "DateTime": "1. Januar 1601"}) is None
    assert powershell.moment("1601-01-01T00:00:00Z") is None
    assert powershell.read("\ufeff") == []
    assert powershell.read('{"a": 1}') == [{"a": 1}]


def test_windows_update_backup_services_and_members_are_read() -> None:
    security = {"title": "Security Intelligence", "kb": ["2267602"], "severity": "Critical", "categories": []}
    plain = {"title": "Update", "kb": [], "severity": None, "categories": ["28bc880e-0592-4cbf-8f95-c79b17911d5f"]}

    told = updating.parse({"updates": [plain, security], "reboot": True, "last": None})

    assert (told["pending"], told["security"], told["restart_needed"]) == (2, 1, True)
    assert told["names"][0].startswith("KB2267602")
    assert server_backup.parse({"LastBackupResultHR": -2139619228})["error"] == "result 0x80780064"
    assert "error" not in server_backup.parse({"LastBackupResultHR": 0})
    assert installed.parse_services([{"Name": "a", "ExitCode": 1067}, {"Name": "b", "ExitCode": 1077}]) == ["a"]
    assert installed.parse_programs([{"DisplayName": "7-Zip", "DisplayVersion": "24"}, {}]) == {"7-Zip": "24"}
    assert accounts.parse_members([{"Name": "PC\\eve"}, {}]) == ["PC\\eve"]


def test_the_event_log_of_windows_is_read_in_any_language() -> None:
    xml = (
        '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="disk"/>'
        '<EventID>7</EventID><Level>2</Level><TimeCreated SystemTime="2026-11-27T01:02:03.4Z"/>'
        "<EventRecordID>815</EventRecordID></System><EventData><Data>Harddisk0</Data></EventData></Event>"
    )

    (event,) = event_log.parse("System", xml)

    assert (event["id"], event["record"], event["level"], event["text"]) == ("System:815", 815, "error", "Harddisk0")
    assert "EventRecordID>815" in event_log.query("System", 815)[3]

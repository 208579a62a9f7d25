"""Whether what must run does: processes by their name, services by systemd's control groups."""

import shutil
import subprocess
from pathlib import Path

import pytest

from rounds_agent.home import write_json
from rounds_agent.probes.expected import Expected, service_runs
from rounds_agent.probes.reading import Absent


def test_a_process_that_ends_is_told_from_the_second_look_on_and_at_once_when_it_runs_again(tmp_path: Path) -> None:
    program = tmp_path / "keeps-the-books-for-us"  # longer than what the kernel keeps of a name
    shutil.copy(shutil.which("sleep") or "/bin/sleep", program)
    write_json(tmp_path / "expected.json", {"processes": [program.name]})
    probe, told = Expected(str(tmp_path)), []

    def look() -> None:
        measured = probe.measure()
        told.append((measured["samples"], measured["facts"]))

    for _ in range(2):
        with subprocess.Popen([program, "60"]) as process:
            look()
            process.kill()
        look()
        look()

    runs = [({f"process.{program.name}": count}, {"expected": {f"process {program.name}": is_running}})
            for count, is_running in ((1, True), (0, True), (0, False))]  # fmt: skip
    assert told == [*runs, *runs]


def test_a_machine_of_which_nothing_is_expected_has_no_such_thing(tmp_path: Path) -> None:
    with pytest.raises(Absent):
        Expected(str(tmp_path)).measure()


@pytest.mark.parametrize("slices", ["system.slice", "unified/system.slice"])
def test_a_service_runs_while_its_control_group_holds_processes(tmp_path: Path, slices: str) -> None:
    for unit, events in {"ssh.service": "populated 1\nfrozen 0\n", "cron.service": "populated 0\nfrozen 0\n"}.items():
        folder = tmp_path / slices / unit
        folder.mkdir(parents=True)
        (folder / "cgroup.events").write_text(events)
    of_template = tmp_path / slices / "system-getty.slice" / "getty@tty1.service"
    of_template.mkdir(parents=True)
    (of_template / "cgroup.events").write_text("populated 1\n")

    runs = {name: service_runs(name, str(tmp_path)) for name in ("ssh", "cron", "getty@tty1", "unknown.socket")}

    assert runs == {"ssh": True, "cron": False, "getty@tty1": True, "unknown.socket": False}


def test_without_control_groups_it_cannot_be_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no control groups"):
        service_runs("ssh", str(tmp_path))

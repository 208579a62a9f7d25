"""A restore from order to evidence: the server's order, the agent's own code, a real restic repository, and back."""

import json
import shutil
import subprocess
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from rounds.agents import reading
from rounds.agents.models import Agent, CheckIn, Job
from rounds.clients.models import Machine
from rounds.core.sampling import choose
from rounds.findings import finding
from rounds.findings.models import Finding
from rounds.upkeep import ordering, proving
from rounds.upkeep.models import Duty, Evidence
from rounds.upkeep.ordering import set_repository, try_now
from rounds.upkeep.proving import proved
from rounds_agent.duties import do_job
from rounds_agent.home import make_home, read_json, write_json


class Machinery:
    """A machine with forty files, backed up by restic, and its agent's folder."""

    def __init__(self, folder: Path) -> None:
        self.home, self.repository, self.password = folder / "agent", folder / "repository", folder / "password"
        self.files = [folder / "data" / f"file {number}" for number in range(40)]
        make_home(self.home)
        self.files[0].parent.mkdir()
        for number, file in enumerate(self.files):
            file.write_bytes(b"content %d " % number * 40)
        self.password.write_text("correct horse")
        self.restic("init")
        self.restic("backup", str(folder / "data"))
        pair = {"repository": str(self.repository), "password_file": str(self.password)}
        write_json(self.home / "policy.json", {"restore-files": {"repositories": [pair]}})

    def restic(self, *arguments: str) -> None:
        options = ("--repo", str(self.repository), "--password-file", str(self.password), "--no-cache", "--quiet")
        subprocess.run(["restic", *arguments, *options], check=True, capture_output=True)

    def do(self, job: Job) -> None:
        """Do a job as the agent does, and check in with its result."""
        write_json(self.home / "jobs" / f"{job.pk}.json", {"id": job.pk, "kind": job.kind, "params": job.params})
        assert do_job(self.home, str(job.pk)) == 0
        now, agent = timezone.now(), Agent.objects.get()
        result = read_json(self.home / "results" / f"{job.pk}.json")
        number = CheckIn.objects.count() + 1
        said = {"v": 1, "epoch": 1, "number": number, "taken_at": now.isoformat(), "results": [result]}
        body = zlib.compress(json.dumps(said).encode())
        CheckIn.objects.create(agent=agent, epoch=1, number=number, taken_at=now, received_at=now, body=body)


@pytest.fixture
def machinery(tmp_path: Path, restore: Duty, srv01: Machine) -> Machinery:
    if shutil.which("restic") is None:
        pytest.fail("this test needs restic: apt install restic")
    made = Machinery(tmp_path)
    set_repository(srv01, str(made.repository), str(made.password), by=None, at=timezone.now() - timedelta(days=1))
    return made


def take() -> None:
    """What the ticker does, twice."""
    for _ in range(2):
        reading.pull()
        proving.pull()
        finding.pull(timezone.now())


def test_three_random_files_come_back_and_are_evidence(machinery: Machinery, restore: Duty, srv01: Machine) -> None:
    ordering.pull(timezone.now())
    job = Job.objects.get()
    machinery.do(job)
    take()

    kept = Evidence.objects.get()
    assert (kept.is_good, kept.summary) == (True, "3 of 3 random files came back")
    tried = [file["path"] for file in kept.details["report"]["files"]]
    assert tried == choose([str(file) for file in machinery.files], job.params["seed"], 3)  # anybody can recompute it
    assert not Duty.objects.still_open().exists()
    assert proved(srv01, timezone.now()).claim == "3 of 3 came back: at least 36 % can be restored (95 % sure)"
    assert not Finding.objects.exists()


def test_a_damaged_repository_is_found_and_a_repaired_one_closes_the_finding(
    machinery: Machinery, restore: Duty
) -> None:
    packs = [file for file in (machinery.repository / "data").rglob("*") if file.is_file()]
    saved = {pack: pack.read_bytes() for pack in packs}
    for pack, content in saved.items():
        pack.chmod(0o644)
        pack.write_bytes(bytes(len(content)))
    ordering.pull(timezone.now())
    machinery.do(Job.objects.get())
    take()

    assert not Evidence.objects.get().is_good
    assert Duty.objects.still_open().get() == restore
    assert Finding.objects.still_open().get().rule == "backup-failed"

    for pack, content in saved.items():
        pack.write_bytes(content)
    machinery.do(try_now(restore, at=timezone.now()))
    take()

    assert [one.is_good for one in Evidence.objects.all()] == [False, True]
    assert not Finding.objects.still_open().exists()
    assert not Duty.objects.still_open().exists()


def test_what_the_machine_does_not_allow_is_not_done_and_is_told(machinery: Machinery) -> None:
    write_json(machinery.home / "policy.json", {})
    ordering.pull(timezone.now())
    machinery.do(Job.objects.get())
    take()

    assert "not allowed by this machine's policy" in Finding.objects.get().title

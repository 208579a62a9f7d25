"""The duty of restoring files, on real restic repositories: what came back, and what was not allowed."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rounds_agent.duties import do_job
from rounds_agent.duties.restore_files import nanoseconds
from rounds_agent.home import make_home, read_json, write_json

PASSWORD = "correct horse"


class Backup:
    """A restic repository of a folder, and the agent that may restore from it."""

    def __init__(self, folder: Path, empty_repository: Path) -> None:
        self.home, self.source = folder / "home", folder / "data"
        self.repository, self.password = folder / "repository", folder / "password"
        make_home(self.home)
        self.source.mkdir()
        self.password.write_text(PASSWORD)
        shutil.copytree(empty_repository, self.repository)
        self.allow(str(self.repository), str(self.password))

    def allow(self, repository: str, password_file: str) -> None:
        pair = {"repository": repository, "password_file": password_file}
        write_json(self.home / "policy.json", {"restore-files": {"repositories": [pair]}})

    def restic(self, *arguments: str, at: Path | None = None) -> None:
        options = ("--repo", str(self.repository), "--password-file", str(self.password), "--no-cache", "--quiet")
        subprocess.run(["restic", *arguments, *options], check=True, capture_output=True, cwd=at)

    def write(self, name: str, content: bytes) -> Path:
        path = self.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def do(self, **params: Any) -> dict[str, Any]:
        asked = {"repository": str(self.repository), "password_file": str(self.password), "seed": "s", "count": 3}
        job = {"id": 1, "kind": "restore-files", "params": {**asked, **params}}
        write_json(self.home / "jobs" / "1.json", job)
        assert do_job(self.home, "1") == 0
        result: dict[str, Any] = read_json(self.home / "results" / "1.json")
        return result


@pytest.fixture(scope="module")
def empty_repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: restic measures for seconds how much work its password shall be."""
    if shutil.which("restic") is None:
        pytest.fail("this test needs restic: apt install restic")
    folder = tmp_path_factory.mktemp("restic")
    (folder / "password").write_text(PASSWORD)
    options = ("--repo", str(folder / "empty"), "--password-file", str(folder / "password"), "--no-cache", "--quiet")
    subprocess.run(["restic", "init", *options], check=True, capture_output=True)
    return folder / "empty"


@pytest.fixture
def backup(tmp_path: Path, empty_repository: Path) -> Backup:
    return Backup(tmp_path, empty_repository)


def _verdicts(result: dict[str, Any]) -> dict[str, str]:
    return {Path(one["path"]).name: one["verdict"] for one in result["report"]["files"]}


def test_files_come_back_and_equal_those_on_the_machine(backup: Backup) -> None:
    for number in range(20):
        backup.write(f"folder {number}/päper-{number}.txt", f"content {number}".encode() * number)
    backup.restic("backup", str(backup.source))

    result = backup.do(count=5)

    assert result["ok"]
    report = result["report"]
    assert report["files_in_snapshot"] == 20
    assert [one["verdict"] for one in report["files"]] == ["same"] * 5
    for one in report["files"]:
        assert one["sha256"] == hashlib.sha256(Path(one["path"]).read_bytes()).hexdigest()
    assert not (backup.home / "restored").exists()
    assert json.dumps(result)


def test_the_same_seed_chooses_the_same_files_and_another_others(backup: Backup) -> None:
    for number in range(40):
        backup.write(f"{number}", b"x")
    backup.restic("backup", str(backup.source))

    first, again, other = (_verdicts(backup.do(seed=seed)) for seed in ("april", "april", "may"))

    assert first == again
    assert first != other


def test_names_that_are_patterns_bring_back_themselves_alone(backup: Backup) -> None:
    names = ["*", "a?c", "abc", "[x]", "x", "back\\slash", " space ", "-dash", "new\nline"]
    for name in names:
        backup.write(name, name.encode())
    backup.restic("backup", str(backup.source))

    result = backup.do(count=100)

    assert _verdicts(result) == dict.fromkeys(names, "same")


def test_a_file_that_changed_or_went_since_came_back_all_the_same(backup: Backup) -> None:
    changed, gone = backup.write("changed", b"before"), backup.write("gone", b"here")
    backup.restic("backup", str(backup.source))
    changed.write_bytes(b"afterwards")
    gone.unlink()

    result = backup.do()

    assert result["ok"]
    whys = {Path(one["path"]).name: one["why"] for one in result["report"]["files"]}
    assert whys == {"changed": "the file has changed since", "gone": "the file is gone from the machine"}
    assert set(_verdicts(result).values()) == {"restored"}


def test_a_file_that_claims_to_be_unchanged_and_is_not_makes_the_proof_fail(backup: Backup) -> None:
    rotten = backup.write("rotten", b"good bytes")
    told = rotten.stat()
    backup.restic("backup", str(backup.source))
    rotten.write_bytes(b"evil bytes")
    os.utime(rotten, ns=(told.st_atime_ns, told.st_mtime_ns))

    result = backup.do()

    assert not result["ok"]
    assert _verdicts(result) == {"rotten": "different"}


def test_a_repository_that_lost_its_data_makes_the_proof_fail(backup: Backup) -> None:
    backup.write("precious", os.urandom(50_000))
    backup.restic("backup", str(backup.source))
    for pack in (backup.repository / "data").rglob("*"):
        if pack.is_file() and pack.stat().st_size > 40_000:
            pack.chmod(0o600)
            pack.write_bytes(b"\0" * pack.stat().st_size)

    result = backup.do()

    assert not result["ok"]
    assert _verdicts(result) == {"precious": "failed"}
    assert result["report"]["files"][0]["why"]


def test_a_backup_of_a_relative_path_is_compared_with_the_files_it_came_from(backup: Backup) -> None:
    backup.write("a.txt", b"a")
    backup.restic("backup", "data", at=backup.source.parent)

    assert _verdicts(backup.do()) == {"a.txt": "same"}


def test_large_files_are_left_out_and_the_report_says_so(backup: Backup) -> None:
    backup.write("small", b"s")
    backup.write("large", b"l" * 5000)
    backup.restic("backup", str(backup.source))

    result = backup.do(max_bytes=1000)

    assert _verdicts(result) == {"small": "same"}
    assert result["report"]["files_too_large"] == 1


def test_folders_closed_to_writing_do_not_stay_behind(backup: Backup) -> None:
    # As in the service: root, but without the right to write where the file system says no.
    backup.write("closed/deep/a.txt", b"a")
    for folder in ("closed/deep", "closed"):
        (backup.source / folder).chmod(0o550)
    backup.restic("backup", str(backup.source))
    bound = ["setpriv", "--bounding-set", "-dac_override,-chown,-fowner"] if os.geteuid() == 0 else []
    asked = {"repository": str(backup.repository), "password_file": str(backup.password), "seed": "s", "count": 1}

    for job in (1, 2):
        write_json(backup.home / "jobs" / f"{job}.json", {"id": job, "kind": "restore-files", "params": asked})
        agent = [sys.executable, "-m", "rounds_agent", "duty", "--job", str(job), "--home", str(backup.home)]
        subprocess.run([*bound, *agent], check=True)

    results = [read_json(backup.home / "results" / f"{job}.json") for job in (1, 2)]
    assert [result["ok"] for result in results] == [True, True], results
    assert not (backup.home / "restored").exists()
    for folder in ("closed", "closed/deep"):
        (backup.source / folder).chmod(0o750)


def test_nothing_is_written_to_the_repository(backup: Backup) -> None:
    backup.write("a", b"a")
    backup.restic("backup", str(backup.source))
    before = {path: path.stat().st_mtime_ns for path in backup.repository.rglob("*")}

    backup.do()

    assert {path: path.stat().st_mtime_ns for path in backup.repository.rglob("*")} == before


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"repository": "/somewhere/else"}, "not-allowed"),
        ({"password_file": "/etc/shadow"}, "not-allowed"),
        ({"seed": ""}, "bad-params"),
        ({"count": 0}, "bad-params"),
        ({"count": "3"}, "bad-params"),
        ({"snapshot": "--help"}, "bad-params"),
        ({"snapshot": "abcdef"}, "no-snapshot"),
    ],
)
def test_what_is_not_allowed_or_makes_no_sense_is_refused_with_its_reason(
    backup: Backup, params: dict[str, Any], code: str
) -> None:
    backup.write("a", b"a")
    backup.restic("backup", str(backup.source))

    result = backup.do(**params)

    assert not result["ok"]
    assert result["error"]["code"] == code
    assert result["error"]["reason"]


def test_a_wrong_password_and_an_empty_repository_have_their_codes(backup: Backup) -> None:
    assert backup.do()["error"]["code"] == "no-snapshot"

    backup.password.write_text("wrong")

    assert backup.do()["error"]["code"] == "no-password"


def test_a_repository_that_is_gone_has_its_code(backup: Backup) -> None:
    shutil.rmtree(backup.repository)

    assert backup.do()["error"]["code"] == "no-repository"


def test_a_password_file_that_is_gone_has_its_code(backup: Backup) -> None:
    backup.password.unlink()

    assert backup.do()["error"]["code"] == "no-password"


@pytest.mark.parametrize(("kind", "code"), [("restore-files", "not-allowed"), ("rm -rf /", "unknown-kind")])
def test_a_machine_without_a_policy_does_nothing(tmp_path: Path, kind: str, code: str) -> None:
    make_home(tmp_path)
    write_json(tmp_path / "jobs" / "1.json", {"id": 1, "kind": kind, "params": {}})

    do_job(tmp_path, "1")

    assert read_json(tmp_path / "results" / "1.json")["error"]["code"] == code


def test_restics_moments_are_read_to_the_nanosecond() -> None:
    assert nanoseconds("1970-01-02T00:00:00.000000001Z") == 86_400_000_000_001
    assert nanoseconds("1970-01-02T02:00:00.5+02:00") == 86_400_500_000_000
    assert nanoseconds("1970-01-01T19:30:00-04:30") == 86_400_000_000_000

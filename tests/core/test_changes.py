"""What changed on a machine, in words."""

import pytest

from rounds.core.changes import lasting, words


def test_software_that_came_went_and_changed_is_named() -> None:
    before = {"count": 2, "packages": {"openssl": "3.0.15", "vim": "9.0"}}
    after = {"count": 2, "packages": {"openssl": "3.0.16", "nginx": "1.22"}}

    assert words("software", before, after) == ["nginx 1.22 installed", "vim 9.0 removed", "openssl 3.0.15, now 3.0.16"]


@pytest.mark.parametrize(
    ("name", "before", "after", "told"),
    [
        ("administrators", {"names": ["root"]}, {"names": ["root", "eve"]}, ["eve may administer it now"]),
        ("units", {"failed": []}, {"failed": ["nginx.service"]}, ["nginx.service failed"]),
        ("os", {"kernel": "6.1.0-25"}, {"kernel": "6.1.0-26"}, ["kernel: 6.1.0-25, now 6.1.0-26"]),
        (
            "smart",
            {"disks": [{"device": "/dev/sda", "passed": True, "hours": 24}]},
            {"disks": [{"device": "/dev/sda", "passed": False, "hours": 48}]},
            ["/dev/sda passed: yes, now no"],
        ),
        ("hardware", "nonsense", {"cores": 2}, ["it: nonsense, now {'cores': 2}"]),
    ],
)
def test_each_fact_is_told_in_its_own_words(name: str, before: object, after: object, told: list[str]) -> None:
    assert words(name, before, after) == told


def test_what_passes_is_no_change() -> None:
    yesterday = {"products": [{"product": "ClamAV", "signatures": "1", "is_active": True}]}
    today = {"products": [{"product": "ClamAV", "signatures": "2", "is_active": True}]}

    assert lasting("antivirus", yesterday) == lasting("antivirus", today)


def test_a_long_list_is_counted() -> None:
    told = words("software", {"packages": {}}, {"packages": {f"p{number:02}": "1" for number in range(40)}})

    assert len(told) == 13
    assert told[-1] == "and 28 more"

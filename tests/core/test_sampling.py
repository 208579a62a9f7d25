"""Which files are restored, and what a run of good restores proves."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.core.sampling import Proof, choose, claim, judge, surely_restorable

FILES = [f"/home/file-{number}" for number in range(500)]


def report(*verdicts: str, there: int = 500) -> dict[str, object]:
    files = [{"path": f"/home/{n}", "size": 1, "sha256": "0", "verdict": verdict} for n, verdict in enumerate(verdicts)]
    return {"snapshot": {"id": "ab"}, "files_in_snapshot": there, "files": files}


def test_the_same_seed_chooses_the_same_files_in_whatever_order_they_are_listed() -> None:
    assert choose(FILES, "seed", 3) == choose(reversed(FILES), "seed", 3)
    assert choose(FILES, "seed", 3) != choose(FILES, "another", 3)


def test_the_choice_is_the_one_that_the_protocol_describes() -> None:
    # SHA-256 of "sa", "sb" and "sc" begin with 4cf6, b831 and e0b9.
    assert choose(["c", "b", "a"], "s", 2) == ["a", "b"]


def test_every_file_is_as_likely_as_any_other() -> None:
    chosen = [path for number in range(400) for path in choose(FILES[:20], f"seed {number}", 5)]

    assert all(60 <= chosen.count(path) <= 145 for path in FILES[:20])  # 100 expected, standard deviation 8.7


@pytest.mark.parametrize(
    ("said", "is_ok", "proof"),
    [
        (report("same", "same", "restored"), True, Proof("3 of 3 random files came back", True, 3, 3)),
        (report("same", "failed", "same"), False, Proof("2 of 3 files came back; not /home/1", False, 3, 2)),
        (report("same", "different", "same"), True, Proof("2 of 3 files came back; not /home/1", False, 3, 2)),
        (report("same"), True, Proof("Only 1 of the 3 files asked for were tried", False, 1, 1)),
        (report("same", there=1), True, Proof("1 of 1 random files came back", True, 1, 1)),
        (report("same", "same", "same"), False,
         Proof("The agent says that the restore failed, yet names no bad file", False, 3, 3)),
        (report(), True, Proof("The report of the restore cannot be read")),
        ({"code": "no-restic", "reason": "restic is not installed"}, False,
         Proof("The restore could not be tried: restic is not installed")),
        ({}, True, Proof("The restore could not be tried: the report names no files")),
    ],
)  # fmt: skip
def test_a_report_is_judged(said: dict[str, object], proof: Proof, *, is_ok: bool) -> None:
    assert judge(said, is_ok=is_ok, asked=3) == proof


def test_files_that_are_too_large_to_be_tried_are_not_asked_for() -> None:
    said = report("same", there=9) | {"files_too_large": 8}

    assert judge(said, is_ok=True, asked=3).is_good
    assert not judge(report("same", there=9), is_ok=True, asked=3).is_good


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(["path", "verdict", "x"]), inner)
    ),
    max_leaves=12,
)


@given(
    said=st.dictionaries(st.sampled_from(["files", "code", "reason", "files_in_snapshot"]), anything),
    is_ok=st.booleans(),
)
def test_no_report_is_good_that_does_not_show_it(*, said: dict[str, object], is_ok: bool) -> None:
    assert not judge(said, is_ok=is_ok, asked=1).is_good


@pytest.mark.parametrize(
    ("tried", "share"), [(5, 0.549), (10, 0.741), (20, 0.861), (30, 0.905), (59, 0.9505), (100, 0.9705), (299, 0.99)]
)
def test_the_bound_for_good_runs_is_the_exact_one(tried: int, share: float) -> None:
    assert surely_restorable(tried, tried) == pytest.approx(share, abs=0.0006)


@pytest.mark.parametrize(("tried", "bad"), [(5, 0.657), (10, 0.394), (20, 0.216), (100, 0.047), (299, 0.016)])
def test_the_bound_with_one_bad_file_is_the_exact_one(tried: int, bad: float) -> None:
    assert 1 - surely_restorable(tried - 1, tried) == pytest.approx(bad, abs=0.0006)


@given(st.integers(1, 120).flatmap(lambda tried: st.tuples(st.integers(1, tried), st.just(tried))))
def test_at_the_bound_so_good_a_run_is_a_matter_of_one_in_twenty(run: tuple[int, int]) -> None:
    came_back, tried = run
    share = surely_restorable(came_back, tried)

    chance = sum(comb(tried, k) * share**k * (1 - share) ** (tried - k) for k in range(came_back, tried + 1))

    assert chance == pytest.approx(0.05, abs=1e-6)


@pytest.mark.parametrize(
    ("came_back", "tried", "words"),
    [
        (300, 300, "300 of 300 came back: at least 99 % can be restored (95 % sure)"),
        (298, 298, "298 of 298 came back: at least 98 % can be restored (95 % sure)"),
        (2995, 2995, "2995 of 2995 came back: at least 99.9 % can be restored (95 % sure)"),
        (3, 3, "3 of 3 came back: at least 36 % can be restored (95 % sure)"),
        (0, 3, "0 of 3 came back: at least 0 % can be restored (95 % sure)"),
        (0, 0, "Not proved: no file has been restored yet"),
    ],
)
def test_the_claim_is_rounded_down(came_back: int, tried: int, words: str) -> None:
    assert claim(came_back, tried) == words

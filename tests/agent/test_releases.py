"""Which releases a machine believes: signed by enough keys, newer, not expired, whole."""

import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from rounds.agents.releasing import Package
from rounds_agent.releases import Untrusted, check_package, check_release, first_trust, next_trust
from rounds_agent.updating import unpack
from tests.agents.releases import Keys, in_days

PACKAGE = Package("0.2.0", b"a package")


@pytest.fixture(scope="module")
def keys() -> Keys:
    return Keys(count=3, threshold=2)


@pytest.fixture
def trust(keys: Keys) -> dict[str, Any]:
    return first_trust(keys.document())


def _now() -> float:
    return datetime.now(UTC).timestamp()


def test_what_enough_keys_have_signed_is_believed(keys: Keys, trust: dict[str, Any]) -> None:
    told = check_release(trust, keys.release(PACKAGE, 7, count=2), now=_now())

    assert (told["version"], told["number"]) == ("0.2.0", 7)
    check_package(told, PACKAGE.body)


def test_one_signature_twice_or_by_a_stranger_does_not_count(keys: Keys, trust: dict[str, Any]) -> None:
    lonely = keys.release(PACKAGE, 7, count=1)
    stranger = Keys(count=2).sign(lonely)
    copied = {**lonely, "signatures": dict.fromkeys(
        [*lonely["signatures"], *keys.release(PACKAGE, 7)["signatures"]], next(iter(lonely["signatures"].values()))
    )}  # fmt: skip

    for document in (lonely, stranger, copied):
        with pytest.raises(Untrusted, match="1 of the 2 signatures"):
            check_release(trust, document, now=_now())


def test_a_release_that_is_over_is_not_believed(keys: Keys, trust: dict[str, Any]) -> None:
    with pytest.raises(Untrusted, match="expired"):
        check_release(trust, keys.release(PACKAGE, 7, days=-1), now=_now())


def test_no_release_is_believed_by_keys_that_are_over(keys: Keys) -> None:
    with pytest.raises(Untrusted, match="expired"):
        check_release(first_trust(keys.document(days=-1)), keys.release(PACKAGE, 7), now=_now())


def test_one_that_is_older_than_one_seen_before_is_not_believed(keys: Keys, trust: dict[str, Any]) -> None:
    with pytest.raises(Untrusted, match="older than release 8"):
        check_release({**trust, "release": 8}, keys.release(PACKAGE, 7), now=_now())


@pytest.mark.parametrize("body", [b"", b"a packagf", b"a package and more"])
def test_another_package_is_not_taken(keys: Keys, trust: dict[str, Any], body: bytes) -> None:
    told = check_release(trust, keys.release(PACKAGE, 7), now=_now())

    with pytest.raises(Untrusted, match="not the one that was signed"):
        check_package(told, body)


def test_keys_are_changed_by_those_before_and_by_themselves(keys: Keys, trust: dict[str, Any]) -> None:
    new = Keys(count=2, threshold=1)

    changed = next_trust({**trust, "release": 5}, new.document(2, by=(keys,)))

    assert (changed["keys"], changed["number"], changed["release"]) == (sorted(new.public), 2, 5)
    check_release(changed, new.release(PACKAGE, 7), now=_now())
    with pytest.raises(Untrusted, match="0 of the 1"):
        check_release(changed, keys.release(PACKAGE, 7), now=_now())


def test_keys_that_the_ones_before_have_not_signed_are_not_trusted(keys: Keys, trust: dict[str, Any]) -> None:
    new = Keys()
    with pytest.raises(Untrusted, match="keys of before"):
        next_trust(trust, new.document(2))
    with pytest.raises(Untrusted, match="its own keys"):
        next_trust(trust, keys.sign({**new.document(2), "signatures": {}}))
    with pytest.raises(Untrusted, match="do not follow"):
        next_trust(trust, new.document(3, by=(keys,)))


def test_a_document_of_one_kind_is_none_of_the_other(keys: Keys, trust: dict[str, Any]) -> None:
    with pytest.raises(Untrusted, match="no signed release"):
        check_release(trust, keys.document(), now=_now())
    with pytest.raises(Untrusted, match="no signed keys"):
        next_trust(trust, keys.release(PACKAGE, 2))


anything = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=8),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


@given(anything, some.fixed_dictionaries({"signed": anything.map(json.dumps) | anything, "signatures": anything}))
def test_garbage_is_not_believed_and_breaks_nothing(garbage: object, document: dict[str, object]) -> None:
    trust = {"keys": ["0" * 64], "threshold": 1, "number": 1, "expires_at": in_days(9).isoformat(), "release": 0}

    for one in (garbage, document):
        with pytest.raises(Untrusted):
            check_release(trust, one, now=_now())
        with pytest.raises(Untrusted):
            first_trust(one)


@given(some.data())
def test_a_signed_text_that_was_changed_anywhere_is_not_believed(data: some.DataObject) -> None:
    keys = Keys(count=1, threshold=1)
    document = keys.release(PACKAGE, 7)
    text = document["signed"]
    at = data.draw(some.integers(0, len(text) - 1))
    other = data.draw(some.characters(codec="ascii").filter(lambda one: one != text[at]))
    changed = {**document, "signed": text[:at] + other + text[at + 1 :]}

    with pytest.raises(Untrusted):
        check_release(first_trust(keys.document()), changed, now=_now())


def test_what_is_unpacked_stays_in_its_folder(tmp_path: Path) -> None:
    for name in ("../outside", "/outside", "a/../../outside"):
        gathered = io.BytesIO()
        with zipfile.ZipFile(gathered, "w") as archive:
            archive.writestr(name, b"x")
        with pytest.raises(Untrusted, match="a file named"):
            unpack(str(tmp_path / "home"), "0.2.0-x", gathered.getvalue())

    assert not list(tmp_path.rglob("outside"))

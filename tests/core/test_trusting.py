"""Which mail may open and close findings by itself: by how it came, who may send, what the mail server found."""

import time

import pytest

from rounds.core.trusting import Arrival, Checks, judge, read_checks

MX = ("mx.shop.example",)


@pytest.mark.parametrize(
    ("arrival", "may_send", "is_given", "why"),
    [
        (Arrival("a@x.example", True), [], True, "it came to the source's own address"),
        (Arrival("", True), [], True, "it came to the source's own address"),
        (Arrival("a@x.example", True), ["A@X.example"], True, "a@x.example may send, and it came to"),
        (Arrival("a@x.example", True), ["@x.example"], True, "may send"),
        (Arrival("a@y.x.example", True), ["@x.example"], False, "not among those who may send"),
        (Arrival("", True), ["a@x.example"], False, "a mail without a sender is not among"),
        (Arrival("a@x.example", True, dmarc="fail"), [], False, "DMARC fails"),
        (Arrival("a@x.example", True, spf="fail"), [], False, "SPF fails"),
        (Arrival("a@x.example", True, spf="fail", dkim="pass", vouched_domains=("x.example",)), [], True, "vouches"),
        (Arrival("a@x.example", True, dkim="fail"), [], False, "signature does not hold"),
        (Arrival("a@x.example", False), [], False, "nobody has said yet who may send"),
        (Arrival("a@x.example", False), ["a@x.example"], False, "no mail server vouches"),
        (Arrival("a@x.example", False, dkim="pass", vouched_domains=("x.example",)), ["@x.example"], True, "vouches"),
        (Arrival("a@m.x.example", False, dkim="pass", vouched_domains=("x.example",)), ["@m.x.example"], True, "vouch"),
        (Arrival("a@x.example", False, dkim="pass", vouched_domains=("example",)), ["a@x.example"], False, "no mail"),
        (Arrival("a@x.example", False, dkim="pass", vouched_domains=("y.example",)), ["a@x.example"], False, "no mail"),
    ],
)  # fmt: skip
def test_a_mail_is_trusted_or_waits(arrival: Arrival, may_send: list[str], *, is_given: bool, why: str) -> None:
    trust = judge(arrival, may_send)

    assert trust.is_given == is_given
    assert why in trust.why


def test_named_senders_may_be_taken_unchecked_but_never_what_is_forged() -> None:
    assert judge(Arrival("a@x.example", False), ["a@x.example"], unchecked=True).is_given
    assert not judge(Arrival("b@x.example", False), ["a@x.example"], unchecked=True).is_given
    assert not judge(Arrival("a@x.example", False, dmarc="fail"), ["a@x.example"], unchecked=True).is_given


def test_what_the_mail_server_has_noted_is_read() -> None:
    header = (
        "mx.shop.example 1; spf=pass (mx: a (nested) comment; spf=fail) smtp.mailfrom=backup@x.example;"
        " dkim=pass header.d=x.example header.s=s1; dmarc=pass header.from=x.example"
    )

    assert read_checks([header], MX) == Checks("pass", "pass", "pass", ("x.example",))


@pytest.mark.parametrize(
    "header",
    [
        "evil.example; spf=pass smtp.mailfrom=a@x.example",
        "; spf=pass",
        "",
        ";;;===",
        "mx.shop.example.evil.example; dkim=pass",
    ],
)
def test_a_header_of_a_server_that_is_not_believed_says_nothing(header: str) -> None:
    assert read_checks([header], MX) == Checks()


def test_nobody_is_believed_who_was_not_named() -> None:
    assert read_checks(["mx.shop.example; dkim=pass header.d=x.example"], ()) == Checks()


def test_the_uppermost_header_counts_and_of_several_signatures_one_that_holds() -> None:
    headers = [
        "mx.shop.example; spf=fail smtp.mailfrom=a@x; dkim=fail header.d=y.example; dkim=pass header.d=x.example",
        "mx.shop.example; spf=pass smtp.mailfrom=a@evil.example",
    ]

    assert read_checks(headers, MX) == Checks("fail", "pass", "", ("x.example",))


def test_a_header_bomb_is_read_in_no_time() -> None:
    before = time.process_time()

    read_checks(["mx.shop.example; " + "(" * 1_000_000 + "=" * 1_000_000] * 20, MX)

    assert time.process_time() - before < 1

"""The shop's logo and colour: what is taken, what is refused, and that papers issued before stay as they were."""

import struct
import zlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone

from rounds.clients.models import Client
from rounds.core.money import Refused
from rounds.invoices.printing import invoice_pdf
from rounds.invoices.selling import buy_hours
from rounds.people.branding import MOST_BYTES, as_svg, brand_at, set_brand
from rounds.people.models import Brand, Shop, User

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10"><rect width="40" height="10" fill="#036"/></svg>'


def png(width: int = 3, height: int = 2) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\x00" + b"\x00\x40\x80" * width for _row in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("logo", [SVG, png()], ids=["svg", "png"])
def test_a_logo_and_a_colour_are_printed_from_then_on(northside: Client, logo: bytes) -> None:
    now = timezone.now()
    invoice = buy_hours(northside, 1, at=now)
    assert invoice is not None
    plain = invoice_pdf(invoice)

    set_brand("#7a1f3d", logo, by=None, at=now + timedelta(minutes=1))
    later = buy_hours(northside, 1, at=now + timedelta(minutes=2))

    assert later is not None
    assert invoice_pdf(invoice) == plain
    assert len(invoice_pdf(later)) != len(plain)
    assert brand_at(now + timedelta(minutes=2))["accent"] == "#7a1f3d"


@pytest.mark.parametrize(
    ("logo", "why"),
    [
        (b"GIF89a\xff\xfe", "neither PNG nor SVG"),
        (b"<html></html>", "neither PNG nor SVG"),
        (b"<svg", "whole SVG"),
        (SVG.replace(b"<rect", b"<script>1</script><rect"), "script"),
        (SVG.replace(b'fill="#036"', b'fill="url(http://x.example/a)"'), "loads something"),
        (SVG.replace(b"<rect", b'<image href="http://x.example/a.png"/><rect'), "loads something"),
        (b"<!DOCTYPE svg>" + SVG, "document type"),
        (png()[:20], "cut off"),
        (png(5000, 1), "5000 by 1 pixels"),
        (b"x" * (MOST_BYTES + 1), "up to 200 kB"),
    ],
)
def test_what_is_no_logo_is_refused(logo: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why):
        as_svg(logo)


@pytest.mark.parametrize(("colour", "why"), [("blue", "no colour"), ("#ffff00", "too light"), ("", "no colour")])
def test_a_colour_that_cannot_be_read_is_refused(shop: Shop, colour: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        set_brand(colour, None, by=None, at=timezone.now())

    assert not Brand.objects.exists()


def test_the_owner_sets_them_on_a_page_and_nobody_else(
    olga: User, bea: User, stranger: User, as_person: Callable[[User], Browser]
) -> None:
    page = "/settings/letterhead"
    told = {"accent": "#036036", "logo": SimpleUploadedFile("logo.png", png(), "image/png")}

    assert as_person(olga).post(page, told).status_code == 302
    assert as_person(olga).post(page, {"accent": "#036037"}).status_code == 302
    assert as_person(olga).get(f"{page}/logo.svg")["Content-Type"] == "image/svg+xml"
    assert brand_at(timezone.now())["logo"].startswith("<svg")
    assert as_person(olga).post(page, {"accent": "#fffff0"}).status_code == 422
    as_person(olga).post(page, {"accent": "#036036", "without_logo": "on"})
    assert brand_at(timezone.now())["logo"] == ""
    for person in (bea, stranger):
        assert as_person(person).get(page).status_code == 404
        assert as_person(person).post(page, {"accent": "#000000"}).status_code == 404

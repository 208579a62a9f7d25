"""The shop's logo and colour on papers, each from a moment on, so that a paper printed again stays as it was.

A logo reaches the printer as SVG; a PNG is wrapped into one, with its bytes inside.
"""

import re
from base64 import b64encode
from datetime import datetime
from xml.etree import ElementTree

from rounds.core.money import Refused
from rounds.people.models import Brand, User

MOST_BYTES = 200_000
MOST_PIXELS = 4000
PNG = b"\x89PNG\r\n\x1a\n"
SVG = "{http://www.w3.org/2000/svg}"
ACCENT = "#1f5fa8"
LEAST_CONTRAST = 3.0  # against white paper, as WCAG 2 asks of large text


def brand_at(moment: datetime) -> dict[str, str]:
    """What a paper of a moment is printed with: its colour, and the logo as SVG ("": none)."""
    kept = Brand.objects.filter(at__lte=moment).order_by("at", "pk").last()
    return {"accent": kept.accent, "logo": kept.logo} if kept else {"accent": ACCENT, "logo": ""}


def set_brand(accent: str, logo: bytes | None, *, by: User | None, at: datetime, keep_logo: bool = True) -> Brand:
    """Keep a colour, and a logo if there is a new one; without one, the last stays, unless it is taken away.

    Refused: a colour that cannot be read on paper; a picture that is none, too large, or that loads or runs something.
    """
    colour = accent.strip().lower()
    if not re.fullmatch(r"#[0-9a-f]{6}", colour):
        raise Refused(f"“{accent}” is no colour; write it like {ACCENT}")
    if contrast(colour) < LEAST_CONTRAST:
        raise Refused(f"{colour} is too light to be read on white paper; take a darker one")
    last = Brand.objects.order_by("at", "pk").last()
    shown = as_svg(logo) if logo else (last.logo if last and keep_logo else "")
    return Brand.objects.create(accent=colour, logo=shown, by=by, at=at)


def as_svg(picture: bytes) -> str:
    """A logo as SVG. Refused: as `set_brand`."""
    if len(picture) > MOST_BYTES:
        raise Refused(f"the logo has {len(picture) // 1000} kB; up to {MOST_BYTES // 1000} kB are printed well")
    if picture.startswith(PNG):
        return _wrapped(picture)
    try:
        text = picture.decode()
    except UnicodeDecodeError:
        raise Refused("the logo is neither PNG nor SVG") from None
    _refuse_svg(text)
    return text


def contrast(colour: str) -> float:
    """How a colour contrasts with white, from 1 to 21 (WCAG 2.2, relative luminance)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _wrapped(picture: bytes) -> str:
    if len(picture) < 33 or picture[12:16] != b"IHDR" or b"IEND" not in picture[-12:]:
        raise Refused("the PNG is cut off")
    width, height = (int.from_bytes(picture[place : place + 4], "big") for place in (16, 20))
    if not (0 < width <= MOST_PIXELS and 0 < height <= MOST_PIXELS):
        raise Refused(f"the logo is {width} by {height} pixels; up to {MOST_PIXELS} each way")
    data = b64encode(picture).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="data:image/png;base64,{data}"/></svg>'
    )


def _refuse_svg(text: str) -> None:
    """Refuse what is no SVG, and one that declares entities, runs scripts or loads anything."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Refused("the SVG declares a document type: save it as plain SVG")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - entities are refused above
    except ElementTree.ParseError as problem:
        raise Refused(f"the logo is neither PNG nor a whole SVG: {problem}") from None
    if root.tag != f"{SVG}svg":
        raise Refused("the logo is neither PNG nor SVG")
    for element in root.iter():
        if element.tag in {f"{SVG}script", f"{SVG}foreignObject"}:
            raise Refused("the SVG holds a script or a page: save it as a plain drawing")
        for name, value in element.attrib.items():
            loads = name.rpartition("}")[2] == "href" and not value.startswith(("#", "data:image/"))
            if loads or re.search(r"url\(\s*['\"]?(?!#)", value):
                raise Refused("the SVG loads something from elsewhere: put it into the drawing")

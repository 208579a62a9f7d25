"""Prints documents: a typst template and plain data go in, a PDF for the archive (PDF/A-3b) comes out.

Data reaches a template as JSON and never as markup, so that no name can change what is printed. The same data and
moment give the same bytes. A compiler is made once for each template and kept: the first print takes half a second,
the next ones a few hundredths.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from threading import Lock
from typing import cast

import typst

ROOT = Path(__file__).resolve().parent.parent  # templates of all stages may use those of `pages/documents`
_making = Lock()


class Press:
    """A template ready to print; one print at a time."""

    def __init__(self, template: Path) -> None:
        with as_file(files("font_source_sans_pro") / "files") as folder:
            fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(folder)])
        self._compiler = typst.Compiler(str(template), root=str(ROOT), font_paths=fonts)
        self._printing = Lock()

    def print(self, data: Mapping[str, object], at: datetime) -> bytes:
        """Print the data; `at` is the document's moment, as its PDF states it."""
        inputs = {"data": json.dumps(data, ensure_ascii=False)}
        moment = at.astimezone(UTC).replace(microsecond=0)
        with self._printing:
            printed = self._compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards=["a-3b"], timestamp=moment)
        return cast("bytes", printed)  # a list of them only for pictures


@cache
def _press(template: Path) -> Press:
    return Press(template)


def printed(template: Path, data: Mapping[str, object], at: datetime) -> bytes:
    """Print a template with data, which must be JSON's own kinds of values."""
    with _making:
        press = _press(template)
    return press.print(data, at)


def paper_for(currency: str) -> str:
    """The paper of a shop: Letter where dollars of North America are used, else A4."""
    return "us-letter" if currency in {"USD", "CAD", "MXN", "PHP", "CLP", "COP"} else "a4"

"""What the style asks of every file: short files, short functions, a core that imports little, hidden reverse keys."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import ForeignKey

ROOT = Path(__file__).parents[2]
FOLDERS = ("agent", "benchmarks", "docs", "src", "tests", "tools")
MADE_BY_PROGRAMS = {"migrations", "__pycache__", ".ruff_cache", "build"}
FILE_LINES, FUNCTION_LINES = 400, 50
CORE_MAY_IMPORT = {
    "array", "bisect", "calendar", "collections", "csv", "dataclasses", "datetime", "decimal", "enum", "fractions",
    "functools", "hashlib", "html", "itertools", "json", "math", "operator", "re", "statistics", "struct",
    "typing", "zlib", "zoneinfo",
}  # fmt: skip


def _kept(*patterns: str) -> list[Path]:
    """The source files that match, migrations aside: `src/*.py` at any depth, `*.py` in all folders."""
    found: set[Path] = set()
    for folder, _, name in (pattern.rpartition("/") for pattern in patterns):
        for place in [folder] if folder else FOLDERS:
            found.update((ROOT / place).rglob(name))
    files = (path for path in found if path.is_file())
    return sorted(path for path in files if MADE_BY_PROGRAMS.isdisjoint(path.relative_to(ROOT).parts))


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_file_is_too_long_to_be_read_at_once() -> None:
    long = [(str(p.relative_to(ROOT)), n) for p in _kept("*.py", "*.html", "*.css", "*.js")
            if (n := len(p.read_text().splitlines())) > FILE_LINES]  # fmt: skip

    assert long == []


def test_no_function_is_too_long_to_be_read_at_once() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{one.lineno} {one.name}"
        for path in _kept("*.py")
        for one in _functions(path)
        if (one.end_lineno or 0) - one.lineno >= FUNCTION_LINES
    ]

    assert long == []


def test_core_imports_only_what_is_pure() -> None:
    strange = []
    for path in _kept("src/rounds/core/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            strange += [
                f"{path.name}: {name}"
                for name in _modules(node)
                if name.split(".")[0] not in CORE_MAY_IMPORT and not name.startswith("rounds.core")
            ]

    assert strange == []


def test_core_reads_no_clock() -> None:
    asked = [
        f"{path.name}:{node.lineno} {node.attr}"
        for path in _kept("src/rounds/core/*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"today", "now", "utcnow"}
    ]

    assert asked == []


def test_keys_across_stages_are_hidden_on_the_other_side() -> None:
    visible = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("rounds.")
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey)
        and field.related_model._meta.app_label != model._meta.app_label
        and field.remote_field.related_name != "+"
    ]

    assert visible == []


def _modules(node: ast.AST) -> list[str]:
    """The modules that an import names."""
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []


def test_imports_of_our_own_stand_at_the_top() -> None:
    """One inside a function hides an arrow that points the wrong way; a slow or optional library may come late."""
    hidden = [
        f"{path.relative_to(ROOT)}:{one.lineno} {module}"
        for path in _kept("src/*.py")
        if path.name != "apps.py"
        for one in _functions(path)
        for inner in ast.walk(one)
        for module in _modules(inner)
        if module.startswith("rounds")
    ]

    assert hidden == []


def test_templates_hold_no_inline_script_or_style() -> None:
    inline = [
        f"{path.relative_to(ROOT)}: {sign}"
        for path in _kept("src/*.html")
        for sign in ("<style", " style=", "onclick=", "onsubmit=", "hx-on", "javascript:", "<script>")
        if sign in path.read_text()
    ]

    assert inline == []


def test_every_module_opens_with_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in _kept("src/*.py", "agent/src/*.py", "tests/*.py", "benchmarks/*.py")
        if path.read_text().strip() and ast.get_docstring(ast.parse(path.read_text())) is None
    ]

    assert silent == []


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX", "raise NotImplementedError"])
def test_nothing_is_left_for_later(word: str) -> None:
    left = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in [ROOT / "Makefile", *_kept("src/*", "agent/*", "tests/*.py", "docs/*")]
        if path != Path(__file__) and path.suffix in {".py", ".html", ".css", ".js", ".md", ".typ", ""}
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if word in line
    ]

    assert left == []


def test_models_and_migrations_agree() -> None:
    checked = subprocess.run(
        [ROOT / ".venv/bin/rounds", "makemigrations", "--check", "--dry-run"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert checked.returncode == 0, checked.stdout + checked.stderr

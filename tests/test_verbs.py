"""The sheet of verbs (notebooks/verbs.md) is true: every example gives what it says, in the lesson that it names."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[1]
SHEET = (ROOT / "notebooks" / "verbs.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([^|`]+) \| `([^`]+)` \| (\d\d) \| `(.+)` \| `(.+)` \|$", SHEET, re.MULTILINE)
PANDAS = (pd.DataFrame, pd.Series, pd.Timestamp, type(pd.Series(dtype="datetime64[ns]").dt))
NOT_PANDAS = {"compare", "get", "items", "join"}
"""What dictionaries, texts and our own tools call so, too; the lessons use it of those only."""


def code(lesson: str) -> str:
    """Return the code of a lesson, without what does not parse."""
    (path,) = (ROOT / "notebooks").glob(f"{lesson}-*.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """What the sheet's own first lines make."""
    (begin,) = re.findall(r"```python\n(.*?)```", SHEET, re.DOTALL)
    names: dict[str, Any] = {}
    exec(begin, names)
    return names


def test_the_sheet_can_be_read() -> None:
    # Headings and lines of dashes apart, every line of a table is a row.
    lines = [line for line in SHEET.splitlines() if line.startswith("|") and not line.startswith(("| to |", "|---"))]
    assert len(ROWS) == len(lines) > 40


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_the_example_gives_what_it_says(row: tuple[str, ...], names: dict[str, Any]) -> None:
    _, _, _, example, gives = row
    assert str(eval(example, dict(names))) == gives


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_the_verb_stands_in_the_lesson_it_names(row: tuple[str, ...]) -> None:
    _, verb, lesson, *_ = row
    if verb.isidentifier():
        assert re.search(rf"\b{verb}\b", code(lesson)), f"{verb} is not in lesson {lesson}"


@pytest.mark.parametrize("lesson", [path.name[:2] for path in sorted((ROOT / "notebooks").glob("*.ipynb"))])
def test_every_pandas_verb_of_a_lesson_is_on_the_sheet(lesson: str) -> None:
    called = {
        node.func.attr
        for node in ast.walk(ast.parse(code(lesson)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    pandas = {name for name in called if any(hasattr(kind, name) for kind in PANDAS)} - NOT_PANDAS
    assert pandas <= {verb for _, verb, *_ in ROWS}

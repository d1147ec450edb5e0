"""No module knows the claim of a case: its names, its days and its rows are in the case's own files."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OF_THE_CLAIM = re.compile(r"Syria|Putin|\bS[0-9]{2}\b|2017|2018")
CITED = re.compile(r"Mandel et al\. 2018")
"""A paper behind a method."""
DATA = ("course/case/tables/", "course/case/template/", "course/classroom/demo_class/")
"""Not modules: the course's own tables, a case to start from, and what a class hands in for the first case."""


def modules() -> list[str]:
    """Return every module, script, stylesheet and template of the package."""
    names = subprocess.run(["git", "ls-files", "course"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [
        name
        for name in names.splitlines()
        if name.endswith((".py", ".js", ".css", ".j2")) and not name.startswith(DATA) and (ROOT / name).is_file()
    ]


def mentions(text: str, is_python: bool) -> Iterator[str]:
    """Yield the lines that mention a claim, without the examples in docstrings."""
    docstrings = _docstring_lines(text) if is_python else set()
    in_example = False
    for number, line in enumerate(text.splitlines(), 1):
        shown = CITED.sub("", line)
        if number in docstrings:
            # An example ends with the blank line below what it prints.
            in_example = bool(line.strip()) and (in_example or line.lstrip().startswith(">>>"))
            shown = "" if in_example else re.sub(r"``.*?``", "", shown)
        if OF_THE_CLAIM.search(shown):
            yield f"{number}: {line.strip()}"


def _docstring_lines(text: str) -> set[int]:
    return {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


def test_no_module_mentions_the_claim_of_a_case() -> None:
    names = modules()
    assert len(names) > 150
    found_in = {
        name: lines
        for name in names
        if (lines := list(mentions((ROOT / name).read_text(encoding="utf-8"), name.endswith(".py"))))
    }
    assert not found_in


@pytest.mark.parametrize(
    ("text", "is_python", "count"),
    [
        ('"""Rate one.\n\n>>> rate("S09")\n\'S09 is rated\'\n"""\n', True, 0),
        ('"""Such as ``"S09"``."""\n', True, 0),
        ('"""S09 is rated."""\n', True, 1),
        ("DAY = date(2017, 12, 6)\n", True, 1),
        ("# what Putin said\n", True, 1),
        ("raise ValueError(\"such as 'S09'\")\n", True, 1),
        ("const place = 'Syria';\n", False, 1),
        ("{{ said_on }} after 2018\n", False, 1),
        ('WARNING = "no gain (Mandel et al. 2018)"\n', True, 0),
    ],
)
def test_examples_are_no_mentions_and_everything_else_is(text: str, is_python: bool, count: int) -> None:
    assert len(list(mentions(text, is_python))) == count

"""The instructor's pages fit the lessons: their times, their cells, the facts they cite, the catches they promise."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from course.case import Case
from tests.test_lessons import PARAGRAPHS

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"))
HEADINGS = ["Timing", "What goes wrong", "Questions to ask", "On the board", "Catches"]
CATCHES = {str(number) for number in range(1, 19)}
CELL = r"`([a-z]+(?:-[a-z0-9]+)+)`"


@cache
def cells(lesson: Path) -> dict[str, Any]:
    """Return a lesson's cells by their id, in order."""
    content = json.loads(lesson.read_text(encoding="utf-8"))["cells"]
    return {cell["id"]: cell | {"source": "".join(cell["source"])} for cell in content}


def page(lesson: Path) -> str:
    return (DOCS / "instructor" / f"lesson-{lesson.name[:2]}.md").read_text(encoding="utf-8")


def catches(text: str) -> dict[str, set[str]]:
    """Return the table of the index: each catch with its lessons."""
    return {
        number: set(lessons.split(", "))
        for number, lessons in re.findall(r"^\| (\d+) \| .+ \| ([\d, ]+) \|$", text, re.M)
    }


def tables(text: str) -> Iterator[list[list[str]]]:
    """Yield each table without its head: rows of cells."""
    for table in re.findall(r"(?:^\|.*\|$\n?)+", text, re.MULTILINE):
        yield [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def lesson(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_every_lesson_has_a_page_of_one_shape_under_its_own_question(lesson: Path) -> None:
    title, *_ = cells(lesson).values()
    number, question = re.findall(r"^# (\d\d) · (.*)$", title["source"], re.MULTILINE)[0]
    assert page(lesson).startswith(f"# Lesson {number} · {question}\n")
    assert re.findall(r"^## (.*)$", page(lesson), re.MULTILINE) == HEADINGS


def test_the_minutes_of_its_rounds_make_the_time_the_lesson_states(lesson: Path) -> None:
    timing = next(tables(page(lesson)))
    stated = int(re.findall(r"\*\*Time:\*\* (\d+) minutes", next(iter(cells(lesson).values()))["source"])[0])
    assert sum(int(row[0]) for row in timing) == stated
    begins = [re.findall(CELL, row[2])[0] for row in timing]
    order = list(cells(lesson))
    assert begins == sorted(begins, key=order.index)


def test_every_cell_it_names_is_in_the_lesson(lesson: Path) -> None:
    assert set(re.findall(CELL, page(lesson))) - set(cells(lesson)) == set()


def test_it_teaches_the_catches_that_the_index_promises(lesson: Path) -> None:
    promised = catches((DOCS / "instructor" / "index.md").read_text(encoding="utf-8"))
    number = lesson.name[:2]
    assert set(re.findall(r"^- \*\*(\d+)\*\* ", page(lesson), re.MULTILINE)) == {
        catch for catch, lessons in promised.items() if number in lessons
    }


def test_every_catch_is_taught_somewhere() -> None:
    promised = catches((DOCS / "instructor" / "index.md").read_text(encoding="utf-8"))
    assert set(promised) == CATCHES
    assert all(promised.values())


def test_schedules_leave_no_gap_and_name_cells_that_are_there() -> None:
    workshop, *days = list(tables((DOCS / "instructor" / "schedules.md").read_text(encoding="utf-8")))
    assert sum(int(row[1]) for row in workshop) == 90
    for plan in (workshop, *days):
        for earlier, later in pairwise(plan):
            assert int(earlier[0]) + int(earlier[1]) == int(later[0]), later
        for row in plan:
            number = re.match(r"(\d\d): ", row[3])
            if number:
                (notebook,) = (ROOT / "notebooks").glob(f"{number[1]}-*.ipynb")
                places = [list(cells(notebook)).index(name) for name in re.findall(r"`([a-z0-9-]+)`", row[3])]
                assert places == sorted(places), row


def test_the_workshop_runs_with_nothing_else_of_each_notebook_than_its_first_code_cell(tmp_path: Path) -> None:
    workshop, *_ = list(tables((DOCS / "instructor" / "schedules.md").read_text(encoding="utf-8")))
    spans = re.findall(r"(\d\d): `([a-z0-9-]+)` to `([a-z0-9-]+)`", "\n".join(row[3] for row in workshop))
    for number in sorted({number for number, *_ in spans}):
        (path,) = (ROOT / "notebooks").glob(f"{number}-*.ipynb")
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        order = [cell.id for cell in notebook.cells]
        wanted = {next(place for place, cell in enumerate(notebook.cells) if cell.cell_type == "code")}
        for _, first, last in (span for span in spans if span[0] == number):
            wanted |= set(range(order.index(first), order.index(last) + 1))
        notebook.cells = [notebook.cells[place] for place in sorted(wanted)]
        # A cell that raises without saying so beforehand fails the test.
        NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute(
            stderr=subprocess.DEVNULL
        )


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_link_leads_somewhere_and_every_fact_cited_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)\)", text):
        assert (path.parent / target).exists(), target
    for span in re.findall(r"¶(\d+(?:–\d+)?)", text):
        assert all(1 <= int(number) <= PARAGRAPHS for number in span.split("–")), span
    case = Case.load()
    known = {row["id"] for table in ("statements", "claims", "quantities", "timeline") for row in case.rows(table)}
    assert set(re.findall(r"\b[SXCE]\d\d\b", text)) <= known

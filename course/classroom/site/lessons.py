"""A lesson as a page: its outputs as a browser without Python can show them, and the ways to work with it."""

from __future__ import annotations

import asyncio
import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final

from course.charts import VEGA_LITE
from course.classroom.site.places import Places
from course.wording.pages import render

WIDGET: Final = "application/vnd.jupyter.widget-view+json"
PREDICTS: Final = "**Predict:**"


@dataclass(frozen=True)
class Lesson:
    """What the first cell of a lesson says.

    Parameters
    ----------
    name : str
        Path in the checkout.
    number, question, minutes : str
        As they stand there.
    """

    name: str
    number: str
    question: str
    minutes: str

    @classmethod
    def of(cls, path: Path) -> Lesson:
        """Read a lesson's title and time."""
        opening = read(path).cells[0].source
        ((number, question),) = re.findall(r"^# (\d\d) · (.*)$", opening, re.MULTILINE)
        (minutes,) = re.findall(r"\*\*Time:\*\* (\d+) minutes", opening)
        return cls(f"notebooks/{path.name}", number, question, minutes)


def course(root: Path) -> list[Lesson]:
    """Return the lessons of a checkout, in order."""
    return [Lesson.of(path) for path in sorted((root / "notebooks").glob("[0-9][0-9]-*.ipynb"))]


def page(path: Path, lesson: Lesson, places: Places, *, run: bool = True) -> str:
    """Return a lesson as the notebook Sphinx makes its page of.

    Parameters
    ----------
    path : pathlib.Path
        The lesson. It is not changed, and no ledger beside it is read.
    lesson : Lesson
        What it says of itself.
    places : Places
        For its links.
    run : bool
        Whether its cells run; otherwise the page has no outputs.
    """
    import nbformat

    notebook = read(path)
    if run:
        run_cells(notebook)
    widgets = notebook.metadata.pop("widgets", {}).get("application/vnd.jupyter.widget-state+json", {}).get("state", {})
    opens = next((address for _, address in ways(lesson, places, places.pages[lesson.name])), "")
    asked = False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            asked = PREDICTS in cell.source
            cell.source = places.relink(cell.source, lesson.name)
        elif cell.cell_type == "code":
            for output in cell.outputs:
                if "data" in output:
                    output.data = _shown(output.data, widgets, opens)
            if asked and cell.outputs:
                # Whoever reads the page can guess first, too.
                cell.metadata.tags = [*cell.metadata.get("tags", []), "hide-output"]
            asked = False
    notebook.cells.insert(1, nbformat.v4.new_markdown_cell(_ways(lesson, places), id="ways"))  # type: ignore[no-untyped-call]
    return str(nbformat.writes(notebook))  # type: ignore[no-untyped-call]


def ways(lesson: Lesson, places: Places, page: str) -> list[tuple[str, str]]:
    """Return the ways to open a lesson live, as words and addresses seen from a page of the site."""
    possible = [
        ("in your browser alone", places.live_at(lesson.name, page)),
        ("on Binder", places.binder_at(lesson.name)),
    ]
    return [(words, address) for words, address in possible if address]


def table(listed: Sequence[Lesson], places: Places, page: str) -> str:
    """Return the lessons as a table in Markdown, with the ways to open each, for a page of the site or the README."""
    rows = ["| | question | minutes | open |", "|---|---|---|---|"]
    for lesson in listed:
        opened = " · ".join(
            f'<a href="{escape(address)}" aria-label="Open lesson {lesson.number} {words}">{words}</a>'
            for words, address in ways(lesson, places, page)
        )
        rows.append(
            f"| {lesson.number} | [{lesson.question}]({places.pages[lesson.name]}) | {lesson.minutes} | "
            f"{opened or f'`course lab --lesson {lesson.number}`'} |"
        )
    return "\n".join(rows)


def read(path: Path) -> Any:
    """Return the notebook in a file, as nbformat has it."""
    import nbformat

    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def run_cells(notebook: Any, *, allow_errors: bool = False) -> None:
    """Run a notebook's cells, in place, in a temporary folder. Unless allowed, an error in a cell is raised."""
    from nbclient import NotebookClient

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        resources = {"metadata": {"path": folder}}
        client = NotebookClient(notebook, timeout=120, allow_errors=allow_errors, resources=resources)
        # An event loop of its own, which is closed: this runs in a thread beside others.
        asyncio.run(client.async_execute(stderr=subprocess.DEVNULL))


def _ways(lesson: Lesson, places: Places) -> str:
    links = [
        f'<a href="{escape(address)}">Open this lesson {words}</a>'
        for words, address in ways(lesson, places, places.pages[lesson.name])
    ]
    links.append(f"On your machine: <code>course lab --lesson {lesson.number}</code>")
    return (
        f'<p class="ways">{" ".join(links)}</p>\n\n'
        "This page is for reading. Where you are asked to predict, what the cell gives is closed: say your guess, then "
        "open it."
    )


def _shown(data: dict[str, Any], widgets: dict[str, Any], opens: str) -> dict[str, Any]:
    """Return an output in the one way this page shows it, or as it is."""
    if WIDGET in data:
        name = widgets.get(data[WIDGET]["model_id"], {}).get("state", {}).get("_anywidget_id", "").rpartition(".")[2]
        return {"text/html": render(__package__, "tool.html.j2", name=name, text=data["text/plain"], address=opens)}
    if VEGA_LITE in data and "text/markdown" in data:
        # Our charts carry a picture with its description there.
        return {"text/html": data["text/markdown"]}
    return data

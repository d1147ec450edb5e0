"""Check and repair the ledger beside a notebook, and the frozen copy of it in the notebook."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import course
from course import files
from course.checks.exercise import LEDGER
from course.checks.notebook import frozen_ledger, marks_of, statements
from course.classroom.doctor.diagnosis import Diagnosis
from course.ledger import Ledger, codec

LARGEST: Final = 50 * 2**20
_TOOLS: Final = frozenset(course.__all__) - {"Repair", "Judgement", "Ledger", "charts", "weighing"}


def check_ledger(folder: Path, notebook: Mapping[str, Any]) -> Iterator[Diagnosis]:
    """Yield what is wrong with the ledger of a notebook in which something was answered.

    An exercise without a tool that writes into a ledger needs none.
    """
    keepers = _keepers(notebook["cells"])
    if not keepers:
        return
    sources = [cell["source"] for cell in notebook["cells"] if marks_of(cell).get("solution")]
    frozen = next((text for source in sources if (text := frozen_ledger(source))), "")
    if frozen and codec.read(frozen.encode("utf-8", "backslashreplace"))[1]:
        yield Diagnosis(
            "frozen",
            "The frozen copy of your ratings in the notebook is damaged.",
            "Write board.freeze() in that cell, in place of what is there, and run it. Do not edit what it writes.",
        )
    path = folder / LEDGER
    if path.is_symlink():
        yield Diagnosis("ledger", f"{LEDGER} is a link to another place.", "Put the file itself into this folder.")
    elif not path.is_file():
        yield _without(folder, bool(frozen) or any(_typed(source, keepers) for source in sources))
    elif path.stat().st_size > LARGEST:
        yield Diagnosis("ledger", f"{LEDGER} is far too large to be one.", "Look for another copy where you worked.")
    else:
        yield from _inside(files.read(path) or b"")


def repair_ledger(folder: Path) -> None:
    """Give a ledger its name back, or rewrite what can be read of a damaged one; the original is kept aside.

    Raises
    ------
    OSError
        If the disk refuses.
    """
    if not (folder / LEDGER).exists() and (misnamed := _misnamed(folder)):
        misnamed.rename(folder / LEDGER)
    # Opening a damaged ledger rewrites it.
    Ledger.open(folder / LEDGER)


def _inside(raw: bytes) -> Iterator[Diagnosis]:
    contents, faults, schema = codec.read(raw)
    if schema > codec.SCHEMA:
        yield Diagnosis(
            "ledger",
            f"{LEDGER} was written by a newer version of the course.",
            "Update the course; the file is left as it is.",
            note=True,
        )
    elif faults:
        yield Diagnosis(
            "ledger",
            f"{LEDGER} {codec.describe_faults(contents, faults)}",
            "Open the notebook in JupyterLab, run all cells, and look whether your ratings are there.",
            "Keeps the file aside and writes a new one with all that can be read of it.",
        )


def _without(folder: Path, in_notebook: bool) -> Diagnosis:
    if misnamed := _misnamed(folder):
        return Diagnosis(
            "ledger",
            f"The file that keeps your ratings is called “{misnamed.name}”. It has to be called {LEDGER}.",
            f"Right-click its name in JupyterLab's file browser, choose Rename, and type {LEDGER}.",
            f"Renames it to {LEDGER}.",
        )
    if in_notebook:
        return Diagnosis(
            "ledger",
            f"There is no {LEDGER} beside the notebook. What you copied into the notebook counts.",
            "That is enough. If you worked in the tool after you copied, copy once more.",
            note=True,
        )
    return Diagnosis(
        "ledger",
        f"There is no {LEDGER} beside the notebook, so what you did in the tool is not here.",
        f"Look for {LEDGER} in the folder where you worked and hand in both files. Without it, run the cell that "
        "copies your work into the notebook, save, and hand in the notebook.",
    )


def _misnamed(folder: Path) -> Path | None:
    misnamed = [
        item
        for item in folder.glob("ledger*")
        if re.fullmatch(r"ledger(?: ?\(\d+\)|[-_ ]?\d+|-Copy\d*)?\.json(?:\.txt)?", item.name, re.IGNORECASE)
        and item.is_file()
        and not item.is_symlink()
    ]
    return misnamed[0] if len(misnamed) == 1 else None


def _keepers(cells: Sequence[dict[str, Any]]) -> set[str]:
    """Return the names of the tools in a notebook whose work is kept in the ledger beside it."""
    kept, opened = set(), set()
    for cell in cells:
        marks = marks_of(cell)
        if cell["cell_type"] != "code" or not marks.get("locked") or marks.get("grade"):
            continue
        for statement in statements(cell["source"]) or ():
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Attribute(attr="open"))):
                    opened.add(name)
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=tool), keywords=given)):
                    where = [word.value for word in given if word.arg == "ledger"]
                    if tool in _TOOLS and (not where or getattr(where[0], "id", "") in opened):
                        kept.add(name)
    return kept


def _typed(source: str, keepers: set[str]) -> bool:
    """Whether an answer sets ratings in code."""
    calls = (
        node for statement in statements(source) or () for node in ast.walk(statement) if isinstance(node, ast.Call)
    )
    return any(
        isinstance(call.func, ast.Attribute)
        and getattr(call.func.value, "id", "") in keepers
        and call.func.attr not in ("freeze", "table", "chart")
        for call in calls
    )

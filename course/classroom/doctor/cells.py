"""The cells of a notebook under repair, and the cells of the released exercise that they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

from course.checks.notebook import KINDS, marks_of
from course.classroom.doctor.diagnosis import Diagnosis

FLAGS: Final = ("deletable", "editable")


@dataclass(frozen=True, eq=False)
class ReleasedCell:
    """A cell of the exercise as it was released.

    Parameters
    ----------
    position : int
        Where it is in the exercise, from 0.
    json : mapping
        The cell as nbformat has it.
    heading : str
        The last heading above it.
    source : str or None
        Its text; None where it is not known: without the exercise, a locked cell can only be compared by its checksum.
    """

    position: int
    json: Mapping[str, Any]
    heading: str
    source: str | None

    @property
    def marks(self) -> Mapping[str, Any]:
        """Nbgrader's metadata of the cell; empty for one that nbgrader ignores."""
        return marks_of(self.json)

    @property
    def name(self) -> str:
        """Its ``grade_id``, or ""."""
        return str(self.marks.get("grade_id", ""))

    @property
    def kind(self) -> str:
        """``"code"``, ``"markdown"`` or ``"raw"``."""
        return str(self.json["cell_type"])

    @property
    def is_answer(self) -> bool:
        """Whether a learner writes in it."""
        return bool(self.marks.get("solution") or self.marks.get("task"))

    @property
    def is_given(self) -> bool:
        """Whether nbgrader restores its text: a check, a table, the first cell with the imports."""
        return bool(self.marks) and not self.is_answer

    def __str__(self) -> str:
        role = "answer cell" if self.is_answer else "check" if self.marks.get("grade") else f"given cell {self.name}"
        return f"the {role} of “{self.heading}”" if self.heading else f"the {role}, {self.name}"


@dataclass(eq=False)
class Cell:
    """A cell of the notebook under repair, and the released cell it stands for."""

    json: dict[str, Any]
    released: ReleasedCell | None = None

    @property
    def source(self) -> str:
        """Its text."""
        return str(self.json["source"])

    @property
    def name(self) -> str:
        """Its ``grade_id``, or ""."""
        name = marks_of(self.json).get("grade_id", "")
        return name if isinstance(name, str) else ""

    @property
    def is_blank(self) -> bool:
        """Whether it is empty."""
        return not self.source.strip()

    @property
    def position(self) -> int:
        """Where it belongs in the exercise; -1 if it does not."""
        return self.released.position if self.released else -1

    def unmark(self) -> None:
        """Make it an ordinary cell, which nbgrader runs and otherwise ignores."""
        self.released = None
        for name in ("nbgrader", *FLAGS):
            self.json["metadata"].pop(name, None)


@dataclass
class Repair:
    """A notebook under repair.

    Parameters
    ----------
    cells : list of Cell
        The notebook's cells, in their order.
    exercise : sequence of ReleasedCell
        The cells of the exercise, in their order.
    has_release : bool
        Whether these come from the exercise, and not from the notebook itself.
    diagnoses : list of (int, Diagnosis)
        What is wrong, each with its position in the exercise.
    """

    cells: list[Cell]
    exercise: Sequence[ReleasedCell]
    has_release: bool
    diagnoses: list[tuple[int, Diagnosis]] = field(default_factory=list)

    def report(self, released: ReleasedCell | None, code: str, message: str, advice: str, repair: str = "") -> None:
        """Record what is wrong. The message gets a capital letter."""
        diagnosis = Diagnosis(code, message[:1].upper() + message[1:], advice, repair)
        self.diagnoses.append((released.position if released else -1, diagnosis))

    def cell_for(self, released: ReleasedCell) -> Cell | None:
        """Return the cell that stands for a released one."""
        return next((cell for cell in self.cells if cell.released is released), None)

    def missing(self) -> list[ReleasedCell]:
        """Return the released cells that no cell stands for."""
        present = {cell.released for cell in self.cells}
        return [released for released in self.exercise if released not in present]

    def between(self, released: ReleasedCell) -> list[Cell]:
        """Return the cells at the place of a missing one: between its nearest neighbours in the exercise."""
        before = [i for i, cell in enumerate(self.cells) if cell.released and cell.position < released.position]
        after = [i for i, cell in enumerate(self.cells) if cell.released and cell.position > released.position]
        start = max(before, key=lambda i: self.cells[i].position, default=-1)
        end = min(after, key=lambda i: self.cells[i].position, default=len(self.cells))
        return self.cells[start + 1 : end]


def released_cells(cells: Iterable[Mapping[str, Any]]) -> list[ReleasedCell]:
    """Return the cells of an exercise."""
    released, heading = [], ""
    for position, cell in enumerate(cells):
        heading = _heading(cell) or heading
        released.append(ReleasedCell(position, cell, heading, str(cell["source"])))
    return released


def assumed_cells(cells: Sequence[Mapping[str, Any]]) -> list[ReleasedCell]:
    """Take a notebook's own marked cells for those of its exercise: the first of each name, with unknown text."""
    assumed: dict[str, ReleasedCell] = {}
    heading = ""
    for position, cell in enumerate(cells):
        heading = _heading(cell) or heading
        marks = marks_of(cell)
        name = marks.get("grade_id")
        if (
            isinstance(name, str)
            and name
            and name not in assumed
            and not (marks.get("grade") and "points" not in marks)
        ):
            kind = marks.get("cell_type") if marks.get("cell_type") in KINDS else cell["cell_type"]
            json = {"cell_type": kind, "metadata": deepcopy(cell["metadata"]), "source": ""}
            json |= {"id": cell["id"]} if "id" in cell else {}
            assumed[name] = ReleasedCell(position, json, heading, None)
    return list(assumed.values())


def _heading(cell: Mapping[str, Any]) -> str:
    if cell["cell_type"] == "code":
        return ""
    headings = re.findall(r"^#{1,6}\s+(.+?)\s*#*$", cell["source"], re.MULTILINE)
    return str(headings[-1]) if headings else ""


def is_untouched(cell: Cell, released: ReleasedCell) -> bool:
    """Whether nothing was written into the cell since it was released."""
    if released.source is not None:
        return cell.source.rstrip() == released.source.rstrip()
    return _checksum(cell.json, released.kind, released.marks) == released.marks.get("checksum")


def is_of_another_version(cell: Mapping[str, Any], released: ReleasedCell) -> bool:
    """Whether the cell is as another version of the exercise released it: its own checksum says so."""
    own = marks_of(cell)
    if not own or own.get("checksum") == released.marks.get("checksum"):
        return False
    try:
        return _checksum(cell, cell["cell_type"], own) == own.get("checksum")
    except (KeyError, TypeError, ValueError):
        return False


def _checksum(cell: Mapping[str, Any], kind: str, marks: Mapping[str, Any]) -> str:
    """Return nbgrader's checksum of a cell's text, as a cell of this kind and with these marks."""
    from nbformat.notebooknode import from_dict
    from nbgrader.utils import compute_checksum

    node = from_dict({**cell, "cell_type": kind, "metadata": {"nbgrader": dict(marks)}})  # type: ignore[no-untyped-call]
    return str(compute_checksum(node))


def lines_of(text: str) -> set[str]:
    """Return the lines of a text that are not empty, without their indentation."""
    return {line.strip() for line in text.split("\n") if line.strip()}


def beginning(cell: Cell) -> str:
    """Return the first words of a cell, for a message."""
    line = next((line.strip() for line in cell.source.split("\n") if line.strip()), "an empty cell")
    return "“" + "".join(sign for sign in line[:60] if sign.isprintable()) + ("…”" if len(line) > 60 else "”")

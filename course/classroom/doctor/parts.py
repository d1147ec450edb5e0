"""What a notebook is made of: cells, and the parts of the exercise that they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

from course.classroom.doctor.finding import Finding
from course.wording import number_of

Cell = dict[str, Any]
KINDS: Final = ("code", "markdown", "raw")
_KEYS: Final = {
    "code": {"cell_type", "id", "metadata", "source", "outputs", "execution_count"},
    "markdown": {"cell_type", "id", "metadata", "source", "attachments"},
    "raw": {"cell_type", "id", "metadata", "source", "attachments"},
}
_OUTPUTS: Final = {
    "stream": {"name", "text"},
    "error": {"ename", "evalue", "traceback"},
    "display_data": {"data", "metadata"},
    "execute_result": {"data", "metadata", "execution_count"},
}
FLAGS: Final = ("deletable", "editable")


@dataclass(frozen=True, eq=False)
class Part:
    """A cell of the exercise, as it was handed out."""

    position: int
    cell: Mapping[str, Any]
    heading: str
    source: str | None
    """None where it is not known: without the exercise, a locked cell can only be held against its checksum."""

    @property
    def marks(self) -> Mapping[str, Any]:
        """What nbgrader keeps of the cell; empty for one that it does not look at."""
        return marks_of(self.cell)

    @property
    def name(self) -> str:
        """The name nbgrader has for it, or ""."""
        return str(self.marks.get("grade_id", ""))

    @property
    def kind(self) -> str:
        """``"code"``, ``"markdown"`` or ``"raw"``."""
        return str(self.cell["cell_type"])

    @property
    def is_answer(self) -> bool:
        """Whether a learner writes in it."""
        return bool(self.marks.get("solution") or self.marks.get("task"))

    @property
    def is_given(self) -> bool:
        """Whether nbgrader keeps it as it was handed out: a check, a table, the first cell with the imports."""
        return bool(self.marks) and not self.is_answer

    def __str__(self) -> str:
        role = "answer cell" if self.is_answer else "check" if self.marks.get("grade") else f"given cell {self.name}"
        return f"the {role} of “{self.heading}”" if self.heading else f"the {role}, {self.name}"


@dataclass(eq=False)
class Slot:
    """A cell of the notebook that is treated, and the part it stands for."""

    cell: Cell
    part: Part | None = None

    @property
    def source(self) -> str:
        """Its text."""
        return str(self.cell["source"])

    @property
    def name(self) -> str:
        """The name nbgrader has for it, or ""."""
        name = marks_of(self.cell).get("grade_id", "")
        return name if isinstance(name, str) else ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in it."""
        return not self.source.strip()

    def untie(self) -> None:
        """Make it an ordinary cell, which nbgrader runs and otherwise leaves alone."""
        self.part = None
        self.cell["metadata"].pop("nbgrader", None)
        for flag in FLAGS:
            self.cell["metadata"].pop(flag, None)


@dataclass
class Case:
    """A notebook under treatment."""

    slots: list[Slot]
    parts: Sequence[Part]
    is_known: bool
    """Whether the parts come from the exercise, and not from the notebook itself."""
    found: list[tuple[int, Finding]] = field(default_factory=list)

    def tell(self, part: Part | None, code: str, message: str, advice: str, mending: str = "") -> None:
        """Note what was found, in the order in which the exercise is read."""
        self.found.append((part.position if part else -1, Finding(code, message, advice, mending)))

    def slot_of(self, part: Part) -> Slot | None:
        """Return the cell that stands for a part."""
        return next((slot for slot in self.slots if slot.part is part), None)

    def missing(self) -> list[Part]:
        """Return the parts that no cell stands for."""
        there = {slot.part for slot in self.slots}
        return [part for part in self.parts if part not in there]

    def between(self, part: Part) -> list[Slot]:
        """Return the cells that stand where this part belongs: between the nearest parts before and after it."""
        before = [i for i, slot in enumerate(self.slots) if slot.part and slot.part.position < part.position]
        after = [i for i, slot in enumerate(self.slots) if slot.part and slot.part.position > part.position]
        start = max(before, key=lambda i: position_of(self.slots[i]), default=-1)
        end = min(after, key=lambda i: position_of(self.slots[i]), default=len(self.slots))
        return self.slots[start + 1 : end]


def marks_of(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return nbgrader's metadata of a cell that it looks at, or nothing."""
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if isinstance(marks, dict) and any(marks.get(part) for part in ("grade", "solution", "locked", "task")):
        return marks
    return {}


def text_of(cell: object) -> str:
    """Return a cell's source as one text with plain line ends, whatever stands in its place."""
    source = cell.get("source", "") if isinstance(cell, dict) else ""
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return source.replace("\r\n", "\n").replace("\r", "\n") if isinstance(source, str) else ""


def retype(cell: Cell, kind: str) -> None:
    """Make a cell one of this kind, with exactly what such a cell has."""
    cell["cell_type"] = kind
    if kind == "code":
        outputs = cell.get("outputs")
        if not isinstance(outputs, list) or not all(_is_output(output) for output in outputs):
            cell["outputs"] = []
        if type(cell.get("execution_count")) is not int:
            cell["execution_count"] = None
    for key in [key for key in cell if key not in _KEYS[kind]]:
        del cell[key]
    if not isinstance(cell.get("attachments", {}), dict):
        del cell["attachments"]


def _is_output(output: object) -> bool:
    return isinstance(output, dict) and output.keys() >= _OUTPUTS.get(str(output.get("output_type")), {""})


def well_formed(cells: Iterable[object]) -> tuple[list[Cell], list[Finding]]:
    """Return cells that have all that the notebook format asks for."""
    made, odd, line_ends = [], 0, 0
    for cell in cells:
        if not isinstance(cell, dict):
            odd += 1
            continue
        well = deepcopy(cell)
        raw = cell.get("source")
        line_ends += "\r" in (raw if isinstance(raw, str) else "".join(map(str, raw)) if isinstance(raw, list) else "")
        well["source"] = text_of(cell)
        well["metadata"] = cell["metadata"] if isinstance(cell.get("metadata"), dict) else {}
        if cell.get("cell_type") not in KINDS:
            well["cell_type"] = "code" if "outputs" in cell else "markdown"
        retype(well, well["cell_type"])
        whole = {**cell, "source": well["source"]}
        odd += well != whole or not isinstance(raw, str | list)
        made.append(well)
    findings = []
    if odd:
        findings.append(
            Finding(
                "malformed",
                f"{number_of(odd, 'cell')} {'is' if odd == 1 else 'are'} not as the notebook format asks for.",
                "Open the notebook in JupyterLab and save it.",
                "Gives these cells what they lack.",
            )
        )
    if line_ends:
        findings.append(
            Finding(
                "line-ends",
                f"{number_of(line_ends, 'cell')} {'has' if line_ends == 1 else 'have'} Windows line ends inside, so "
                "nbgrader takes them for changed.",
                "Do not edit a notebook with a text editor; JupyterLab writes it right.",
                "Writes plain line ends.",
            )
        )
    return made, findings


def parts_of(cells: Iterable[Mapping[str, Any]]) -> list[Part]:
    """Return the exercise's cells as they were handed out, in their order."""
    made, heading = [], ""
    for position, cell in enumerate(cells):
        heading = _heading(cell) or heading
        made.append(Part(position, cell, heading, text_of(cell)))
    return made


def parts_of_itself(cells: Sequence[Cell]) -> list[Part]:
    """Take the notebook's own cells for the exercise: each name once, as it says it is, with an unknown text."""
    made: dict[str, Part] = {}
    heading = ""
    for position, cell in enumerate(cells):
        heading = _heading(cell) or heading
        marks = marks_of(cell)
        name = marks.get("grade_id")
        if isinstance(name, str) and name and name not in made and not (marks.get("grade") and "points" not in marks):
            kind = marks.get("cell_type") if marks.get("cell_type") in KINDS else cell["cell_type"]
            kept = {"cell_type": kind, "metadata": deepcopy(cell["metadata"]), "source": ""}
            made[name] = Part(position, kept | ({"id": cell["id"]} if "id" in cell else {}), heading, None)
    return list(made.values())


def _heading(cell: Mapping[str, Any]) -> str:
    headings = re.findall(r"^#{1,6}\s+(.+?)\s*#*$", text_of(cell), re.MULTILINE) if cell["cell_type"] != "code" else []
    return str(headings[-1]) if headings else ""


def position_of(slot: Slot) -> int:
    """Return where in the exercise the cell belongs; -1 if it does not."""
    return slot.part.position if slot.part else -1


def is_untouched(slot: Slot, part: Part) -> bool:
    """Whether nothing was written into the cell since it was handed out."""
    if part.source is not None:
        return slot.source.rstrip() == part.source.rstrip()
    return checksum(slot.cell, part) == part.marks.get("checksum")


def is_of_another_version(cell: Mapping[str, Any], part: Part) -> bool:
    """Whether the cell is as it was handed out, with another version of the exercise: its own checksum says so."""
    own = marks_of(cell)
    if not own or own.get("checksum") == part.marks.get("checksum"):
        return False
    try:
        return checksum(cell, Part(part.position, {**cell, "source": ""}, "", None)) == own.get("checksum")
    except (KeyError, TypeError, ValueError):
        return False


def checksum(cell: Mapping[str, Any], part: Part) -> str:
    """Return nbgrader's checksum of the cell's text as this part."""
    from nbformat.notebooknode import from_dict
    from nbgrader.utils import compute_checksum

    node = from_dict({**cell, "cell_type": part.kind, "metadata": {"nbgrader": dict(part.marks)}})  # type: ignore[no-untyped-call]
    return str(compute_checksum(node))


def lines_of(text: str) -> set[str]:
    """Return the lines of a text that are not empty, without their indentation."""
    return {line.strip() for line in text.split("\n") if line.strip()}


def beginning(slot: Slot) -> str:
    """Return the first words of a cell, for a message."""
    line = next((line.strip() for line in slot.source.split("\n") if line.strip()), "an empty cell")
    return "“" + "".join(sign for sign in line[:60] if sign.isprintable()) + ("…”" if len(line) > 60 else "”")


def capital(text: str) -> str:
    """Return the text as the beginning of a sentence."""
    return text[:1].upper() + text[1:]

"""Hold a notebook's cells against the exercise as it was handed out, and put them right.

One pure function, `treat`, does both: it returns the notebook as it should be and what was wrong. Looking only is
treating and throwing the result away, so what is found and what is mended can never differ.

A cell is known again by what damage leaves of it: its id, its name for nbgrader (``grade_id``), its text, or its place
between its neighbours. Nothing a learner wrote is left out: text that belongs nowhere stays, as an ordinary cell.
"""

from __future__ import annotations

import ast
import json
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from textwrap import dedent
from typing import Any, Final

from course.classroom.doctor_file import Finding
from course.phrases import listed, number_of

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
HUGE_CELL: Final = 2**20
HUGE_NOTEBOOK: Final = 10 * 2**20
_ID: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_FOR_MARKERS: Final = re.compile(r"^\W*BEGIN (?:SOLUTION|HIDDEN TESTS|MARK SCHEME)", re.MULTILINE)
_FLAGS: Final = ("deletable", "editable")
_UNDO: Final = "While the notebook is still open in JupyterLab, the menu Edit, Undo Cell Operation takes it back."
_FRESH: Final = "Otherwise open a fresh copy of the exercise and paste your answers into it, one cell at a time."
_PROTECTED: Final = (
    "A copy is as protected as its original, so JupyterLab may refuse to delete it: course doctor --fix does."
)
_MOVE: Final = "In JupyterLab, Ctrl+Shift and the arrow up or down moves the selected cell."


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
        return _marks(self.cell)

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
class _Slot:
    """A cell of the notebook that is treated, and the part it stands for."""

    cell: Cell
    part: Part | None = None

    @property
    def source(self) -> str:
        return str(self.cell["source"])

    @property
    def name(self) -> str:
        name = _marks(self.cell).get("grade_id", "")
        return name if isinstance(name, str) else ""

    @property
    def is_blank(self) -> bool:
        return not self.source.strip()

    def untie(self) -> None:
        """Make it an ordinary cell, which nbgrader runs and otherwise leaves alone."""
        self.part = None
        self.cell["metadata"].pop("nbgrader", None)
        for flag in _FLAGS:
            self.cell["metadata"].pop(flag, None)


@dataclass
class _Case:
    """A notebook under treatment."""

    slots: list[_Slot]
    parts: Sequence[Part]
    is_known: bool
    """Whether the parts come from the exercise, and not from the notebook itself."""
    found: list[tuple[int, Finding]] = field(default_factory=list)

    def tell(self, part: Part | None, code: str, message: str, advice: str, mending: str = "") -> None:
        """Note what was found, in the order in which the exercise is read."""
        self.found.append((part.position if part else -1, Finding(code, message, advice, mending)))

    def slot_of(self, part: Part) -> _Slot | None:
        return next((slot for slot in self.slots if slot.part is part), None)

    def missing(self) -> list[Part]:
        there = {slot.part for slot in self.slots}
        return [part for part in self.parts if part not in there]

    def between(self, part: Part) -> list[_Slot]:
        """Return the cells that stand where this part belongs: between the nearest parts before and after it."""
        before = [i for i, slot in enumerate(self.slots) if slot.part and slot.part.position < part.position]
        after = [i for i, slot in enumerate(self.slots) if slot.part and slot.part.position > part.position]
        start = max(before, key=lambda i: _position(self.slots[i]), default=-1)
        end = min(after, key=lambda i: _position(self.slots[i]), default=len(self.slots))
        return self.slots[start + 1 : end]


def treat(notebook: Mapping[str, Any], released: Mapping[str, Any] | None) -> tuple[dict[str, Any], list[Finding]]:
    """Return the notebook with its cells put right, and what was wrong with them.

    Parameters
    ----------
    notebook : mapping
        A notebook's JSON with a list of cells; anything may be wrong inside. It is not changed.
    released : mapping or None
        The exercise as it was handed out. Without it, only what can be seen in the notebook itself is found.

    Returns
    -------
    tuple of (dict, list of Finding)
        Treating the result again finds nothing that could be mended.
    """
    made = {key: deepcopy(value) for key, value in notebook.items() if key != "cells"}
    cells, found = _well_formed(notebook["cells"])
    parts = _parts(released["cells"]) if released else _parts_of_itself(cells)
    case = _Case([_Slot(cell) for cell in cells], parts, released is not None, [(-1, finding) for finding in found])
    _claim(case)
    _take_apart(case)
    _know_by_place(case)
    _undo_copies(case)
    _untie_strangers(case)
    _restore(case)
    _arrange(case)
    _give_ids(case, notebook)
    _clear_huge(case, made)
    made["cells"] = [slot.cell for slot in case.slots]
    _frame(made, released)
    return made, [finding for _, finding in sorted(case.found, key=lambda pair: pair[0])]


def text_of(cell: object) -> str:
    """Return a cell's source as one text with plain line ends, whatever stands in its place."""
    source = cell.get("source", "") if isinstance(cell, dict) else ""
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return source.replace("\r\n", "\n").replace("\r", "\n") if isinstance(source, str) else ""


def answers(notebook: Mapping[str, Any], released: Mapping[str, Any]) -> dict[str, str]:
    """Return what stands in the answer cells that are no longer as they were handed out: name to text."""
    stubs = {part.name: part.source for part in _parts(released["cells"]) if part.is_answer}
    given = {
        str(_marks(cell).get("grade_id", "")): text_of(cell) for cell in notebook["cells"] if isinstance(cell, dict)
    }
    return {name: text for name, text in given.items() if name in stubs and text.strip() and text != stubs[name]}


def likeness(notebook: Mapping[str, Any], released: Mapping[str, Any]) -> int:
    """Return how many cells of the notebook come from this exercise, as far as their texts and checksums show."""
    fixed = {text_of(cell) for cell in released["cells"] if not _marks(cell).get("solution")}
    sums = {(_marks(cell)["grade_id"], _marks(cell).get("checksum")) for cell in released["cells"] if _marks(cell)}
    cells = [cell for cell in notebook["cells"] if isinstance(cell, dict)]
    return sum(
        text_of(cell) in fixed or (str(_marks(cell).get("grade_id")), str(_marks(cell).get("checksum"))) in sums
        for cell in cells
    )


def is_exercise(notebook: Mapping[str, Any]) -> bool:
    """Whether nbgrader has a cell in it."""
    return any(isinstance(cell, dict) and _marks(cell) for cell in notebook["cells"])


def is_for_markers(notebook: Mapping[str, Any]) -> bool:
    """Whether it is the source of an exercise, with its solutions and hidden tests."""
    return any(_FOR_MARKERS.search(text_of(cell)) for cell in notebook["cells"])


# --- what a notebook is made of --------------------------------------------------------------------------------------


def _marks(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return nbgrader's metadata of a cell that it looks at, or nothing."""
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if isinstance(marks, dict) and any(marks.get(part) for part in ("grade", "solution", "locked", "task")):
        return marks
    return {}


def _well_formed(cells: Iterable[object]) -> tuple[list[Cell], list[Finding]]:
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
        _retype(well, well["cell_type"])
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


def _retype(cell: Cell, kind: str) -> None:
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


def _parts(cells: Iterable[Mapping[str, Any]]) -> list[Part]:
    made, heading = [], ""
    for position, cell in enumerate(cells):
        heading = _heading(cell) or heading
        made.append(Part(position, cell, heading, text_of(cell)))
    return made


def _parts_of_itself(cells: Sequence[Cell]) -> list[Part]:
    """Take the notebook's own cells for the exercise: each name once, as it says it is, with an unknown text."""
    made: dict[str, Part] = {}
    heading = ""
    for position, cell in enumerate(cells):
        heading = _heading(cell) or heading
        marks = _marks(cell)
        name = marks.get("grade_id")
        if isinstance(name, str) and name and name not in made and not (marks.get("grade") and "points" not in marks):
            kind = marks.get("cell_type") if marks.get("cell_type") in KINDS else cell["cell_type"]
            kept = {"cell_type": kind, "metadata": deepcopy(cell["metadata"]), "source": ""}
            made[name] = Part(position, kept | ({"id": cell["id"]} if "id" in cell else {}), heading, None)
    return list(made.values())


def _heading(cell: Mapping[str, Any]) -> str:
    headings = re.findall(r"^#{1,6}\s+(.+?)\s*#*$", text_of(cell), re.MULTILINE) if cell["cell_type"] != "code" else []
    return str(headings[-1]) if headings else ""


def _position(slot: _Slot) -> int:
    return slot.part.position if slot.part else -1


def _untouched(slot: _Slot, part: Part) -> bool:
    """Whether nothing was written into the cell since it was handed out."""
    if part.source is not None:
        return slot.source.rstrip() == part.source.rstrip()
    return _checksum(slot.cell, part) == part.marks.get("checksum")


def _checksum(cell: Mapping[str, Any], part: Part) -> str:
    """Return nbgrader's checksum of the cell's text as this part."""
    from nbformat.notebooknode import from_dict
    from nbgrader.utils import compute_checksum

    node = from_dict({**cell, "cell_type": part.kind, "metadata": {"nbgrader": dict(part.marks)}})  # type: ignore[no-untyped-call]
    return str(compute_checksum(node))


# --- knowing cells again ---------------------------------------------------------------------------------------------


def _claim(case: _Case) -> None:
    """Give each cell the part that most speaks for: its id, its name, its text, its place."""
    numbers = range(len(case.parts))
    named = {case.parts[number].name: number for number in numbers if case.parts[number].name}
    ids = {str(case.parts[number].cell["id"]): number for number in numbers if "id" in case.parts[number].cell}
    texts = {part.source: number for number, part in enumerate(case.parts) if part.source and not part.is_answer}
    claims: dict[tuple[int, int], int] = {}
    for index, slot in enumerate(case.slots):
        cell_id = slot.cell.get("id")
        for weight, found in (
            (5, ids.get(cell_id) if isinstance(cell_id, str) else None),
            (4, named.get(slot.name)),
            (3, texts.get(slot.source)),
        ):
            if found is not None:
                claims[index, found] = claims.get((index, found), 0) + weight
    claimed = Counter(number for _, number in claims)
    certain = {number: index for index, number in claims if claimed[number] == 1}

    def rank(claim: tuple[int, int]) -> tuple[int, bool, bool, int]:
        """Among copies: the one between its neighbours, then the last that somebody has written in."""
        index, number = claim
        slot, part = case.slots[index], case.parts[number]
        if claimed[number] == 1:
            return (-claims[claim], False, False, -index)
        empty = slot.is_blank or (part.is_answer and _untouched(slot, part))
        return (-claims[claim], not _in_place(index, number, certain), empty, -index)

    taken: set[int] = set()
    for index, number in sorted(claims, key=rank):
        if case.slots[index].part is None and number not in taken:
            case.slots[index].part = case.parts[number]
            taken.add(number)


def _in_place(index: int, number: int, certain: Mapping[int, int]) -> bool:
    """Whether the nearest certain neighbours in the exercise stand on the same sides in the notebook."""
    before = max((other for other in certain if other < number), default=None)
    after = min((other for other in certain if other > number), default=None)
    return (before is None or certain[before] < index) and (after is None or certain[after] > index)


def _take_apart(case: _Case) -> None:
    """Find cells that were merged into another one, and take them out again."""
    missing = case.missing()
    if not missing:
        return
    for slot in list(case.slots):
        pool = [part for part in missing if part.source and part.source.strip() and not part.is_answer]
        if slot.part and slot.part.source and not slot.part.is_answer:
            pool.append(slot.part)
        located = _located(slot.source, pool)
        pieces = _pieces(case, slot, located, missing) if located else []
        merged = [piece.part for piece in pieces if piece.part and piece.part.marks]
        if not [piece for piece in pieces if piece.part and piece.part is not slot.part]:
            continue
        where = case.slots.index(slot)
        case.slots[where : where + 1] = pieces
        missing = case.missing()
        what = listed([str(part) for part in merged]) or "text cells"
        case.tell(
            merged[0] if merged else None,
            "merged",
            f"{_capital(what)} {'were merged into one cell' if len(merged) > 1 else 'was merged with another cell'}.",
            f"{_UNDO} Or put the cursor where one ends, choose Edit, Split Cell, and run course doctor --fix.",
            "Takes the cells apart again. Your answer stays in its own.",
        )


def _located(text: str, pool: Iterable[Part]) -> list[tuple[int, int, Part]]:
    """Return where whole released cells stand in a text, by lines, in their order."""
    located: list[tuple[int, int, Part]] = []
    for part in sorted(pool, key=lambda part: -len(part.source or "")):
        source = (part.source or "").strip("\n")
        found = re.search(rf"(?:^|(?<=\n)){re.escape(source)}(?=\n|$)", text) if source in text else None
        if found and all(found.end() <= start or found.start() >= end for start, end, _ in located):
            located.append((found.start(), found.end(), part))
    return sorted(located, key=lambda place: place[0])


def _pieces(case: _Case, slot: _Slot, located: list[tuple[int, int, Part]], missing: Sequence[Part]) -> list[_Slot]:
    """Cut a cell at the released cells in it; what stands between belongs to the answer that is missing there."""
    waiting = [part for part in missing if part.is_answer]
    if slot.part and slot.part.is_answer:
        waiting.append(slot.part)
    pieces: list[_Slot] = []
    at, last = 0, -1
    for start, end, part in [*located, (len(slot.source), len(slot.source), None)]:
        text = slot.source[at:start].strip("\n")
        if text.strip():
            limit = part.position if part else len(case.parts)
            there = [
                other.part.position for other in case.slots if other.part and other.part.marks and other is not slot
            ]
            # The answer just above a check is the one it is about, if no other cell that is there stands between.
            fitting = [
                one
                for one in sorted(waiting, key=lambda one: -one.position)
                if last < one.position < limit and not [other for other in there if one.position < other < limit]
            ]
            owner = slot.part if slot.part in fitting else fitting[0] if fitting else None
            if owner:
                waiting.remove(owner)
            pieces.append(_Slot(_copy_of(slot.cell, text, owner), owner))
        if part:
            pieces.append(_Slot(deepcopy(dict(part.cell)) | {"source": part.source}, part))
            last = part.position
        at = end
    return pieces


def _copy_of(cell: Cell, text: str, part: Part | None) -> Cell:
    made: Cell = {"cell_type": cell["cell_type"], "metadata": {}, "source": text}
    if part:
        made["metadata"] = deepcopy(dict(part.cell["metadata"]))
    _retype(made, part.kind if part else cell["cell_type"])
    return made


def _know_by_place(case: _Case) -> None:
    """Know cells again that stand where a missing one belongs: under another name, or under none."""
    for part in [part for part in case.missing() if part.marks]:
        here = [slot for slot in case.between(part) if slot.part is None]
        answer = bool(part.marks.get("solution"))
        alike = [slot for slot in here if slot.name and bool(_marks(slot.cell).get("solution")) == answer]
        own = [slot for slot in here if not _marks(slot.cell) and not slot.is_blank]
        if part.is_answer and not alike:
            alike = [slot for slot in own if slot.cell["cell_type"] == part.kind]
            alike = alike if len(alike) == 1 else []
        if alike:
            min(alike, key=lambda slot: slot.cell["cell_type"] != part.kind).part = part


# --- putting right ---------------------------------------------------------------------------------------------------


def _undo_copies(case: _Case) -> None:
    """Leave one cell for each name, and every text that somebody wrote."""
    for part in [part for part in case.parts if part.name]:
        kept = case.slot_of(part)
        group = [slot for slot in case.slots if slot is kept or (slot.part is None and slot.name == part.name)]
        if kept is None or len(group) < 2:
            continue
        (_undo_answers if part.is_answer else _undo_given)(case, part, kept, group)


def _undo_given(case: _Case, part: Part, kept: _Slot, group: list[_Slot]) -> None:
    known = set(_lines(part.source if part.source is not None else kept.source))
    for slot in group:
        if slot is not kept:
            if _lines(slot.source) <= known:
                case.slots.remove(slot)
            else:
                slot.untie()
    case.tell(
        part,
        "duplicated",
        f"{_capital(str(part))} stands {_times(len(group))} in the notebook.",
        f"{_UNDO} {_PROTECTED}",
        "Keeps one of them, and makes a copy with text of your own an ordinary cell.",
    )


def _undo_answers(case: _Case, part: Part, kept: _Slot, group: list[_Slot]) -> None:
    places = [case.slots.index(slot) for slot in group]
    adjacent = places == list(range(places[0], places[0] + len(group)))
    joined = "\n".join(slot.source for slot in group)
    begun = [slot for slot in group if not slot.is_blank and not _untouched(slot, part)]
    texts = [slot for number, slot in enumerate(begun) if not _said_by(slot, begun[number + 1 :], begun[:number])]
    keeper = texts[-1] if texts else kept
    if adjacent and part.source is not None and joined.split() == part.source.split():
        # Nothing was written: somebody has split the empty cell.
        keeper.cell["source"], texts = part.source, []
    elif len(texts) > 1 and (part.kind != "code" or (adjacent and _belong_together(texts, part))):
        keeper.cell["source"], texts = ("\n" if adjacent else "\n\n").join(slot.source for slot in texts), []
    # Otherwise every cell still runs, in its order, so which one carries the mark makes no difference to a check.
    kept.part = None
    keeper.part = part
    for slot in group:
        if slot is not keeper and slot in texts:
            slot.untie()
        elif slot is not keeper:
            case.slots.remove(slot)
    split = adjacent and len(begun) > 1
    case.tell(
        part,
        "split" if split else "duplicated",
        f"{_capital(str(part))} {'was split: it ' if split else ''}stands {_times(len(group))} in the notebook.",
        f"{_UNDO} {_PROTECTED}",
        "Makes one answer cell of them. Every text you wrote stays in the notebook.",
    )


def _said_by(slot: _Slot, later: Iterable[_Slot], earlier: Iterable[_Slot]) -> bool:
    """Whether a copy says nothing that another does not say as well. Of two equal ones, the later stays."""
    if slot.cell["cell_type"] == "code":
        return any(slot.source.strip() == other.source.strip() for other in later)
    return any(slot.source in other.source for other in later) or any(
        slot.source in other.source and slot.source != other.source for other in earlier
    )


def _belong_together(texts: Sequence[_Slot], part: Part) -> bool:
    """Whether pieces of code make sense only in one cell, or are read by a person as one answer."""
    whole = _compiles("\n".join(slot.source for slot in texts))
    return whole and (bool(part.marks.get("grade")) or not all(_compiles(slot.source) for slot in texts))


def _compiles(code: str) -> bool:
    try:
        ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _untie_strangers(case: _Case) -> None:
    """Make cells ordinary that carry a mark of nbgrader's and do not belong to the exercise: it would stop at them."""
    for slot in case.slots:
        if slot.part is None and "nbgrader" in slot.cell["metadata"]:
            marked = bool(_marks(slot.cell))
            if marked and not case.is_known:
                case.tell(
                    None,
                    "metadata",
                    f"The marks for grading of a cell are broken: {_beginning(slot)}.",
                    "Paste your answers into a fresh copy of the exercise, one cell at a time.",
                )
                continue
            slot.untie()
            if marked:
                case.tell(
                    None,
                    "foreign",
                    f"A cell does not belong to this exercise and says it does: {_beginning(slot)}.",
                    "It may be pasted from another exercise. Copy its text into a new cell and delete it.",
                    "Makes it an ordinary cell. Its text stays.",
                )


def _restore(case: _Case) -> None:
    """Give each known cell back what is not for learners to change: kind, name, points, and a given cell's text."""
    versions: list[Part] = []
    for slot in list(case.slots):
        part = slot.part
        if part is None or not part.marks:
            continue
        if slot.cell["cell_type"] != part.kind:
            case.tell(
                part,
                "retyped",
                f"{_capital(str(part))} became a {slot.cell['cell_type']} cell.",
                f"Select it, leave its text with Esc, and press {'Y' if part.kind == 'code' else 'M'}.",
                f"Makes it a {part.kind} cell again.",
            )
            _retype(slot.cell, part.kind)
        own = slot.cell["metadata"].get("nbgrader")
        if part.is_given:
            _restore_text(case, slot, part, versions)
        if part not in versions and not _alike(own, part.marks):
            _tell_marks(case, part, own)
        slot.cell["metadata"]["nbgrader"] = deepcopy(dict(part.marks))
        for flag in _FLAGS:
            slot.cell["metadata"].pop(flag, None)
            if flag in part.cell["metadata"]:
                slot.cell["metadata"][flag] = part.cell["metadata"][flag]
    if versions:
        case.tell(
            versions[0],
            "version",
            f"The exercise has changed since this copy was handed out: {number_of(len(versions), 'given cell')} "
            f"{'is' if len(versions) == 1 else 'are'} of another version.",
            "You have done nothing wrong. Hand it in as it is, or run course doctor --fix to bring it up to date.",
            "Brings the given cells up to date. Your answers stay as they are.",
        )


def _alike(own: object, marks: Mapping[str, Any]) -> bool:
    """Whether nbgrader would treat both in the same way. It works out kind and checksum for itself."""
    keys = {"grade", "grade_id", "locked", "points", "schema_version", "solution", "task"}
    return isinstance(own, dict) and all(own.get(key) == marks.get(key) for key in keys)


def _tell_marks(case: _Case, part: Part, own: object) -> None:
    marks = own if isinstance(own, dict) else {}
    if not marks.get("grade_id"):
        case.tell(
            part,
            "renamed",
            f"{_capital(str(part))} has lost the mark by which it is graded.",
            "This happens when text is pasted into a new cell, or the notebook was saved by another program. "
            "Paste the text into the cell of a fresh copy of the exercise.",
            "Gives it its mark back.",
        )
    elif marks["grade_id"] != part.name:
        case.tell(
            part,
            "renamed",
            f"{_capital(str(part))} has another name in its metadata, so its points cannot be given.",
            "Write your text into the cell of a fresh copy of the exercise; leave cell metadata alone.",
            "Gives it its name back.",
        )
    else:
        points = "points" if marks.get("points") != part.marks.get("points") else "marks for grading"
        case.tell(
            part,
            "metadata",
            f"The {points} of {part} were changed.",
            "Leave cell metadata alone: it does not change what a cell is worth. A fresh copy has it right.",
            "Puts them back.",
        )


def _restore_text(case: _Case, slot: _Slot, part: Part, versions: list[Part]) -> None:
    """Put a given cell's text back. Lines that somebody put into it stay in the notebook."""
    if part.source is None:
        if not _untouched(slot, part):
            case.tell(
                part,
                "edited",
                f"{_capital(str(part))} was changed. It is a cell that belongs to the exercise, not to your answer.",
                f"{_UNDO} {_FRESH}",
            )
        return
    if slot.source == part.source:
        return
    own = slot.cell["metadata"].get("nbgrader")
    text, slot_text = part.source, slot.source
    slot.cell["source"] = text
    if slot_text.split() == text.split():
        return
    if (
        isinstance(own, dict)
        and own.get("checksum") != part.marks.get("checksum")
        and _is_its_own(slot_text, part, own)
    ):
        versions.append(part)
        return
    if added := _added(slot_text, part):
        case.slots.insert(case.slots.index(slot) + 1, added)
    case.tell(
        part,
        "edited",
        f"{_capital(str(part))} was changed. It is a cell that belongs to the exercise, not to your answer.",
        f"{_UNDO} {_FRESH} What you want to add goes into a cell of your own (B makes one).",
        "Puts its text back. Lines you added stay, in a cell of their own below it.",
    )


def _is_its_own(text: str, part: Part, own: Mapping[str, Any]) -> bool:
    """Whether the text is what this copy was handed out with: another version of the exercise."""
    itself = Part(part.position, {"cell_type": part.kind, "metadata": {"nbgrader": own}}, "", None)
    try:
        return _checksum({"source": text}, itself) == own.get("checksum")
    except (KeyError, TypeError, ValueError):
        return False


def _added(text: str, part: Part) -> _Slot | None:
    """Return a cell with the lines that a given cell was handed out without, if there are any."""
    known = _lines(part.source or "")
    lines = [line for line in text.split("\n") if line.strip() and line.strip() not in known]
    if not lines:
        return None
    code = dedent("\n".join(lines))
    if part.kind == "code" and not part.marks.get("grade") and known <= _lines(text) and _compiles(code):
        # An import that somebody added at the top is needed further down.
        return _Slot({"cell_type": "code", "metadata": {}, "source": code, "outputs": [], "execution_count": None})
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", code)), 3)
    told = f"What was written into the cell above:\n\n{fence}\n" + "\n".join(lines) + f"\n{fence}"
    return _Slot({"cell_type": "markdown", "metadata": {}, "source": told})


def _arrange(case: _Case) -> None:
    """Bring the parts into the exercise's order, and put back what is missing."""
    staying = _staying([slot for slot in case.slots if slot.part])
    moved = [slot for slot in case.slots if slot.part and slot.part.marks and id(slot) not in staying]
    for slot in moved:
        case.slots.remove(slot)
        case.tell(
            slot.part,
            "reordered",
            f"{_capital(str(slot.part))} stands in another place than in the exercise.",
            f"{_MOVE} A check has to stand below its answer.",
            "Moves it back.",
        )
    there = {slot.part: slot for slot in moved if slot.part}
    gone: list[Part] = []
    for part in case.parts:
        if case.slot_of(part) or not part.marks:
            continue
        if part not in there:
            gone.append(part)
            there[part] = _Slot(deepcopy(dict(part.cell)) | {"source": part.source or ""}, part)
            _retype(there[part].cell, part.kind)
        slot = there[part]
        case.slots.insert(_place_for(case, part, staying), slot)
        staying.add(id(slot))
    _tell_gone(case, gone)


def _staying(slots: Sequence[_Slot]) -> set[int]:
    """Return the cells (by identity) that keep their places: the heaviest run that is in the exercise's order.

    Answers weigh most, so that rather a check is moved below its answer than the answer above its check.
    """
    best: list[tuple[int, int | None]] = []
    for number, slot in enumerate(slots):
        assert slot.part
        weight = 1 if not slot.part.marks else 1000 if slot.part.is_answer else 30
        earlier = [(best[other][0], other) for other in range(number) if _position(slots[other]) < slot.part.position]
        value, other = max(earlier, default=(0, None))
        best.append((value + weight, other))
    at: int | None = max(range(len(best)), key=lambda number: best[number][0], default=None)
    kept = set()
    while at is not None:
        kept.add(id(slots[at]))
        at = best[at][1]
    return kept


def _place_for(case: _Case, part: Part, staying: set[int]) -> int:
    """Return where a part goes: an answer right after what comes before it, a check right before what comes after."""
    anchors = [(index, _position(slot)) for index, slot in enumerate(case.slots) if id(slot) in staying]
    after = [index + 1 for index, position in anchors if position < part.position]
    before = [index for index, position in anchors if position > part.position]
    if part.marks.get("grade") and not part.is_answer and before:
        return before[0]
    return after[-1] if after else before[0] if before else len(case.slots)


def _tell_gone(case: _Case, gone: Sequence[Part]) -> None:
    answers_gone, given = [part for part in gone if part.is_answer], [part for part in gone if not part.is_answer]
    for parts, code, advice, mending in (
        (given, "deleted", f"{_UNDO} {_FRESH}", "Puts back what was handed out."),
        (
            answers_gone,
            "answer-deleted",
            f"{_UNDO} If your answer stands in another cell, cut it there and paste it into this one.",
            "Puts back an empty answer cell. Look whether your answer stands in another cell, and move it here.",
        ),
    ):
        if parts:
            names = [str(part) for part in parts[:3]]
            more = [f"{len(parts) - 3} more"] if len(parts) > 3 else []
            are = "is" if len(parts) == 1 else "are"
            case.tell(parts[0], code, f"{_capital(listed([*names, *more]))} {are} missing.", advice, mending)


# --- the rest --------------------------------------------------------------------------------------------------------


def _give_ids(case: _Case, notebook: Mapping[str, Any]) -> None:
    """Give every cell an id of its own, and those of the exercise theirs."""
    given = {str(part.cell["id"]) for part in case.parts if "id" in part.cell}
    seen: set[str] = set()
    ids = [cell.get("id") for cell in notebook["cells"] if isinstance(cell, dict)]
    good = {one for one in ids if isinstance(one, str) and _ID.fullmatch(one)}
    wrong = len(ids) - len(good)
    for slot in case.slots:
        wanted = slot.part.cell.get("id") if slot.part else None
        own = slot.cell.get("id")
        if isinstance(wanted, str):
            slot.cell["id"] = wanted
        elif not isinstance(own, str) or not _ID.fullmatch(own) or own in given or own in seen:
            slot.cell["id"] = uuid.uuid4().hex[:8]
        seen.add(slot.cell["id"])
    if wrong:
        # Before format 4.5 no cell had one, and nothing is wrong with that.
        old = not good and type(notebook.get("nbformat_minor")) is int and notebook["nbformat_minor"] < 5
        told = Finding(
            "ids",
            f"{number_of(wrong, 'cell')} {'has no id of its' if wrong == 1 else 'have no id of their'} own.",
            "Open the notebook in JupyterLab and save it.",
            "Gives the cells ids; those of the exercise get theirs back.",
            note=old,
        )
        case.found.append((-1, told))


def _clear_huge(case: _Case, made: dict[str, Any]) -> None:
    sizes = {id(slot): _size(slot.cell.get("outputs", [])) for slot in case.slots}
    limit = HUGE_CELL if sum(sizes.values()) <= HUGE_NOTEBOOK else HUGE_CELL // 10
    huge = [slot for slot in case.slots if sizes[id(slot)] > limit]
    for slot in huge:
        slot.cell["outputs"] = []
    metadata = made.get("metadata")
    widgets = isinstance(metadata, dict) and _size(metadata.get("widgets", {})) > HUGE_CELL
    if widgets:
        made["metadata"] = {key: value for key, value in made["metadata"].items() if key != "widgets"}
    if huge or widgets:
        total = sum(sizes[id(slot)] for slot in huge) / 2**20
        where = f" The first is: {_beginning(huge[0])}." if huge else ""
        case.tell(
            None,
            "outputs",
            f"{number_of(len(huge), 'cell')} printed very much ({total:.0f} MB): the file is hard to send.{where}"
            if huge
            else "The notebook keeps the state of its widgets, which makes the file hard to send and open.",
            "In JupyterLab, right-click such a cell and choose Clear Cell Output; then save. Show fewer rows: .head().",
            "Clears what these cells printed. Running them brings it back.",
        )


def _size(value: object) -> int:
    return len(json.dumps(value)) if value else 0


def _frame(made: dict[str, Any], released: Mapping[str, Any] | None) -> None:
    """Complete what stands around the cells: cell ids need notebook format 4.5."""
    if not isinstance(made.get("metadata"), dict):
        made["metadata"] = deepcopy(dict(released["metadata"])) if released else {}
    made["nbformat"] = 4
    if type(made.get("nbformat_minor")) is not int or made["nbformat_minor"] < 5:
        made["nbformat_minor"] = 5


def _lines(text: str) -> set[str]:
    return {line.strip() for line in text.split("\n") if line.strip()}


def _beginning(slot: _Slot) -> str:
    line = next((line.strip() for line in slot.source.split("\n") if line.strip()), "an empty cell")
    return "“" + "".join(sign for sign in line[:60] if sign.isprintable()) + ("…”" if len(line) > 60 else "”")


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

"""Hold a notebook's cells against the exercise as it was handed out, and put them right.

One pure function, `treat`, does both: it returns the notebook as it should be and what was wrong. Looking only is
treating and throwing the result away, so what is found and what is mended can never differ.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from course.classroom.doctor.finding import Finding
from course.classroom.doctor.matching import claim, know_by_place, take_apart
from course.classroom.doctor.mending import arrange, restore, undo_copies, untie_strangers
from course.classroom.doctor.parts import (
    Case,
    Slot,
    beginning,
    is_of_another_version,
    marks_of,
    parts_of,
    parts_of_itself,
    text_of,
    well_formed,
)
from course.wording import number_of

HUGE_CELL: Final = 2**20
HUGE_NOTEBOOK: Final = 10 * 2**20
_ID: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_FOR_MARKERS: Final = re.compile(r"^\W*BEGIN (?:SOLUTION|HIDDEN TESTS|MARK SCHEME)", re.MULTILINE)


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
    cells, found = well_formed(notebook["cells"])
    parts = parts_of(released["cells"]) if released else parts_of_itself(cells)
    case = Case([Slot(cell) for cell in cells], parts, released is not None, [(-1, finding) for finding in found])
    claim(case)
    take_apart(case)
    know_by_place(case)
    undo_copies(case)
    untie_strangers(case)
    restore(case)
    arrange(case)
    _give_ids(case, notebook)
    _clear_huge(case, made)
    made["cells"] = [slot.cell for slot in case.slots]
    _frame(made, released)
    return made, [finding for _, finding in sorted(case.found, key=lambda pair: pair[0])]


def answers(notebook: Mapping[str, Any], released: Mapping[str, Any]) -> dict[str, str]:
    """Return what stands in the answer cells that are no longer as they were handed out: name to text."""
    parts = {part.name: part for part in parts_of(released["cells"]) if part.is_answer}
    given: dict[str, str] = {}
    for cell in notebook["cells"]:
        part, text = parts.get(str(marks_of(cell).get("grade_id", ""))), text_of(cell)
        if part and text.strip() and text != part.source and not is_of_another_version(cell, part):
            given[part.name] = text
    return given


def likeness(notebook: Mapping[str, Any], released: Mapping[str, Any]) -> int:
    """Return how many cells of the notebook come from this exercise, as far as their texts and checksums show."""
    fixed = {text_of(cell) for cell in released["cells"] if not marks_of(cell).get("solution")}
    sums = {
        (marks_of(cell)["grade_id"], marks_of(cell).get("checksum")) for cell in released["cells"] if marks_of(cell)
    }
    cells = [cell for cell in notebook["cells"] if isinstance(cell, dict)]
    return sum(
        text_of(cell) in fixed or (str(marks_of(cell).get("grade_id")), str(marks_of(cell).get("checksum"))) in sums
        for cell in cells
    )


def is_exercise(notebook: Mapping[str, Any]) -> bool:
    """Whether nbgrader has a cell in it."""
    return any(isinstance(cell, dict) and marks_of(cell) for cell in notebook["cells"])


def is_for_markers(notebook: Mapping[str, Any]) -> bool:
    """Whether it is the source of an exercise, with its solutions and hidden tests."""
    return any(_FOR_MARKERS.search(text_of(cell)) for cell in notebook["cells"])


def _give_ids(case: Case, notebook: Mapping[str, Any]) -> None:
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


def _clear_huge(case: Case, made: dict[str, Any]) -> None:
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
        where = f" The first is: {beginning(huge[0])}." if huge else ""
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

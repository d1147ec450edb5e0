"""Repair a notebook by its exercise: copies, marks, kinds, texts that belong to the exercise, and the cells' order.

Nothing a learner wrote is left out: text that belongs nowhere stays, as an ordinary cell.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from textwrap import dedent
from typing import Any, Final

from course.checks.notebook import marks_of, repair_form, repair_ids, retype, statements
from course.classroom.doctor.cells import (
    FLAGS,
    Cell,
    ReleasedCell,
    Repair,
    assumed_cells,
    beginning,
    is_of_another_version,
    is_untouched,
    lines_of,
    released_cells,
)
from course.classroom.doctor.diagnosis import DELETE, FRESH, MOVE, UNDO, Diagnosis, of_corrections
from course.classroom.doctor.matching import match_by_evidence, match_by_position, split_merged
from course.wording import listed, number_of

MANY: Final = 50
"""Copies of one answer that nobody makes by hand, and too many to compare each with each."""
HUGE_CELL: Final = 2**20
HUGE_NOTEBOOK: Final = 10 * 2**20
"""Bytes that a cell and a notebook may print."""


def repair_notebook(
    notebook: Mapping[str, Any], released: Mapping[str, Any] | None
) -> tuple[dict[str, Any], list[Diagnosis]]:
    """Return the notebook with its cells repaired, and what was wrong with them.

    To inspect is to repair and discard the result, so what is reported and what is repaired can never differ.

    Parameters
    ----------
    notebook : mapping
        A notebook's JSON with a list of cells; anything may be wrong inside. It is not changed.
    released : mapping or None
        The exercise as it was released. Without it, only what can be seen in the notebook itself is repaired.

    Returns
    -------
    tuple of (dict, list of Diagnosis)
        Repairing the result again changes nothing.
    """
    repaired, corrections = repair_form(notebook)
    corrections += repair_ids([dict(cell) for cell in repaired["cells"]])
    exercise = released_cells(released["cells"]) if released else assumed_cells(repaired["cells"])
    diagnoses = [(-1, diagnosis) for diagnosis in of_corrections(corrections, notebook)]
    repair = Repair([Cell(cell) for cell in repaired["cells"]], exercise, released is not None, diagnoses)
    for step in (
        match_by_evidence,
        split_merged,
        match_by_position,
        _remove_copies,
        _unmark_foreign,
        _restore,
        _arrange,
        _give_ids,
    ):
        step(repair)
    _clear_huge(repair, repaired["metadata"])
    repaired["cells"] = [cell.json for cell in repair.cells]
    if released:
        repaired["metadata"] = {**released["metadata"], **repaired["metadata"]}
    return repaired, [diagnosis for _, diagnosis in sorted(repair.diagnoses, key=lambda pair: pair[0])]


def _remove_copies(repair: Repair) -> None:
    """Leave one cell for each name, and every text that somebody wrote."""
    for released in [released for released in repair.exercise if released.name]:
        kept = repair.cell_for(released)
        group = [
            cell for cell in repair.cells if cell is kept or (cell.released is None and cell.name == released.name)
        ]
        if kept is None or len(group) < 2:
            continue
        (_merge_answers if released.is_answer else _remove_given_copies)(repair, released, kept, group)


def _remove_given_copies(repair: Repair, released: ReleasedCell, kept: Cell, group: list[Cell]) -> None:
    known = set(lines_of(released.source if released.source is not None else kept.source))
    for cell in group:
        if cell is not kept:
            if lines_of(cell.source) <= known:
                repair.cells.remove(cell)
            else:
                cell.unmark()
    repair.report(
        released,
        "duplicated",
        f"{released} is {_times(len(group))} in the notebook.",
        f"{UNDO} {DELETE}",
        "Keeps one of them. A copy with text of your own becomes an ordinary cell.",
    )


def _merge_answers(repair: Repair, released: ReleasedCell, kept: Cell, group: list[Cell]) -> None:
    places = [repair.cells.index(cell) for cell in group]
    adjacent = places == list(range(places[0], places[0] + len(group)))
    joined = "\n".join(cell.source for cell in group)
    texts = _different(
        [cell for cell in group if not cell.is_blank and not is_untouched(cell, released)], kept, released
    )
    keeper, split = kept if kept in texts or not texts else texts[-1], adjacent and len(texts) > 1
    if adjacent and released.source is not None and joined.split() == released.source.split():
        # Nothing was written: somebody has split the empty cell.
        keeper.json["source"], texts = released.source, []
    elif len(texts) > 1 and released.kind != "code":
        # JupyterLab takes the empty lines out where it splits.
        keeper.json["source"], texts = "\n\n".join(cell.source for cell in texts), []
    elif len(texts) > 1 and adjacent and _belong_together(texts, released):
        keeper.json["source"], texts = "\n".join(cell.source for cell in texts), []
    # Otherwise every cell still runs in its order, so which one carries the mark makes no difference to a check.
    kept.released = None
    keeper.released = released
    for cell in group:
        if cell is not keeper and cell in texts:
            cell.unmark()
        elif cell is not keeper:
            repair.cells.remove(cell)
    repair.report(
        released,
        "split" if split else "duplicated",
        f"{released} {'was split: it ' if split else ''}is {_times(len(group))} in the notebook.",
        f"{UNDO} {DELETE}",
        "Makes them one answer cell. Everything you wrote stays in the notebook.",
    )


def _different(begun: Sequence[Cell], kept: Cell, released: ReleasedCell) -> list[Cell]:
    """Return the copies, in their order, that say something no other says; of equal ones `kept`, or the last."""
    by_text = {cell.source.strip(): cell for cell in begun}
    if kept in begun:
        by_text[kept.source.strip()] = kept
    texts = [cell for cell in begun if by_text[cell.source.strip()] is cell]
    if released.kind == "code" or len(texts) > MANY:
        # What is only a part of other code may do something else.
        return texts
    return [
        cell for cell in texts if not [other for other in texts if other is not cell and cell.source in other.source]
    ]


def _belong_together(texts: Sequence[Cell], released: ReleasedCell) -> bool:
    """Whether pieces of code make sense only in one cell, or are read by a person as one answer."""
    if statements("\n".join(cell.source for cell in texts)) is None:
        return False
    return bool(released.marks.get("grade")) or any(statements(cell.source) is None for cell in texts)


def _unmark_foreign(repair: Repair) -> None:
    """Make cells ordinary that carry a mark of nbgrader's and do not belong to the exercise: it would stop at them."""
    for cell in repair.cells:
        if cell.released is None and "nbgrader" in cell.json["metadata"]:
            marked = bool(marks_of(cell.json))
            if marked and not repair.has_release:
                repair.report(
                    None,
                    "metadata",
                    f"A cell’s grading metadata is damaged: {beginning(cell)}.",
                    "Paste your answers into a fresh copy of the exercise, one cell at a time.",
                )
                continue
            cell.unmark()
            if marked:
                repair.report(
                    None,
                    "foreign",
                    f"A cell is marked as part of this exercise but is not: {beginning(cell)}.",
                    "It may have been pasted from another exercise. Copy its text into a new cell and delete it.",
                    "Makes it an ordinary cell. Its text stays.",
                )


def _restore(repair: Repair) -> None:
    """Give each known cell back what is not for learners to change: kind, name, points, and a given cell's text."""
    versions: list[ReleasedCell] = []
    for cell in list(repair.cells):
        released = cell.released
        if released is None or not released.marks:
            continue
        if cell.json["cell_type"] != released.kind:
            repair.report(
                released,
                "retyped",
                f"{released} became a {cell.json['cell_type']} cell.",
                f"Select it, leave its text with Esc, and press {'Y' if released.kind == 'code' else 'M'}.",
                f"Makes it a {released.kind} cell again.",
            )
            retype(cell.json, released.kind)
        own = cell.json["metadata"].get("nbgrader")
        if released.is_given:
            _restore_text(repair, cell, released, versions)
        if released not in versions and not _alike(own, released.marks):
            _report_marks(repair, released, own)
        cell.json["metadata"]["nbgrader"] = deepcopy(dict(released.marks))
        for flag in FLAGS:
            cell.json["metadata"].pop(flag, None)
            if flag in released.json["metadata"]:
                cell.json["metadata"][flag] = released.json["metadata"][flag]
    if versions:
        repair.report(
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


def _report_marks(repair: Repair, released: ReleasedCell, own: object) -> None:
    marks = own if isinstance(own, dict) else {}
    if not marks.get("grade_id"):
        repair.report(
            released,
            "renamed",
            f"{released} has lost its grading metadata.",
            "This happens when text is pasted into a new cell, or when another program saves the notebook. "
            "Paste the text into the cell of a fresh copy of the exercise.",
            "Restores its metadata.",
        )
    elif marks["grade_id"] != released.name:
        repair.report(
            released,
            "renamed",
            f"{released} has another name in its metadata, so its points cannot be given.",
            "Write your text into the cell of a fresh copy of the exercise; leave cell metadata alone.",
            "Restores its name.",
        )
    else:
        points = "points" if marks.get("points") != released.marks.get("points") else "grading metadata"
        repair.report(
            released,
            "metadata",
            f"The {points} of {released} {'were' if points == 'points' else 'was'} changed.",
            "Leave cell metadata alone: changing it does not change your score. A fresh copy of the "
            "exercise has the right metadata.",
            "Restores what was handed out.",
        )


def _restore_text(repair: Repair, cell: Cell, released: ReleasedCell, versions: list[ReleasedCell]) -> None:
    """Put a given cell's text back. Lines that somebody put into it stay in the notebook."""
    if released.source is None:
        if not is_untouched(cell, released):
            repair.report(
                released,
                "edited",
                f"{released} was changed. It is a cell that belongs to the exercise, not to your answer.",
                f"{UNDO} {FRESH}",
            )
        return
    if cell.source == released.source:
        return
    is_older, written = is_of_another_version(cell.json, released), cell.source
    cell.json["source"] = released.source
    if written.split() == released.source.split():
        return
    if is_older:
        versions.append(released)
        return
    if added := _added(written, released):
        repair.cells.insert(repair.cells.index(cell) + 1, added)
    repair.report(
        released,
        "edited",
        f"{released} was changed. It is a cell that belongs to the exercise, not to your answer.",
        f"{UNDO} {FRESH} To add something, make a cell of your own (press B).",
        "Restores its text. Lines you added stay, in a separate cell below it.",
    )


def _added(text: str, released: ReleasedCell) -> Cell | None:
    """Return a cell with the lines that a given cell was handed out without, if there are any."""
    known = lines_of(released.source or "")
    lines = [line for line in text.split("\n") if line.strip() and line.strip() not in known]
    if not lines:
        return None
    code = dedent("\n".join(lines))
    if (
        released.kind == "code"
        and not released.marks.get("grade")
        and known <= lines_of(text)
        and statements(code) is not None
    ):
        # An import that somebody added at the top is needed further down.
        return Cell({"cell_type": "code", "metadata": {}, "source": code, "outputs": [], "execution_count": None})
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", code)), 3)
    quoted = "\n".join(lines)
    text = f"This was added to the cell above:\n\n{fence}\n{quoted}\n{fence}"
    return Cell({"cell_type": "markdown", "metadata": {}, "source": text})


def _arrange(repair: Repair) -> None:
    """Bring the parts into the exercise's order, and put back what is missing."""
    staying = _staying([cell for cell in repair.cells if cell.released])
    moved = [cell for cell in repair.cells if cell.released and cell.released.marks and id(cell) not in staying]
    for cell in moved:
        repair.cells.remove(cell)
        repair.report(
            cell.released,
            "reordered",
            f"{cell.released} is in a different place than in the exercise.",
            f"{MOVE} A check has to be below its answer.",
            "Moves it back.",
        )
    available = {cell.released: cell for cell in moved if cell.released}
    missing: list[ReleasedCell] = []
    for released in repair.exercise:
        if repair.cell_for(released) or not released.marks:
            continue
        if released not in available:
            missing.append(released)
            available[released] = Cell(deepcopy(dict(released.json)) | {"source": released.source or ""}, released)
            retype(available[released].json, released.kind)
        cell = available[released]
        repair.cells.insert(_place_for(repair, released, staying), cell)
        staying.add(id(cell))
    _report_missing(repair, missing)


def _staying(cells: Sequence[Cell]) -> set[int]:
    """Return the cells (by identity) that keep their places: the heaviest run that is in the exercise's order.

    Answers weigh most, so that rather a check is moved below its answer than the answer above its check.
    """
    best: list[tuple[int, int | None]] = []
    for number, cell in enumerate(cells):
        assert cell.released
        weight = 1 if not cell.released.marks else 1000 if cell.released.is_answer else 30
        earlier = [(best[other][0], other) for other in range(number) if cells[other].position < cell.position]
        value, other = max(earlier, default=(0, None))
        best.append((value + weight, other))
    at: int | None = max(range(len(best)), key=lambda number: best[number][0], default=None)
    kept = set()
    while at is not None:
        kept.add(id(cells[at]))
        at = best[at][1]
    return kept


def _place_for(repair: Repair, released: ReleasedCell, staying: set[int]) -> int:
    """Return where a missing cell goes.

    An answer goes right after what comes before it in the exercise, a check right before what comes after it.
    """
    anchors = [(index, cell.position) for index, cell in enumerate(repair.cells) if id(cell) in staying]
    after = [index + 1 for index, position in anchors if position < released.position]
    before = [index for index, position in anchors if position > released.position]
    if released.marks.get("grade") and not released.is_answer and before:
        return before[0]
    return after[-1] if after else before[0] if before else len(repair.cells)


def _report_missing(repair: Repair, missing: Sequence[ReleasedCell]) -> None:
    for is_answer, code, advice, action in (
        (False, "deleted", f"{UNDO} {FRESH}", "Restores it as it was handed out."),
        (
            True,
            "answer-deleted",
            f"{UNDO} If your answer is in another cell, cut it there and paste it into this one.",
            "Adds an empty answer cell. Check whether your answer is in another cell, and move it here.",
        ),
    ):
        names = [str(released) for released in missing if released.is_answer == is_answer]
        if names:
            first = next(released for released in missing if released.is_answer == is_answer)
            more = [f"{len(names) - 3} more"] if len(names) > 3 else []
            are = "is" if len(names) == 1 else "are"
            repair.report(first, code, f"{listed([*names[:3], *more])} {are} missing.", advice, action)


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"


def _give_ids(repair: Repair) -> None:
    """Give the exercise's cells their own ids, and every other cell one that nothing else has."""
    reserved = [released.json.get("id") for released in repair.exercise]
    for cell in repair.cells:
        own = cell.released.json.get("id") if cell.released else None
        if own:
            cell.json["id"] = own
        elif cell.json.get("id") in reserved:
            cell.json.pop("id", None)
    repair_ids([cell.json for cell in repair.cells])


def _clear_huge(repair: Repair, metadata: dict[str, Any]) -> None:
    """Clear outputs and the state of widgets that make the file too large to send."""
    sizes = {id(cell): _size(cell.json.get("outputs")) for cell in repair.cells}
    limit = HUGE_CELL if sum(sizes.values()) <= HUGE_NOTEBOOK else HUGE_CELL // 10
    huge = [cell for cell in repair.cells if sizes[id(cell)] > limit]
    for cell in huge:
        cell.json["outputs"] = []
    has_huge_widgets = _size(metadata.get("widgets")) > HUGE_CELL
    if has_huge_widgets:
        del metadata["widgets"]
    if huge or has_huge_widgets:
        total = sum(sizes[id(cell)] for cell in huge) / 2**20
        repair.report(
            None,
            "outputs",
            f"{number_of(len(huge), 'cell')} printed a lot ({total:.0f} MB), so the file is hard to send. "
            f"The first is: {beginning(huge[0])}."
            if huge
            else "The notebook contains the saved state of its widgets, which makes the file hard to send and open.",
            "In JupyterLab, right-click such a cell and choose Clear Cell Output; then save. Show fewer rows with "
            ".head().",
            "Clears the output of these cells. Run them to get it back.",
        )


def _size(value: object) -> int:
    return len(json.dumps(value)) if value else 0

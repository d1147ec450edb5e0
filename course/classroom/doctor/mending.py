"""Put cells right that are known again: copies, marks, kinds, texts that belong to the exercise, and their order.

Nothing a learner wrote is left out: text that belongs nowhere stays, as an ordinary cell.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from textwrap import dedent
from typing import Any, Final

from course.classroom.doctor.advice import DELETE, FRESH, MOVE, UNDO
from course.classroom.doctor.parts import (
    FLAGS,
    Case,
    Part,
    Slot,
    beginning,
    capital,
    is_of_another_version,
    is_untouched,
    lines_of,
    marks_of,
    position_of,
    retype,
)
from course.wording import listed, number_of

MANY: Final = 50
"""Copies of one answer that nobody makes by hand, and too many to look for each in each."""


def undo_copies(case: Case) -> None:
    """Leave one cell for each name, and every text that somebody wrote."""
    for part in [part for part in case.parts if part.name]:
        kept = case.slot_of(part)
        group = [slot for slot in case.slots if slot is kept or (slot.part is None and slot.name == part.name)]
        if kept is None or len(group) < 2:
            continue
        (_undo_answers if part.is_answer else _undo_given)(case, part, kept, group)


def _undo_given(case: Case, part: Part, kept: Slot, group: list[Slot]) -> None:
    known = set(lines_of(part.source if part.source is not None else kept.source))
    for slot in group:
        if slot is not kept:
            if lines_of(slot.source) <= known:
                case.slots.remove(slot)
            else:
                slot.untie()
    case.tell(
        part,
        "duplicated",
        f"{capital(str(part))} stands {_times(len(group))} in the notebook.",
        f"{UNDO} {DELETE}",
        "Keeps one of them, and makes a copy with text of your own an ordinary cell.",
    )


def _undo_answers(case: Case, part: Part, kept: Slot, group: list[Slot]) -> None:
    places = [case.slots.index(slot) for slot in group]
    adjacent = places == list(range(places[0], places[0] + len(group)))
    joined = "\n".join(slot.source for slot in group)
    texts = _different([slot for slot in group if not slot.is_blank and not is_untouched(slot, part)], kept, part)
    keeper, split = kept if kept in texts or not texts else texts[-1], adjacent and len(texts) > 1
    if adjacent and part.source is not None and joined.split() == part.source.split():
        # Nothing was written: somebody has split the empty cell.
        keeper.cell["source"], texts = part.source, []
    elif len(texts) > 1 and part.kind != "code":
        # JupyterLab takes the empty lines out where it splits.
        keeper.cell["source"], texts = "\n\n".join(slot.source for slot in texts), []
    elif len(texts) > 1 and adjacent and _belong_together(texts, part):
        keeper.cell["source"], texts = "\n".join(slot.source for slot in texts), []
    # Otherwise every cell still runs, in its order, so which one carries the mark makes no difference to a check.
    kept.part = None
    keeper.part = part
    for slot in group:
        if slot is not keeper and slot in texts:
            slot.untie()
        elif slot is not keeper:
            case.slots.remove(slot)
    case.tell(
        part,
        "split" if split else "duplicated",
        f"{capital(str(part))} {'was split: it ' if split else ''}stands {_times(len(group))} in the notebook.",
        f"{UNDO} {DELETE}",
        "Makes one answer cell of them. Every text you wrote stays in the notebook.",
    )


def _different(begun: Sequence[Slot], kept: Slot, part: Part) -> list[Slot]:
    """Return the copies, in their order, that say something no other says; of equal ones `kept`, or the last."""
    by_text = {slot.source.strip(): slot for slot in begun}
    if kept in begun:
        by_text[kept.source.strip()] = kept
    texts = [slot for slot in begun if by_text[slot.source.strip()] is slot]
    if part.kind == "code" or len(texts) > MANY:
        # What is only a part of other code may do something else.
        return texts
    return [slot for slot in texts if not [one for one in texts if one is not slot and slot.source in one.source]]


def _belong_together(texts: Sequence[Slot], part: Part) -> bool:
    """Whether pieces of code make sense only in one cell, or are read by a person as one answer."""
    whole = _compiles("\n".join(slot.source for slot in texts))
    return whole and (bool(part.marks.get("grade")) or not all(_compiles(slot.source) for slot in texts))


def _compiles(code: str) -> bool:
    try:
        ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def untie_strangers(case: Case) -> None:
    """Make cells ordinary that carry a mark of nbgrader's and do not belong to the exercise: it would stop at them."""
    for slot in case.slots:
        if slot.part is None and "nbgrader" in slot.cell["metadata"]:
            marked = bool(marks_of(slot.cell))
            if marked and not case.is_known:
                case.tell(
                    None,
                    "metadata",
                    f"The marks for grading of a cell are broken: {beginning(slot)}.",
                    "Paste your answers into a fresh copy of the exercise, one cell at a time.",
                )
                continue
            slot.untie()
            if marked:
                case.tell(
                    None,
                    "foreign",
                    f"A cell does not belong to this exercise and says it does: {beginning(slot)}.",
                    "It may be pasted from another exercise. Copy its text into a new cell and delete it.",
                    "Makes it an ordinary cell. Its text stays.",
                )


def restore(case: Case) -> None:
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
                f"{capital(str(part))} became a {slot.cell['cell_type']} cell.",
                f"Select it, leave its text with Esc, and press {'Y' if part.kind == 'code' else 'M'}.",
                f"Makes it a {part.kind} cell again.",
            )
            retype(slot.cell, part.kind)
        own = slot.cell["metadata"].get("nbgrader")
        if part.is_given:
            _restore_text(case, slot, part, versions)
        if part not in versions and not _alike(own, part.marks):
            _tell_marks(case, part, own)
        slot.cell["metadata"]["nbgrader"] = deepcopy(dict(part.marks))
        for flag in FLAGS:
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


def _tell_marks(case: Case, part: Part, own: object) -> None:
    marks = own if isinstance(own, dict) else {}
    if not marks.get("grade_id"):
        case.tell(
            part,
            "renamed",
            f"{capital(str(part))} has lost the mark by which it is graded.",
            "This happens when text is pasted into a new cell, or the notebook was saved by another program. "
            "Paste the text into the cell of a fresh copy of the exercise.",
            "Gives it its mark back.",
        )
    elif marks["grade_id"] != part.name:
        case.tell(
            part,
            "renamed",
            f"{capital(str(part))} has another name in its metadata, so its points cannot be given.",
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


def _restore_text(case: Case, slot: Slot, part: Part, versions: list[Part]) -> None:
    """Put a given cell's text back. Lines that somebody put into it stay in the notebook."""
    if part.source is None:
        if not is_untouched(slot, part):
            case.tell(
                part,
                "edited",
                f"{capital(str(part))} was changed. It is a cell that belongs to the exercise, not to your answer.",
                f"{UNDO} {FRESH}",
            )
        return
    if slot.source == part.source:
        return
    is_older, written = is_of_another_version(slot.cell, part), slot.source
    slot.cell["source"] = part.source
    if written.split() == part.source.split():
        return
    if is_older:
        versions.append(part)
        return
    if added := _added(written, part):
        case.slots.insert(case.slots.index(slot) + 1, added)
    case.tell(
        part,
        "edited",
        f"{capital(str(part))} was changed. It is a cell that belongs to the exercise, not to your answer.",
        f"{UNDO} {FRESH} What you want to add goes into a cell of your own (B makes one).",
        "Puts its text back. Lines you added stay, in a cell of their own below it.",
    )


def _added(text: str, part: Part) -> Slot | None:
    """Return a cell with the lines that a given cell was handed out without, if there are any."""
    known = lines_of(part.source or "")
    lines = [line for line in text.split("\n") if line.strip() and line.strip() not in known]
    if not lines:
        return None
    code = dedent("\n".join(lines))
    if part.kind == "code" and not part.marks.get("grade") and known <= lines_of(text) and _compiles(code):
        # An import that somebody added at the top is needed further down.
        return Slot({"cell_type": "code", "metadata": {}, "source": code, "outputs": [], "execution_count": None})
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", code)), 3)
    told = f"What was written into the cell above:\n\n{fence}\n" + "\n".join(lines) + f"\n{fence}"
    return Slot({"cell_type": "markdown", "metadata": {}, "source": told})


def arrange(case: Case) -> None:
    """Bring the parts into the exercise's order, and put back what is missing."""
    staying = _staying([slot for slot in case.slots if slot.part])
    moved = [slot for slot in case.slots if slot.part and slot.part.marks and id(slot) not in staying]
    for slot in moved:
        case.slots.remove(slot)
        case.tell(
            slot.part,
            "reordered",
            f"{capital(str(slot.part))} stands in another place than in the exercise.",
            f"{MOVE} A check has to stand below its answer.",
            "Moves it back.",
        )
    there = {slot.part: slot for slot in moved if slot.part}
    gone: list[Part] = []
    for part in case.parts:
        if case.slot_of(part) or not part.marks:
            continue
        if part not in there:
            gone.append(part)
            there[part] = Slot(deepcopy(dict(part.cell)) | {"source": part.source or ""}, part)
            retype(there[part].cell, part.kind)
        slot = there[part]
        case.slots.insert(_place_for(case, part, staying), slot)
        staying.add(id(slot))
    _tell_gone(case, gone)


def _staying(slots: Sequence[Slot]) -> set[int]:
    """Return the cells (by identity) that keep their places: the heaviest run that is in the exercise's order.

    Answers weigh most, so that rather a check is moved below its answer than the answer above its check.
    """
    best: list[tuple[int, int | None]] = []
    for number, slot in enumerate(slots):
        assert slot.part
        weight = 1 if not slot.part.marks else 1000 if slot.part.is_answer else 30
        earlier = [(best[other][0], other) for other in range(number) if position_of(slots[other]) < slot.part.position]
        value, other = max(earlier, default=(0, None))
        best.append((value + weight, other))
    at: int | None = max(range(len(best)), key=lambda number: best[number][0], default=None)
    kept = set()
    while at is not None:
        kept.add(id(slots[at]))
        at = best[at][1]
    return kept


def _place_for(case: Case, part: Part, staying: set[int]) -> int:
    """Return where a part goes: an answer right after what comes before it, a check right before what comes after."""
    anchors = [(index, position_of(slot)) for index, slot in enumerate(case.slots) if id(slot) in staying]
    after = [index + 1 for index, position in anchors if position < part.position]
    before = [index for index, position in anchors if position > part.position]
    if part.marks.get("grade") and not part.is_answer and before:
        return before[0]
    return after[-1] if after else before[0] if before else len(case.slots)


def _tell_gone(case: Case, gone: Sequence[Part]) -> None:
    answers_gone, given = [part for part in gone if part.is_answer], [part for part in gone if not part.is_answer]
    for parts, code, advice, mending in (
        (given, "deleted", f"{UNDO} {FRESH}", "Puts back what was handed out."),
        (
            answers_gone,
            "answer-deleted",
            f"{UNDO} If your answer stands in another cell, cut it there and paste it into this one.",
            "Puts back an empty answer cell. Look whether your answer stands in another cell, and move it here.",
        ),
    ):
        if parts:
            names = [str(part) for part in parts[:3]]
            more = [f"{len(parts) - 3} more"] if len(parts) > 3 else []
            are = "is" if len(parts) == 1 else "are"
            case.tell(parts[0], code, f"{capital(listed([*names, *more]))} {are} missing.", advice, mending)


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"

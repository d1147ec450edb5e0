"""Know cells again by what damage leaves of them: id, name for nbgrader (``grade_id``), text, or place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy

from course.classroom.doctor.advice import UNDO
from course.classroom.doctor.parts import Case, Cell, Part, Slot, capital, is_untouched, marks_of, retype
from course.wording import listed


def claim(case: Case) -> None:
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
        empty = slot.is_blank or (part.is_answer and is_untouched(slot, part))
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


def take_apart(case: Case) -> None:
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
        found = [piece.part for piece in pieces if piece.part and piece.part is not slot.part]
        if not found or not merged:
            # Merged instructions are nobody's loss.
            continue
        where = case.slots.index(slot)
        case.slots[where : where + 1] = pieces
        missing = case.missing()
        what = listed([str(part) for part in merged])
        case.tell(
            merged[0],
            "merged",
            f"{capital(what)} {'were merged into one cell' if len(merged) > 1 else 'was merged with another cell'}.",
            f"{UNDO} Or put the cursor where one ends, choose Edit, Split Cell, and run course doctor --fix.",
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


def _pieces(case: Case, slot: Slot, located: list[tuple[int, int, Part]], missing: Sequence[Part]) -> list[Slot]:
    """Cut a cell at the released cells in it; what stands between belongs to the answer that is missing there."""
    waiting = [part for part in missing if part.is_answer]
    if slot.part and slot.part.is_answer:
        waiting.append(slot.part)
    pieces: list[Slot] = []
    at, last = 0, -1
    for start, end, part in [*located, (len(slot.source), len(slot.source), None)]:
        text = slot.source[at:start].strip("\n")
        if text.strip():
            fitting = [
                one
                for one in waiting
                if last < one.position < (part.position if part else len(case.parts))
                and (one is slot.part or not _stands_between(case, slot, one, part.position if part else last))
            ]
            # The answer just above a check is the one it is about.
            fitting.sort(key=lambda one: abs(one.position - (part.position if part else last)))
            owner = slot.part if slot.part in fitting else fitting[0] if fitting else None
            if owner:
                waiting.remove(owner)
            pieces.append(Slot(_copy_of(slot.cell, text, owner), owner))
        if part:
            pieces.append(Slot(deepcopy(dict(part.cell)) | {"source": part.source}, part))
            last = part.position
        at = end
    return pieces


def _stands_between(case: Case, slot: Slot, part: Part, position: int) -> bool:
    """Whether a cell that is there, other than this one, belongs between a part and a position in the exercise."""
    ends = sorted((part.position, position))
    return any(
        other.part and other.part.marks and other is not slot and ends[0] < other.part.position < ends[1]
        for other in case.slots
    )


def _copy_of(cell: Cell, text: str, part: Part | None) -> Cell:
    made: Cell = {"cell_type": cell["cell_type"], "metadata": {}, "source": text}
    if part:
        made["metadata"] = deepcopy(dict(part.cell["metadata"]))
    retype(made, part.kind if part else cell["cell_type"])
    return made


def know_by_place(case: Case) -> None:
    """Know cells again that stand where a missing one belongs: under another name, or under none."""
    for part in [part for part in case.missing() if part.marks]:
        here = [slot for slot in case.between(part) if slot.part is None]
        answer = bool(part.marks.get("solution"))
        alike = [slot for slot in here if slot.name and bool(marks_of(slot.cell).get("solution")) == answer]
        own = [slot for slot in here if not marks_of(slot.cell) and not slot.is_blank]
        if part.is_answer and not alike:
            alike = [slot for slot in own if slot.cell["cell_type"] == part.kind]
            alike = alike if len(alike) == 1 else []
        if alike:
            min(alike, key=lambda slot: slot.cell["cell_type"] != part.kind).part = part

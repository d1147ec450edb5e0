"""Recognise damaged cells by what damage leaves of them: id, ``grade_id``, text, or position."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from course.checks.notebook import marks_of, retype
from course.classroom.doctor.cells import Cell, ReleasedCell, Repair, is_untouched
from course.classroom.doctor.diagnosis import UNDO
from course.wording import listed


def match_by_evidence(repair: Repair) -> None:
    """Match each cell with the released cell for which there is most evidence: id, name, text, position."""
    exercise = repair.exercise
    names = {released.name: number for number, released in enumerate(exercise) if released.name}
    ids = {str(released.json["id"]): number for number, released in enumerate(exercise) if "id" in released.json}
    texts = {cell.source: number for number, cell in enumerate(exercise) if cell.source and not cell.is_answer}
    # Cell and released cell, by number, to how much speaks for the match.
    weights: Counter[tuple[int, int]] = Counter()
    for index, cell in enumerate(repair.cells):
        cell_id = cell.json.get("id")
        for weight, number in (
            (5, ids.get(cell_id) if isinstance(cell_id, str) else None),
            (4, names.get(cell.name)),
            (3, texts.get(cell.source)),
        ):
            if number is not None:
                weights[index, number] += weight
    candidates = Counter(number for _, number in weights)
    certain = {number: index for index, number in weights if candidates[number] == 1}

    def rank(match: tuple[int, int]) -> tuple[int, bool, bool, int]:
        """Among copies: the one between its neighbours, then the last that somebody has written in."""
        index, number = match
        cell, released = repair.cells[index], exercise[number]
        if candidates[number] == 1:
            return (-weights[match], False, False, -index)
        is_empty = cell.is_blank or (released.is_answer and is_untouched(cell, released))
        return (-weights[match], not _in_place(index, number, certain), is_empty, -index)

    taken: set[int] = set()
    for index, number in sorted(weights, key=rank):
        if repair.cells[index].released is None and number not in taken:
            repair.cells[index].released = exercise[number]
            taken.add(number)


def _in_place(index: int, number: int, certain: Mapping[int, int]) -> bool:
    """Whether the nearest certain neighbours in the exercise are on the same sides in the notebook."""
    before = max((other for other in certain if other < number), default=None)
    after = min((other for other in certain if other > number), default=None)
    return (before is None or certain[before] < index) and (after is None or certain[after] > index)


def split_merged(repair: Repair) -> None:
    """Find cells that were merged into one, and split them again."""
    missing = repair.missing()
    if not missing:
        return
    for cell in list(repair.cells):
        pool = [
            released for released in missing if released.source and released.source.strip() and not released.is_answer
        ]
        if cell.released and cell.released.source and not cell.released.is_answer:
            pool.append(cell.released)
        located = _located(cell.source, pool)
        pieces = _pieces(repair, cell, located, missing) if located else []
        merged = [piece.released for piece in pieces if piece.released and piece.released.marks]
        others = [piece for piece in pieces if piece.released and piece.released is not cell.released]
        if not others or not merged:
            # Merged instructions are nobody's loss.
            continue
        where = repair.cells.index(cell)
        repair.cells[where : where + 1] = pieces
        missing = repair.missing()
        what = listed([str(released) for released in merged])
        were = "were merged into one cell" if len(merged) > 1 else "was merged with another cell"
        repair.report(
            merged[0],
            "merged",
            f"{what} {were}.",
            f"{UNDO} Or put the cursor where one ends, choose Edit, Split Cell, and run course doctor --fix.",
            "Takes the cells apart again. Your answer stays in its own.",
        )


def _located(text: str, pool: Iterable[ReleasedCell]) -> list[tuple[int, int, ReleasedCell]]:
    """Return where whole released cells are in a text (start, end), by lines, in their order."""
    located: list[tuple[int, int, ReleasedCell]] = []
    for released in sorted(pool, key=lambda released: -len(released.source or "")):
        source = (released.source or "").strip("\n")
        match = re.search(rf"(?:^|(?<=\n)){re.escape(source)}(?=\n|$)", text) if source in text else None
        if match and all(match.end() <= start or match.start() >= end for start, end, _ in located):
            located.append((match.start(), match.end(), released))
    return sorted(located, key=lambda place: place[0])


def _pieces(
    repair: Repair,
    cell: Cell,
    located: list[tuple[int, int, ReleasedCell]],
    missing: Sequence[ReleasedCell],
) -> list[Cell]:
    """Cut a cell at the released cells in it; the text between belongs to the answer that is missing there."""
    waiting = [released for released in missing if released.is_answer]
    if cell.released and cell.released.is_answer:
        waiting.append(cell.released)
    pieces: list[Cell] = []
    at, last = 0, -1
    for start, end, released in [*located, (len(cell.source), len(cell.source), None)]:
        text = cell.source[at:start].strip("\n")
        if text.strip():
            next_position = released.position if released else len(repair.exercise)
            nearest = released.position if released else last
            fitting = [
                answer
                for answer in waiting
                if last < answer.position < next_position
                and (answer is cell.released or not _is_cell_between(repair, cell, answer.position, nearest))
            ]
            # The answer just above a check is the one it is about.
            fitting.sort(key=lambda answer: abs(answer.position - nearest))
            owner = cell.released if cell.released in fitting else fitting[0] if fitting else None
            if owner:
                waiting.remove(owner)
            pieces.append(Cell(_piece(cell.json["cell_type"], text, owner), owner))
        if released:
            pieces.append(Cell(deepcopy(dict(released.json)) | {"source": released.source}, released))
            last = released.position
        at = end
    return pieces


def _is_cell_between(repair: Repair, cell: Cell, *positions: int) -> bool:
    """Whether a cell other than this one belongs between two positions in the exercise."""
    return any(
        other.released
        and other.released.marks
        and other is not cell
        and min(positions) < other.position < max(positions)
        for other in repair.cells
    )


def _piece(kind: str, text: str, released: ReleasedCell | None) -> dict[str, Any]:
    metadata = deepcopy(dict(released.json["metadata"])) if released else {}
    piece: dict[str, Any] = {"cell_type": kind, "metadata": metadata, "source": text}
    retype(piece, released.kind if released else kind)
    return piece


def match_by_position(repair: Repair) -> None:
    """Match cells that are where a missing one belongs: with another name, or with none."""
    for released in [released for released in repair.missing() if released.marks]:
        here = [cell for cell in repair.between(released) if cell.released is None]
        answer = bool(released.marks.get("solution"))
        alike = [cell for cell in here if cell.name and bool(marks_of(cell.json).get("solution")) == answer]
        own = [cell for cell in here if not marks_of(cell.json) and not cell.is_blank]
        if released.is_answer and not alike:
            alike = [cell for cell in own if cell.json["cell_type"] == released.kind]
            alike = alike if len(alike) == 1 else []
        if alike:
            min(alike, key=lambda cell: cell.json["cell_type"] != released.kind).released = released

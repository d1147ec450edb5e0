"""``course export``: a class's scores in files that Canvas and Moodle take as they are, and as plain CSV."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeAlias

Target: TypeAlias = Literal["canvas", "moodle", "csv"]


def export(
    root: Path,
    assignments: Sequence[str],
    to: Target,
    output: Path,
    *,
    roster: Path | None = None,
    partial: bool = False,
    questions: bool = False,
    overwrite: bool = False,
) -> list[str]:
    """Write a class's scores to a file and return what its reader should know, in a sentence or two each.

    Parameters
    ----------
    root : pathlib.Path
        The course's folder.
    assignments : sequence of str
        Which. None given: all that somebody has handed in.
    to : str
        ``"canvas"``, ``"moodle"`` or ``"csv"``.
    output : pathlib.Path
    roster : pathlib.Path or None
        What Canvas or Moodle exported, so that students are called as they are there.
    partial : bool
        Write also scores in which something still waits for a person. They are left empty otherwise.
    questions : bool
        For ``"csv"``: a row for each question instead of each assignment.
    overwrite : bool
        Replace the file if it is there.

    Raises
    ------
    CourseError
        If there is no score to export, the roster cannot be read, or the file is there already or cannot be written.
    """
    from course import files
    from course.classroom.export.canvas import canvas_sheet
    from course.classroom.export.moodle import moodle_sheet
    from course.classroom.export.plain import plain_sheet, questions_sheet
    from course.classroom.export.sheet import left_empty
    from course.classroom.gradebook.marks import ClassError, read_class
    from course.classroom.gradebook.roster import read_roster

    if output.exists() and not overwrite:
        raise ClassError(f"{output} already exists. Name another file with --output, or add --overwrite.")
    group = read_class(root, assignments)
    if not group.assignments:
        raise ClassError("Nobody has handed in anything yet, so there are no scores to export.")
    people = read_roster(roster) if roster else None
    match to:
        case "canvas":
            sheet = canvas_sheet(group, people, partial=partial)
        case "moodle":
            sheet = moodle_sheet(group, people, partial=partial)
        case "csv":
            sheet = questions_sheet(group, partial=partial) if questions else plain_sheet(group, partial=partial)
    left_out = left_empty(group, partial=partial)
    if sheet.scored == 0:
        raise ClassError(" ".join(["There is no score to export, so no file was written.", *sheet.notes, *left_out]))
    try:
        # Excel knows UTF-8 by its mark. Canvas and Moodle know it without.
        files.write(output, sheet.text().encode("utf-8-sig" if to == "csv" else "utf-8", "replace"))
    except OSError as error:
        raise ClassError(f"{output} cannot be written: {error.strerror or error}.") from error
    return [*sheet.notes, *left_out]

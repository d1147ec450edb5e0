"""Scores as Canvas imports them.

A file is laid out as Canvas's own export of its gradebook, the way its importer reads it (instructure/canvas-lms,
``lib/gradebook_importer.rb``; Ohio State, "Import a CSV File to Carmen Grades"): the columns about the student up to
*Section*, the assignments after it, and a row of *Points Possible*. A student is found by ID, then by SIS User ID, SIS
Login ID and name; an assignment by the number in brackets behind its title, then by its title, or it is made anew. An
empty cell where Canvas has a score takes that score away.
"""

from __future__ import annotations

from typing import Final

from course.classroom.export.roster import Roster, match, strangers
from course.classroom.export.sheet import Sheet, is_formula, number, scores
from course.classroom.gradebook.marks import Class, ClassError, Student
from course.wording import listed

ABOUT: Final = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POINTS: Final = "Points Possible"
# As Canvas writes it, with room in front.
_POINTS_ROW: Final = f"    {POINTS}"


def canvas_sheet(group: Class, roster: Roster | None, *, partial: bool = False) -> Sheet:
    """Return the scores as Canvas imports them.

    Parameters
    ----------
    group : Class
    roster : Roster or None
        A gradebook that Canvas exported. What it has, and the class has no score for, is written back as it is.
    partial : bool
        Whether scores that still wait for a person are written.

    Raises
    ------
    ClassError
        If the roster is no gradebook of Canvas's.
    """
    return _with_ids(group, partial) if roster is None else _with_roster(group, roster, partial)


def _with_ids(group: Class, partial: bool) -> Sheet:
    # With an apostrophe in front of it Canvas would not find an id.
    written = [student for student in group.students if not is_formula(student.id)]
    rows = [
        [*ABOUT, *(one.name for one in group.assignments)],
        [_POINTS_ROW, "", "", "", "", *(number(one.points) for one in group.assignments)],
        *([_name(one), "", "", one.id, "", *scores(group, one, partial=partial)] for one in written),
    ]
    notes = [
        "Students are called by their ids, as SIS Login ID. If Canvas knows them otherwise, export its gradebook and "
        "name that file with --roster."
    ]
    if odd := [student.id for student in group.students if student not in written]:
        notes.append(f"Left out, because a spreadsheet would run their ids as formulas: {listed(odd)}.")
    return Sheet(rows, notes)


def _with_roster(group: Class, roster: Roster, partial: bool) -> Sheet:
    section = roster.column("Section")
    if section is None or roster.column("ID") is None or roster.column("Student", "LastName") != 0:
        raise ClassError(
            "The roster is no gradebook of Canvas’s: it should begin with Student and ID, and have a Section. In "
            "Canvas choose Grades, Export, Export Entire Gradebook."
        )
    worth = next((row for row in roster.rows if POINTS in row[0]), None)
    # Canvas puts a row without a student below the heads where scores are hidden.
    people = [row for row in roster.rows if row[0].strip() and row is not worth]
    login_first = [
        place for name in ("SIS Login ID", "SIS User ID", "ID") if (place := roster.column(name)) is not None
    ]
    found = match(group.students, people, login_first)
    student_at = {row: student for student, row in found.items()}
    places = [roster.assignment(one) for one in group.assignments]
    notes = []
    heads, possible = list(roster.heads[: section + 1]), [_POINTS_ROW, *[""] * section]
    for one, place in zip(group.assignments, places, strict=True):
        there = worth[place].strip() if worth and place is not None else ""
        heads.append(one.name if place is None else roster.heads[place])
        possible.append(there or number(one.points))
        if place is None:
            notes.append(f"{one.name}: the roster has no column of that name, so Canvas will make a new assignment.")
        elif there and there not in (number(one.points), f"{one.points:.2f}"):
            notes.append(
                f"{one.name}: worth {there} points in Canvas and {number(one.points)} here. Nothing is scaled."
            )
    rows = [heads, possible]
    for number_of_row, row in enumerate(people):
        old = [row[place] if place is not None else "" for place in places]
        student = student_at.get(number_of_row)
        new = scores(group, student, partial=partial) if student else [""] * len(places)
        # Somebody has excused these learners on purpose.
        kept = [
            there if there.strip().upper() == "EX" else score or there for score, there in zip(new, old, strict=True)
        ]
        rows.append([*row[: section + 1], *kept])
    return Sheet(rows, notes + strangers(group.students, found))


def _name(student: Student) -> str:
    return f"{student.last_name}, {student.first_name}".strip(", ") or student.id

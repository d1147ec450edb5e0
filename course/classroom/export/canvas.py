"""Scores as Canvas imports them.

A file is laid out as Canvas's own export of its gradebook, the way its importer reads it (instructure/canvas-lms,
``lib/gradebook_importer.rb``; Ohio State, "Import a CSV File to Carmen Grades"): the columns about the student up to
*Section*, the assignments after it, and a row of *Points Possible*. Canvas finds a student by ID, then by SIS User ID,
SIS Login ID and name; an assignment by the number in brackets after its title, then by its title, or it creates a new
one. An empty cell where Canvas has a score deletes that score.
"""

from __future__ import annotations

from typing import Final

from course.classroom.export.roster import match, not_in_roster
from course.classroom.export.sheet import Sheet, is_formula, number, scores
from course.classroom.gradebook.marks import Class, ClassError, Student
from course.classroom.gradebook.roster import POINTS, Roster
from course.wording import listed

ABOUT: Final = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
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
        [*ABOUT, *(assignment.name for assignment in group.assignments)],
        [_POINTS_ROW, "", "", "", "", *(number(assignment.points) for assignment in group.assignments)],
        *([_name(student), "", "", student.id, "", *scores(group, student, partial=partial)] for student in written),
    ]
    notes = [
        "Students are identified by their ids, as SIS Login ID. If Canvas uses other ids, export its gradebook and "
        "name that file with --roster."
    ]
    if odd := [student.id for student in group.students if student not in written]:
        notes.append(f"Left out, because a spreadsheet would run their ids as formulas: {listed(odd)}.")
    return Sheet(rows, notes, sum(any(scores(group, student, partial=partial)) for student in written))


def _with_roster(group: Class, roster: Roster, partial: bool) -> Sheet:
    section = roster.column("Section")
    if section is None or roster.column("ID") is None or roster.column("Student", "LastName") != 0:
        raise ClassError(
            "The roster is not a Canvas gradebook: it should begin with Student and ID, and have a Section. In "
            "Canvas choose Grades, Export, Export Entire Gradebook."
        )
    worth = next((row for row in roster.rows if POINTS in row[0]), None)
    people = [roster.rows[number] for number in roster.people]
    login_first = [
        column for name in ("SIS Login ID", "SIS User ID", "ID") if (column := roster.column(name)) is not None
    ]
    matched = match(group.students, people, login_first, [row[0] for row in people])
    student_at = {row: student for student, row in matched.items()}
    columns = [roster.assignment(assignment) for assignment in group.assignments]
    notes = []
    headers, possible = list(roster.headers[: section + 1]), [_POINTS_ROW, *[""] * section]
    for assignment, column in zip(group.assignments, columns, strict=True):
        there = worth[column].strip() if worth and column is not None else ""
        headers.append(assignment.name if column is None else roster.headers[column])
        possible.append(there or number(assignment.points))
        if column is None:
            notes.append(
                f"{assignment.name}: the roster has no column of that name, so Canvas will create a new assignment."
            )
        elif there and there not in (number(assignment.points), f"{assignment.points:.2f}"):
            here = number(assignment.points)
            notes.append(f"{assignment.name}: worth {there} points in Canvas and {here} here. Scores are not scaled.")
    rows = [headers, possible]
    for number_of_row, row in enumerate(people):
        old = [row[column] if column is not None else "" for column in columns]
        student = student_at.get(number_of_row)
        new = scores(group, student, partial=partial) if student else [""] * len(columns)
        # Somebody has excused these learners on purpose.
        kept = [
            there if there.strip().upper() == "EX" else score or there for score, there in zip(new, old, strict=True)
        ]
        rows.append([*row[: section + 1], *kept])
    scored = sum(any(scores(group, student, partial=partial)) for student in matched)
    return Sheet(rows, notes + not_in_roster(group.students, matched), scored)


def _name(student: Student) -> str:
    return f"{student.last_name}, {student.first_name}".strip(", ") or student.id

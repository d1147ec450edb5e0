"""Scores as Moodle imports them.

A file has one column by which Moodle finds the user and one for each grade; which is which is chosen on import
(docs.moodle.org/311/en/Grade_import; moodle/moodle, ``grade/import/csv/classes/load_data.php``). Capitals count in an
e-mail address. One unknown user stops the import; and where that column is empty, the grades go to the user of the
line before. So a column stands in the file only if it is filled for everybody in it. An empty cell takes a score away,
so whoever has none is not in the file. Scores above 100 are refused unless the site allows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from course.classroom.export.roster import match, not_in_roster
from course.classroom.export.sheet import Sheet, is_formula, number, scores
from course.classroom.gradebook.marks import Class, ClassError, Student
from course.classroom.gradebook.roster import Role, Roster
from course.wording import listed

IDENTITIES: Final[Mapping[str, Role]] = {"Username": "id", "ID number": "number", "Email address": "email"}
_MOST: Final = 100


def moodle_sheet(group: Class, roster: Roster | None, *, partial: bool = False) -> Sheet:
    """Return the scores as Moodle imports them.

    Parameters
    ----------
    group : Class
    roster : Roster or None
        Moodle's list of participants or export of grades, for names as Moodle knows them.
    partial : bool
        Whether scores that still wait for a person are written.

    Raises
    ------
    ClassError
        If the roster has no column by which Moodle knows a user.
    """
    headers = [assignment.name for assignment in group.assignments]
    new = {student: scores(group, student, partial=partial) for student in group.students}
    notes = []
    titles = {name: name for name in IDENTITIES}
    if roster is None:
        known = {student: _identities(student) for student in group.students}
    else:
        columns = {name: roster.roles[role] for name, role in IDENTITIES.items() if role in roster.roles}
        if not columns:
            raise ClassError(
                f"The roster has no column by which Moodle identifies users: {', '.join(IDENTITIES)}. In Moodle choose "
                "Grades, Export, Plain text file."
            )
        # In another language Moodle’s own names of the columns are the ones to choose from on import.
        titles |= {name: roster.headers[column].strip() or name for name, column in columns.items()}
        names = [" ".join(roster.full_name(number)) for number in range(len(roster.rows))]
        matched = {
            student: roster.rows[row]
            for student, row in match(group.students, roster.rows, columns.values(), names).items()
        }
        known = {
            student: {name: row[column].strip() for name, column in columns.items()} for student, row in matched.items()
        }
        assignment_columns = [roster.assignment(assignment) for assignment in group.assignments]
        headers = [
            name if column is None else roster.headers[column]
            for name, column in zip(headers, assignment_columns, strict=True)
        ]
        for student, row in matched.items():
            old = [row[column] if column is not None else "" for column in assignment_columns]
            if any(new[student]):
                new[student] = [score or there for score, there in zip(new[student], old, strict=True)]
        notes += not_in_roster(group.students, known)
    written = [student for student in known if any(new[student])]
    columns_written = _filled(known, written)
    odd = [student for student in written if not all(_safe(known[student].get(name)) for name in columns_written)]
    rows = [
        ["First name", "Last name", *(titles[name] for name in columns_written), *headers],
        *(
            [student.first_name, student.last_name, *(known[student][name] for name in columns_written), *new[student]]
            for student in written
            if student not in odd
        ),
    ]
    if odd:
        left_out = listed([student.id for student in odd])
        notes.append(f"Left out, because Moodle could not identify them by {titles[columns_written[0]]}: {left_out}.")
    return Sheet(rows, [*notes, *_how_to(group, titles[columns_written[0]], rows)], len(rows) - 1)


def _identities(student: Student) -> dict[str, str]:
    """Return what the gradebook knows that Moodle may know too; ids are often addresses."""
    is_address = "@" in student.id
    return {
        "Username": "" if is_address else student.id,
        "ID number": student.lms_id,
        "Email address": student.id if is_address else student.email,
    }


def _filled(known: Mapping[Student, Mapping[str, str]], written: list[Student]) -> list[str]:
    """Return the columns that are filled for everybody, or the one that is for most."""
    counts = {name: sum(_safe(known[student].get(name)) for student in written) for name in IDENTITIES}
    everybody = [name for name in IDENTITIES if counts[name] == len(written) > 0]
    return everybody or [max(IDENTITIES, key=lambda name: counts[name])]


def _safe(name: str | None) -> bool:
    # An apostrophe in front, as against formulas elsewhere, would make it somebody else's. Moodle takes 0 for empty.
    return bool(name) and name != "0" and not is_formula(str(name))


def _how_to(group: Class, column: str, rows: list[list[str]]) -> list[str]:
    notes = [f"In Moodle’s import, map from “{column}”, and each assignment to its grade item."]
    for assignment in group.assignments:
        above = " Moodle refuses more than 100 unless the site allows it." if assignment.points > _MOST else ""
        notes.append(f"{assignment.name}: the grade item’s maximum should be {number(assignment.points)}.{above}")
    if any("" in row[-len(group.assignments) :] for row in rows[1:]):
        notes.append(
            "Some cells are empty, and Moodle deletes any score it has there. Export one assignment at a time instead."
        )
    return notes

"""Scores as plain CSV, for a spreadsheet or a script."""

from __future__ import annotations

from course.classroom.export.sheet import Sheet, number, score
from course.classroom.gradebook.marks import Class, MarkedSubmission


def plain_sheet(group: Class, *, partial: bool = False) -> Sheet:
    """Return a row for each student and assignment; `partial` as for `course.classroom.export.sheet.score`."""
    headers = ["student", "first_name", "last_name", "email", "assignment", "status", "score", "max_score"]
    headers += ["needs_marking", "seconds_late", "late_penalty"]
    rows = [headers]
    for assignment in group.assignments:
        for student in group.students:
            work = assignment.submissions.get(student.id)
            rows.append(
                [
                    *(student.id, student.first_name, student.last_name, student.email, assignment.name, _status(work)),
                    *(score(work, partial=partial), number(assignment.points), str(work.waiting if work else 0)),
                    *(number(work.seconds_late if work else 0), number(work.penalty if work else 0)),
                ]
            )
    return Sheet(rows)


def questions_sheet(group: Class, *, partial: bool = False) -> Sheet:
    """Return a row for each student, assignment and question, of what is graded."""
    rows = [["student", "assignment", "notebook", "question", "points", "max_points", "needs_marking"]]
    for assignment in group.assignments:
        for student, work in assignment.graded.items():
            for check in assignment.checks:
                mark = work.marks.get(check.key)
                waits = mark is not None and mark.waiting
                known = mark.points if mark and (partial or not waits) else None
                points = "" if known is None else number(known)
                rows.append(
                    [student, assignment.name, *check.key, points, number(check.points), "yes" if waits else "no"]
                )
    return Sheet(rows)


def _status(work: MarkedSubmission | None) -> str:
    if work is None:
        return "not handed in"
    if not work.graded:
        return "not graded"
    return "needs marking" if work.waiting else "graded"

"""``course report``: how a class did, on one page for its instructor.

`gathering` reads what there is, `findings` works out what it says, `page` with its `sections` writes it down.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path


def write_report(root: Path, assignments: Sequence[str], output: Path, *, names: bool = False) -> None:
    """Write the report of a class to a file. An older report of that name is replaced; nothing else ever is.

    Parameters
    ----------
    root : pathlib.Path
        The course's folder, with nbgrader_config.py.
    assignments : sequence of str
        Which to report on. None given: all that somebody has handed in.
    output : pathlib.Path
    names : bool
        Whether learners are called by their names. Otherwise they have codes, see `course.classroom.report.pseudonyms`.

    Raises
    ------
    ClassError
        If there is nothing to report on, the file is something else than a report, or it cannot be written.
    """
    from course import files
    from course.classroom.gradebook.marks import ClassError
    from course.classroom.report.page import MARK

    if output.exists() and not (output.is_file() and MARK.encode() in output.read_bytes()[:1000]):
        raise ClassError(f"{output} is there already and is no report. Name another file with --output.")
    made = make_report(root, assignments, names=names)
    try:
        # A student's folder can have a name that is no text.
        files.write(output, made.encode(errors="replace"))
    except OSError as error:
        raise ClassError(f"{output} cannot be written: {error.strerror or error}.") from error


def make_report(root: Path, assignments: Sequence[str], *, names: bool = False) -> str:
    """Return the report of a class as an HTML page; parameters and errors as `write_report`."""
    from course.case import Case
    from course.classroom.gradebook.journal import Journal
    from course.classroom.gradebook.marks import ClassError, read_class
    from course.classroom.report.content import Facts, Report
    from course.classroom.report.load import gather
    from course.classroom.report.page import page
    from course.classroom.report.pseudonyms import learner_codes

    group = read_class(root, assignments)
    if not group.assignments:
        raise ClassError("Nobody has handed in anything yet, so there is nothing to report.")
    case = Case.load()
    facts = Facts(
        {str(row["id"]): row for row in case.rows("statements")},
        {str(row["id"]): str(row["text"]) for row in case.rows("readings")},
    )
    reasons: dict[str, dict[str, str]] = {}
    for submission, entry in Journal(root).latest().items():
        if entry and entry.outcome.reason:
            reasons.setdefault(submission.assignment, {})[submission.student] = entry.outcome.reason
    called = (
        {one.id: one.id if one.name == one.id else f"{one.name} ({one.id})" for one in group.students}
        if names
        else learner_codes(root, (student.id for student in group.students))
    )
    telling = {
        part for one in group.students for part in (one.id, one.email, *one.first_name.split(), *one.last_name.split())
    }
    return page(
        Report(
            group.name or root.resolve().name,
            datetime.now().astimezone(),
            tuple(gather(group, one) for one in group.assignments),
            reasons,
            called,
            frozenset() if names else frozenset(telling),
            facts,
        )
    )

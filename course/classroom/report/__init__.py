"""``course report``: how a class did, on one page for its instructor.

`load` reads what was handed in, `findings` works out what it shows, `page` prepares it for the template
``report.html.j2``.
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
        If there is nothing to report on, the file is something other than a report, or it cannot be written.
    """
    from course import files
    from course.classroom.gradebook.marks import ClassError
    from course.classroom.report.page import MARK

    if output.exists() and not (output.is_file() and MARK.encode() in output.read_bytes()[:1000]):
        raise ClassError(f"{output} is there already and is no report. Name another file with --output.")
    report = make_report(root, assignments, names=names)
    try:
        # A student's folder can have a name that is not text.
        files.write(output, report.encode(errors="replace"))
    except OSError as error:
        raise ClassError(f"{output} cannot be written: {error.strerror or error}.") from error


def make_report(root: Path, assignments: Sequence[str], *, names: bool = False) -> str:
    """Return the report of a class as an HTML page; parameters and errors as `write_report`."""
    from course.case import shipped_cases
    from course.classroom.gradebook.journal import Journal
    from course.classroom.gradebook.marks import ClassError, read_class
    from course.classroom.report.load import load_results
    from course.classroom.report.page import Report, page
    from course.classroom.report.pseudonyms import learner_codes

    group = read_class(root, assignments)
    if not group.assignments:
        raise ClassError("Nobody has handed in anything yet, so there is nothing to report.")
    reasons: dict[str, dict[str, str]] = {}
    for submission, entry in Journal(root).latest().items():
        if entry and entry.outcome.reason:
            reasons.setdefault(submission.assignment, {})[submission.student] = entry.outcome.reason
    learners = (
        {
            student.id: student.id if student.name == student.id else f"{student.name} ({student.id})"
            for student in group.students
        }
        if names
        else learner_codes(root, (student.id for student in group.students))
    )
    identifying = {
        part
        for student in group.students
        for part in (student.id, student.email, *student.first_name.split(), *student.last_name.split())
    }
    return page(
        Report(
            name=group.name or root.resolve().name,
            created=datetime.now().astimezone(),
            assignments=tuple(load_results(group, assignment) for assignment in group.assignments),
            reasons=reasons,
            learners=learners,
            hidden_names=frozenset() if names else frozenset(identifying),
            cases=shipped_cases(),
        )
    )

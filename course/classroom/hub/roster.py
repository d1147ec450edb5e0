"""Read a class list (CSV) and add its learners to nbgrader's gradebook."""

from __future__ import annotations

import re
from pathlib import Path

from course.classroom.export.roster import read_roster
from course.classroom.gradebook.marks import ClassError
from course.classroom.hub.workshop import NAME_PATTERN, NAME_WORDS, HubError

COLUMNS = {
    "id": ("id", "username", "user name", "login", "login id", "student_id", "student id", "name to log in with"),
    "first_name": ("first_name", "first name", "given name"),
    "last_name": ("last_name", "last name", "surname", "family name"),
    "email": ("email", "e-mail", "email address", "mail"),
    "lms_user_id": ("lms_user_id", "lms id", "lms_id"),
}


def read(path: Path) -> list[dict[str, str]]:
    """Return a dict for each learner, with nbgrader's field names as keys.

    Raises
    ------
    HubError
        If the file cannot be read, has no column of login names, or a login name is not allowed.
    """
    try:
        roster = read_roster(path)
    except ClassError as error:
        raise HubError(str(error)) from error
    columns = {field: roster.column(*names) for field, names in COLUMNS.items()}
    if columns["id"] is None:
        raise HubError(
            f"{path} has no column “id” with the names that learners log in with. It has: {', '.join(roster.headers)}."
        )
    learners = []
    for line, row in enumerate(roster.rows, start=2):
        learner = {field: row[column].strip() for field, column in columns.items() if column is not None}
        learner["id"] = learner["id"].lower()
        if not re.fullmatch(NAME_PATTERN, learner["id"]):
            raise HubError(f"{path}, line {line}: “{learner['id']}” cannot be a name to log in with: {NAME_WORDS}.")
        learners.append(learner)
    return learners


def add_to_gradebook(learners: list[dict[str, str]], db_url: str, course: str) -> None:
    """Add learners to the gradebook at `db_url`, and update those it has already."""
    from nbgrader.api import Gradebook

    with Gradebook(db_url, course) as book:
        for learner in learners:
            known = {field: value for field, value in learner.items() if field != "id" and value}
            book.update_or_create_student(learner["id"], **known)

"""Who is in the class, from a CSV file, into nbgrader's gradebook."""

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
    """Return a row for each learner, with nbgrader's names for its parts.

    Raises
    ------
    HubError
        If the file cannot be read, has no column of names, or a name cannot be one to log in with.
    """
    try:
        roster = read_roster(path)
    except ClassError as error:
        raise HubError(str(error)) from error
    places = {part: roster.column(*names) for part, names in COLUMNS.items()}
    if places["id"] is None:
        raise HubError(
            f"{path} has no column “id” with the names that learners log in with. It has: {', '.join(roster.heads)}."
        )
    learners = []
    for line, row in enumerate(roster.rows, start=2):
        learner = {part: row[place].strip() for part, place in places.items() if place is not None}
        learner["id"] = learner["id"].lower()
        if not re.fullmatch(NAME_PATTERN, learner["id"]):
            raise HubError(f"{path}, line {line}: “{learner['id']}” cannot be a name to log in with: {NAME_WORDS}.")
        learners.append(learner)
    return learners


def enter(learners: list[dict[str, str]], gradebook: str, course: str) -> None:
    """Put learners into the gradebook at this database address; what it knows of them already is brought up to date."""
    from nbgrader.api import Gradebook

    with Gradebook(gradebook, course) as book:
        for learner in learners:
            parts = {part: value for part, value in learner.items() if part != "id" and value}
            book.update_or_create_student(learner["id"], **parts)

"""Read a class list and add its learners to nbgrader's gradebook."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from course.classroom.gradebook.marks import ClassError
from course.classroom.gradebook.roster import TEST_STUDENT, Role, Roster, read_roster
from course.classroom.hub.workshop import NAME_PATTERN, NAME_WORDS, HubError
from course.wording import listed

_LOGINS: Final[tuple[Role, ...]] = ("id", "number", "email")
"""The roles of the columns that a login name is taken from, the best first."""
_MORE: Final[Mapping[str, Role]] = {"email": "email", "lms_user_id": "lms_id"}


def read(path: Path) -> list[dict[str, str]]:
    """Return a dict for each learner, with nbgrader's field names as keys.

    Without a column of login names, the ID number is the name to log in with, or else what stands before the @ of the
    e-mail address.

    Raises
    ------
    HubError
        If the file cannot be read, it is not clear which column has the login names, or one of them is not allowed or
        is there twice.
    """
    try:
        roster = read_roster(path)
    except ClassError as error:
        raise HubError(str(error)) from error
    learners = []
    lines: dict[str, int] = {}
    for number in roster.people:
        if roster.is_of_canvas and roster.cell(number, "name") == TEST_STUDENT:
            continue
        login, line = _login(roster, number, path), roster.lines[number]
        if not re.fullmatch(NAME_PATTERN, login):
            raise HubError(f"{path}, line {line}: “{login}” cannot be a name to log in with: {NAME_WORDS}.")
        if login in lines:
            raise HubError(f"{path}, line {line}: “{login}” is in line {lines[login]} already.")
        lines[login] = line
        first, last = roster.full_name(number)
        learner = {"id": login, "first_name": first, "last_name": last}
        for field, role in _MORE.items():
            if role in roster.roles:
                learner[field] = roster.cell(number, role)
        learners.append(learner)
    return learners


def _login(roster: Roster, number: int, path: Path) -> str:
    """Return the name that a learner logs in with, which holds no address: names become names of folders.

    Raises
    ------
    HubError
        If no column has it, or any of several may.
    """
    if role := next((role for role in _LOGINS if role in roster.roles), None):
        return roster.cell(number, role).partition("@")[0].lower()
    has = f"It has: {', '.join(roster.headers)}."
    if doubtful := roster.doubtful:
        raise HubError(f"Which column of {path} has the names to log in with: {listed(doubtful)}? Rename it to “id”.")
    raise HubError(f"{path} has no column “id” with the names that learners log in with. {has}")


def add_to_gradebook(learners: list[dict[str, str]], db_url: str, course: str) -> None:
    """Add learners to the gradebook at `db_url`, and update those it has already."""
    from nbgrader.api import Gradebook

    with Gradebook(db_url, course) as book:
        for learner in learners:
            known = {field: value for field, value in learner.items() if field != "id" and value}
            book.update_or_create_student(learner["id"], **known)

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
    if not any(map(roster.login, roster.people)):
        raise HubError(_why_without_logins(roster, path))
    learners = []
    lines: dict[str, int] = {}
    for number in roster.people:
        if roster.is_of_canvas and roster.cell(number, "name") == TEST_STUDENT:
            continue
        login, line = roster.login(number), roster.lines[number]
        if not re.fullmatch(NAME_PATTERN, login):
            raise HubError(f"{path}, line {line}: “{login}” cannot be a login name. It needs: {NAME_WORDS}.")
        if login in lines:
            raise HubError(f"{path}, line {line}: “{login}” is already in line {lines[login]}.")
        lines[login] = line
        first, last = roster.full_name(number)
        learner = {"id": login, "first_name": first, "last_name": last}
        for field, role in _MORE.items():
            if role in roster.roles:
                learner[field] = roster.cell(number, role)
        learners.append(learner)
    return learners


def _why_without_logins(roster: Roster, path: Path) -> str:
    if doubtful := roster.doubtful:
        return f"Which column of {path} has the login names: {listed(doubtful)}? Rename it to “id”."
    has = f"It has: {', '.join(roster.headers)}."
    return f"{path} has no column “id” with the learners’ login names. {has}"


def add_to_gradebook(learners: list[dict[str, str]], db_url: str, course: str) -> None:
    """Add learners to the gradebook at `db_url`, and update those it has already."""
    from nbgrader.api import Gradebook

    with Gradebook(db_url, course) as book:
        for learner in learners:
            known = {field: value for field, value in learner.items() if field != "id" and value}
            book.update_or_create_student(learner["id"], **known)

"""Who is who: the names that people give at sign-up, kept for the instructors and put into nbgrader's gradebook."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from course import files

# nbgrader's own names for what it knows of a student.
FIRST_NAME, LAST_NAME, EMAIL, ID_NUMBER = "first_name", "last_name", "email", "lms_user_id"
LONGEST: Final = 80
"""Characters in a first or last name, an address or a number."""
_PATTERNS: Final = {EMAIL: re.compile(r"[^\s@<>&\"',;]+@[^\s@<>&\"',;]+"), ID_NUMBER: re.compile(r"[\w./-]+")}
# Persian and several Indian scripts write names with joiners.
_IN_NAMES: Final = frozenset(" '’ʼ`´.-‐‑·,()/\u200c\u200d")


def clean(text: str) -> str:
    """Return what somebody typed with composed letters and single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def describe_problem(person: Mapping[str, str]) -> str:
    """Return what must be corrected in the details that somebody gave; empty if nothing is wrong.

    Names may be in any script. Signs with a meaning in HTML are refused: nbgrader's pages show names as they are.
    """
    if not person.get(FIRST_NAME):
        return "Please write your name as your instructor knows it."
    names = [person.get(FIRST_NAME, ""), person.get(LAST_NAME, "")]
    if not all(_is_name(name) for name in names if name):
        return "Please write your name with letters, in any script. It can have spaces, dots, dashes and apostrophes."
    for field, what in ((EMAIL, "an e-mail address"), (ID_NUMBER, "an ID number")):
        value = person.get(field, "")
        if value and not (len(value) <= LONGEST and _PATTERNS[field].fullmatch(value)):
            return f"“{value[:LONGEST]}” is not {what}. Correct it, or leave it out."
    return ""


def _is_name(text: str) -> bool:
    kinds = {unicodedata.category(sign)[0] for sign in text if sign not in _IN_NAMES}
    return "L" in kinds and kinds <= {"L", "M", "N"} and len(text) <= LONGEST


def full_name(person: Mapping[str, str]) -> str:
    """Return a person's first and last name."""
    return f"{person.get(FIRST_NAME, '')} {person.get(LAST_NAME, '')}".strip()


def read_people(record: Path) -> dict[str, dict[str, str]]:
    """Return what people gave at sign-up, by the name they log in with."""
    content = files.read(record)
    people: dict[str, dict[str, str]] = json.loads(content) if content else {}
    return people


def add_person(record: Path, login: str, person: Mapping[str, str]) -> None:
    """Write down what somebody gave at sign-up. Only the hub's own process writes, one person at a time."""
    people = read_people(record) | {login: {field: value for field, value in person.items() if value}}
    files.write(record, json.dumps(people, ensure_ascii=False, indent=1).encode())


def add_names(record: Path, logins: Iterable[str], db_url: str, course: str) -> None:
    """Put these people into the gradebook, and fill in what it does not know of them. What it knows stays."""
    from nbgrader.api import Gradebook

    people = read_people(record)
    with Gradebook(db_url, course) as book:
        known = {student.id: student for student in book.students}
        for login in logins:
            given = people.get(login, {})
            new = {field: value for field, value in given.items() if not getattr(known.get(login), field, None)}
            if new or login not in known:
                book.update_or_create_student(login, **new)


def free_login(wanted: str, taken: Iterable[str]) -> str:
    """Return a name to log in with that nobody has: what is wanted in the letters a to z, with a number if needed."""
    plain = unicodedata.normalize("NFKD", wanted.casefold()).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9._-]+", ".", plain).strip("._-")[:28] or "learner"
    others = set(taken)
    return next(
        login
        for number in range(1, len(others) + 2)
        if (login := f"{name}{number if number > 1 else ''}") not in others
    )

"""Find the student of the course for each name and number in a download."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nbgrader.api import Gradebook

from course.classroom.collect.download import Delivery, student_id
from course.classroom.gradebook.roster import Roster, plain
from course.wording import listed


@dataclass(frozen=True)
class _Person:
    """What a roster or the gradebook says of a student."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""
    participant: str = ""


def identify(
    deliveries: Sequence[Delivery], directory: Any, roster: Roster | None
) -> tuple[dict[Delivery, str], list[str]]:
    """Return the id of the student who handed in each file, and notes; put the students into the gradebook.

    Canvas's number and Moodle's participant number decide; then a name that one person alone has. Without either, the
    name in the download becomes the id; with the number behind it, if two people have that name.

    Parameters
    ----------
    deliveries : sequence of Delivery
        Files whose names say who handed them in.
    directory : CourseDirectory
        nbgrader's own object for the course's folders.
    roster : Roster or None
        The platform's list of the class.
    """
    notes: list[str] = []
    with Gradebook(directory.db_url, directory.course_id) as book:
        known = [
            _Person(row.id, row.first_name or "", row.last_name or "", row.email or "", row.lms_user_id or "")
            for row in book.students
        ]
        people = _from_roster(roster, known) if roster else known
        by_number = {person.lms_user_id: person for person in known + people if person.lms_user_id}
        by_participant = {person.participant: person for person in people if person.participant}
        by_name = _by_name(people)
        numbers: dict[str, set[str]] = {}
        for item in deliveries:
            numbers.setdefault(item.student, set()).add(item.number or item.participant)
        there = {person.id: person for person in known}
        ids: dict[Delivery, str] = {}
        unknown: dict[str, None] = {}
        for item in deliveries:
            is_shared = len(numbers[item.student]) > 1
            person = by_number.get(item.number) or by_participant.get(item.participant)
            if person is None and not is_shared:
                person = by_name.get(plain(item.student))
            if person is None:
                number = item.number or item.participant
                person = _Person(f"{item.student}-{number}" if is_shared else item.student, lms_user_id=item.number)
                if roster:
                    unknown[item.student] = None
                if is_shared and person.id not in ids.values():
                    notes.append(f"Several people are called {item.student}; one of them is kept as {person.id}.")
            ids[item] = person.id
            there[person.id] = _enrol(book, person, item.number, there.get(person.id, _Person(person.id)))
        if unknown:
            notes.append(f"Not found in the roster: {listed(list(unknown))}. Their folders have the names they had.")
    return ids, notes


def _from_roster(roster: Roster, known: Iterable[_Person]) -> list[_Person]:
    """Return the people in a roster, under the ids that the gradebook has for them already."""
    by_email = {person.email.casefold(): person.id for person in known if person.email}
    ids = {person.id for person in known}
    logins = Counter(map(roster.login, roster.people))
    people = []
    for number in roster.people:
        email, login, lms_id = (roster.cell(number, "email"), roster.login(number), roster.cell(number, "lms_id"))
        exact = roster.cell(number, "id")
        first, last = roster.full_name(number)
        own = by_email.get(email.casefold()) or (exact if exact in ids else "")
        own = own or (login if login and logins[login] == 1 else student_id(f"{first} {last}"))
        # “Participant 4711”, in any language.
        digits = re.sub(r"\D", "", roster.cell(number, "participant"))
        if own:
            people.append(_Person(own, first, last, email, lms_id, digits))
    return people


def _by_name(people: Iterable[_Person]) -> Mapping[str, _Person]:
    """Return the people by their ids, and by the names that nobody else has."""
    names: dict[str, set[_Person]] = {}
    for person in people:
        for name in (person.id, person.first_name + person.last_name, person.last_name + person.first_name):
            if name:
                names.setdefault(plain(name), set()).add(person)
    return {name: having.pop() for name, having in names.items() if len(having) == 1}


def _enrol(book: Gradebook, person: _Person, number: str, there: _Person) -> _Person:
    """Put into the gradebook what it does not know of a student, and return what it knows now: scores need it."""
    fields = ("first_name", "last_name", "email", "lms_user_id")
    wanted = {name: getattr(person, name) for name in fields} | ({"lms_user_id": number} if number else {})
    new = {name: value for name, value in wanted.items() if value and not getattr(there, name)}
    if new:
        book.update_or_create_student(person.id, **new)
    return replace(there, **new)

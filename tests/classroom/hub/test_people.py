"""People are called by their names, in any script, and two with the same name are told apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from course.classroom.gradebook.course_folder import load_application
from course.classroom.hub.people import add_names, add_person, clean, describe_problem, free_login, read_people
from tests.gradebook import sample_checkout

COURSE = "completely-free"
NAMES = [
    *(
        "Мария",
        "María José",
        "明",
        "नेहा",
        "مريم",
        "Nguyễn Thị Minh",
        "O’Hara-Núñez",
        "d'Arc",
        "Ludwig van B.",
        "محمدرضا",
    ),
    "علی\u200cرضا",
]
NO_NAMES = ["", "<b>Ana</b>", 'Ana"', "Ana&amp;", "7", "--", "Ana\u202e", "Ana\n", "x" * 81, "{{ 7 * 7 }}"]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_any_script_are_names(name: str) -> None:
    assert describe_problem({"first_name": clean(name)}) == ""
    assert describe_problem({"first_name": "Ana", "last_name": clean(name)}) == ""


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_is_no_name_is_refused(name: str) -> None:
    assert "write your name" in describe_problem({"first_name": name})


@pytest.mark.parametrize(
    ("field", "text", "what"),
    [
        ("email", "ana", "an e-mail address"),
        ("email", "<b>@example.org", "an e-mail address"),
        ("lms_user_id", "<7>", "an ID number"),
        ("lms_user_id", "7" * 81, "an ID number"),
    ],
)
def test_an_address_or_a_number_that_is_none_is_named(field: str, text: str, what: str) -> None:
    assert f"is not {what}" in describe_problem({"first_name": "Ana", field: text})


def test_names_come_as_one_whichever_way_a_keyboard_writes_them() -> None:
    assert clean("  Jose\u0301   Luis ") == "José Luis"


@pytest.mark.parametrize(
    ("wanted", "taken", "free"),
    [
        ("Maria", [], "maria"),
        ("maria", ["maria", "maria2"], "maria3"),
        ("José Luis", [], "jose.luis"),
        ("明", ["learner"], "learner2"),
        ("", [], "learner"),
        ("../x", [], "x"),
        ("x" * 60, [], "x" * 28),
    ],
)
def test_a_free_name_to_log_in_with_is_offered(wanted: str, taken: list[str], free: str) -> None:
    assert free_login(wanted, taken) == free


def test_names_reach_the_gradebook_and_those_of_the_roster_stay(tmp_path: Path) -> None:
    record, address = tmp_path / "people.json", load_application(sample_checkout(tmp_path)).coursedir.db_url
    add_person(record, "maria", {"first_name": "María", "last_name": "López", "email": ""})
    add_person(record, "maria2", {"first_name": "María", "last_name": "López", "lms_user_id": "0042"})
    with Gradebook(address, COURSE) as book:
        book.add_student("maria", first_name="Maria Carmen", last_name=None)

    add_names(record, ["maria", "maria2", "unknown"], address, COURSE)

    assert read_people(record)["maria"] == {"first_name": "María", "last_name": "López"}
    with Gradebook(address, COURSE) as book:
        known = {student.id: (student.first_name, student.last_name, student.lms_user_id) for student in book.students}
    assert known == {
        "maria": ("Maria Carmen", "López", None),
        "maria2": ("María", "López", "0042"),
        "unknown": (None, None, None),
    }


def test_who_has_signed_up_nowhere_has_no_names(tmp_path: Path) -> None:
    assert read_people(tmp_path / "people.json") == {}

"""Folders and time stamps that nbgrader reads wrongly, or not at all, are named and not passed over in silence."""

from __future__ import annotations

import os
import unicodedata
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from course.checks.hand_in import read_file
from course.classroom.export.roster import match
from course.classroom.gradebook.course_folder import (
    CourseError,
    describe_strays,
    describe_unnameable,
    load_application,
    submissions,
)
from course.classroom.gradebook.marks import Student
from course.classroom.gradebook.submission_check import TIMESTAMP, check_submission, handed_in_at
from tests.gradebook import ROOT

CONFIGURATION = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")


def course(folder: Path) -> Path:
    folder.mkdir()
    (folder / "nbgrader_config.py").write_text(CONFIGURATION, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", ["Course [2026]", "What now?", "My%20Course", "a*b"])
def test_a_folder_in_which_nbgrader_finds_nothing_is_refused_in_words(name: str, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="Rename that folder"):
        load_application(course(tmp_path / name))


def test_what_lies_in_no_folder_and_names_that_are_no_text_are_named(tmp_path: Path) -> None:
    place = course(tmp_path / "Kurs (100 %) #1 é")
    for student in ("ada", os.fsdecode(b"M\x81ller")):
        (place / "submitted" / student / "06-weighing").mkdir(parents=True)
    (place / "submitted" / "ada" / "06\nweighing").mkdir()
    (place / "submitted" / "lovelaceada_123_456_06-weighing.ipynb").write_text("{}")
    (place / "submitted" / "ada" / "06-weighing.ipynb").write_text("{}")
    directory = load_application(place).coursedir
    assert [item.student for item in submissions(directory)] == ["ada"]
    loose, in_a_student = describe_strays(directory)
    assert loose[0] == ""
    assert "lovelaceada_123_456_06-weighing.ipynb lies in no student's folder" in loose[1]
    assert in_a_student[0] == "ada"
    for shown, sentence in zip(("M\\udc81ller", "ada/06\\nweighing"), describe_unnameable(directory), strict=True):
        assert f"{shown} has a name that is not UTF-8 text in one line" in sentence
        assert sentence.isprintable()


@pytest.mark.parametrize(
    ("text", "expected", "note"),
    [
        ("04.11.2026 23:59", datetime(2026, 11, 4, 23, 59), "with the day first: 2026-11-04 23:59"),
        ("4. 11. 2026 23:59", datetime(2026, 11, 4, 23, 59), "with the day first"),
        ("11/04/2026 23:59", datetime(2026, 11, 4, 23, 59), "can be read in two ways"),
        ("2026-11-04 23:59:00 UTC", datetime(2026, 11, 4, 23, 59), ""),
    ],
)
def test_a_date_is_read_with_the_day_first_where_it_has_dots(
    text: str, expected: datetime, note: str, tmp_path: Path
) -> None:
    (tmp_path / TIMESTAMP).write_text(text)
    assert handed_in_at(tmp_path) == expected
    assert note in " ".join(check_submission(tmp_path, {}).notes)
    assert bool(note) == bool(check_submission(tmp_path, {}).notes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("04.11.26 23:59", datetime(2026, 11, 4, 22, 59)),
        ("2026-11-04T23:59:00Z", datetime(2026, 11, 4, 23, 59)),
        ("2026-11-04 23:59:00 America/New_York", datetime(2026, 11, 5, 4, 59)),
        ("Wednesday, 4 November 2026, 11:59 PM", datetime(2026, 11, 4, 22, 59)),
        ("4 Nov 2026", datetime(2026, 11, 3, 23)),
    ],
)
def test_a_time_stamp_in_any_form_is_read_in_the_time_zone_of_the_course(
    text: str, expected: datetime, tmp_path: Path
) -> None:
    zone = ZoneInfo("Europe/Berlin")
    (tmp_path / TIMESTAMP).write_text(text)
    assert handed_in_at(tmp_path, zone) == expected
    # nbgrader reads what is graded, so it has to read the same there.
    (graded := tmp_path / "graded").mkdir()
    for content in (check_submission(tmp_path, {}, zone).files or {}).values():
        (graded / TIMESTAMP).write_bytes(read_file(content))
    assert handed_in_at(graded if list(graded.iterdir()) else tmp_path) == expected


def test_a_time_zone_that_does_not_exist_is_said(tmp_path: Path) -> None:
    place = course(tmp_path / "course")
    with (place / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write('\nc.Exchange.timezone = "Berlin"\n')
    with pytest.raises(CourseError, match="no time zone “Berlin”"):
        load_application(place)


def test_an_accent_typed_on_a_mac_finds_its_line_in_the_roster() -> None:
    student = Student(unicodedata.normalize("NFD", "josé"), "", "", "", "")
    assert match([student], [["José"]], [0]) == {student: 0}

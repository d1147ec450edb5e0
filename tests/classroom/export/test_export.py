"""Scores for Canvas and Moodle: their importers find every student, nobody gets another's score, and none is lost.

The two readers here do with a file what the importers named in `course.classroom.export` do with it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from course.classroom.export.canvas import canvas_sheet
from course.classroom.export.moodle import moodle_sheet
from course.classroom.export.plain import plain_sheet, questions_sheet
from course.classroom.gradebook.marks import Assignment, Check, Class, ClassError, Mark, MarkedSubmission, Student
from course.classroom.gradebook.roster import Roster, read_roster
from course.cli import app
from tests.gradebook import Course

KEY = ("essay", "q1")


def work(points: float | None, *, waiting: bool = False, penalty: float = 0) -> MarkedSubmission:
    return MarkedSubmission({KEY: Mark(points, waiting)}, graded=True, penalty=penalty)


def group(
    submissions: Mapping[str, MarkedSubmission], students: tuple[Student, ...], name: str = "06-weighing"
) -> Class:
    assignment = Assignment(name, (Check(KEY, 10, by_hand=False),), submissions)
    return Class("course", None, students, (assignment,))  # nothing here looks into a folder


ADA = Student("ada", "Ada", "Lovelace", "ada@example.org")
BEN = Student("ben", "Ben", "Okri", "ben@example.org")
CY = Student("cy", "Cy", "Twombly", "cy@example.org")
THREE = group({"ada": work(7.5), "ben": work(4, waiting=True)}, (ADA, BEN, CY))

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Notes,06 Weighing (481),Quiz (482),Final Score
,,,,,,Manual Posting,,
    Points Possible,,,,,,10.00,5.00,(read only)
"Lovelace, Ada",11,u-11,ada,Mon,,,3.00,40.0
"Okri, Ben",12,u-12,BEN@example.org,Mon,,2.00,,20.0
"Stranger, A",13,u-13,stranger,Mon,,6.00,,
"Student, Test",99,,test,Mon,,,,
"""


def canvas_reads(text: str) -> tuple[dict[str, float], dict[tuple[str, str], str]]:
    """Return the points possible by assignment, and the cell by student's ID (or login) and assignment."""
    head, *rows = list(csv.reader(io.StringIO(text)))
    assert len(head) > 3
    assert head[0].startswith(("Student", "LastName"))
    assert head[1] == "ID"
    section = head.index("Section")
    assert all(name in ("Student", "ID", "SIS User ID", "SIS Login ID", "Section") for name in head[: section + 1])
    possible, cells = {}, {}
    for row in rows:
        assert len(row) == len(head)
        for place in range(section + 1, len(head)):
            if "Points Possible" in row[0]:
                possible[head[place]] = float(row[place])
            else:
                cells[row[1] or row[3], head[place]] = row[place].strip()
    return possible, cells


def moodle_reads(text: str, column: str) -> dict[tuple[str, str], str]:
    """Return the cell by user and grade item: a row without a user goes to the user of the row before, as in Moodle."""
    head, *rows = list(csv.reader(io.StringIO(text)))
    user, cells = "", {}
    for row in rows:
        user = row[head.index(column)] or user
        for place, name in enumerate(head):
            if name not in ("First name", "Last name", "Username", "ID number", "Email address"):
                assert (user, name) not in cells, f"{user} gets two scores"
                cells[user, name] = row[place]
    return cells


def roster(tmp_path: Path, text: str, encoding: str = "utf-8") -> Roster:
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode(encoding))
    return read_roster(path)


# --- Canvas ---------------------------------------------------------------------------------------------------


def test_canvas_finds_students_by_its_own_ids_and_assignments_by_its_own_numbers(tmp_path: Path) -> None:
    sheet = canvas_sheet(THREE, roster(tmp_path, CANVAS))
    possible, cells = canvas_reads(sheet.text())
    assert possible == {"06 Weighing (481)": 10}
    assert cells["11", "06 Weighing (481)"] == "7.5"
    assert "Not found in the roster, and left out: cy." in sheet.notes


def test_what_canvas_has_and_the_class_has_not_is_written_back(tmp_path: Path) -> None:
    # An empty cell would take the score away.
    _, cells = canvas_reads(canvas_sheet(THREE, roster(tmp_path, CANVAS)).text())
    assert cells["12", "06 Weighing (481)"] == "2.00"  # ben's waits for a person
    assert cells["13", "06 Weighing (481)"] == "6.00"  # the gradebook does not know this one
    assert cells["99", "06 Weighing (481)"] == ""
    _, cells = canvas_reads(canvas_sheet(THREE, roster(tmp_path, CANVAS), partial=True).text())
    assert cells["12", "06 Weighing (481)"] == "4"


def test_whom_canvas_has_excused_stays_excused(tmp_path: Path) -> None:
    excused = CANVAS.replace("ada,Mon,,,", "ada,Mon,,EX,")
    assert canvas_reads(canvas_sheet(THREE, roster(tmp_path, excused)).text())[1]["11", "06 Weighing (481)"] == "EX"


def test_a_canvas_file_with_semicolons_and_a_byte_order_mark_is_read_too(tmp_path: Path) -> None:
    german = "\n".join(line if '"' in line else line.replace(",", ";") for line in CANVAS.splitlines())
    german = re.sub(r'"([^"]*)"(.*)', lambda match: f'"{match[1]}"{match[2].replace(",", ";")}', german)
    _, cells = canvas_reads(canvas_sheet(THREE, roster(tmp_path, german, "utf-8-sig")).text())
    assert cells["11", "06 Weighing (481)"] == "7.5"


def test_canvas_is_never_given_other_points_than_it_has_and_a_difference_is_said(tmp_path: Path) -> None:
    sheet = canvas_sheet(THREE, roster(tmp_path, CANVAS.replace("10.00", "100.00")))
    assert canvas_reads(sheet.text())[0] == {"06 Weighing (481)": 100}
    assert "06-weighing: worth 100.00 points in Canvas and 10 here. Scores are not scaled." in sheet.notes


def test_an_assignment_that_canvas_does_not_have_becomes_a_new_one_and_that_is_said(tmp_path: Path) -> None:
    sheet = canvas_sheet(THREE, roster(tmp_path, CANVAS.replace("06 Weighing (481)", "Week 6 (481)")))
    assert canvas_reads(sheet.text())[0] == {"06-weighing": 10}
    assert any("Canvas will create a new assignment" in note for note in sheet.notes)


def test_a_student_who_fits_two_rows_gets_neither(tmp_path: Path) -> None:
    twice = CANVAS + '"Double, Ada",14,ada,else,Mon,,1.00,,\n'
    sheet = canvas_sheet(THREE, roster(tmp_path, twice))
    _, cells = canvas_reads(sheet.text())
    assert (cells["11", "06 Weighing (481)"], cells["14", "06 Weighing (481)"]) == ("", "1.00")
    assert any("left out: ada and cy" in note for note in sheet.notes)


def test_without_a_roster_canvas_gets_ids_as_logins_and_its_reader_is_told() -> None:
    sheet = canvas_sheet(THREE, None)
    possible, cells = canvas_reads(sheet.text())
    assert possible == {"06-weighing": 10}
    assert cells == {("ada", "06-weighing"): "7.5", ("ben", "06-weighing"): "", ("cy", "06-weighing"): ""}
    assert "--roster" in sheet.notes[0]


def test_something_else_than_a_gradebook_of_canvas_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClassError, match="Export Entire Gradebook"):
        canvas_sheet(THREE, roster(tmp_path, "Name,Mail\nAda,ada@example.org\n"))
    with pytest.raises(ClassError, match="no columns"):
        roster(tmp_path, "")
    with pytest.raises(ClassError, match="not UTF-8"):
        roster(tmp_path, "Student,ID\nPöhl,1\n", "latin-1")


# --- Moodle ---------------------------------------------------------------------------------------------------

MOODLE = """\
First name,Last name,ID number,Email address,Assignment:06-weighing (Real),Last downloaded from this course
Ada,Lovelace,0042,Ada@example.org,-,1700000000
Ben,Okri,0043,ben@example.org,2.00,1700000000
Dee,Stranger,,dee@example.org,9.00,1700000000
"""


def test_moodle_finds_students_as_it_writes_them_and_its_own_column(tmp_path: Path) -> None:
    sheet = moodle_sheet(THREE, roster(tmp_path, MOODLE))
    # Capitals count in Moodle's addresses, and zeros in front of its numbers.
    assert moodle_reads(sheet.text(), "Email address") == {("Ada@example.org", "Assignment:06-weighing (Real)"): "7.5"}
    assert moodle_reads(sheet.text(), "ID number") == {("0042", "Assignment:06-weighing (Real)"): "7.5"}
    assert "Not found in the roster, and left out: cy." in sheet.notes
    assert any("maximum should be 10" in note for note in sheet.notes)


def test_nobody_without_a_score_is_in_a_moodle_file(tmp_path: Path) -> None:
    # An empty cell would take away the score that Moodle has.
    assert "ben" not in moodle_sheet(THREE, roster(tmp_path, MOODLE)).text()
    partial = moodle_reads(moodle_sheet(THREE, roster(tmp_path, MOODLE), partial=True).text(), "Email address")
    assert partial["ben@example.org", "Assignment:06-weighing (Real)"] == "4"


def test_in_a_moodle_file_no_score_can_go_to_the_student_of_the_line_before() -> None:
    students = (ADA, Student("ben"), Student("=cmd|'/c calc'!A1"), Student("0"))
    full_class = group({student.id: work(number) for number, student in enumerate(students, start=1)}, students)
    sheet = moodle_sheet(full_class, None)
    head = sheet.text().splitlines()[0]
    assert "Username" in head
    assert "Email address" not in head  # ben's is not known
    assert moodle_reads(sheet.text(), "Username") == {("ada", "06-weighing"): "1", ("ben", "06-weighing"): "2"}
    assert any("Left out, because Moodle could not identify them" in note for note in sheet.notes)


def test_ids_that_are_addresses_are_written_as_addresses() -> None:
    students = (Student("ada@example.org"), Student("ben@example.org"))
    sheet = moodle_sheet(group({student.id: work(3) for student in students}, students), None)
    assert set(moodle_reads(sheet.text(), "Email address")) == {(student.id, "06-weighing") for student in students}


def test_a_moodle_roster_without_a_user_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClassError, match="Plain text file"):
        moodle_sheet(THREE, roster(tmp_path, "First name,Groups\nAda,A\n"))


# --- plain, and what all share --------------------------------------------------------------------------------


def test_plain_csv_says_how_each_score_stands() -> None:
    rows = list(csv.DictReader(io.StringIO(plain_sheet(THREE).text())))
    assert [(row["student"], row["status"], row["score"], row["needs_marking"]) for row in rows] == [
        ("ada", "graded", "7.5", "0"),
        ("ben", "needs marking", "", "1"),
        ("cy", "not handed in", "", "0"),
    ]


def test_a_penalty_for_being_late_is_taken_off_and_never_below_nothing() -> None:
    late = group({"ada": work(7, penalty=2.25), "ben": work(1, penalty=3)}, (ADA, BEN))
    rows = list(csv.DictReader(io.StringIO(plain_sheet(late).text())))
    assert [(row["score"], row["late_penalty"]) for row in rows] == [("4.75", "2.25"), ("0", "3")]


def test_a_row_for_each_question_where_wanted() -> None:
    rows = list(csv.DictReader(io.StringIO(questions_sheet(THREE).text())))
    assert [(row["student"], row["question"], row["points"], row["needs_marking"]) for row in rows] == [
        ("ada", "q1", "7.5", "no"),
        ("ben", "q1", "", "yes"),
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", " =", "'="])
def test_no_cell_of_anybodys_runs_in_a_spreadsheet(start: str, tmp_path: Path) -> None:
    evil = f"{start}HYPERLINK(A1)"
    student = Student("ada", evil, evil, f"{evil}@example.org")
    small_class = group({"ada": work(1)}, (student,), name=f"{start}06")
    listed = roster(tmp_path, CANVAS.replace('"Lovelace, Ada"', f'"{evil}"').replace("Mon", f'"{evil}"'))
    sheets = (canvas_sheet(small_class, None), canvas_sheet(small_class, listed), moodle_sheet(small_class, None))
    for sheet in (*sheets, plain_sheet(small_class), questions_sheet(small_class)):
        for row in csv.reader(io.StringIO(sheet.text())):
            for cell in row:
                assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r")), cell


# --- a real class ---------------------------------------------------------------------------------------------


@pytest.mark.nbgrader
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_a_graded_class_is_exported_as_nbgrader_scored_it(
    weighing: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(weighing.folder)
    path = tmp_path / "grades.csv"
    done = CliRunner().invoke(app, ["export", "--output", str(path)])
    assert done.exit_code == 0
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    statuses = {(row["student"], row["assignment"]): (row["status"], row["score"]) for row in rows}
    assert statuses["ada-l", "06-weighing"] == ("needs marking", "")
    assert statuses["dee-j", "06-weighing"] == ("graded", "7")
    assert statuses["cyr-d", "06-weighing"] == ("graded", "0")
    assert statuses["fay-w", "06-weighing"] == ("graded", "2")
    assert statuses["gus-g", "06-weighing"] == ("not graded", "")
    assert statuses["hal-i", "06-weighing"] == ("not handed in", "")
    assert statuses["ada-l", "sample"] == ("graded", "3")
    assert "06-weighing: left empty: 1 not handed in, 1 not graded and 2 waiting for a person." in done.output
    assert "add --partial" in done.output

    again = CliRunner().invoke(app, ["export", "--output", str(path), "--partial"])
    assert again.exit_code == 2
    assert "already exists" in again.output
    again = CliRunner().invoke(app, ["export", "06-weighing", "--output", str(path), "--partial", "--overwrite"])
    assert again.exit_code == 0
    assert "2 scores can still rise after marking by hand." in again.output
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert {row["student"]: row["score"] for row in rows}["ada-l"] == "33"


@pytest.mark.nbgrader
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
@pytest.mark.parametrize("to", ["canvas", "moodle"])
def test_a_graded_class_goes_to_canvas_and_to_moodle(
    weighing: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    monkeypatch.chdir(weighing.folder)
    path = tmp_path / "grades.csv"
    done = CliRunner().invoke(app, ["export", "06-weighing", "--to", to, "--output", str(path)])
    assert done.exit_code == 0, done.output
    text = path.read_text(encoding="utf-8")
    assert not text.startswith("\ufeff")
    cells = canvas_reads(text)[1] if to == "canvas" else moodle_reads(text, "Username")
    assert {who: cell for (who, _), cell in cells.items() if cell} == {
        "cyr-d": "0",
        "dee-j": "7",
        "eve-p": "7",
        "fay-w": "2",
    }


@pytest.mark.parametrize(
    ("to", "table"),
    [
        ("moodle", "First name,Last name,Email address\nZoe,Zed,zoe@example.org\nYan,Yao,yan@example.org\n"),
        ("canvas", 'Student,ID,SIS Login ID,Section\n"Zed, Zoe",1,zoe,A\n"Yao, Yan",2,yan,A\n'),
    ],
)
def test_an_export_without_a_score_is_an_error_and_writes_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: str, table: str
) -> None:
    monkeypatch.setattr("course.classroom.gradebook.marks.read_class", lambda *_: THREE)
    people, output = tmp_path / "roster.csv", tmp_path / "grades.csv"
    people.write_text(table, encoding="utf-8")

    done = CliRunner().invoke(app, ["export", "--to", to, "--roster", str(people), "--output", str(output)])

    assert done.exit_code == 2
    assert "There is no score to export, so no file was written." in done.output
    assert "Not found in the roster" in done.output
    assert not output.exists()

"""What can go wrong around a class while it is graded: one clear line, the right exit code, and never a traceback."""

from __future__ import annotations

import errno
import json
import os
import signal
import sqlite3
import subprocess
import sys
import unicodedata
from contextlib import closing, suppress
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from course.classroom.gradebook.journal import Journal
from course.classroom.gradebook.outcome import Outcome, Submission
from course.classroom.grading import progress_display
from course.classroom.grading.command import GradeOptions, _Interruption, grade_class
from course.classroom.grading.submission import LONGEST_NOTE, MOST_NOTES, describe_error
from course.classroom.grading.workers import SubmissionFinished
from tests.classroom.grading.command import COURSE, RIGHT, by_student, grade, new_course
from tests.gradebook import Course

pytestmark = [pytest.mark.nbgrader, pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")]

HOSTILE = (
    "a[1]",
    "b?",
    "c%41",
    "d\x1b[2J",
    "e\nf, sample: graded",
    unicodedata.normalize("NFD", "gö"),
    "h;i",
    "-j",
    "k'l",
)
"""What students may be called. Those with control characters cannot be graded."""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = new_course(tmp_path_factory.mktemp("operations"))
    course.hand_in("ada", RIGHT)
    return course


def refused(course: Course, *options: str) -> tuple[int, str]:
    """Run the command, and return its exit code and what it says on standard error."""
    ended = subprocess.run(
        [COURSE, "grade", *options], capture_output=True, text=True, check=False, cwd=course.folder, timeout=120
    )
    return ended.returncode, ended.stderr.strip()


def test_names_of_any_kind_are_graded_or_refused_in_words(tmp_path: Path) -> None:
    course = new_course(tmp_path)
    for name in (*HOSTILE, os.fsdecode(b"m\x81n")):
        course.hand_in(name, RIGHT)
    (course.folder / "submitted" / "h;i" / "sample" / "link\n\x1b[31m").symlink_to("/etc/\x1b[2Jpasswd")
    (course.folder / "submitted" / "loose\x1b[2J\n1 of 1").touch()
    document = grade(course, "--feedback", code=1)
    entries = by_student(document)
    plain = {name for name in HOSTILE if name.isprintable()}
    assert set(entries) == plain
    # The one name that nbgrader takes for a pattern.
    assert "Rename the folder" in entries.pop("a[1]")["reason"]
    plain.remove("a[1]")
    assert {entry["score"] for entry in entries.values()} == {3}
    assert all((course.folder / "feedback" / name / "sample" / "sample.html").is_file() for name in plain)
    notes = " ".join(document["notes"])
    assert "d\\x1b[2J has a name" in notes
    assert "e\\nf, sample: graded has a name" in notes
    assert "m\\udc81n has a name" in notes
    shown = subprocess.run([COURSE, "grade", "--force"], capture_output=True, check=False, cwd=course.folder)
    assert b"\x1b" not in shown.stdout + shown.stderr
    assert b"\n1 of 1" not in shown.stdout
    assert b"\nf, sample" not in shown.stdout
    table = subprocess.run([COURSE, "export", "--output", "-"], capture_output=True, check=False, cwd=course.folder)
    assert b"\x1b" not in table.stdout + table.stderr


@pytest.mark.parametrize("name", ["d\x1b[2J/sample", "ada/sam\nple", os.fsdecode(b"m\x81n/sample")])
def test_a_folder_with_a_name_that_cannot_be_written_down_is_said_and_not_taken_for_graded(
    course: Course, name: str
) -> None:
    grade(course)
    folder = course.folder / "submitted" / name
    folder.mkdir(parents=True)
    try:
        document = grade(course, code=1)
        assert [entry["student"] for entry in document["submissions"]] == ["ada"]
        assert [note for note in document["notes"] if "Rename the folder" in note and note.isprintable()]
        # Who asks for one student is not told of the others.
        assert grade(course, "--student", "ada")["notes"] == []
    finally:
        folder.rmdir()
        with suppress(OSError):
            folder.parent.rmdir()


def test_a_name_or_a_note_forges_no_line_on_a_terminal() -> None:
    event = SubmissionFinished(
        Submission("sample", "ada\n2 of 2: bob: graded"),
        Outcome("failed", "It is a link to x\n\x1b[2K.", ("\x1b]0;title\x07",), score=1.0, max_score=2.0),
    )
    for plain in (True, False):
        console = Console(record=True, width=500, force_terminal=False, file=StringIO())
        list(progress_display.follow([event], 1, console, plain=plain))
        progress_display.print_summary({event.submission: event.outcome}, {}, 0, console)
        text = console.export_text()
        assert "\x1b" not in text
        assert "\x07" not in text
        assert "\n2 of 2" not in text
        assert "ada\\n2 of 2" in text


def test_thousands_of_links_are_a_few_notes(tmp_path: Path) -> None:
    course = new_course(tmp_path)
    course.hand_in("eve", RIGHT)
    for number in range(300):
        (course.folder / "submitted" / "eve" / "sample" / f"link-{number}").symlink_to("x" * 3000)
    [entry] = grade(course)["submissions"]
    assert len(entry["notes"]) == MOST_NOTES + 1
    assert max(map(len, entry["notes"])) <= LONGEST_NOTE + 1
    assert entry["score"] == 3


def test_a_gradebook_in_use_is_said_to_be(course: Course) -> None:
    with closing(sqlite3.connect(course.folder / "gradebook.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        code, message = refused(course)
    assert code == 2
    assert "in use by another program" in message
    assert "\n" not in message


def test_a_gradebook_that_is_none_is_said_to_be(tmp_path: Path) -> None:
    course = new_course(tmp_path)
    course.hand_in("ada", RIGHT)
    (course.folder / "gradebook.db").write_bytes(b"not a gradebook" * 100)
    code, message = refused(course)
    assert code == 2
    assert "gradebook cannot be used" in message
    assert "\n" not in message


def test_a_folder_that_cannot_be_written_to_is_named(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(self: Journal) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(self.path))

    monkeypatch.setattr(Journal, "locked", refuse)
    assert grade_class(course.folder, GradeOptions()) == 2
    message = capsys.readouterr().err.strip()
    assert message.endswith("grading.jsonl: Read-only file system.")
    assert "\n" not in message


def test_a_full_disk_stops_a_run_with_one_line(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Journal, "add", refuse)
    assert grade_class(course.folder, GradeOptions()) == 1
    message = capsys.readouterr().err.strip()
    assert message == "Grading was stopped. A file could not be read or written: No space left on device."


def test_damaged_lines_of_the_journal_are_passed_over(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    ada, bob = Submission("sample", "ada"), Submission("sample", "bob")
    journal.add("began", ada)
    journal.add("ended", ada, digest="1", **Outcome("graded", score=1.0).to_dict())
    damaged = [
        '{"event": "ended"}',
        '{"event": "ended", "assignment": ["sample"], "student": "bob", "digest": 1, "result": "graded"}',
        '{"event": "ended", "assignment": "sample", "student": "bob", "digest": "2", "result": 3}',
        '{"event": "ended", "assignment": "sample", "student": "bob", "digest": "2"}',
        "[" * 100_000,
        "\0" * 500,
        "null",
        "\udcff\udcfe",
    ]
    with journal.path.open("a", encoding="utf-8", errors="surrogateescape") as file:
        file.write("\n".join(damaged) + "\n")
    journal.add("ended", bob, digest="2", result="graded", notes="not a list")
    latest = journal.latest()
    assert set(latest) == {ada, bob}
    entry = latest[bob]
    assert entry is not None
    assert entry.outcome.notes == ()


def test_nbgrader_at_the_same_moment_takes_nothing_away(tmp_path: Path) -> None:
    course = new_course(tmp_path)
    for number in range(4):
        course.hand_in(f"s{number}", RIGHT)
    nbgrader = subprocess.Popen(
        [Path(sys.executable).with_name("nbgrader"), "autograde", "sample", "--student", "s3", "--force"],
        cwd=course.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    document = grade(course)
    nbgrader.wait(120)
    assert [entry["score"] for entry in document["submissions"]] == [3] * 4


def test_an_interruption_that_python_dropped_is_heeded_all_the_same() -> None:
    before = signal.getsignal(signal.SIGINT)
    with _Interruption() as interruption:
        assert list(interruption.heeded([None])) == [None]
        # As in a destructor.
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            list(interruption.heeded([None]))
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("error", [RecursionError(), MemoryError(), LookupError("deep inside"), ValueError()])
def test_no_outcome_is_the_name_of_an_exception(error: Exception) -> None:
    assert "Error" not in describe_error(error)


def test_a_terminal_without_a_letter_ends_nothing(course: Course) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    course.hand_in("Łukasz", RIGHT)
    ended = subprocess.run(
        [COURSE, "grade", "--force"], capture_output=True, check=False, cwd=course.folder, env=environment
    )
    assert ended.returncode == 0, ended.stderr
    assert rb"\u0141ukasz" in ended.stdout
    document = json.loads(
        subprocess.run(
            [COURSE, "grade", "--json"], capture_output=True, check=True, cwd=course.folder, env=environment
        ).stdout
    )
    assert "Łukasz" in by_student(document)

"""A gradebook in PostgreSQL, as nbgrader's `db_url` has it, written by several workers at once."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from course.classroom.grading.run import Run
from tests.classroom.grading.command import EXTRA, RIGHT, by_student, grade, new_course

PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/bin"))

pytestmark = [
    pytest.mark.nbgrader,
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
    pytest.mark.skipif(not (PROGRAMS / "initdb").exists(), reason="PostgreSQL is not installed (Debian: postgresql)"),
]


@pytest.fixture
def database() -> Iterator[str]:
    """A server of its own, reached through a socket only, and the address of its database."""
    # PostgreSQL does not run as root, and its socket's path must be short.
    place = Path("/tmp") / f"course-{os.getpid()}"
    place.mkdir(mode=0o700)
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(place, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    data = place / "data"
    initialise = [*as_user, str(PROGRAMS / "initdb"), "-D", str(data), "-U", "postgres"]
    control = [*as_user, str(PROGRAMS / "pg_ctl"), "-D", str(data), "-w", "-s"]
    options = f"-c listen_addresses='' -c unix_socket_directories={place} -c fsync=off"
    try:
        subprocess.run(initialise, check=True, capture_output=True, cwd=place)
        subprocess.run([*control, "-o", options, "-l", str(place / "log"), "start"], check=True, cwd=place)
        yield f"postgresql+psycopg://postgres@/postgres?host={place}"
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, cwd=place)
    finally:
        shutil.rmtree(place)


def test_a_class_is_graded_into_postgresql(tmp_path: Path, database: str) -> None:
    course = new_course(tmp_path, EXTRA + f"c.CourseDirectory.db_url = {database!r}\n")
    for number in range(6):
        course.hand_in(f"s{number}", RIGHT if number % 2 else {"repeats": RIGHT["repeats"]})
    outcomes = by_student(grade(course, "--workers", "4"))
    assert [outcomes[f"s{number}"]["score"] for number in range(6)] == [1, 3] * 3
    with Gradebook(database, "completely-free") as book:
        assert [submission.score for submission in book.assignment_submissions("sample")].count(3) == 3
    # What is there is read as well as written.
    assert [item.student for item in Run(course.folder).plan().settled] == [f"s{number}" for number in range(6)]

"""`course grade` as it is typed, on a small class, and what it says."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from tests.gradebook import COMMAND, Course, grade_class, sample

COURSE = COMMAND
RIGHT = {"share-lost": "share_lost = 27.76", "repeats": "repeats = ['S02', 'S03']"}
EXTRA = """
# Nothing of these exercises needs pandas.
c.Execute.libraries = []
c.LateSubmissionPlugin.penalty_method = "zero"
"""


def new_course(folder: Path, extra: str = EXTRA) -> Course:
    """Return a course with the small sample assignment, due at the end of 2025."""
    course = Course(folder / "course", sample(folder / "made"))
    with (course.folder / "nbgrader_config.py").open("a") as file:
        file.write(extra)
    with gradebook(course) as book:
        book.update_or_create_assignment("sample", duedate="2025-12-31 23:59:59 UTC")
    return course


def gradebook(course: Course) -> Gradebook:
    return Gradebook(f"sqlite:///{course.folder / 'gradebook.db'}", "completely-free")


def grade(course: Course, *options: str, code: int = 0) -> dict[str, Any]:
    """Run the command and return its JSON document."""
    return grade_class(course.folder, *options, code=code)


def by_student(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {entry["student"]: entry for entry in document["submissions"]}


def slow_class(folder: Path, seconds: float = 0.4) -> Course:
    """Return a class of eight whose notebooks take at least so many seconds each."""
    course = new_course(folder)
    for number in range(8):
        course.hand_in(f"s{number}", RIGHT | {"repeats": f"import time\ntime.sleep({seconds})\n" + RIGHT["repeats"]})
    return course


def begin(course: Course, *options: str) -> subprocess.Popen[str]:
    """Start the command and wait until two of eight submissions are graded."""
    process = subprocess.Popen([COURSE, "grade", *options], stdout=subprocess.PIPE, text=True, cwd=course.folder)
    assert process.stdout
    assert any(line.startswith("2 of 8") for line in process.stdout)
    return process


def journal(course: Course, event: str) -> list[str]:
    """Return whom the journal names in lines of this kind."""
    lines = map(json.loads, (course.folder / ".course" / "grading.jsonl").read_text().splitlines())
    return [line["student"] for line in lines if line["event"] == event]

"""Run ``course demo``: grade a made-up class of twelve from release to report, so that an instructor can try it first.

It runs the commands that an instructor would type, one after the other, in a separate folder. ``demo_class/`` holds the
twelve submissions and their expected results.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from course.ledger import Ledger
from course.ledger.judgement import Judgement

NAME: Final = "two-losses"
CLASS: Final = Path(__file__).with_name("demo_class")
CONFIGURATION: Final = '''"""The course of `course demo`."""

c = get_config()  # noqa: F821 - traitlets puts it here

c.CourseDirectory.course_id = "demo"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.ClearSolutions.code_stub = {"python": "pass  # your code here, instead of this line"}
c.ClearSolutions.text_stub = "*Your answer here, instead of this line.*"
'''


class DemoError(Exception):
    """The demonstration cannot be given. The message says why, and what to do."""


@dataclass(frozen=True)
class DemoStudent:
    """Somebody in the pretend class; what each part means stands at the top of ``class.toml``."""

    name: str
    about: str
    result: str
    score: float
    answers: Mapping[str, str] = field(default_factory=dict)
    ratings: Mapping[str, list[Any]] = field(default_factory=dict)
    frozen: bool = False
    without: tuple[str, ...] = ()
    file: str = f"{NAME}.ipynb"
    ledger: str = "ledger.json"
    encoding: str = "utf-8"
    cut: float = 1.0

    def hand_in(self, released: Path, folder: Path) -> None:
        """Write what this student hands in."""
        shutil.copytree(released, folder)
        original = folder / f"{NAME}.ipynb"
        notebook = json.loads(original.read_text(encoding="utf-8"))
        original.unlink()
        ledger = self._rate()
        answers = dict(self.answers)
        if self.frozen:
            answers["q3"] = f'frozen = r"""\n{ledger.dumps()}"""'
        elif self.ratings:
            (folder / self.ledger).write_text(ledger.dumps(), encoding="utf-8")
        for cell in notebook["cells"]:
            if cell["id"] in answers:
                cell["source"] = answers[cell["id"]].strip("\n").replace("SUBMITTED", repr(str(folder)))
        notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] not in self.without]
        raw = json.dumps(notebook, indent=1).encode(self.encoding)
        (folder / self.file).write_bytes(raw[: int(len(raw) * self.cut)])

    def _rate(self) -> Ledger:
        ledger = Ledger()
        for statement, (reliability, credibility, directness, bearing, origin, reason) in self.ratings.items():
            ledger.judge(Judgement(statement, "F", reliability, credibility, directness, bearing, origin, reason))
        return ledger


def students() -> list[DemoStudent]:
    """Return the pretend class."""
    entries = tomllib.loads((CLASS / "class.toml").read_text(encoding="utf-8"))["student"]
    ratings = {entry["name"]: entry.get("ratings", {}) for entry in entries}
    return [DemoStudent(**{"ratings": ratings[entry.pop("like", entry["name"])], **entry}) for entry in entries]


def demonstrate(keep: Path | None, say: Callable[[str], object]) -> bool:
    """Take the pretend class from release to report, saying each step, and return whether all went as it has to.

    Parameters
    ----------
    keep : pathlib.Path or None
        A new or empty folder to leave everything in. None: a temporary one, which is removed.
    say : callable
        Gets what an instructor reads, line by line.

    Raises
    ------
    DemoError
        If the folder holds something already.
    """
    started = time.monotonic()
    with _folder(keep) as root, _home():
        say(f"A made-up class of twelve, in {root}. Nothing leaves this machine or changes outside that folder.")
        _lay_out(root)
        _release(root, say)
        _collect(root, say)
        _inspect(root, say)
        _grade(root, say)
        _report(root, say)
        went_well = _compare(root, say)
        say(f"\nThis took {time.monotonic() - started:.0f} seconds.")
        if keep:
            say(f"Everything is in {root}. Go there and try the commands yourself.")
        else:
            say("The folder has been removed. To keep it and look at the pages: course demo --keep FOLDER")
    return went_well


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="course-demo-", ignore_cleanup_errors=True) as folder:
            yield Path(folder).resolve()
        return
    if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
        raise DemoError(f"{keep} exists and is not an empty folder. Name a new or an empty folder.")
    try:
        keep.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DemoError(f"{keep} cannot be created: {error.strerror}. Name another folder.") from error
    yield keep.resolve()


@contextmanager
def _home() -> Iterator[None]:
    """Give Jupyter and IPython, which write settings and histories, other folders than the instructor's."""
    names = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    with (
        tempfile.TemporaryDirectory(prefix="course-demo-home-", ignore_cleanup_errors=True) as folder,
        patch.dict(os.environ, {name: str(Path(folder, name.lower())) for name in names}),
    ):
        yield


def _lay_out(root: Path) -> None:
    source = root / "solutions" / NAME
    source.mkdir(parents=True)
    for name in (f"{NAME}.ipynb", "exercise.json"):
        shutil.copy(CLASS / name, source)
    (root / "nbgrader_config.py").write_text(CONFIGURATION, encoding="utf-8")


def _release(root: Path, say: Callable[[str], object]) -> None:
    from course.classroom.gradebook.release import release

    say("\n1. Release: python -m course.classroom.gradebook.release")
    say(f"   You write solutions/{NAME}/{NAME}.ipynb, with solutions, hidden tests and a mark scheme.")
    for path in release(root):
        say(f"   Wrote {path.relative_to(root)}")
    say("   Learners get this version, without any of the three.")


def _collect(root: Path, say: Callable[[str], object]) -> None:
    say("\n2. Collect: submissions are in submitted/STUDENT/ASSIGNMENT/")
    for student in students():
        student.hand_in(root / "exercises" / NAME, root / "submitted" / student.name / NAME)
        say(f"   {student.name:7} {student.about}")


def _inspect(root: Path, say: Callable[[str], object]) -> None:
    from course.classroom.doctor.inspection import check_all, describe

    say(f"\n3. Inspect and repair: course doctor --submitted {NAME} --fix")
    well = 0
    for inspection in check_all([root], submitted=NAME, fix=True):
        if inspection.is_well and not inspection.repaired:
            well += 1
            continue
        for line in describe(inspection):
            say(f"   {line.replace(f'{root}/', '')}")
    say(f"   The other {well} have no problems. The original of every repaired notebook is saved beside it.")


def _grade(root: Path, say: Callable[[str], object]) -> None:
    from course.classroom import sandbox
    from course.classroom.grading.command import GradeOptions, grade_class

    reduced = not sandbox.has_barrier(sandbox.probe())
    say(f"\n4. Grade: course grade {NAME} --feedback{' --isolation reduced' if reduced else ''}")
    if reduced:
        say(
            "   This machine cannot keep submissions away from your files, so course grade refuses without that option."
        )
        say("   The demo uses it, because these twelve do no harm. Do not use it for a real class.")
    grade_class(root, GradeOptions(assignments=(NAME,), feedback=True, reduced=reduced, plain=True))
    say("   Each learner’s feedback: feedback/STUDENT/two-losses/two-losses.html")


def _report(root: Path, say: Callable[[str], object]) -> None:
    from course.classroom.export import export
    from course.classroom.report import write_report

    say(f"\n5. Report: course report {NAME}; course export {NAME} --partial")
    write_report(root, [NAME], root / "report.html")
    for note in export(root, [NAME], "csv", root / "grades.csv", partial=True):
        say(f"   {note}")
    say("   report.html: scores, hardest checks, misconceptions, where judgements differ, who needs help; no names.")
    say("   grades.csv: for a spreadsheet. course export --to canvas (or moodle) writes a file that these import.")


def _compare(root: Path, say: Callable[[str], object]) -> bool:
    """Say what became of each hand-in, and whether that is what has to become of it."""
    from course.classroom.gradebook.journal import Journal

    say("\n6. Results (automatic points, out of 7)")
    outcomes = {item.student: entry.outcome for item, entry in Journal(root).latest().items() if entry}
    right = []
    for student in students():
        outcome = outcomes.get(student.name)
        result, score = (outcome.result, outcome.score or 0.0) if outcome else ("not graded", 0.0)
        right.append((result, score) == (student.result, student.score))
        verdict = "" if right[-1] else f"  EXPECTED: {student.result}, {student.score:g}"
        say(f"   {student.name:7} {result:13} {score:3g}   {student.about}{verdict}")
    say("   Every result is as expected." if all(right) else "   Do not use this installation for a class yet.")
    return all(right)

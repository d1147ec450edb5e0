"""`course grade` on a class: everybody gets what nbgrader gives, and no hand-in stops the others."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from course.classroom.gradebook.course_folder import CourseError
from course.classroom.grading.run import Run
from tests.classroom.grading.command import (
    COURSE,
    EXTRA,
    RIGHT,
    begin,
    by_student,
    grade,
    gradebook,
    journal,
    new_course,
    slow_class,
)
from tests.gradebook import Course, answer

# SQLAlchemy warns of how nbgrader's gradebook adds a submission.
pytestmark = [pytest.mark.nbgrader, pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")]

SENTENCE = {"sentence": "Of what was left after 2016."}
KILLER = """
import signal

def kill(assignment, student, notebooks):
    if student == "doom":
        os.kill(os.getpid(), signal.SIGKILL)

c.Autograde.pre_convert_hook = kill
"""
"""Ends the worker that grades doom, as a machine does that has no memory left."""

FAREWELL = """
from multiprocessing.util import Finalize
from pathlib import Path

def leave_a_note(assignment, student, notebooks):
    Finalize(None, Path(f"farewell-{os.getpid()}").touch, exitpriority=0)

c.Autograde.pre_convert_hook = leave_a_note
"""
"""Has a worker leave a file when it ends by itself, and none when it is killed."""


class Submitted:
    """A hand-in to be spoiled."""

    def __init__(self, course: Course, student: str, answers: Mapping[str, str] = RIGHT) -> None:
        course.hand_in(student, answers)
        self.folder = course.folder / "submitted" / student / course.name
        self.file = self.folder / f"{course.name}.ipynb"
        self.notebook = json.loads(self.file.read_text())

    def cell(self, grade_id: str) -> dict[str, Any]:
        return next(
            cell for cell in self.notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
        )

    def save(self) -> None:
        self.file.write_text(json.dumps(self.notebook))


def truncated(work: Submitted) -> None:
    work.file.write_text(work.file.read_text()[:-300])


def empty(work: Submitted) -> None:
    work.file.write_text("")


def web_page(work: Submitted) -> None:
    work.file.write_text("<!DOCTYPE html><title>sample</title>")


def merged(work: Submitted) -> None:
    work.file.write_text("<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> mine\n")


def not_a_notebook(work: Submitted) -> None:
    work.file.write_text('{"answers": [1, 2]}')


def no_notebook(work: Submitted) -> None:
    work.file.unlink()
    (work.folder / "answers.docx").write_bytes(b"PK")


def other_notebook(work: Submitted) -> None:
    work.file.unlink()
    (work.folder / "sample1.ipynb").write_text(json.dumps(work.notebook | {"cells": []}))


def two_copies(work: Submitted) -> None:
    shutil.copy(work.file, work.folder / "sample-old.ipynb")
    work.file.rename(work.folder / "sample-new.ipynb")


def folder_link(work: Submitted) -> None:
    work.folder.rename(work.folder.with_name("elsewhere"))
    work.folder.symlink_to("elsewhere")
    # What it points to is no assignment, and must not be taken for one.
    shutil.move(work.folder.with_name("elsewhere"), work.folder.parents[2] / "elsewhere")


def notebook_link(work: Submitted) -> None:
    work.file.rename(work.folder.parents[2] / "real.ipynb")
    work.file.symlink_to(work.folder.parents[2] / "real.ipynb")


def folder_for_notebook(work: Submitted) -> None:
    work.file.unlink()
    work.file.mkdir()


def pipe_for_notebook(work: Submitted) -> None:
    work.file.unlink()
    os.mkfifo(work.file)


def too_large(work: Submitted) -> None:
    with (work.folder / "film.mp4").open("wb") as file:
        file.truncate(30 << 20)


UNGRADABLE: dict[Callable[[Submitted], None], str] = {
    truncated: r"sample\.ipynb is cut off: it ends in the middle",
    empty: r"sample\.ipynb is empty",
    web_page: r"sample\.ipynb is a web page, not a notebook",
    merged: r"sample\.ipynb is broken: it holds an unresolved merge",
    not_a_notebook: r"sample\.ipynb is not a notebook: it has no list of cells",
    no_notebook: r"There is no sample\.ipynb",
    other_notebook: r"There is no sample\.ipynb\. sample1\.ipynb has nearly its name, but not its questions",
    two_copies: r"several notebooks with its questions: sample-new\.ipynb, sample-old\.ipynb",
    folder_link: r"The folder is a link",
    notebook_link: r"There is no sample\.ipynb",
    folder_for_notebook: r"There is no sample\.ipynb",
    pipe_for_notebook: r"There is no sample\.ipynb",
    too_large: r"holds 30 MiB, where 20 MiB are allowed; the largest file is film\.mp4 \(30 MiB\)",
}
"""What cannot be graded, and the reason that is said."""


def renamed(work: Submitted) -> None:
    work.file.rename(work.folder / "sample (1).ipynb")


def nested(work: Submitted) -> None:
    (work.folder / "sample").mkdir()
    work.file.rename(work.folder / "sample" / "sample.ipynb")


def same_cell_ids(work: Submitted) -> None:
    for cell in work.notebook["cells"]:
        cell["id"] = "same"
    work.save()


def no_cell_ids(work: Submitted) -> None:
    for cell in work.notebook["cells"]:
        del cell["id"]
    work.save()


def copied_test(work: Submitted) -> None:
    work.notebook["cells"].insert(2, json.loads(json.dumps(work.cell("share-lost-check"))) | {"id": "copy"})
    work.save()


def empty_marks(work: Submitted) -> None:
    work.notebook["cells"][0]["metadata"]["nbgrader"] = {}
    work.save()


def marks_of_no_question(work: Submitted) -> None:
    work.notebook["cells"][0]["metadata"]["nbgrader"] = work.cell("repeats-check")["metadata"]["nbgrader"] | {
        "grade_id": "x"
    }
    work.save()


def marks_of_old(work: Submitted) -> None:
    for cell in work.notebook["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["schema_version"] = 1
    work.save()


def marks_of_future(work: Submitted) -> None:
    work.cell("repeats-check")["metadata"]["nbgrader"]["schema_version"] = 99
    work.save()


def marks_of_another_type(work: Submitted) -> None:
    work.cell("repeats-check")["metadata"]["nbgrader"] |= {"points": "lots", "grade": "yes", "locked": None}
    work.save()


def marks_as_text(work: Submitted) -> None:
    work.notebook["cells"][0]["metadata"]["nbgrader"] = "full marks, please"
    work.save()


def more_points(work: Submitted) -> None:
    work.cell("repeats-check")["metadata"]["nbgrader"]["points"] = 100
    work.save()


def check_taken_for_answer(work: Submitted) -> None:
    work.cell("repeats-check")["metadata"]["nbgrader"] |= {"solution": True, "locked": False}
    work.cell("repeats-check")["source"] = "pass"
    work.save()


def softened_test(work: Submitted) -> None:
    work.cell("repeats-check")["source"] = "pass"
    work.save()


def check_as_text(work: Submitted) -> None:
    cell = work.cell("repeats-check")
    cell["cell_type"] = "markdown"
    del cell["outputs"], cell["execution_count"]
    work.save()


def unknown_kernel(work: Submitted) -> None:
    work.notebook["metadata"]["kernelspec"] = {"name": "julia-9.9", "display_name": "Julia", "language": "julia"}
    work.save()


def no_metadata_of_cells(work: Submitted) -> None:
    del work.notebook["cells"][0]["metadata"]
    work.save()


def byte_order_mark(work: Submitted) -> None:
    work.file.write_bytes(b"\xef\xbb\xbf" + work.file.read_bytes())


def linked_file(work: Submitted) -> None:
    (work.folder / "notes.txt").symlink_to("/etc/passwd")


def deep_folders(work: Submitted) -> None:
    (work.folder / "/".join(["deep"] * 60)).mkdir(parents=True)


def bad_timestamp(work: Submitted) -> None:
    (work.folder / "timestamp.txt").write_text("yesterday evening")


MENDED: dict[Callable[[Submitted], None], str] = {
    renamed: r"sample \(1\)\.ipynb was graded as sample\.ipynb",
    nested: r"sample/sample\.ipynb was graded as sample\.ipynb",
    same_cell_ids: r"9 cells got a new id instead of “same”, which is used more than once or not valid\.",
    no_cell_ids: "",
    copied_test: r"“share-lost-check” appears more than once",
    empty_marks: r"a cell marked as an unknown question",
    marks_of_no_question: r"a cell marked as an unknown question \(“x”\)",
    marks_of_old: r"the grading metadata of “repeats-check” was restored",
    marks_of_future: r"the grading metadata of “repeats-check” was restored",
    marks_of_another_type: r"the grading metadata of “repeats-check” was restored",
    marks_as_text: r"a cell marked as an unknown question",
    more_points: "",
    check_taken_for_answer: r"the grading metadata of “repeats-check” was restored",
    softened_test: "",
    check_as_text: "",
    unknown_kernel: "",
    no_metadata_of_cells: r"a cell without metadata was completed",
    byte_order_mark: r"it was not saved as UTF-8",
    linked_file: r"notes\.txt was left out: it is a link to /etc/passwd",
    deep_folders: r"deep was left out: it is too deep inside other folders\.",
    bad_timestamp: r"timestamp\.txt was left out: it has no date",
}
"""What is graded all the same, with both right answers, and the note that is made (none where nbgrader copes)."""

SMALL = """
c.Execute.limits = {"folder_mib": 20}
"""
STUCK = """
import time

c.Autograde.pre_convert_hook = lambda **_: time.sleep(600)
"""


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, dict[str, dict[str, Any]]]:
    """A class in which each hand-in is wrong in another way, graded in one go, and what the command says of each."""
    course = new_course(tmp_path_factory.mktemp("broken"), EXTRA + KILLER + SMALL)
    course.hand_in("a-neighbour", RIGHT | SENTENCE)
    for spoil in (*UNGRADABLE, *MENDED):
        spoil(Submitted(course, spoil.__name__))
    course.hand_in("doom", RIGHT)
    course.hand_in("mistyped", RIGHT)
    shutil.move(course.folder / "submitted/mistyped/sample", course.folder / "submitted/mistyped/sampel")
    course.hand_in("exits", RIGHT | {"repeats": "import os; os._exit(3)"})
    course.hand_in("z-neighbour", RIGHT | SENTENCE)
    return course, by_student(grade(course, code=1))


@pytest.mark.parametrize(("spoil", "reason"), UNGRADABLE.items(), ids=lambda item: getattr(item, "__name__", ""))
def test_what_cannot_be_graded_gets_a_reason_and_waits_for_a_person(
    broken: tuple[Course, dict[str, dict[str, Any]]], spoil: Callable[[Submitted], None], reason: str
) -> None:
    course, outcomes = broken
    outcome = outcomes[spoil.__name__]
    assert outcome["result"] == "failed"
    assert re.search(reason, outcome["reason"])
    with gradebook(course) as book:
        assert book.find_submission("sample", spoil.__name__).needs_manual_grade


@pytest.mark.parametrize(("spoil", "note"), MENDED.items(), ids=lambda item: getattr(item, "__name__", ""))
def test_what_can_be_mended_is_graded_and_said(
    broken: tuple[Course, dict[str, dict[str, Any]]], spoil: Callable[[Submitted], None], note: str
) -> None:
    outcome = broken[1][spoil.__name__]
    assert (outcome["result"], outcome["score"]) == ("graded", 3), outcome
    assert re.search(note, " ".join(outcome.get("notes", [])))


def test_the_neighbours_of_broken_hand_ins_get_what_they_earned(
    broken: tuple[Course, dict[str, dict[str, Any]]],
) -> None:
    for student in ("a-neighbour", "z-neighbour"):
        assert (broken[1][student]["result"], broken[1][student]["score"]) == ("needs marking", 3)


def test_a_notebook_that_ends_python_keeps_the_points_of_the_cells_before(
    broken: tuple[Course, dict[str, dict[str, Any]]],
) -> None:
    outcome = broken[1]["exits"]
    assert outcome["score"] == 2
    assert outcome["notes"] == ["The notebook was stopped in cell 7. The notebook ended Python (exit code 3)."]


def test_a_submission_whose_worker_always_dies_fails(broken: tuple[Course, dict[str, dict[str, Any]]]) -> None:
    assert broken[1]["doom"]["result"] == "failed"
    assert broken[1]["doom"]["reason"].startswith("The process that graded it was ended by the signal SIGKILL, twice.")


def test_a_worker_that_is_stuck_is_stopped(tmp_path: Path) -> None:
    course = new_course(tmp_path, EXTRA + STUCK)
    course.hand_in("ada", RIGHT)
    script = (
        "from pathlib import Path\n"
        "from course.classroom.grading.submission import Submission, SubmissionOptions\n"
        "from course.classroom.grading.workers import grade_all\n"
        "if __name__ == '__main__':\n"
        "    options = SubmissionOptions(Path.cwd())\n"
        "    *_, last = grade_all([Submission('sample', 'ada')], options, workers=1, deadline=0.1)\n"
        "    print(last.outcome.result, last.outcome.reason)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=course.folder)
    assert done.stdout.startswith("failed Grading it did not finish within")


def test_a_class_is_graded_from_a_process_that_has_an_event_loop_and_threads(tmp_path: Path) -> None:
    course = new_course(tmp_path, extra="")
    for number, student in enumerate(["ada", "bo", "cy"]):
        chart = {"data": {"values": [{"a": number}]}, "mark": "bar", "encoding": {"x": {"field": "a"}}}
        drawn = f"import vl_convert\nassert '<svg' in vl_convert.vegalite_to_svg({chart}, '5.21')\n"
        course.hand_in(student, RIGHT | {"repeats": drawn + RIGHT["repeats"]})
    script = """
import asyncio
from pathlib import Path
from jupyter_core.utils import run_sync
from course.classroom.grading.run import Run
from course.classroom.grading.submission import SubmissionOptions
if __name__ == "__main__":
    run_sync(asyncio.to_thread)(print)
    run = Run(Path.cwd())
    for event in run.grade(run.plan(), SubmissionOptions(run.root), workers=2):
        if hasattr(event, "outcome"):
            print(event.outcome.result)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=course.folder, timeout=100
    )
    assert done.stdout.split() == ["graded"] * 3
    with gradebook(course) as book:
        assert [submission.score for submission in book.assignment_submissions("sample")] == [3.0] * 3


def test_workers_with_nothing_left_to_do_end_by_themselves(tmp_path: Path) -> None:
    course = new_course(tmp_path, EXTRA + FAREWELL)
    for student in ("ada", "bo", "cy"):
        course.hand_in(student, RIGHT)
    grade(course, "--workers", "2")
    assert len(list(course.folder.glob("farewell-*"))) == 2


def test_a_mistyped_folder_is_said(broken: tuple[Course, dict[str, dict[str, Any]]]) -> None:
    assert broken[1]["mistyped"]["reason"] == "There is no assignment sampel in this course. Did you mean sample?"


def test_what_students_handed_in_is_never_changed(broken: tuple[Course, dict[str, dict[str, Any]]]) -> None:
    submitted = broken[0].folder / "submitted"
    assert [path.name for path in (submitted / "renamed" / "sample").iterdir()] == ["sample (1).ipynb"]
    tampered = json.loads((submitted / "empty_marks" / "sample" / "sample.ipynb").read_text())
    assert tampered["cells"][0]["metadata"] == {"nbgrader": {}}
    assert sorted(path.name for path in (broken[0].folder / ".course").iterdir()) == ["grading.jsonl", "grading.lock"]


THEIR_OWN = """
from nbgrader.converters import Autograde
c.Autograde.autograde_preprocessors = Autograde.autograde_preprocessors.default()
"""


SHOWN = "c.Execute.show_hidden_tests = True"


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Course]:
    """The same honest class twice: graded by nbgrader itself, with its own Execute, and by the command.

    Hidden tests are shown by both, as nbgrader cannot hide them.
    """
    folder = tmp_path_factory.mktemp("honest")
    courses = new_course(folder / "theirs", EXTRA + THEIR_OWN), new_course(folder / "ours", EXTRA + SHOWN)
    for course in courses:
        course.hand_in("right", RIGHT | SENTENCE, {"timestamp.txt": "2025-12-01 10:00:00 UTC"})
        course.hand_in("half", RIGHT | {"share-lost": "share_lost = 30"}, {"notes.txt": "mine"})
        course.hand_in("untouched", {})
        course.hand_in("late", RIGHT, {"timestamp.txt": "2026-01-02 10:00:00 UTC"})
        course.hand_in(
            "talks", {"repeats": "print('one')\nimport sys\nprint('two', file=sys.stderr)\nrepeats = []\n1/0"}
        )
    courses[0].grade("right", "half", "untouched", "late", "talks")
    grade(courses[1], "--feedback")
    return courses


def records(course: Course) -> dict[str, Any]:
    """Return everything that the gradebook says of the class."""
    with gradebook(course) as book:
        return {
            submission.student.id: (
                submission.score,
                submission.late_submission_penalty,
                submission.timestamp,
                {
                    g.name: (g.auto_score, g.manual_score, g.needs_manual_grade)
                    for n in submission.notebooks
                    for g in n.grades
                },
                {c.name: c.comment for n in submission.notebooks for c in n.comments},
            )
            for submission in book.assignment_submissions("sample")
        }


def test_scores_comments_and_penalties_are_what_nbgrader_gives(honest: tuple[Course, Course]) -> None:
    theirs, ours = map(records, honest)
    assert theirs == ours
    assert ours["late"][1] == 3
    assert ours["half"][0] == 1


def test_autograded_notebooks_and_feedback_are_what_nbgrader_writes(honest: tuple[Course, Course]) -> None:
    pages = [
        {
            str(path.relative_to(course.folder)): timeless(path.read_text())
            for step in ("autograded", "feedback")
            for path in sorted((course.folder / step).rglob("*"))
            if path.is_file()
        }
        for course in honest
    ]
    assert pages[0].keys() == pages[1].keys()
    for name in pages[0]:
        assert pages[0][name] == pages[1][name], name


def timeless(text: str) -> str:
    """Take out of a file what differs from one run to the next: addresses, process numbers and times."""
    text = re.sub(r"ipykernel_\d+/\d+", "ipykernel", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "then", text)
    return re.sub(r"0x[0-9a-f]+", "0x", text)


@dataclass(frozen=True)
class Life:
    """What three runs said, one after the other, while the class went on."""

    course: Course
    first: dict[str, Any]
    """Without a gradebook."""
    second: dict[str, Any]
    """After dee and gil handed in, cyr changed her answer, nbgrader graded eve, and left fay half graded."""
    third: dict[str, Any]
    """Ben's again, by force, after a person had given marks, and gil's, who now hands in honest work."""


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    course = new_course(tmp_path_factory.mktemp("life"))
    course.hand_in("ada", RIGHT)
    course.hand_in("ben", RIGHT)
    course.hand_in("cyr", {"repeats": RIGHT["repeats"]})
    (course.folder / "gradebook.db").unlink()
    first = grade(course)

    for student in ("dee", "eve", "fay"):
        course.hand_in(student, RIGHT)
    answer(course.folder / "submitted" / "cyr" / "sample" / "sample.ipynb", RIGHT)
    course.grade("eve", "fay", feedback=False)
    with gradebook(course) as book:
        for row in book.find_submission_notebook("sample", "sample", "fay").grades:
            # As if nbgrader had been killed before it saved the scores.
            row.auto_score = None
        row = book.find_grade("sentence", "sample", "sample", "ben")
        row.manual_score, row.extra_credit, row.needs_manual_grade = 2, 0.5, False
        book.find_comment("sentence", "sample", "sample", "ben").manual_comment = "Well put."
        book.db.commit()
    course.hand_in(
        "gil", RIGHT | {"share-lost": "import course.checks.expect\ncourse.checks.expect.expect_number = print"}
    )
    second = grade(course)
    answer(course.folder / "submitted" / "gil" / "sample" / "sample.ipynb", RIGHT)
    return Life(course, first, second, grade(course, "--force", "--student", "ben", "--student", "gil", "sample"))


def test_only_what_is_new_or_changed_is_graded(life: Life) -> None:
    assert {name: entry["score"] for name, entry in by_student(life.first).items()} == {"ada": 3, "ben": 3, "cyr": 1}
    second = by_student(life.second)
    assert {name for name, entry in second.items() if not entry["earlier"]} == {"cyr", "dee", "fay", "gil"}
    assert second["cyr"]["score"] == 3
    assert {name: entry["earlier"] for name, entry in by_student(life.third).items()} == {"ben": False, "gil": False}


def test_who_tampers_gets_what_the_answers_earn(life: Life) -> None:
    assert by_student(life.second)["gil"]["score"] == 1
    assert by_student(life.third)["gil"]["score"] == 3


def test_what_nbgrader_graded_counts_and_what_it_did_not_finish_is_graded(life: Life) -> None:
    second = by_student(life.second)
    assert (second["eve"]["earlier"], second["eve"]["score"]) == (True, 3)
    assert (second["fay"]["earlier"], second["fay"]["score"]) == (False, 3)


def test_a_person_s_marks_are_kept(life: Life) -> None:
    for document in (life.second, life.third):
        assert by_student(document)["ben"]["score"] == 5.5
    with gradebook(life.course) as book:
        assert book.find_comment("sentence", "sample", "sample", "ben").comment == "Well put."


def test_an_assignment_that_the_gradebook_lacks_is_made_from_its_source(life: Life) -> None:
    assert "sample was not in the gradebook" in life.first["notes"][0]
    assert life.second["notes"] == []


def test_a_name_that_nobody_has_is_refused(life: Life) -> None:
    refused = subprocess.run(
        [COURSE, "grade", "sampel"], capture_output=True, text=True, check=False, cwd=life.course.folder / "submitted"
    )
    assert refused.returncode == 2
    assert refused.stderr.strip() == "There is no assignment sampel in this course. Did you mean sample?"
    with pytest.raises(CourseError, match="Did you mean ada"):
        Run(life.course.folder).plan(students=["adda"])


def test_killed_in_the_middle_and_run_again_it_goes_on(tmp_path: Path) -> None:
    course = slow_class(tmp_path)
    process = begin(course)
    family = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    # Nobody works on behind the next run's back.
    assert not psutil.wait_procs(family, timeout=30)[1]
    done = set(journal(course, "ended"))
    # A line that was cut off is no trouble.
    with (course.folder / ".course" / "grading.jsonl").open("a") as file:
        file.write('{"event": "ended", "stud')
    document = by_student(grade(course))
    assert {name for name, entry in document.items() if entry["earlier"]} == done
    assert [entry["score"] for entry in document.values()] == [3] * 8


def test_ctrl_c_ends_it_cleanly(tmp_path: Path) -> None:
    # Long enough that it is still at work when a busy machine gets round to pressing the keys.
    course = slow_class(tmp_path, seconds=2)
    process = begin(course)
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    printed = process.communicate()[0]
    assert process.returncode == 1
    assert "Run the same command again" in printed
    assert not psutil.wait_procs(family, timeout=30)[1]


def test_another_run_is_refused_meanwhile_and_processes_that_die_are_replaced(tmp_path: Path) -> None:
    course = slow_class(tmp_path)
    process = begin(course)
    # Stopped and continued, so that it is at work for as long as this takes.
    process.send_signal(signal.SIGSTOP)
    second = subprocess.run([COURSE, "grade"], capture_output=True, text=True, check=False, cwd=course.folder)
    assert second.returncode == 2
    assert f"by process {process.pid}" in second.stderr

    # Workers are copies of the process itself; the other child is the warm process that they share.
    itself = psutil.Process(process.pid)
    workers = [child for child in itself.children() if child.cmdline() == itself.cmdline()]
    warm = [child for child in itself.children() if child not in workers]
    for child in (workers[0], *warm):
        child.kill()
    process.send_signal(signal.SIGCONT)
    assert process.communicate()[0].count("graded, 3 of 6 points") == 6
    assert process.returncode == 0
    assert sorted(journal(course, "ended")) == [f"s{number}" for number in range(8)]
    assert len(journal(course, "began")) == 9

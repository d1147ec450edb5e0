"""How fast a class is graded: ``course grade`` against ``nbgrader autograde``, on the same submissions in one run.

The class and its notebook are in `benchmarks.classroom`: 30 cells and 8 autograded tests with pandas, Altair and
ipywidgets. Every score, comment and cell that one of them gives is compared with the other's. What is printed:

- ``ratio``: throughput of both, with nbgrader in this environment, where jsonschema is kept below 4.25;
- ``exercise``: the same on an exercise of the course's own, which a referee checks: scores and comments are compared;
- ``unpinned``: the same with nbgrader as pip resolves it, with the newest jsonschema laid over;
- ``growth``: how both grow with the number of submissions, and ours with the number of workers;
- ``computing``: how the ratio falls when a notebook really computes for 2 and 10 seconds;
- ``thousand``: whether memory grows, and the last hundred of a thousand submissions take longer than the first;
- ``killed``: whether anything is lost or done twice if ``kill -9`` ends ``course grade`` at 20 random moments.

nbgrader grades one submission after the other, so it is measured on fewer of them where that is said. Seconds are by
the clock, so nothing else should run on the machine; CPU seconds and memory are those of all processes together.

Run it with ``python benchmarks/grading.py``; with ``ratio growth`` behind it, only those parts; ``--help`` says more.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import psutil
from nbgrader.api import Gradebook
from rich.console import Console
from rich.table import Table

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from benchmarks import classroom  # noqa: E402 - found from wherever this is started
from course.classroom.sandbox import linux  # noqa: E402
from tests import answers, gradebook  # noqa: E402

EXERCISE: Final = "03-the-numbers"
KILLED_CLASS: Final = 10
"""Submissions of the class whose grading is killed again and again."""
NBGRADER: Final = (sys.executable, "-P", "-m", "nbgrader")
OURS: Final = (sys.executable, "-P", "-c", "from course.cli import main; main()")
CHANGES: Final = (
    (r"ipykernel_\d+", "ipykernel_PID"),
    (r"altair-viz-\w+", "altair-viz-ID"),
    (r'("model_id": "|"layout": "IPY_MODEL_|IPY_MODEL_)\w+', r"\1ID"),
    (r"\b0x[0-9a-f]{6,}", "0xADDRESS"),
)
"""What another run of the same kernel gives differently, too."""


@dataclass(frozen=True)
class Took:
    """What grading a number of submissions took.

    Parameters
    ----------
    count : int
        Submissions.
    seconds, cpu_seconds : float
        By the clock, and of all processes together.
    memory_mib : float
        The most memory of all processes together, what they share counted once.
    """

    count: int
    seconds: float
    cpu_seconds: float
    memory_mib: float

    @property
    def each(self) -> float:
        """Seconds by the clock for one submission."""
        return self.seconds / self.count


class Course:
    """A course folder with a class that has handed in, for one way of grading it."""

    name = classroom.NAME

    def __init__(self, root: Path, count: int, *, seconds: float = 0.0, more: str = "") -> None:
        root.mkdir(parents=True)
        self.root, self.count = root, count
        classroom.make(root, seconds=seconds, more=more)
        call([*NBGRADER, "generate_assignment", classroom.NAME], root)
        self.students = classroom.hand_in(root, count)

    def nbgrader(self, environment: Mapping[str, str] | None = None) -> Took:
        """Grade everything with ``nbgrader autograde``."""
        return measure([*NBGRADER, "autograde", self.name, "--force"], self.root, self.count, environment)

    def ours(self, workers: int | None = None, watch: Callable[[], None] | None = None) -> Took:
        """Grade everything with ``course grade``."""
        options = [] if workers is None else [f"--workers={workers}"]
        command = [*OURS, "grade", self.name, "--force", "--plain", *options]
        return measure(command, self.root, self.count, watch=watch)

    def graded(self, student: str) -> dict[str, Any]:
        """Return everything that was given to a student: scores, comments, and each cell with what it shows."""
        with Gradebook(f"sqlite:///{self.root / 'gradebook.db'}", "measured") as book:
            submission = book.find_submission_notebook(self.name, self.name, student)
            given: dict[str, Any] = {
                f"score of {row.name}": (row.auto_score, row.needs_manual_grade) for row in submission.grades
            } | {f"comment on {row.name}": row.auto_comment for row in submission.comments}
        path = self.root / "autograded" / student / self.name / f"{self.name}.ipynb"
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            cell["metadata"].pop("execution", None)
            cell["outputs"] = joined(cell.get("outputs", ()))
            text = json.dumps(cell, sort_keys=True)
            for pattern, replacement in CHANGES:
                text = re.sub(pattern, replacement, text)
            given[f"cell {cell['id']}"] = text
        return given


class Exercise(Course):
    """The same with an exercise of the course's: one in three has every answer right, one every second, one none."""

    name = EXERCISE

    def __init__(self, root: Path, count: int) -> None:
        self.root, self.count = root, count
        released = gradebook.Course(root, ROOT / "solutions" / self.name)
        right = [
            (name, cell["source"])
            for name, cell in answers.solution(self.name).items()
            if cell["metadata"]["nbgrader"]["solution"] and cell["cell_type"] == "code"
        ]
        self.students = [f"s{number:04}" for number in range(count)]
        for number, student in enumerate(self.students):
            released.hand_in(student, dict((right, right[::2], ())[number % 3]))


def joined(outputs: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return outputs with printed text in one piece: a slow machine sends it in several."""
    pieces: list[dict[str, Any]] = []
    for output in outputs:
        is_more = bool(pieces) and output["output_type"] == "stream" and pieces[-1].get("name") == output["name"]
        if is_more:
            pieces[-1]["text"] = "".join([*pieces[-1]["text"], *output["text"]])
        else:
            pieces.append(dict(output))
            if output["output_type"] == "stream":
                pieces[-1]["text"] = "".join(output["text"])
    return pieces


def call(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> None:
    """Run a command, and show what it said only if it fails."""
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **(environment or {})}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")


def measure(
    command: Sequence[str],
    folder: Path,
    count: int,
    environment: Mapping[str, str] | None = None,
    watch: Callable[[], None] | None = None,
) -> Took:
    """Run a command that grades `count` submissions; `watch` is called several times a second meanwhile."""
    over = threading.Event()
    peak = 0.0

    def sample() -> None:
        nonlocal peak
        while not over.wait(0.5):
            peak = max(peak, memory_mib())
            if watch:
                watch()

    looking = threading.Thread(target=sample)
    if sys.platform == "linux":
        linux.adopt_orphans()
    before, begun = os.times(), time.perf_counter()
    looking.start()
    try:
        call(command, folder, environment)
    finally:
        seconds = time.perf_counter() - begun
        # What a process counts of its children are those that it has waited for.
        with contextlib.suppress(ChildProcessError):
            while True:
                os.wait()
        after = os.times()
        over.set()
        looking.join()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Took(count, seconds, cpu, peak)


def memory_mib() -> float:
    """Return the memory of everything that this process has started, in MiB."""
    used = 0
    for process in psutil.Process().children(recursive=True):
        try:
            used += process.memory_full_info().pss
        except psutil.Error:
            continue
    return used / (1 << 20)


def differences(course: Course, other: Course) -> list[str]:
    """Compare what the students of `one` were given, score by score, comment by comment, cell by cell."""
    lines = []
    for student in course.students:
        ours, theirs = course.graded(student), other.graded(student)
        lines += [f"{student}, {what}" for what in ours.keys() | theirs.keys() if ours.get(what) != theirs.get(what)]
    return sorted(lines)


class Report:
    """Prints what was measured."""

    def __init__(self) -> None:
        self.console = Console(highlight=False)
        self.failed = False

    def table(self, title: str, rows: Iterable[tuple[str, Took]]) -> None:
        """Print one line for each measurement."""
        table = Table("", "submissions", "seconds", "each", "CPU s each", "peak MiB", title=title, title_justify="left")
        for column in table.columns[1:]:
            column.justify = "right"
        for name, took in rows:
            table.add_row(
                name,
                str(took.count),
                f"{took.seconds:.1f}",
                f"{took.each:.3f}",
                f"{took.cpu_seconds / took.count:.3f}",
                f"{took.memory_mib:.0f}",
            )
        self.console.print(table)

    def ratio(self, plain: Took, ours: Took, goal: float | None = None) -> None:
        """Print how many times more submissions ours grades in the same time."""
        words = f"Throughput: {plain.each / ours.each:.1f} times nbgrader's"
        words += f" (CPU: {plain.cpu_seconds / plain.count / (ours.cpu_seconds / ours.count):.1f} times less)"
        self.console.print(words + (f"; the goal is {goal:g}." if goal else "."))

    def same(self, differences: Sequence[str], count: int, what: str = "score, comment and cell") -> None:
        """Print whether both gave the same."""
        if differences:
            self.failed = True
            self.console.print(
                f"[bold red]{len(differences)} differences[/] in {count} submissions, such as: {differences[:5]}"
            )
        else:
            self.console.print(f"Every {what} of {count} submissions is the same.")


def ratio(folder: Path, options: argparse.Namespace, report: Report) -> None:
    """Measure both in this environment."""
    theirs, ours = Course(folder / "theirs", options.baseline), Course(folder / "ours", options.submissions)
    took, plain = ours.ours(options.workers), theirs.nbgrader()
    rows = [("nbgrader autograde", plain), ("course grade", took)]
    report.table("The same environment (jsonschema below 4.25 for both)", rows)
    report.ratio(plain, took, goal=10)
    report.same(differences(theirs, ours), theirs.count)


def exercise(folder: Path, options: argparse.Namespace, report: Report) -> None:
    """Measure both on an exercise of the course's own."""
    theirs, ours = Exercise(folder / "theirs", options.baseline), Exercise(folder / "ours", options.submissions)
    took, plain = ours.ours(options.workers), theirs.nbgrader()
    rows = [("nbgrader autograde", plain), ("course grade", took)]
    report.table(f"Exercise {EXERCISE}, the same environment", rows)
    report.ratio(plain, took, goal=10)
    # What a hidden test found stands in the cells that nbgrader gives back, and not in ours.
    marks = [line for line in differences(theirs, ours) if ", cell " not in line]
    report.same(marks, theirs.count, what="score and comment")


def unpinned(folder: Path, options: argparse.Namespace, report: Report) -> None:
    """Measure nbgrader as pip resolves it: with the newest jsonschema, which altair and jupyter-events import."""
    newest = folder / "newest"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(newest)]
    done = subprocess.run(
        [*command, "jsonschema[format-nongpl]"], capture_output=True, text=True, check=False, env=os.environ
    )
    if done.returncode:
        report.console.print("Skipped: pip cannot fetch the newest jsonschema here, which needs the network.")
        return
    path = os.pathsep.join(filter(None, (str(newest), os.environ.get("PYTHONPATH"))))
    theirs, ours = Course(folder / "theirs", options.baseline), Course(folder / "ours", options.submissions)
    took, plain = ours.ours(options.workers), theirs.nbgrader({"PYTHONPATH": path})
    rows = [("nbgrader as pip resolves it", plain), ("course grade", took)]
    report.table("nbgrader with the newest jsonschema", rows)
    report.ratio(plain, took, goal=20)


def growth(folder: Path, options: argparse.Namespace, report: Report) -> None:
    """Measure with more submissions, and with more workers."""
    rows = []
    for count in options.counts:
        course = Course(folder / f"of-{count}", count)
        rows.append((f"course grade, {count} submissions", course.ours(options.workers)))
        few = min(count, options.baseline)
        rows.append((f"nbgrader autograde, {few} submissions", Course(folder / f"plain-{count}", few).nbgrader()))
    course = Course(folder / "workers", options.baseline)
    numbers = range(1, (os.cpu_count() or 1) + 1)
    rows += [(f"course grade, {number} worker{'s' * (number > 1)}", course.ours(number)) for number in numbers]
    report.table("With more submissions, and more workers", rows)


def computing(folder: Path, options: argparse.Namespace, report: Report) -> None:
    """Measure notebooks that really compute."""
    few = max(4, options.baseline // 5)
    for seconds in (2, 10):
        theirs = Course(folder / f"theirs-{seconds}", few, seconds=seconds)
        # More of them, so that what `course grade` needs to begin does not count for a quarter.
        ours = Course(folder / f"ours-{seconds}", 4 * few, seconds=seconds)
        took, plain = ours.ours(options.workers), theirs.nbgrader()
        report.table(
            f"A notebook that computes for {seconds} s", [("nbgrader autograde", plain), ("course grade", took)]
        )
        report.ratio(plain, took)


def thousand(folder: Path, options: argparse.Namespace, report: Report) -> None:
    """Measure whether the last of many submissions is as fast as the first, and memory stays."""
    course = Course(folder / "thousand", options.many)
    begun = time.perf_counter()
    seen: list[tuple[float, int, float]] = []

    def watch() -> None:
        done = sum(1 for _ in (course.root / "autograded").glob("*/*/*.ipynb"))
        seen.append((time.perf_counter() - begun, done, memory_mib()))

    took = course.ours(options.workers, watch)
    report.table(f"{options.many} submissions", [("course grade", took)])
    tenth = options.many // 10
    first = next((at for at, done, _ in seen if done >= tenth), 0.0) - next((at for at, done, _ in seen if done), 0.0)
    last = next((at for at, done, _ in reversed(seen) if done < options.many), 0.0)
    last -= next((at for at, done, _ in reversed(seen) if done < options.many - tenth), 0.0)
    early = [used for _, done, used in seen if 0 < done <= tenth]
    late = [used for _, done, used in seen if done > options.many - tenth]
    report.console.print(
        f"Seconds each, first and last {tenth}: {first / tenth:.3f} and {last / tenth:.3f}. "
        f"Most memory meanwhile: {max(early, default=0):.0f} and {max(late, default=0):.0f} MiB."
    )


def killed(folder: Path, options: argparse.Namespace, report: Report) -> None:
    """Kill the grading of a class at random moments, run it again to the end, and compare with an undisturbed run.

    Most moments lie between the first submission's beginning and the last one's end, the others before that.
    """
    course = Exercise(folder / "course", KILLED_CLASS)
    shutil.copytree(course.root, folder / "handed-in")
    command = [*OURS, "grade", course.name, "--json"]
    undisturbed = run_to_the_end(command, course)
    dice = random.Random(options.seed)  # not for anything secret
    # Line by line, because this takes long.
    report.console.print(f"kill -9, {KILLED_CLASS} submissions of exercise {EXERCISE}")
    report.console.print("kill  after  begun  ended  running on  kept  graded then  different")
    mid_class = 0
    for number in range(options.kills):
        shutil.rmtree(course.root)
        shutil.copytree(folder / "handed-in", course.root)
        early = number % 5 == 4
        wait_for = 0 if early else dice.randrange(1, KILLED_CLASS)
        pause = dice.uniform(0, 6 if early else 1)
        begun = time.perf_counter()
        process = subprocess.Popen(command, cwd=course.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and len(journal(course, "began")) < wait_for:
            time.sleep(0.01)
        time.sleep(pause)
        family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.kill()
        after = time.perf_counter() - begun
        process.wait()
        # On a slow machine the fork server may first have to finish its imports.
        left = psutil.wait_procs(family, timeout=120)[1]
        started, ended = journal(course, "began"), journal(course, "ended")
        mid_class += bool(started) and len(ended) < KILLED_CLASS
        again = run_to_the_end(command, course)
        kept = sum(entry["earlier"] for entry in again.document["submissions"])
        wrong = sorted(
            name
            for name in undisturbed.rows.keys() | again.rows.keys()
            if again.rows.get(name) != undisturbed.rows.get(name)
        )
        twice = sorted(name for name, count in Counter(journal(course, "ended")).items() if count != 1)
        report.failed |= bool(left or wrong or twice) or kept != len(ended)
        different = "; ".join([*wrong[:3], *(f"{name} twice" for name in twice[:3])]) or "nothing"
        report.console.print(
            f"{number + 1:4}{after:5.1f} s{len(started):7}{len(ended):7}{len(left):12}{kept:6}{KILLED_CLASS - kept:13}"
            f"  {different}"
        )
    report.console.print(f"{mid_class} of {options.kills} kills came in the middle of the class.")


@dataclass(frozen=True)
class Ended:
    """A class that was graded to the end: what the command says, and what the gradebook and the folder hold."""

    document: Mapping[str, Any]
    rows: Mapping[str, Any]


def run_to_the_end(command: Sequence[str], course: Course) -> Ended:
    """Run ``course grade``, and return what it says, how many rows the gradebook has, and everything that was given."""
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    with contextlib.closing(sqlite3.connect(course.root / "gradebook.db")) as book:
        tables = [name for (name,) in book.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows: dict[str, Any] = {
            f"rows of {name}": book.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0] for name in tables
        }
    for student in course.students:
        rows |= {f"{student}, {what}": given for what, given in course.graded(student).items()}
    files = sorted(str(path.relative_to(course.root)) for path in (course.root / "autograded").rglob("*"))
    return Ended(json.loads(done.stdout), {**rows, "files": files})


def journal(course: Course, event: str) -> list[str]:
    """Return whom the journal of a course names in lines of this kind."""
    with contextlib.suppress(FileNotFoundError):
        lines = (course.root / ".course" / "grading.jsonl").read_text(encoding="utf-8").splitlines()
        return [entry["student"] for entry in _whole(lines) if entry["event"] == event]
    return []


def _whole(lines: Iterable[str]) -> Iterable[Mapping[str, Any]]:
    """Yield the lines that a kill has not cut off."""
    for line in lines:
        with contextlib.suppress(ValueError):
            yield json.loads(line)


PARTS: Final[Mapping[str, Callable[[Path, argparse.Namespace, Report], None]]] = {
    "ratio": ratio,
    "exercise": exercise,
    "unpinned": unpinned,
    "growth": growth,
    "computing": computing,
    "thousand": thousand,
    "killed": killed,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the measurements asked for. The exit code is 1 if both did not give the same."""
    parser = argparse.ArgumentParser(prog="python benchmarks/grading.py", description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", help=f"what to measure: {', '.join(PARTS)} (default: all)")
    parser.add_argument("--submissions", type=int, default=160, help="how many are handed in (default: 160)")
    parser.add_argument("--baseline", type=int, default=40, help="how many of them nbgrader grades (default: 40)")
    parser.add_argument("--counts", type=int, nargs="+", default=[10, 40, 160], help="for growth (default: 10 40 160)")
    parser.add_argument("--many", type=int, default=1000, help="for thousand (default: 1000)")
    parser.add_argument("--kills", type=int, default=20, help="for killed (default: 20)")
    parser.add_argument("--seed", type=int, default=14, help="of the random moments for killed (default: 14)")
    parser.add_argument("--workers", type=int, help="of course grade (default: one for each core)")
    options = parser.parse_args(arguments)
    if unknown := set(options.parts) - PARTS.keys():
        parser.error(f"no such part: {', '.join(sorted(unknown))}. There are: {', '.join(PARTS)}.")
    options.baseline = min(options.baseline, options.submissions)
    report = Report()
    report.console.print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before anything was started.")
    for part in options.parts or PARTS:
        with TemporaryDirectory(prefix="course-benchmark-", ignore_cleanup_errors=True) as name:
            PARTS[part](Path(name).resolve(), options, report)
    return int(report.failed)


if __name__ == "__main__":
    sys.exit(main())

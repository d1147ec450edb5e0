"""Sort a download into ``submitted/STUDENT/ASSIGNMENT``: add what is new, and replace nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from nbgrader.api import Gradebook

from course.checks.hand_in import answers, find_notebooks, read_file, unpack
from course.checks.notebook import UnreadableError, read
from course.classroom.collect.download import Delivery, read_download
from course.classroom.gradebook import course_folder
from course.classroom.gradebook.course_folder import CourseError
from course.classroom.gradebook.outcome import Submission
from course.classroom.gradebook.submission_check import TIMESTAMP

Became = Literal["new", "there already", "older attempt", "not placed", "not replaced"]


@dataclass(frozen=True)
class Placed:
    """What became of one file of a download.

    Parameters
    ----------
    path : str
        Where it is in the download.
    became : str
        ``"new"``, ``"there already"``, ``"older attempt"``, ``"not replaced"`` or ``"not placed"``.
    where : str
        Where it was put, in the course's folder, or why it was not put anywhere.
    """

    path: str
    became: Became
    where: str


def collect(root: Path, place: Path, assignment: str = "") -> tuple[list[Placed], list[str]]:
    """Sort a download into the course's folder ``submitted``; return what became of each file, and notes.

    Nothing is replaced: where another file has the name, the new one is reported and left in the download.

    Parameters
    ----------
    root : pathlib.Path
        The course's folder.
    place : pathlib.Path
        The download, a ZIP archive or a folder.
    assignment : str
        The assignment it is for; empty to find out from the notebooks' cells.

    Raises
    ------
    CourseError
        If there is no such download, or it does not say which assignment it is for.
    """
    if not place.exists():
        raise CourseError(
            f"There is no {place}. Name the ZIP archive that your learning platform gave you, or a folder."
        )
    directory = course_folder.load_application(root).coursedir
    deliveries, notes = read_download(place)
    known = _released_answers(directory)
    groups: dict[str, list[Delivery]] = {}
    for delivery in deliveries:
        groups.setdefault(delivery.student, []).append(delivery)
    report: list[Placed] = []
    numbers: dict[str, str] = {}
    for student, files in sorted(groups.items()):
        if not student:
            report += [_unplaced(item, "its name does not say who handed it in") for item in files]
            continue
        newest = max(item.attempt for item in files)
        latest = _latest(files)
        name = assignment or _assignment_of(latest, known)
        if not name:
            report += [_unplaced(item, "no notebook of an assignment is with it; try --assignment") for item in files]
            continue
        folder = course_folder.submission_folder(directory, Submission(name, student))
        numbers[student] = next((item.number for item in files if item.number), "")
        report += [
            Placed(str(item.path), "older attempt", f"of {student}; the last attempt counts")
            for item in files
            if item not in latest
        ]
        report += [_place(item, folder, root) for item in latest]
        if any(item.is_late for item in latest):
            notes.append(f"{student} handed in {name} late, as the platform says.")
        when = next((item.when for item in latest if item.when and item.attempt == newest), "")
        stamp = folder / TIMESTAMP
        if when and folder.is_dir() and not stamp.exists():
            stamp.write_text(f"{when}\n", encoding="utf-8")
    if any(numbers.values()):
        _enrol(directory, numbers)
    return report, notes


def _enrol(directory: Any, numbers: Mapping[str, str]) -> None:
    """Put students into the gradebook with the platform's numbers, by which their scores find the way back."""
    with Gradebook(directory.db_url, directory.course_id) as book:
        known = {student.id: student.lms_user_id for student in book.students}
        for student, number in numbers.items():
            if number and not known.get(student):
                book.update_or_create_student(student, lms_user_id=number)


def _latest(files: Sequence[Delivery]) -> list[Delivery]:
    """Return each file of a student in its last attempt; a platform numbers the files of one attempt separately."""
    latest: dict[PurePosixPath, Delivery] = {}
    for item in sorted(files, key=lambda item: item.attempt):
        latest[_without_number(item.name)] = item
    return list(latest.values())


def _without_number(name: PurePosixPath) -> PurePosixPath:
    """Return a file's name without the number that Canvas appends to a resubmission: ``ledger-1.json``."""
    stem, dash, number = name.stem.rpartition("-")
    return name.with_name(f"{stem}{name.suffix}") if dash and stem and number.isdigit() and len(number) < 3 else name


def _released_answers(directory: Any) -> dict[str, frozenset[str]]:
    """Return the names of the answer cells of each released assignment."""
    step = directory.release_directory
    folder = Path(directory.format_path(step, ".", "."))
    known: dict[str, frozenset[str]] = {}
    for path in sorted(folder.glob("*/*.ipynb")):
        try:
            known[path.parent.name] = known.get(path.parent.name, frozenset()) | answers(read(path)[0]).keys()
        except UnreadableError:
            continue
    return known


def _assignment_of(files: Iterable[Delivery], known: Mapping[str, frozenset[str]]) -> str:
    """Return the assignment whose name or whose answer cells are in these files; empty if none, or several."""
    contents, _ = unpack({item.path: item.content for item in files})
    fitting = set()
    for path in find_notebooks(contents):
        named = [name for name in known if name in path.name]
        try:
            cells = answers(read(contents[path])[0]).keys()
        except UnreadableError:
            fitting.update(named)
            continue
        shared = {name: len(cells & there) for name, there in known.items()}
        best = [name for name, count in shared.items() if count and 2 * count > len(known[name])]
        fitting.update([name for name in named if name in best] or (best if len(best) == 1 else named))
    return fitting.pop() if len(fitting) == 1 else ""


def _place(item: Delivery, folder: Path, root: Path) -> Placed:
    if any(part in ("", ".", "..") for part in item.name.parts) or item.name.is_absolute() or not item.name.parts:
        return _unplaced(item, "its name is none")
    target = folder / item.name
    where = str(target.relative_to(root)) if target.is_relative_to(root) else str(target)
    content = read_file(item.content)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(content)
    except FileExistsError:
        is_same = target.is_file() and target.read_bytes() == content
        return Placed(str(item.path), "there already" if is_same else "not replaced", where)
    except OSError as error:
        return _unplaced(item, error.strerror or str(error))
    return Placed(str(item.path), "new", where)


def _unplaced(item: Delivery, why: str) -> Placed:
    return Placed(str(item.path), "not placed", why)

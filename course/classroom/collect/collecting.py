"""Sort a download into ``submitted/STUDENT/ASSIGNMENT``: add what is new, and replace nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from course.checks.hand_in import find_notebooks, read_file, unpack
from course.checks.notebook import UnreadableError, read
from course.checks.recognition import Traits, is_of, recognise
from course.classroom.collect.download import Delivery, read_download
from course.classroom.collect.record import Collected, Record, digest
from course.classroom.collect.students import identify
from course.classroom.gradebook import course_folder
from course.classroom.gradebook.course_folder import CourseError
from course.classroom.gradebook.outcome import Submission
from course.classroom.gradebook.roster import read_roster
from course.classroom.gradebook.submission_check import TIMESTAMP
from course.classroom.gradebook.time_stamp import read_time_stamp

_NONE: Final = Traits({})

Became = Literal["new", "newer attempt", "there already", "older attempt", "not placed", "not replaced"]


@dataclass(frozen=True)
class Placed:
    """What became of one file of a download.

    Parameters
    ----------
    path : str
        Where it is in the download.
    became : str
        ``"new"``, ``"newer attempt"``, ``"there already"``, ``"older attempt"``, ``"not replaced"`` or
        ``"not placed"``.
    where : str
        Where it was put, in the course's folder, or why it was not put anywhere.
    """

    path: str
    became: Became
    where: str


def collect(
    root: Path, place: Path, assignment: str = "", roster: Path | None = None
) -> tuple[list[Placed], list[str]]:
    """Sort a download into the course's folder ``submitted``; return what became of each file, and notes.

    Nothing is replaced. A newer attempt takes the place of one that was collected before, which is kept in
    ``.course/earlier``; where a file from elsewhere has the name, the new one is reported and left in the download.

    Parameters
    ----------
    root : pathlib.Path
        The course's folder.
    place : pathlib.Path
        The download, a ZIP archive or a folder.
    assignment : str
        The assignment it is for; empty to find out from the notebooks' cells.
    roster : pathlib.Path or None
        The platform's list of the class, for the ids of the students.

    Raises
    ------
    CourseError
        If there is no such download, or the roster or the record of what was collected cannot be read.
    """
    if not place.exists():
        raise CourseError(
            f"There is no {place}. Name the ZIP archive that your learning platform gave you, or a folder."
        )
    directory = course_folder.load_application(root).coursedir
    zone = course_folder.time_zone(directory)
    people = read_roster(roster) if roster else None
    record = Record.read(root)
    deliveries, notes = read_download(place)
    known = _released(directory)
    report = [_unplaced(item, "its name does not say who handed it in") for item in deliveries if not item.student]
    ids, more = identify([item for item in deliveries if item.student], directory, people)
    notes += more
    groups: dict[str, list[Delivery]] = {}
    for item, student in ids.items():
        groups.setdefault(student, []).append(item)
    try:
        for student, files in sorted(groups.items()):
            name = assignment or _assignment_of(_latest(files), known)
            if not name:
                why = "there is no notebook of an assignment with it; try --assignment"
                report += [_unplaced(item, why) for item in files]
                continue
            submission = Submission(name, student)
            latest = _latest(files, known.get(name, _NONE))
            report += [
                Placed(str(item.path), "older attempt", f"of {student}; the last attempt counts")
                for item in files
                if item not in latest
            ]
            folder = course_folder.submission_folder(directory, submission)
            report += _Placing(root, folder, submission, record, known.get(name, _NONE)).place(latest)
            if any(item.is_late for item in latest):
                notes.append(f"{student} handed in {name} late, according to the platform.")
            notes += _date(folder, latest, record.of(submission), zone)
    finally:
        record.write()
    return report, notes


def _date(folder: Path, latest: Sequence[Delivery], collected: Collected, zone: ZoneInfo) -> list[str]:
    """Write when a submission was handed in, as the platform says; return what to tell the instructor of that."""
    when = max((item.when for item in latest if item.when), default="")
    stamp = folder / TIMESTAMP
    text = read_time_stamp(when, zone)
    ours = collected.placed.get(TIMESTAMP, ("", ""))[0]
    if not when or not folder.is_dir() or (stamp.exists() and digest(stamp.read_bytes()) != ours):
        return []
    content = f"{text}\n".encode()
    stamp.write_bytes(content)
    collected.placed[TIMESTAMP] = (digest(content), "")
    return [f"{folder.parent.name}: the platform {text.note}."] if text.note else []


def _latest(files: Sequence[Delivery], exercise: Traits = _NONE) -> list[Delivery]:
    """Return each file of a student in its last attempt.

    Where all files of an attempt have one time, an older notebook of the assignment is an older attempt under any name.
    """
    latest: dict[PurePosixPath, list[Delivery]] = {}
    for item in sorted(files, key=lambda item: item.attempt):
        name = _without_number(item.name)
        newer = [other for other in latest.get(name, []) if other.attempt >= item.attempt]
        latest[name] = [*newer, item]
    items = [item for same_name in latest.values() for item in same_name]
    notebooks = [item for item in items if item.when and _is_of(item.content, item.name, exercise)]
    newest = max((item.attempt for item in notebooks), default="")
    return [item for item in items if item not in notebooks or item.attempt == newest]


def _without_number(name: PurePosixPath) -> PurePosixPath:
    """Return a file's name without the number that Canvas appends to a resubmission: ``ledger-1.json``."""
    stem = re.sub(r"-\d{1,2}$", "", name.stem)
    return name.with_name(f"{stem}{name.suffix}") if stem else name


def _released(directory: Any) -> dict[str, Traits]:
    """Return what each released assignment is recognised by."""
    folder = Path(directory.format_path(directory.release_directory, ".", "."))
    known: dict[str, Traits] = {}
    for path in sorted(folder.glob("*/*.ipynb")):
        try:
            traits, before = Traits.of(read(path)[0]), known.get(path.parent.name, _NONE)
        except UnreadableError:
            continue
        # An assignment may have several notebooks.
        known[path.parent.name] = Traits({**before.checksums, **traits.checksums}, before.texts | traits.texts)
    return known


def _assignment_of(files: Iterable[Delivery], known: Mapping[str, Traits]) -> str:
    """Return the assignment whose name or whose cells are in these files; empty if none, or several."""
    contents, _ = unpack({item.path: item.content for item in files})
    fitting = set()
    for path in find_notebooks(contents):
        named = next((name for name in known if name in path.name), "")
        try:
            notebook, _ = read(contents[path])
        except UnreadableError:
            fitting.add(named)
            continue
        best = recognise(notebook, known, named)
        fitting.add(best if best and (best == named or is_of(notebook, known[best])) else "")
    fitting.discard("")
    return fitting.pop() if len(fitting) == 1 else ""


def _is_of(content: Path | bytes, name: PurePosixPath, exercise: Traits) -> bool:
    """Whether a file is a notebook of an assignment, or an archive with one in it."""
    inside, _ = unpack({name: content})
    for path in find_notebooks(inside):
        try:
            if is_of(read(inside[path])[0], exercise):
                return True
        except UnreadableError:
            continue
    return False


@dataclass(frozen=True)
class _Placing:
    """Puts the files of one submission into its folder."""

    root: Path
    folder: Path
    submission: Submission
    record: Record
    exercise: Traits

    def place(self, files: Sequence[Delivery]) -> list[Placed]:
        contents = [read_file(item.content) for item in files]
        digests = {digest(content) for content in contents}
        # What is in this download too belongs to the same attempt.
        before = {
            name: entry for name, entry in self.record.of(self.submission).placed.items() if entry[0] not in digests
        }
        return [self._place(item, content, before) for item, content in zip(files, contents, strict=True)]

    def _place(self, item: Delivery, content: bytes, before: dict[str, tuple[str, str]]) -> Placed:
        if any(part in ("", ".", "..") for part in item.name.parts) or item.name.is_absolute() or not item.name.parts:
            return _unplaced(item, "its name is none")
        collected, known_as = self.record.of(self.submission), digest(content)
        there = next((name for name, (own, _) in collected.placed.items() if own == known_as), "")
        if there and (self.folder / there).exists():
            return Placed(str(item.path), "there already", self._show(self.folder / there))
        rival = self._rival(item, content, before)
        if known_as in collected.earlier or (rival and item.attempt and item.attempt < before[rival][1]):
            collected.earlier.append(known_as)
            return Placed(str(item.path), "older attempt", "a newer one was collected")
        try:
            return self._write(item, content, rival, before)
        except OSError as error:
            return _unplaced(item, error.strerror or str(error))

    def _write(self, item: Delivery, content: bytes, rival: str, before: dict[str, tuple[str, str]]) -> Placed:
        """Write a file, and put aside the one whose place it takes."""
        target, where = self.folder / item.name, ""
        became: Became = "new"
        if rival and (self.folder / rival).exists():
            aside = self.record.put_aside(self.submission, self.folder / rival, rival)
            became, where = "newer attempt", f"; the previous one is now {self._show(aside)}"
        before.pop(rival, None)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with target.open("xb") as file:
                file.write(content)
        except FileExistsError:
            is_same = target.is_file() and target.read_bytes() == content
            became = "there already" if is_same else "not replaced"
        if became != "not replaced":
            self.record.of(self.submission).placed[str(item.name)] = (digest(content), item.attempt)
        return Placed(str(item.path), became, f"{self._show(target)}{where}")

    def _rival(self, item: Delivery, content: bytes, before: Mapping[str, tuple[str, str]]) -> str:
        """Return the file of an earlier download whose place this one takes; empty if there is none."""
        own = _without_number(item.name)
        for name in before:
            if _without_number(PurePosixPath(name)) == own:
                return name
        if before and _is_of(content, item.name, self.exercise):
            for name in before:
                path = self.folder / name
                if path.is_file() and _is_of(path, PurePosixPath(name), self.exercise):
                    return name
        return ""

    def _show(self, path: Path) -> str:
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)


def _unplaced(item: Delivery, why: str) -> Placed:
    return Placed(str(item.path), "not placed", why)

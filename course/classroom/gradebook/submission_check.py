"""Check a submission before grading: describe what is wrong, and repair what can be repaired.

The student's files are only read. Repairs go into a copy, and each is reported. Whatever nbgrader handles itself (a
changed check, other points, a cell of another type) is left to it, so that an honest submission gets exactly what
nbgrader gives.
"""

from __future__ import annotations

import difflib
import math
import stat
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path, PurePosixPath
from typing import Any, Final

from course.checks import hand_in
from course.checks.exercise import LEDGER
from course.checks.hand_in import read_file
from course.checks.notebook import UnreadableError, dump, read
from course.checks.recognition import Traits, is_of
from course.classroom.gradebook.course_folder import entries
from course.classroom.gradebook.time_stamp import UTC, read_time_stamp

TIMESTAMP: Final = "timestamp.txt"
SCHEMA_VERSION: Final = 3
_LEDGER: Final = PurePosixPath(LEDGER)


@dataclass(frozen=True)
class CellMarking:
    """What the gradebook knows of a cell.

    Parameters
    ----------
    cell_type : str
        ``"code"`` or ``"markdown"``.
    grade, solution, task, locked : bool
        nbgrader's own words: does it give points, is it an answer, is it a task, is its text the instructor's?
    points : float
        What it is worth; 0 where it gives none.
    checksum : str
        nbgrader's fingerprint of its released text.
    """

    cell_type: str
    grade: bool
    solution: bool
    task: bool
    locked: bool
    points: float
    checksum: str

    def to_metadata(self, grade_id: str) -> dict[str, Any]:
        """Return them as nbgrader writes them into a cell."""
        metadata = {
            "schema_version": SCHEMA_VERSION,
            "grade_id": grade_id,
            "cell_type": self.cell_type,
            "checksum": self.checksum,
            **{name: getattr(self, name) for name in ("grade", "solution", "task", "locked")},
        }
        return metadata | ({"points": self.points} if self.grade or self.task else {})


MarkedCells = Mapping[str, Mapping[str, CellMarking]]
"""Notebook (its name without .ipynb) to grade_id to marks, as the gradebook has them."""


@dataclass(frozen=True)
class SubmissionCheck:
    """The result of checking a submission.

    Parameters
    ----------
    problems : mapping
        For each notebook that cannot be graded, the reason.
    notes : tuple of str
        What was repaired or left out, and what is missing.
    notebooks : int
        How many of the assignment's notebooks can be graded.
    files : mapping or None
        The files to grade instead of the folder: each path with the student's file or new content. None if the folder
        can be graded unchanged.
    """

    problems: Mapping[str, str]
    notes: tuple[str, ...]
    notebooks: int
    files: Mapping[PurePosixPath, Path | bytes] | None = None


class _UngradableError(Exception):
    """A notebook cannot be graded. The message says why."""


class _MissingNotebookError(_UngradableError):
    """A notebook was not handed in under any name. The message says what was."""


def check_submission(folder: Path, questions: MarkedCells, zone: tzinfo = UTC) -> SubmissionCheck:
    """Check the folder that a student handed in, and repair its notebooks for grading.

    Parameters
    ----------
    folder : pathlib.Path
        The student's files for one assignment.
    questions : mapping
        The assignment's notebooks and their marked cells.
    zone : datetime.tzinfo
        The course's time zone, for a time stamp that names none.
    """
    if folder.is_symlink():
        why = f"The folder is a link to {folder.readlink()}, not a submission."
        return SubmissionCheck(dict.fromkeys(questions, why), (), 0)
    notes: list[str] = []
    files: dict[PurePosixPath, Path | bytes] = {}
    for path in entries(folder):
        name = PurePosixPath(path.relative_to(folder).as_posix())
        if why := _why_refused(path) or (_why_undated(path) if str(name) == TIMESTAMP else ""):
            notes.append(f"{name} was left out: {why}.")
        else:
            files[name] = path
    if note := _date_timestamp(files, zone):
        notes.append(note)
    changed = bool(notes) or isinstance(files.get(PurePosixPath(TIMESTAMP)), bytes)
    problems: dict[str, str] = {}
    absent: dict[str, str] = {}
    fit = 0
    everything, unopened = hand_in.unpack(files)
    notes += unopened
    notebooks = {name: everything[name] for name in hand_in.find_notebooks(everything)}
    graded: list[tuple[PurePosixPath, dict[str, Any]]] = []
    for notebook, marks in questions.items():
        expected = PurePosixPath(f"{notebook}.ipynb")
        try:
            name = expected if expected in notebooks else _find_renamed(notebook, marks, notebooks, questions)
            content, corrections = read(notebooks[name])
        except _MissingNotebookError as error:
            absent[notebook] = str(error)
            continue
        except (_UngradableError, UnreadableError) as error:
            problems[notebook] = f"{name.name} {error}." if isinstance(error, UnreadableError) else str(error)
            changed |= files.pop(expected, None) is not None
            continue
        fit += 1
        graded.append((name, content))
        # What Jupyter and nbgrader cope with by themselves is left to them.
        mended = [correction.message for correction in corrections if not correction.is_minor] + repair(content, marks)
        notes += [f"{expected}: {note}" for note in (*mended, *_missing(content, marks))]
        if name != expected:
            notes.append(f"{name} was graded as {expected}, because it has its questions.")
            files.pop(name, None)
        notes += hand_in.describe_other_copies(notebooks, name, "was graded").values()
        if mended or name != expected:
            changed = True
            files[expected] = dump(content)
    if graded:
        changed |= _put_ledger(files, everything, graded, notes)
        # As nbgrader has it: who leaves out one of several notebooks gets no points for it.
        notes += [f"{why} It counts as not answered." for why in absent.values()]
    else:
        problems |= absent
    return SubmissionCheck(problems, tuple(notes), fit, files if changed else None)


def _put_ledger(
    files: dict[PurePosixPath, Path | bytes],
    everything: hand_in.Files,
    graded: Sequence[tuple[PurePosixPath, dict[str, Any]]],
    notes: list[str],
) -> bool:
    """Put what was handed in beside the notebooks where they are graded; return whether that changed anything."""
    folder = graded[0][0].parent
    ledger = hand_in.find_ledger(everything, folder)
    notes += [*ledger.notes, *ledger.faults]
    if any(hand_in.lacks_ratings(content, ledger) for _, content in graded):
        notes.append(
            f"It has no ratings: there are none in a {LEDGER}, and none were copied from the tool into the "
            "notebook. If the student rated anything, ask for that file."
        )
    if folder == hand_in.TOP and ledger.is_in_place:
        return False
    laid_out = hand_in.lay_out(everything, folder, ledger)
    files |= {name: content for name, content in laid_out.items() if name == _LEDGER or name not in files}
    return True


def handed_in_at(folder: Path, zone: tzinfo = UTC) -> datetime | None:
    """Return when a submission was handed in (UTC), as its ``timestamp.txt`` says; None if it does not."""
    file = folder / TIMESTAMP
    try:
        if _why_refused(file):
            return None
        return read_time_stamp(file.read_text(encoding="utf-8"), zone).when
    except (OSError, ValueError):
        return None


def _date_timestamp(files: dict[PurePosixPath, Path | bytes], zone: tzinfo) -> str:
    """Write a time stamp so that nbgrader reads it right; return a note if its date can be read in two ways."""
    name = PurePosixPath(TIMESTAMP)
    if name not in files:
        return ""
    text = read_file(files[name]).decode("utf-8", "replace")
    stamp = read_time_stamp(text, zone)
    if stamp.when and not stamp.is_plain:
        files[name] = f"{stamp}\n".encode()
    return f"{TIMESTAMP} {stamp.note}." if stamp.note else ""


def _why_undated(timestamp: Path) -> str:
    """Return why nbgrader cannot use a time stamp; empty if it can."""
    if not timestamp.read_bytes().strip() or handed_in_at(timestamp.parent):
        return ""
    return "it has no date, so nobody can tell whether this was late"


def repair(notebook: dict[str, Any], marks: Mapping[str, CellMarking]) -> list[str]:
    """Repair in `notebook` what would stop nbgrader from grading it, and return a note for each repair.

    This changes only nbgrader's metadata, which belongs to the instructor; never what a student wrote.
    """
    notes = []
    seen: set[str] = set()
    # From the end, as nbgrader does: of two cells with the same name it grades the last one.
    for cell in reversed(notebook["cells"]):
        metadata = cell["metadata"]
        if "nbgrader" not in metadata:
            continue
        grade_id = str(metadata["nbgrader"].get("grade_id", "") if isinstance(metadata["nbgrader"], dict) else "")
        known = marks.get(grade_id)
        if known is None:
            if not _is_unmarked(metadata["nbgrader"]):
                name = f"“{grade_id[:40] or 'none'}”"
                notes.append(f"a cell marked as an unknown question ({name}) was treated as an ordinary cell.")
                del metadata["nbgrader"]
        elif grade_id in seen:
            notes.append(f"“{grade_id}” appears more than once; the last one was graded.")
            del metadata["nbgrader"]
        else:
            seen.add(grade_id)
            if not _agrees(metadata["nbgrader"], known):
                notes.append(f"the grading metadata of “{grade_id}” was restored.")
                metadata["nbgrader"] = known.to_metadata(grade_id)
    # What holds of many cells is said once.
    return [note if count == 1 else f"{note[:-1]} ({count} times)." for note, count in Counter(notes[::-1]).items()]


def _agrees(metadata: Any, marks: CellMarking) -> bool:
    """Whether nbgrader accepts a cell's marks, and grades by them as the instructor meant."""
    flags = [metadata.get(name, False) for name in ("grade", "solution", "task")]
    locked = not marks.solution and (marks.grade or metadata.get("locked") is True)
    return (
        metadata.get("schema_version") == SCHEMA_VERSION
        and all(isinstance(metadata.get(name), bool) for name in ("grade", "solution", "locked"))
        and flags == [marks.grade, marks.solution, marks.task]
        and locked == marks.locked
        and (not (marks.grade or marks.task) or _is_number(metadata.get("points")))
        and isinstance(metadata.get("checksum", ""), str)
        and metadata.get("cell_type", "code") in ("code", "markdown")
    )


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < math.inf


def _is_unmarked(metadata: Any) -> bool:
    """Whether these are the marks that nbgrader gives a cell which is no question."""
    names = ("grade", "solution", "locked")
    return (
        isinstance(metadata, dict)
        and metadata.get("schema_version") == SCHEMA_VERSION
        and all(metadata.get(name) is False for name in names)
        and metadata.get("task", False) is False
    )


def _missing(notebook: Mapping[str, Any], marks: Mapping[str, CellMarking]) -> list[str]:
    there = {cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in notebook["cells"]}
    lost = [name for name, mark in marks.items() if name not in there and (mark.grade or mark.task)]
    return [f"“{name}” is missing from it, so you have to give its points by hand." for name in lost]


def _why_refused(path: Path) -> str:
    """Return why a file is left out; empty if it is not."""
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return f"it is a link to {path.readlink()}"
    if stat.S_ISDIR(mode):
        return "it is too deep inside other folders"
    return "" if stat.S_ISREG(mode) else "it is not a regular file"


def _find_renamed(
    notebook: str, marks: Mapping[str, CellMarking], notebooks: hand_in.Files, questions: MarkedCells
) -> PurePosixPath:
    """Return the one notebook with another name that holds the questions of `notebook`.

    Raises
    ------
    _UngradableError
        If there is none, or more than one; the message says what there is.
    """
    others = [name for name in notebooks if str(name) not in {f"{other}.ipynb" for other in questions}]
    holding = [name for name in others if _holds(notebooks[name], marks)]
    if len(holding) == 1:
        return holding[0]
    if holding:
        names = ", ".join(map(str, holding))
        raise _UngradableError(f"There is no {notebook}.ipynb, and several notebooks with its questions: {names}.")
    there = f" There is {', '.join(map(str, others))}." if others else ""
    if close := difflib.get_close_matches(f"{notebook}.ipynb", map(str, others), 1):
        there = f" {close[0]} has nearly its name, but not its questions."
    raise _MissingNotebookError(f"There is no {notebook}.ipynb.{there}")


def _holds(file: Path | bytes, marks: Mapping[str, CellMarking]) -> bool:
    """Whether a file is a notebook with these questions."""
    try:
        traits = Traits({name: marking.checksum for name, marking in marks.items()})
        return is_of(read(file)[0], traits)
    except UnreadableError:
        return False

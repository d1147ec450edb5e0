"""Look whether an exercise can be handed in and graded, and mend what is safe to mend.

This is what ``course doctor`` shows: to a learner before handing in, and to an instructor after collecting. Nothing is
run, and nothing is graded. What it mends it keeps aside first, under a name that nothing has yet.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import count, groupby
from pathlib import Path
from typing import Any, Final

from course import files
from course.checks.exercise import LEDGER
from course.classroom.doctor import ledgers
from course.classroom.doctor.cells import answers, is_exercise, is_for_markers, treat
from course.classroom.doctor.file import UnreadableError, read
from course.classroom.doctor.finding import Finding
from course.classroom.doctor.parts import text_of
from course.classroom.doctor.release import Release, Shelf
from course.wording import number_of

LARGEST: Final = 500 * 2**20
_NOTEBOOK: Final = re.compile(r"\.ipynb(?:\.(?:txt|json|html?))?$", re.IGNORECASE)
_COPY: Final = re.compile(r"(?: ?\(\d+\)|-Copy\d*|[ _-]copy\d*)?\.ipynb(?:\.\w+)?$", re.IGNORECASE)
_ASIDE: Final = re.compile(r"\.before-doctor(?:-\d+)?\.ipynb$")


class DoctorError(Exception):
    """There is nothing that could be looked at. The message says why, and what to do."""


@dataclass(frozen=True)
class Visit:
    """What the doctor found in one exercise.

    Parameters
    ----------
    path : pathlib.Path
        The notebook; after mending, where it is now. The folder, where there is no notebook.
    exercise : str
        Its name; "" where it could not be told.
    findings : tuple of Finding
        What is not as it should be, and is not mended.
    mended : tuple of Finding
        What was.
    aside : pathlib.Path or None
        The notebook as it was before.
    """

    path: Path
    exercise: str
    findings: tuple[Finding, ...]
    mended: tuple[Finding, ...] = ()
    aside: Path | None = None

    @property
    def is_well(self) -> bool:
        """Whether nothing has to be done."""
        return all(finding.note for finding in self.findings)


@dataclass
class _Patient:
    """A notebook's file, and what it should be."""

    path: Path
    raw: bytes
    release: Release | None
    notebook: dict[str, Any]
    treated: dict[str, Any]
    findings: list[Finding] = field(default_factory=list)
    is_damaged: bool = False

    @property
    def name(self) -> str:
        """What the file should be called."""
        return f"{self.release.name}.ipynb" if self.release else _COPY.sub(".ipynb", self.path.name)


def notebooks(path: Path) -> list[Path]:
    """Return the exercises that a path stands for: a notebook, a folder of one, of a course, or of submissions.

    Raises
    ------
    DoctorError
        If there is none.
    """
    if not path.exists():
        raise DoctorError(f"There is no {path}. Name an exercise's folder, such as exercises/06-weighing.")
    if path.is_file():
        if not _NOTEBOOK.search(path.name):
            raise DoctorError(f"{path} is not a notebook. Its name should end in .ipynb.")
        return [path]
    if found := _in_folder(path):
        return found
    # In the course's folder there are lessons and solutions too, which are nobody's hand-in.
    below = path / "exercises" if (path / "exercises").is_dir() else path
    folders = sorted({item.parent for item in below.rglob("*") if _NOTEBOOK.search(item.name)})
    found = [item for folder in folders if not _is_hidden(folder, below) for item in _in_folder(folder)]
    if not found:
        raise DoctorError(f"There is no notebook in {path}. Name an exercise's folder, such as exercises/06-weighing.")
    return found


def submissions(root: Path, assignment: str) -> tuple[list[Path], Shelf]:
    """Return the folders handed in for an assignment of an nbgrader course, and the exercise they come from.

    Raises
    ------
    DoctorError
        If nothing was handed in, or the folder is not an nbgrader course.
    """
    from course.classroom.gradebook import course_folder

    try:
        directory = course_folder.load_application(course_folder.find_course(root.resolve())).coursedir
    except course_folder.CourseError as error:
        raise DoctorError(str(error)) from error
    found = [item for item in course_folder.submissions(directory) if item.assignment == assignment]
    if not found:
        raise DoctorError(
            f"Nothing was handed in for {assignment}: there is no folder of that name in those of students."
        )
    released = Path(directory.format_path(directory.release_directory, ".", assignment)).parent
    return [course_folder.submission_folder(directory, item) for item in found], Shelf(
        (released, *Shelf.near(root).folders)
    )


def rounds(paths: Sequence[Path], *, submitted: str = "", fix: bool = False) -> Iterator[Visit]:
    """Yield a visit to every exercise that the paths stand for.

    Parameters
    ----------
    paths : sequence of pathlib.Path
        As for `notebooks`; with `submitted`, the nbgrader course's folder.
    submitted : str
        An assignment: look at everything that was handed in for it.
    fix : bool
        As for `visit`.

    Raises
    ------
    DoctorError
        If there is nothing to look at.
    """
    for path in paths:
        if submitted:
            found, shelf = submissions(path, submitted)
        else:
            found, shelf = notebooks(path), Shelf.near(path)
        looked_at = 0
        for item in found:
            try:
                yield visit(item, shelf, fix=fix, handed_in=bool(submitted))
                looked_at += 1
            except DoctorError:
                # Among many, a notebook of somebody's own is no hand-in.
                if len(found) == 1:
                    raise
        if not looked_at:
            raise DoctorError(f"There is no exercise in {path}: nothing in its notebooks is graded.")


def visit(path: Path, shelf: Shelf, *, fix: bool = False, handed_in: bool = False) -> Visit:
    """Look at one exercise and, if asked, mend what is safe and look again.

    Parameters
    ----------
    path : pathlib.Path
        The notebook; or a hand-in's folder.
    shelf : Shelf
        Where exercises are, as they were handed out.
    fix : bool
        Whether to mend. The notebook as it was is kept beside it as ``NAME.before-doctor.ipynb``.
    handed_in : bool
        Whether it was collected already. Then the files of the exercise need not be beside it: nbgrader has them.

    Raises
    ------
    DoctorError
        If the notebook is no exercise.
    """
    try:
        if path.is_dir():
            path = _hand_in(path, handed_in)
        patient = _examine(path, shelf, handed_in)
    except UnreadableError as error:
        return Visit(path, "", (error.finding,))
    exercise = patient.release.name if patient.release else ""
    mendable = tuple(finding for finding in patient.findings if finding.mending)
    if not fix or not mendable:
        return Visit(path, exercise, tuple(patient.findings))
    try:
        now, aside = _mend(patient, {finding.code for finding in mendable})
    except OSError as error:
        refused = Finding(
            "read-only",
            f"Nothing could be mended: {error.strerror or error}.",
            "Copy the whole folder to a place of your own and run it there.",
        )
        return Visit(path, exercise, (*patient.findings, refused))
    again = visit(now, shelf, handed_in=handed_in)
    return Visit(now, exercise, again.findings, mendable, aside)


def in_words(seen: Visit) -> Iterator[str]:
    """Yield the lines that tell a learner what was found."""
    name = "".join(sign if sign.isprintable() else "?" for sign in str(seen.path))
    problems = [finding for finding in seen.findings if not finding.note]
    if seen.mended:
        aside = f" What it was before is kept as {seen.aside.name}." if seen.aside else ""
        yield f"{name}: {number_of(len(seen.mended), 'thing')} mended.{aside}"
        for finding in seen.mended:
            yield f"  mended  {finding.message}"
            yield f"          {finding.mending}"
        if problems:
            yield f"  {number_of(len(problems), 'thing')} left for you:"
    elif problems:
        yield f"{name}: {number_of(len(problems), 'thing')} to look at."
    else:
        yield f"{name}: all well."
    for (_, advice), group in groupby(seen.findings, key=lambda finding: (finding.code, finding.advice)):
        together = list(group)
        for finding in together:
            yield f"  {'note' if finding.note else 'LOOK'}    {finding.message}"
        yield f"          {advice}"
        for mending in dict.fromkeys(finding.mending for finding in together if finding.mending):
            yield f"          course doctor --fix: {mending}"


def as_json(seen: Iterable[Visit]) -> str:
    """Return visits for programs: a list of objects with path, exercise, well, findings, mended and aside."""
    entries = [
        {
            "path": str(one.path),
            "exercise": one.exercise,
            "well": one.is_well,
            "findings": [asdict(finding) for finding in one.findings],
            "mended": [asdict(finding) for finding in one.mended],
            "aside": str(one.aside) if one.aside else None,
        }
        for one in seen
    ]
    return json.dumps(entries, indent=2)


# --- looking ---------------------------------------------------------------------------------------------------------


def _in_folder(folder: Path) -> list[Path]:
    """Return the notebooks in a folder; where one has the exercise's name, which is the folder's, only that."""
    found = sorted(item for item in folder.iterdir() if _NOTEBOOK.search(item.name) and not _ASIDE.search(item.name))
    files = [item for item in found if item.is_file() or item.is_symlink()]
    right = [item for item in files if item.name == f"{folder.resolve().name}.ipynb"]
    return right or files


def _hand_in(folder: Path, handed_in: bool) -> Path:
    """Return the notebook that was handed in in a folder.

    Raises
    ------
    UnreadableError
        If there is none.
    """
    if handed_in and folder.is_symlink():
        raise UnreadableError("The folder is a link to another place.", "Put the files themselves into it.")
    try:
        found = _in_folder(folder)
    except OSError as error:
        raise UnreadableError(f"The folder cannot be read: {error.strerror}.", "Look at its permissions.") from error
    if not found:
        raise UnreadableError(
            "There is no notebook in this folder, so nothing can be graded.",
            "Hand in the exercise's .ipynb file: in JupyterLab, right-click its name and choose Download.",
        )
    # Beside it may lie a notebook for trying things out.
    return min(found, key=lambda item: folder.name not in item.name)


def _is_hidden(folder: Path, below: Path) -> bool:
    return any(part.startswith(".") for part in folder.relative_to(below).parts)


def _examine(path: Path, shelf: Shelf, handed_in: bool) -> _Patient:
    """Look at one notebook without changing anything.

    Raises
    ------
    UnreadableError
        If there is no notebook in the file.
    DoctorError
        If the notebook is no exercise.
    """
    if path.is_symlink():
        raise UnreadableError(
            f"{path.name} is not a file but a link to another place.", "Put the file itself into this folder."
        )
    try:
        if path.stat().st_size > LARGEST:
            raise UnreadableError(
                "The file is larger than 500 MB, which no notebook can be opened with.",
                "In JupyterLab, choose Edit, Clear Outputs of All Cells, and save.",
            )
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableError(
            f"The file cannot be read: {error.strerror}.", "Copy it to a folder of your own."
        ) from error
    notebook, findings = read(raw)
    release = shelf.of(notebook, path)
    if release is None and not is_exercise(notebook):
        told = "is no exercise: nothing in it is graded."
        if not handed_in:
            raise DoctorError(f"{path} {told} Name one, such as exercises/06-weighing.")
        raise UnreadableError(f"{path.name} {told}", "Hand in the notebook of the exercise.")
    if is_for_markers(notebook) and not handed_in:
        raise DoctorError(f"{path} is a solution, with what only markers see. It is not for the doctor.")
    try:
        treated, found = treat(notebook, release.notebook if release else None)
    except RecursionError:
        raise UnreadableError("The file is nested too deeply to be a notebook.", "Hand in another copy.") from None
    damaged = any(finding.mending for finding in (*findings, *found))
    patient = _Patient(path, raw, release, notebook, treated, [*findings, *found], damaged)
    for look in (_name, _place, _copies, _saved, _ratings):
        patient.findings += look(patient, handed_in)
    patient.findings.sort(key=lambda finding: finding.note)
    return patient


def _name(patient: _Patient, _: bool) -> Iterator[Finding]:
    path, right = patient.path, patient.name
    if path.name == right:
        return
    others = [item for item in path.parent.iterdir() if _NOTEBOOK.search(item.name) and not _ASIDE.search(item.name)]
    free = others == [path] or (not (path.parent / right).exists() and not patient.release)
    yield Finding(
        "name",
        f"The notebook is called “{path.name}”. It has to be called {right}, or it is not graded.",
        f"In JupyterLab, right-click its name in the file browser, choose Rename, and type {right}."
        + ("" if free else " There are other notebooks in this folder: keep the one that you mean."),
        f"Renames it to {right}." if free else "",
    )


def _place(patient: _Patient, handed_in: bool) -> Iterator[Finding]:
    release, folder = patient.release, patient.path.resolve().parent
    if release is None:
        return
    if re.match(r"\d\d-", folder.name) and folder.name != release.name:
        yield Finding(
            "folder",
            f"This is the exercise {release.name}, and it lies in the folder {folder.name}. There it is not graded.",
            f"In JupyterLab, drag the notebook and its {LEDGER} into the folder {release.name}.",
        )
    lacking = [item.name for item in release.files if not (folder / item.name).exists()]
    if lacking and not handed_in:
        yield Finding(
            "files",
            f"{', '.join(lacking)} should lie beside the notebook: its checks read it.",
            "Open the exercise in the course's own folder, where everything lies together.",
            "Puts a copy beside it.",
            note=True,
        )


def _copies(patient: _Patient, _: bool) -> Iterator[Finding]:
    """Yield it if another notebook in the folder holds the answers."""
    if patient.release is None or patient.path.name != patient.name:
        return
    mine = answers(patient.treated, patient.release.notebook)
    for other in sorted(patient.path.parent.glob("*.ipynb*")):
        if other == patient.path or other.is_symlink() or _ASIDE.search(other.name):
            continue
        with suppress(OSError, UnreadableError):
            theirs = answers(read(other.read_bytes())[0], patient.release.notebook)
            if len(theirs) > len(mine):
                yield Finding(
                    "copy",
                    f"“{other.name}” has answers that {patient.name} has not. Only {patient.name} is graded.",
                    f"If “{other.name}” is what you want to hand in: rename {patient.name} to something else, then "
                    f"rename “{other.name}” to {patient.name}.",
                )


def _saved(patient: _Patient, _: bool) -> Iterator[Finding]:
    path = patient.path
    checkpoint = path.parent / ".ipynb_checkpoints" / f"{path.stem}-checkpoint.ipynb"
    try:
        if checkpoint.is_symlink() or checkpoint.stat().st_mtime < path.stat().st_mtime + 2:
            return
        other = read(checkpoint.read_bytes())[0]
    except (OSError, UnreadableError):
        return
    if [text_of(cell) for cell in other["cells"]] != [text_of(cell) for cell in patient.notebook["cells"]]:
        yield Finding(
            "unsaved",
            "JupyterLab has saved a newer state of this notebook than the one in this file, with another text.",
            "Open it in JupyterLab, choose File, Revert Notebook to Checkpoint, look whether it is what you want, "
            "and save.",
        )


def _ratings(patient: _Patient, _: bool) -> Iterator[Finding]:
    if patient.release is None or answers(patient.treated, patient.release.notebook):
        yield from ledgers.look(patient.path.parent, patient.treated)


# --- mending ---------------------------------------------------------------------------------------------------------


def _mend(patient: _Patient, codes: set[str]) -> tuple[Path, Path | None]:
    """Write what was put right; return where the notebook is now, and where it was kept aside.

    Raises
    ------
    OSError
        If the disk refuses. Then the notebook is as it was.
    """
    path, folder = patient.path, patient.path.parent
    now = folder / patient.name if "name" in codes else path
    aside = None
    if patient.is_damaged:
        aside = _keep(now, patient.raw)
        files.write(now, _dump(patient.treated))
        if now != path:
            path.unlink()
    elif now != path:
        path.rename(now)
    if "ledger" in codes:
        ledgers.mend(folder)
    if "files" in codes and patient.release:
        for item in patient.release.files:
            with suppress(FileExistsError), (folder / item.name).open("xb") as copy:
                copy.write(item.read_bytes())
    return now, aside


def _keep(path: Path, raw: bytes) -> Path:
    """Write a notebook as it was beside itself, under a name that nothing has yet."""
    for number in count(1):
        more = f"-{number}" if number > 1 else ""
        aside = path.with_name(f"{path.stem}.before-doctor{more}.ipynb")
        with suppress(FileExistsError), aside.open("xb") as file:
            file.write(raw)
            break
    return aside


def _dump(notebook: dict[str, Any]) -> bytes:
    """Return the notebook's file, laid out as Jupyter does."""
    cells = [cell | {"source": cell["source"].splitlines(keepends=True)} for cell in notebook["cells"]]
    text = json.dumps(notebook | {"cells": cells}, ensure_ascii=False, indent=1, sort_keys=True)
    # Half an emoji has no UTF-8; as \udXXX it is JSON all the same.
    return f"{text}\n".encode("utf-8", "backslashreplace")

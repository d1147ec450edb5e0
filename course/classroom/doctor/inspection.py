"""Check whether an exercise can be handed in and graded, and repair what is safe to repair.

This is what ``course doctor`` shows: to a learner before handing in, and to an instructor after collecting. Nothing is
run, and nothing is graded. Before a notebook is repaired, it is copied to a name that is not taken.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any, Final

from course import files
from course.checks.exercise import LEDGER
from course.checks.hand_in import (
    NOTEBOOK_NAME,
    FoundLedger,
    describe_other_copies,
    files_in,
    find_notebooks,
    lay_out,
    read_file,
    unpack,
)
from course.checks.notebook import (
    Notebook,
    UnreadableError,
    dump,
    is_left_aside,
    marks_of,
    parse,
    read,
    read_bytes,
    repair_form,
)
from course.classroom.doctor.cells import is_of_another_version, released_cells
from course.classroom.doctor.diagnosis import Diagnosis, of_corrections, of_unreadable
from course.classroom.doctor.ledgers import check_ledger, repair_ledger
from course.classroom.doctor.release_catalogue import Release, ReleaseCatalogue, is_exercise
from course.classroom.doctor.repair import repair_notebook
from course.wording import number_of

_COPY: Final = re.compile(r"(?: ?\(\d+\)|-Copy\d*|[ _-]copy\d*)?\.ipynb(?:\.\w+)?$", re.IGNORECASE)
_HAND_IN: Final = "Hand in the exercise's .ipynb file: in JupyterLab, right-click its name and choose Download."
_FOR_MARKERS: Final = re.compile(r"^\W*BEGIN (?:SOLUTION|HIDDEN TESTS|MARK SCHEME)", re.MULTILINE)


class DoctorError(Exception):
    """There is nothing that could be inspected. The message says why, and what to do."""


class _NoHandInError(Exception):
    """There is no notebook that could be graded; `diagnosis` says why."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.diagnosis = Diagnosis("broken", message, advice)


@dataclass(frozen=True)
class Inspection:
    """What is wrong with one exercise, and what was repaired.

    Parameters
    ----------
    path : pathlib.Path
        The notebook; after a repair, where it is now. The folder, where there is no notebook.
    exercise : str
        Its name; "" where it is unknown.
    diagnoses : tuple of Diagnosis
        What is wrong and was not repaired.
    repaired : tuple of Diagnosis
        What was repaired.
    aside : pathlib.Path or None
        The copy of the notebook as it was before.
    """

    path: Path
    exercise: str
    diagnoses: tuple[Diagnosis, ...]
    repaired: tuple[Diagnosis, ...] = ()
    aside: Path | None = None

    @property
    def is_well(self) -> bool:
        """Whether nothing has to be done."""
        return all(diagnosis.note for diagnosis in self.diagnoses)


@dataclass
class _Subject:
    """A notebook's file, and what it should be."""

    path: Path
    root: Path
    raw: bytes
    release: Release | None
    notebook: Notebook
    repaired: Notebook
    diagnoses: list[Diagnosis] = field(default_factory=list)
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
        if path.suffix.lower() == ".zip":
            return [path]
        if not NOTEBOOK_NAME.search(path.name):
            raise DoctorError(f"{path} is not a notebook. Its name should end in .ipynb.")
        return [path]
    if own := _in_folder(path):
        return own
    # In the course's folder there are lessons and solutions too, which nobody hands in.
    below = path / "exercises" if (path / "exercises").is_dir() else path
    folders = sorted({item.parent for item in below.rglob("*") if NOTEBOOK_NAME.search(item.name)})
    visible = [
        folder for folder in folders if not any(part.startswith(".") for part in folder.relative_to(below).parts)
    ]
    if inside := [item for folder in visible for item in _in_folder(folder)]:
        return inside
    raise DoctorError(f"There is no notebook in {path}. Name an exercise's folder, such as exercises/06-weighing.")


def submissions(root: Path, assignment: str) -> tuple[list[Path], ReleaseCatalogue]:
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
    handed_in = [item for item in course_folder.submissions(directory) if item.assignment == assignment]
    if not handed_in:
        raise DoctorError(f"Nothing was handed in for {assignment}: no student’s folder has a folder of that name.")
    released = Path(directory.format_path(directory.release_directory, ".", assignment)).parent
    catalogue = ReleaseCatalogue((released, *ReleaseCatalogue.near(root).folders))
    return [course_folder.submission_folder(directory, item) for item in handed_in], catalogue


def check_all(paths: Sequence[Path], *, submitted: str = "", fix: bool = False) -> Iterator[Inspection]:
    """Check every exercise that the paths stand for.

    Parameters
    ----------
    paths : sequence of pathlib.Path
        As for `notebooks`; with `submitted`, the nbgrader course's folder.
    submitted : str
        An assignment: check everything that was handed in for it.
    fix : bool
        As for `check`.

    Raises
    ------
    DoctorError
        If there is nothing to check.
    """
    for path in paths:
        if submitted:
            items, catalogue = submissions(path, submitted)
        else:
            items, catalogue = notebooks(path), ReleaseCatalogue.near(path)
        checked = 0
        for item in items:
            try:
                yield check(item, catalogue, fix=fix, handed_in=bool(submitted))
                checked += 1
            except DoctorError:
                # Among many, a notebook of somebody's own is no hand-in.
                if len(items) == 1:
                    raise
        if not checked:
            raise DoctorError(f"There is no exercise in {path}: its notebooks have no graded cells.")


def check(path: Path, catalogue: ReleaseCatalogue, *, fix: bool = False, handed_in: bool = False) -> Inspection:
    """Check one exercise and, if asked, repair what is safe and check again.

    Parameters
    ----------
    path : pathlib.Path
        The notebook; or a hand-in's folder.
    catalogue : ReleaseCatalogue
        Where the released exercises are.
    fix : bool
        Whether to repair. The notebook as it was is kept beside it as ``NAME.before-doctor.ipynb``.
    handed_in : bool
        Whether it was collected already. Then the files of the exercise need not be beside it: nbgrader has them.

    Raises
    ------
    DoctorError
        If the notebook is no exercise.
    """
    root = path if path.is_dir() else path.parent
    try:
        if path.is_dir():
            path = _hand_in(path, handed_in)
        if path.suffix.lower() == ".zip":
            return _in_archive(path, catalogue, fix=fix, handed_in=handed_in)
        subject = _examine(path, root, catalogue, handed_in)
    except UnreadableError as error:
        return Inspection(path, "", (of_unreadable(error),))
    except _NoHandInError as error:
        return Inspection(path, "", (error.diagnosis,))
    exercise = subject.release.name if subject.release else ""
    repairable = tuple(diagnosis for diagnosis in subject.diagnoses if diagnosis.repair)
    if not fix or not repairable:
        return Inspection(path, exercise, tuple(subject.diagnoses))
    try:
        now, aside = _write_repaired(subject, {diagnosis.code for diagnosis in repairable}, handed_in)
    except OSError as error:
        refused = Diagnosis(
            "read-only",
            f"Nothing could be repaired: {error.strerror or error}.",
            "Copy the whole folder to a folder of your own and run course doctor there.",
        )
        return Inspection(path, exercise, (*subject.diagnoses, refused))
    again = check(now, catalogue, handed_in=handed_in)
    return Inspection(now, exercise, again.diagnoses, repairable, aside)


def describe(inspection: Inspection) -> Iterator[str]:
    """Yield the lines that tell a learner what is wrong and what was repaired."""
    name = "".join(sign if sign.isprintable() else "?" for sign in str(inspection.path))
    problems = [diagnosis for diagnosis in inspection.diagnoses if not diagnosis.note]
    if inspection.repaired:
        aside = f" The original is saved as {inspection.aside.name}." if inspection.aside else ""
        yield f"{name}: {number_of(len(inspection.repaired), 'problem')} fixed.{aside}"
        for diagnosis in inspection.repaired:
            yield f"  fixed   {diagnosis.message}"
            yield f"          {diagnosis.repair}"
        if problems:
            yield f"  {number_of(len(problems), 'problem')} left for you to fix:"
    elif problems:
        yield f"{name}: {number_of(len(problems), 'problem')} found."
    else:
        yield f"{name}: no problems found."
    for (_, advice), group in groupby(inspection.diagnoses, key=lambda diagnosis: (diagnosis.code, diagnosis.advice)):
        together = list(group)
        for diagnosis in together:
            yield f"  {'note   ' if diagnosis.note else 'PROBLEM'} {diagnosis.message}"
        yield f"          {advice}"
        for repair in dict.fromkeys(diagnosis.repair for diagnosis in together if diagnosis.repair):
            yield f"          course doctor --fix: {repair}"


def as_json(inspections: Iterable[Inspection]) -> str:
    """Return inspections for programs: a list of objects with path, exercise, well, findings, mended and aside."""

    def entries(diagnoses: Iterable[Diagnosis]) -> list[dict[str, Any]]:
        return [
            {
                "code": item.code,
                "message": item.message,
                "advice": item.advice,
                "mending": item.repair,
                "note": item.note,
            }
            for item in diagnoses
        ]

    document = [
        {
            "path": str(inspection.path),
            "exercise": inspection.exercise,
            "well": inspection.is_well,
            "findings": entries(inspection.diagnoses),
            "mended": entries(inspection.repaired),
            "aside": str(inspection.aside) if inspection.aside else None,
        }
        for inspection in inspections
    ]
    return json.dumps(document, indent=2)


# --- inspect ---------------------------------------------------------------------------------------------------------


def _in_folder(folder: Path) -> list[Path]:
    """Return the notebooks in a folder; where one has the exercise's name, which is the folder's, only that."""
    items = sorted(item for item in folder.iterdir() if _is_notebook(item))
    notebooks = [item for item in items if item.is_file() or item.is_symlink()]
    named = [item for item in notebooks if item.name == f"{folder.resolve().name}.ipynb"]
    return named or notebooks


def _is_notebook(path: Path) -> bool:
    return bool(NOTEBOOK_NAME.search(path.name)) and not is_left_aside(path.name)


def _hand_in(folder: Path, handed_in: bool) -> Path:
    """Return the notebook that was handed in in a folder.

    Raises
    ------
    _NoHandInError
        If there is none.
    """
    if handed_in and folder.is_symlink():
        raise _NoHandInError("The folder is a link to another place.", "Put the files themselves into a folder.")
    try:
        inside = _in_folder(folder)
    except OSError as error:
        raise _NoHandInError(f"The folder cannot be read: {error.strerror}.", "Check its permissions.") from error
    if not inside:
        everything = files_in(folder, deep=handed_in)
        inside = [folder / name for name in find_notebooks(everything)]
        inside = inside or [folder / name for name in everything if name.suffix.lower() == ".zip"]
    if not inside:
        raise _NoHandInError("There is no notebook in this folder, so nothing can be graded.", _HAND_IN)
    # Beside it there may be a notebook for trying things out.
    return min(inside, key=lambda item: folder.name not in item.name)


def _in_archive(path: Path, catalogue: ReleaseCatalogue, *, fix: bool, handed_in: bool) -> Inspection:
    """Inspect a hand-in that is a ZIP archive; with `fix`, unpack it beside itself first.

    Raises
    ------
    DoctorError
        If the notebook in it is no exercise.
    """
    members, unopened = unpack({PurePosixPath(path.name): path})
    names = find_notebooks(members)
    if not names:
        reason = unopened[0] if unopened else f"“{path.name}” is a ZIP archive without a notebook."
        return Inspection(path, "", (Diagnosis("broken", reason, _HAND_IN),))
    packed = Diagnosis(
        "zip",
        f"The notebook is in the ZIP archive “{path.name}”.",
        "It can be graded from there. To inspect it too, unpack the archive.",
        "Unpacks it into this folder. No existing file is replaced.",
    )
    if not fix:
        return Inspection(path, "", (packed,))
    base, place = names[0].parent, path.parent
    try:
        for name, content in lay_out(members, base, FoundLedger()).items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError), (place / name).open("xb") as file:
                file.write(read_file(content))
    except OSError as error:
        refused = Diagnosis("read-only", f"It could not be unpacked: {error.strerror or error}.", _HAND_IN)
        return Inspection(path, "", (packed, refused))
    inspection = check(place / names[0].name, catalogue, fix=True, handed_in=handed_in)
    return replace(inspection, repaired=(packed, *inspection.repaired))


def _examine(path: Path, root: Path, catalogue: ReleaseCatalogue, handed_in: bool) -> _Subject:
    """Inspect one notebook without changing anything.

    Raises
    ------
    UnreadableError
        If there is no notebook in the file.
    _NoHandInError
        If it is a link, or was handed in and is no exercise.
    DoctorError
        If the notebook is no exercise.
    """
    if path.is_symlink():
        raise _NoHandInError(
            f"{path.name} is not a file but a link to another place.", "Put the file itself into this folder."
        )
    raw = read_bytes(path)
    parsed, corrections = parse(raw, salvage=True)
    notebook, _ = repair_form(parsed)
    release = catalogue.of(notebook, path)
    if release is None and not is_exercise(notebook):
        problem = "is not an exercise: it has no graded cells."
        if not handed_in:
            raise DoctorError(f"{path} {problem} Name an exercise, such as exercises/06-weighing.")
        raise _NoHandInError(f"{path.name} {problem}", "Hand in the notebook of the exercise.")
    if not handed_in and any(_FOR_MARKERS.search(cell["source"]) for cell in notebook["cells"]):
        raise DoctorError(
            f"{path} is a solution, with parts that only markers see. Run course doctor on exercises, not on solutions."
        )
    repaired, diagnoses = repair_notebook(parsed, release.notebook if release else None)
    diagnoses = [*of_corrections(corrections, parsed), *diagnoses]
    is_damaged = any(diagnosis.repair for diagnosis in diagnoses)
    subject = _Subject(path, root, raw, release, notebook, repaired, diagnoses, is_damaged)
    subject.diagnoses += [
        *_check_name(subject),
        *_check_place(subject, handed_in),
        *_check_copies(subject),
        *_check_saved(subject),
        *_check_ratings(subject, handed_in),
    ]
    subject.diagnoses.sort(key=lambda diagnosis: diagnosis.note)
    return subject


def _check_name(subject: _Subject) -> Iterator[Diagnosis]:
    path, right = subject.path, subject.name
    if path.name == right:
        return
    others = [item for item in path.parent.iterdir() if _is_notebook(item)]
    free = others in ([], [path]) or (not (path.parent / right).exists() and not subject.release)
    yield Diagnosis(
        "name",
        f"The notebook is called “{path.name}”. It has to be called {right} to be graded.",
        f"In JupyterLab, right-click its name in the file browser, choose Rename, and type {right}."
        + ("" if free else " There are other notebooks in this folder: keep only the one that you want to hand in."),
        f"Renames it to {right}." if free else "",
    )


def _check_place(subject: _Subject, handed_in: bool) -> Iterator[Diagnosis]:
    release, folder = subject.release, subject.path.resolve().parent
    if release is None:
        return
    if re.match(r"\d\d-", folder.name) and folder.name != release.name:
        yield Diagnosis(
            "folder",
            f"This is the exercise {release.name}, but it is in the folder {folder.name}. There it is not graded.",
            f"In JupyterLab, drag the notebook and its {LEDGER} into the folder {release.name}.",
        )
    if subject.root.resolve() != folder:
        yield Diagnosis(
            "nested",
            f"The notebook is not at the top level of the submission but in the folder {folder.name} inside it.",
            "course grade finds it there, but nbgrader itself does not: for nbgrader, move the files one folder up.",
            note=True,
        )
    missing = [item.name for item in release.files if not (folder / item.name).exists()]
    if missing and not handed_in:
        yield Diagnosis(
            "files",
            f"{', '.join(missing)} should be beside the notebook: its checks read it.",
            "Open the exercise in the course's own folder, where all its files are.",
            "Puts a copy beside it.",
            note=True,
        )


def _check_copies(subject: _Subject) -> Iterator[Diagnosis]:
    """Yield a diagnosis if another notebook in the folder has more answers, or other ones."""
    if subject.release is None or subject.path.name != subject.name:
        return
    more = set()
    mine = _answers(subject.repaired, subject.release.notebook)
    for other in sorted(subject.path.parent.glob("*.ipynb*")):
        if other == subject.path or other.is_symlink() or is_left_aside(other.name):
            continue
        with suppress(UnreadableError):
            theirs = _answers(read(other)[0], subject.release.notebook)
            if len(theirs) > len(mine):
                more.add(other.name)
                yield Diagnosis(
                    "copy",
                    f"“{other.name}” has answers that {subject.name} does not have. Only {subject.name} is graded.",
                    f"If “{other.name}” is what you want to hand in: rename {subject.name} to something else, then "
                    f"rename “{other.name}” to {subject.name}.",
                )

    copies = describe_other_copies(files_in(subject.path.parent), PurePosixPath(subject.path.name), "is graded")
    for copy, sentence in copies.items():
        if copy.name not in more:
            yield Diagnosis(
                "copy", sentence, "Check which of the two you want to hand in, and keep only that one here."
            )


def _answers(notebook: Mapping[str, Any], released: Mapping[str, Any]) -> set[str]:
    """Return the names of the answer cells that are no longer as they were released."""
    answer_cells = {cell.name: cell for cell in released_cells(released["cells"]) if cell.is_answer}
    changed = set()
    for cell in notebook["cells"]:
        answer, text = answer_cells.get(str(marks_of(cell).get("grade_id", ""))), cell["source"]
        if answer and text.strip() and text != answer.source and not is_of_another_version(cell, answer):
            changed.add(answer.name)
    return changed


def _check_saved(subject: _Subject) -> Iterator[Diagnosis]:
    path = subject.path
    checkpoint = path.parent / ".ipynb_checkpoints" / f"{path.stem}-checkpoint.ipynb"
    try:
        if checkpoint.is_symlink() or checkpoint.stat().st_mtime < path.stat().st_mtime + 2:
            return
        saved, _ = read(checkpoint)
    except (OSError, UnreadableError):
        return
    if [cell["source"] for cell in saved["cells"]] != [cell["source"] for cell in subject.notebook["cells"]]:
        yield Diagnosis(
            "unsaved",
            "JupyterLab has saved a newer version of this notebook, with different text from the file.",
            "Open it in JupyterLab, choose File, Revert Notebook to Checkpoint, check that it is what you want, "
            "and save.",
        )


def _check_ratings(subject: _Subject, handed_in: bool) -> Iterator[Diagnosis]:
    if subject.release is None or _answers(subject.repaired, subject.release.notebook):
        yield from check_ledger(subject.root, subject.path, subject.repaired, deep=handed_in)


# --- write -----------------------------------------------------------------------------------------------------------


def _write_repaired(subject: _Subject, codes: set[str], handed_in: bool) -> tuple[Path, Path | None]:
    """Write what was repaired; return where the notebook is now, and where its copy from before is.

    Raises
    ------
    OSError
        If the disk refuses. Then the notebook is as it was.
    """
    path, folder = subject.path, subject.path.parent
    now = folder / subject.name if "name" in codes else path
    aside = None
    if subject.is_damaged:
        aside = folder / files.keep_aside(now.with_name(f"{now.stem}.ipynb"), subject.raw, "before-doctor")
        files.write(now, dump(subject.repaired))
        if now != path:
            path.unlink()
    elif now != path:
        path.rename(now)
    if "ledger" in codes:
        repair_ledger(subject.root, now, deep=handed_in)
    if "files" in codes and subject.release:
        for item in subject.release.files:
            with suppress(FileExistsError), (folder / item.name).open("xb") as copy:
                copy.write(item.read_bytes())
    return now, aside

"""The instructor's course folder: nbgrader's configuration, and the submissions."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import os
import re
import stat
import sysconfig
import unicodedata
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from course.classroom.gradebook.outcome import Submission
from course.classroom.sandbox.untrusted_files import walk
from course.wording.printable import printable

CONFIGURATION: Final = "nbgrader_config.py"
CHECKPOINTS: Final = (".ipynb_checkpoints",)
OURS: Final = Path(__file__).resolve().parents[3]


class CourseError(Exception):
    """The course cannot be graded at all. The message says why, and what to do."""


def find_course(start: Path) -> Path:
    """Return the nearest folder with an ``nbgrader_config.py``, from `start` upwards, or our own course's.

    Raises
    ------
    CourseError
        If there is none.
    """
    for folder in (start, *start.parents, OURS):
        if (folder / CONFIGURATION).is_file():
            return folder
    raise CourseError(f"There is no {CONFIGURATION} in {start} or above it. Go to your course's folder and try again.")


def load_application(root: Path) -> Any:
    """Return nbgrader's application for the course, configured from all files that nbgrader reads, with its log off.

    Raises
    ------
    CourseError
        If the configuration is broken.
    """
    from nbgrader.apps import NbGrader

    if signs := sorted(set(re.findall(r"[][?*]|%(?=[0-9a-fA-F]{2})", str(root)))):
        raise CourseError(
            f"nbgrader finds nothing in a folder with {' or '.join(signs)} in its path: {root}. Rename that folder."
        )
    # nbgrader starts `alembic` by its bare name, which fails where the environment is not activated.
    scripts = sysconfig.get_path("scripts")
    if scripts not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join((scripts, os.environ.get("PATH", os.defpath)))
    application = NbGrader(raise_config_file_errors=True)
    application.log.handlers.clear()
    application.log.propagate = False
    try:
        # It reads the configuration of the current folder too.
        with contextlib.chdir(root):
            application.initialize([], root=str(root))
    except (Exception, SystemExit) as error:
        raise CourseError(f"nbgrader cannot read {root / CONFIGURATION}: {error}") from error
    time_zone(application.coursedir)
    return application


def time_zone(coursedir: Any) -> ZoneInfo:
    """Return the course's time zone, which nbgrader_config.py sets as ``c.Exchange.timezone``; UTC if it does not.

    Raises
    ------
    CourseError
        If there is no such time zone.
    """
    name = str(coursedir.parent.config.get("Exchange", {}).get("timezone", "UTC"))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CourseError(
            f"There is no time zone “{name}”, which c.Exchange.timezone in {CONFIGURATION} names. Write one such as "
            "Europe/Berlin."
        ) from error


def submission_folder(coursedir: Any, submission: Submission, step: str | None = None) -> Path:
    """Return the folder of a submission: as handed in, or at another of nbgrader's steps."""
    step = step or coursedir.submitted_directory
    return Path(coursedir.format_path(step, submission.student, submission.assignment))


def submissions(coursedir: Any) -> list[Submission]:
    """Return every submission of every student, sorted."""
    step = coursedir.submitted_directory
    pattern = coursedir.format_path(step, r"(?P<student>[^/\\]+)", r"(?P<assignment>[^/\\]+)", escape=True)
    matches = (
        re.fullmatch(pattern, path)
        for path in glob.iglob(coursedir.format_path(glob.escape(step), "*", "*"))  # noqa: PTH207
        if os.path.isdir(path) or os.path.islink(path)  # noqa: PTH112, PTH114
        if _is_text(path)
    )
    return sorted(Submission(match["assignment"], match["student"]) for match in matches if match)


def describe_strays(coursedir: Any) -> list[tuple[str, str]]:
    """Return what was handed in where nbgrader does not find it: the student, or "" if unknown, and a sentence."""
    step = coursedir.submitted_directory
    top = Path(coursedir.format_path(step, ".", "."))
    strays = [
        ("", f"{_show(path)} lies in no student's folder, so it is not graded. Put it into STUDENT/ASSIGNMENT/.")
        for path in sorted(top.glob("*"))
        if path.is_file() and not path.name.startswith(".")
    ]
    pattern = coursedir.format_path(glob.escape(step), "*", "*.ipynb")
    strays += [
        (path.parent.name, f"{_show(path)} lies in no assignment's folder, so it is not graded. Put it into one.")
        for name in sorted(glob.glob(pattern))  # noqa: PTH207
        if (path := Path(name)).is_file()
    ]
    return strays


def describe_unnameable(coursedir: Any) -> list[str]:
    """Return a sentence on each folder of a student or a submission whose name the gradebook cannot hold."""
    step = coursedir.submitted_directory
    students = sorted(path for path in Path(coursedir.format_path(step, ".", ".")).glob("*") if path.is_dir())
    submissions = sorted(path for student in students if _is_text(str(student)) for path in student.glob("*"))
    return [
        f"{_show(path)} has a name that is not UTF-8 text in one line, so nothing in it is graded. Rename the folder."
        for path in (*students, *submissions)
        if not _is_text(str(path)) and (path.is_dir() or path.is_symlink())
    ]


def _is_text(path: str) -> bool:
    """Whether a path is text in one line: other bytes in it cannot be written into the gradebook."""
    return not any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in path)


def _show(path: Path) -> str:
    return printable(str(path))


def digest(folder: Path) -> str:
    """Return a hash of a folder's file names and contents, and of where its links point.

    Checkpoints are ignored, because JupyterLab writes them automatically.
    """
    fingerprint = hashlib.sha256()
    for path in entries(folder):
        fingerprint.update(os.fsencode(path.relative_to(folder)) + b"\0")
        try:
            if stat.S_ISREG(path.lstat().st_mode):
                with path.open("rb") as file:
                    fingerprint.update(hashlib.file_digest(file, "sha256").digest())
            elif path.is_symlink():
                fingerprint.update(os.fsencode(path.readlink()))
        except OSError as error:
            # What cannot be read is said when it is graded; here it is one more thing that can change.
            fingerprint.update(str(error.errno).encode())
    return fingerprint.hexdigest()


def entries(folder: Path) -> list[Path]:
    """Return everything below a folder that is not a folder itself, sorted. Links are not followed.

    A folder nested too deep is returned itself, and its contents are not: see `untrusted_files.walk`. Checkpoints are
    left out.
    """
    if folder.is_symlink():
        return [folder]
    return sorted(path for path, kind in walk(folder, without=CHECKPOINTS) if kind != "folder")

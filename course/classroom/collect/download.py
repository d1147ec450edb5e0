"""Read the names in a download from Moodle, Canvas or Blackboard: who handed in what, and when."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from course.checks.hand_in import TOP, files_in, unpack

_MOODLE: Final = re.compile(r"(?P<name>[^/]+?)_\d+_assignsubmission_(?:file|onlinetext)_?")
_CANVAS: Final = re.compile(r"(?P<name>[^_/]+?)_(?P<late>(?i:late)_)?(?P<number>\d+)_(?P<try>\d+)_(?P<file>.+)")
_BLACKBOARD: Final = re.compile(
    r"[^/]*?_(?P<name>[^_/]+)_attempt_(?P<when>\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)(?:_(?P<file>.+)|\.txt)?"
)


@dataclass(frozen=True)
class Delivery:
    """One file in a download.

    Parameters
    ----------
    path : PurePosixPath
        Where it is in the download.
    content : pathlib.Path or bytes
        The file, or what was in an archive.
    student : str
        What the platform calls the student; empty if the name does not say.
    name : PurePosixPath
        What the student called it.
    number : str
        The platform's own number for the student, as its gradebook has it; empty if the name does not say.
    attempt : str
        What orders several attempts of one student, the last one highest.
    is_late : bool
        Whether the platform marks it as late.
    when : str
        When it was handed in, as the platform says; empty if it does not.
    """

    path: PurePosixPath
    content: Path | bytes
    student: str = ""
    name: PurePosixPath = TOP
    number: str = ""
    attempt: str = ""
    is_late: bool = False
    when: str = ""


def read_download(place: Path) -> tuple[list[Delivery], list[str]]:
    """Return every file in a download, a ZIP archive or a folder, and why an archive cannot be opened.

    Archives that students handed in stay as they are.
    """
    if place.is_dir():
        return [_delivery(path, content) for path, content in files_in(place, deep=True).items()], []
    archive = PurePosixPath(place.name)
    members, notes = unpack({archive: place})
    return [
        _delivery(path.relative_to(archive), content) for path, content in members.items() if path != archive
    ], notes


def _delivery(path: PurePosixPath, content: Path | bytes) -> Delivery:
    for depth, folder in enumerate(path.parts[:-1]):
        if match := _MOODLE.fullmatch(folder):
            inside = PurePosixPath(*path.parts[depth + 1 :])
            return Delivery(path, content, student_id(match["name"]), inside)
    if len(path.parts) == 1 and (match := _BLACKBOARD.fullmatch(path.name)):
        when = "{}-{}-{} {}:{}:{}".format(*match["when"].split("-"))
        name = PurePosixPath(match["file"] or path.name)
        return Delivery(path, content, student_id(match["name"]), name, attempt=match["when"], when=when)
    if len(path.parts) == 1 and (match := _CANVAS.fullmatch(path.name)):
        name, attempt = PurePosixPath(match["file"]), match["try"].rjust(20, "0")
        return Delivery(
            path,
            content,
            student_id(match["name"]),
            name,
            number=match["number"],
            attempt=attempt,
            is_late=bool(match["late"]),
        )
    if len(path.parts) > 1:
        return Delivery(path, content, student_id(path.parts[0]), PurePosixPath(*path.parts[1:]))
    return Delivery(path, content)


def student_id(name: str) -> str:
    """Return a name as it can be a folder's: composed letters, and an underscore for what no folder's name may hold."""
    text = unicodedata.normalize("NFC", name).strip()
    return re.sub(r"[^\w.@+-]+", "_", text).strip("._") or ""

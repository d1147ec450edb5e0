"""Read the names in a download from Moodle, Canvas or Blackboard: who handed in what, and when.

The names are made in moodle/moodle, ``mod/assign/locallib.php`` (``download_submissions``), in instructure/canvas-lms,
``lib/content_zipper.rb``, and by Blackboard.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Final

from course.checks.hand_in import A_CLASS, TOP, files_in, open_archive

_MOODLE: Final = re.compile(
    r"(?P<name>[^/]+?)_(?P<participant>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?"
)
_CANVAS: Final = re.compile(
    r"(?P<name>[^_/]+?)_(?P<late>(?i:late)_)?(?P<number>\d+)_(?:(?P<try>\d+)_(?P<file>.+)|(?P<text>(?:text|link)\.html))"
)
_CANVAS_ANONYMOUS: Final = re.compile(r"(?P<late>(?i:late)_)?(?P<name>anon_[A-Za-z0-9]{5})_(?P<try>\d+)_(?P<file>.+)")
_BLACKBOARD: Final = re.compile(
    r"[^/]*?_(?P<name>[^_/]+)_attempt_(?P<when>\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)(?:_(?P<file>.+)|\.txt)?"
)
_MOST_DOWNLOADS_INSIDE: Final = 3


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
        Canvas's own number for the student, as its gradebook has it; empty if the name does not say.
    participant : str
        Moodle's number for the student in this assignment, as its grading worksheet has it; empty if there is none.
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
    participant: str = ""
    attempt: str = ""
    is_late: bool = False
    when: str = ""


def read_download(place: Path) -> tuple[list[Delivery], list[str]]:
    """Return every file in a download, a ZIP archive or a folder, and why an archive cannot be opened.

    A download inside a download is opened: a platform packs groups one by one, and people pack what they have again.
    Archives that students handed in stay as they are.
    """
    if place.is_dir():
        return _deliveries(files_in(place, deep=True, limits=A_CLASS), _MOST_DOWNLOADS_INSIDE)
    members, why = open_archive(PurePosixPath(place.name), place, A_CLASS)
    deliveries, notes = _deliveries(members, _MOST_DOWNLOADS_INSIDE)
    return deliveries, [*([why] if why else []), *notes]


def _deliveries(files: Mapping[PurePosixPath, Path | bytes], depth: int) -> tuple[list[Delivery], list[str]]:
    """Return the files of a download, with those of downloads inside it, and why one of these cannot be opened."""
    deliveries: list[Delivery] = []
    notes: list[str] = []
    wrapper = _wrapper(files)
    for path, content in files.items():
        item = _delivery(path.relative_to(wrapper), path, content)
        if item.student or path.suffix.lower() != ".zip" or not depth:
            deliveries.append(item)
            continue
        members, why = open_archive(path, content, A_CLASS)
        inside, more = _deliveries(members, depth - 1)
        deliveries += [replace(inner, path=path / inner.path) for inner in inside] if members else [item]
        notes += [why, *more] if why else more
    return deliveries, notes


def _wrapper(files: Iterable[PurePosixPath]) -> PurePosixPath:
    """Return the folder that a whole download lies in, if unpacking or packing it has added one."""
    folders = {path.parts[0] if len(path.parts) > 1 else "" for path in files}
    folder = PurePosixPath(folders.pop()) if len(folders) == 1 else TOP
    if folder == TOP or _MOODLE.fullmatch(folder.name):
        return TOP
    inside = [path.relative_to(folder) for path in files]
    platforms = (_MOODLE, _CANVAS, _CANVAS_ANONYMOUS, _BLACKBOARD)
    return folder if all(any(form.fullmatch(path.parts[0]) for form in platforms) for path in inside) else TOP


def _delivery(inside: PurePosixPath, path: PurePosixPath, content: Path | bytes) -> Delivery:
    """Return a file by its path inside the download's own folder."""
    for depth, part in enumerate(inside.parts):
        is_file = depth == len(inside.parts) - 1
        if (match := _MOODLE.fullmatch(part)) and bool(match["file"]) == is_file:
            name = PurePosixPath(match["file"]) if is_file else PurePosixPath(*inside.parts[depth + 1 :])
            return Delivery(path, content, student_id(match["name"]), name, participant=match["participant"])
    if len(inside.parts) == 1 and (match := _BLACKBOARD.fullmatch(inside.name)):
        when = "{}-{}-{} {}:{}:{}".format(*match["when"].split("-"))
        name = PurePosixPath(match["file"] or inside.name)
        return Delivery(path, content, student_id(match["name"]), name, attempt=match["when"], when=when)
    if len(inside.parts) == 1 and (match := _CANVAS_ANONYMOUS.fullmatch(inside.name) or _CANVAS.fullmatch(inside.name)):
        known = match.groupdict()
        return Delivery(
            path,
            content,
            student_id(known["name"]),
            PurePosixPath(known["file"] or known["text"]),
            number=known.get("number", ""),
            attempt=(known["try"] or "").rjust(20, "0"),
            is_late=bool(known["late"]),
        )
    if len(inside.parts) > 1:
        return Delivery(path, content, student_id(inside.parts[0]), PurePosixPath(*inside.parts[1:]))
    return Delivery(path, content)


def student_id(name: str) -> str:
    """Return a name as it can be a folder's: composed letters, and an underscore for what no folder's name may hold."""
    text = unicodedata.normalize("NFC", name).strip()
    return re.sub(r"[^\w.@+-]+", "_", text).strip("._") or ""

"""Read the ledgers of a class again and again, as they change. Anybody may have written anything into them.

A folder holds a ledger for each person (``ana.json``), or a folder for each person with ledgers in it, as handed in or
as in a workshop's ``learners``. Text files can hold codes. What somebody writes changes nothing but their own row.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

from course.classroom.hub.people import full_name, read_people
from course.classroom.room.tally import Participant
from course.classroom.sandbox.untrusted_files import open_regular_file
from course.ledger.codec import CHANGED, is_sound
from course.ledger.codec import read as read_ledger
from course.ledger.contents import Contents, join
from course.ledger.judgement import Judgement
from course.methods.room_code import HIDDEN

LARGEST_BYTES: Final = 250_000
"""Of one file. All statements of a case with a reason for each reading take about 150 kB."""
MOST_FILES: Final = 2_000
"""Files and folders that are looked through for one person."""
DEEPEST: Final = 4
"""Folders inside each other below a person's own."""
PATIENCE: Final = 20
"""A file is read again only after so many times the seconds that reading it took: half a second at the worst."""

_LEDGER: Final = "ledger.json"
_DOWNLOADED: Final = "course-ledger"
_CODES: Final = ".txt"

_Signature: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True)
class _Reading:
    """What a file held when it was last read: its text, its contents as a ledger, or None if it is not readable."""

    signature: _Signature
    next_time: float
    contents: Contents | None
    codes: str = ""


class LedgerFolder:
    """The ledgers in a folder. Each call of `read` reads only the files that have changed.

    Parameters
    ----------
    folder : pathlib.Path
        A folder of ledgers, or the folder of a workshop (see `course.classroom.hub.workshop.Workshop`).
    """

    def __init__(self, folder: Path) -> None:
        is_workshop = (folder / "learners").is_dir() and (folder / "hub").is_dir()
        self.folder = folder / "learners" if is_workshop else folder
        self._people = folder / "people" / "people.json" if is_workshop else None
        self._files: dict[Path, _Reading] = {}

    def read(self) -> tuple[tuple[Participant, ...], str]:
        """Return everybody who has a ledger or a folder here, and the text of the files that hold codes.

        Raises
        ------
        OSError
            If the folder itself cannot be read.
        """
        self._kept, self._files = self._files, {}
        names = read_people(self._people) if self._people else {}
        participants, codes = [], []
        with os.scandir(self.folder) as entries:
            here = sorted(entries, key=lambda entry: entry.name)
        for entry in here:
            path = Path(entry.path)
            if entry.name.startswith(".") or ".kept-aside-" in entry.name:
                continue
            if entry.is_dir(follow_symlinks=False):
                name = full_name(names.get(entry.name, {})) or entry.name
                participants.append(_participant(entry.name, name, list(self._ledgers_of(path))))
            elif path.suffix == ".json":
                participants.append(_participant(entry.name, path.stem, [self._read(path, entry.name, None)]))
            elif path.suffix == _CODES:
                codes.append(self._read(path, entry.name, None).codes)
        return tuple(participants), "\n".join(codes)

    def _ledgers_of(self, folder: Path) -> Iterator[_Reading]:
        """Yield the ledgers in a person's folder, which may change while it is read. Links are not followed."""
        count = 0
        for where, folders, names, parent in _walk(folder):
            here = Path(where)
            count += len(folders) + len(names)
            if count > MOST_FILES:
                return
            is_deepest = len(here.relative_to(folder).parts) >= DEEPEST
            folders[:] = [] if is_deepest else [name for name in folders if not name.startswith((".", "__"))]
            for name in names:
                if name == _LEDGER or (name.startswith(_DOWNLOADED) and name.endswith(".json")):
                    yield self._read(here / name, name, parent)

    def _read(self, path: Path, name: str, parent: int | None) -> _Reading:
        """Return what a file holds. It is opened only if it has changed."""
        before = self._kept.get(path)
        try:
            about = os.stat(path if parent is None else name, dir_fd=parent, follow_symlinks=False)
        except OSError:
            return _Reading((0, 0, 0), 0, None)
        signature = (about.st_ino, about.st_mtime_ns, about.st_size)
        if before and (before.signature == signature or time.monotonic() < before.next_time):
            self._files[path] = before
            return before
        started = time.monotonic()
        raw = None
        if stat.S_ISREG(about.st_mode) and about.st_size <= LARGEST_BYTES and (file := _open(path, name, parent)):
            with file:
                raw = file.read(LARGEST_BYTES + 1)
        is_codes = path.suffix == _CODES
        contents = None if is_codes else _contents(raw)
        reading = _Reading(
            signature=signature,
            next_time=time.monotonic() + PATIENCE * (time.monotonic() - started),
            contents=contents,
            codes=raw.decode("utf-8", "replace") if is_codes and raw else "",
        )
        self._files[path] = reading
        return reading


def _contents(raw: bytes | None) -> Contents | None:
    """Return a ledger's contents, or None if it cannot be read in full."""
    if raw is None or len(raw) > LARGEST_BYTES:
        return None
    try:
        if not is_sound(raw):
            return None
        contents, faults, _ = read_ledger(raw)
    except Exception:  # whatever somebody has written, the rest of the room is shown
        return None
    # What is left of a damaged ledger might lack that its owner does not take part.
    return contents if set(faults) <= {CHANGED} else None


def _participant(key: str, name: str, files: list[_Reading]) -> Participant:
    readable = [file.contents for file in files if file.contents is not None]
    if len(readable) < len(files):
        return Participant(key, name, readable=False)
    contents = join(readable)
    hidden = contents.items.get(("answer", HIDDEN))
    if hidden is not None and hidden.to_dict().get("value") is True:
        return Participant(key, name, hidden=True)
    return Participant(key, name, tuple(contents.kind(Judgement)))


def _walk(folder: Path) -> Iterator[tuple[str, list[str], list[str], int | None]]:
    """Walk through a folder as `os.walk` does, with a descriptor of each folder where the system has them."""
    if sys.platform == "win32":
        for where, folders, names in os.walk(folder):
            yield where, folders, names, None
    else:
        # Each folder is opened relative to its parent's descriptor, so none can be replaced by a link in between.
        yield from os.fwalk(folder)


def _open(path: Path, name: str, parent: int | None) -> BinaryIO | None:
    if sys.platform == "win32":
        try:
            return path.open("rb")
        except OSError:
            return None
    return open_regular_file(path if parent is None else name, parent)

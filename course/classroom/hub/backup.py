"""Back up everything a class made to one ZIP file, and restore a workshop from it.

The rest of a workshop, such as settings and keys, is made again when the hub starts.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Final
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from course.classroom.hub.workshop import HubError
from course.classroom.sandbox.untrusted_files import open_regular_file

MADE: Final = ("class", "learners", "handed-in", "exchange", "people", "numbers")
"""The folders with what people made."""
PASSWORDS: Final = "password-of-*.txt"
DATABASES: Final = ("class/gradebook.db", "hub/jupyterhub.sqlite")
LARGEST: Final = 64 * 2**20
"""Bytes. No notebook or ledger is larger, and one learner's file must not stop the backup of everybody else's."""
_DEEPEST: Final = 40
_PASSING: Final = (".cache", ".ipynb_checkpoints", ".tmp", "__pycache__", "jupyter/runtime")
"""Folders that only hold what programs make again."""
_JOURNALS: Final = ("gradebook.db-journal", "gradebook.db-wal", "gradebook.db-shm")


def back_up(root: Path, now: datetime) -> Path:
    """Write a backup of a workshop's folder, whether its hub runs or not, and return the backup's path.

    It is written completely or not at all, never replaces an older one, and only its owner can read it.

    Raises
    ------
    HubError
        If the folder is no workshop's.
    OSError
        If the backup cannot be written.
    """
    if not (root / DATABASES[1]).is_file():
        raise HubError(f"{root} is not a workshop’s folder. Name the folder that you gave to: course hub")
    path = root / "backups" / f"{now:%Y-%m-%d at %H.%M.%S}.zip"
    part = path.with_suffix(".part")
    part.touch(mode=0o600, exist_ok=False)
    with tempfile.TemporaryDirectory() as folder, ZipFile(part, "w", ZIP_DEFLATED) as backup:
        copy = Path(folder) / "copy.db"
        for name in DATABASES:
            if (root / name).is_file():
                _copy_database(root / name, copy)
                backup.write(copy, name)
        for member, content in _members(root):
            backup.writestr(member, content, ZIP_DEFLATED)
    part.rename(path)
    return path


def restore(backup: Path, root: Path) -> int:
    """Restore a workshop into a new or empty folder, and return how many files there were.

    Raises
    ------
    HubError
        If the file is no backup of a workshop, or the folder is not empty.
    OSError
        If something cannot be written.
    """
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise HubError(f"{root} is not empty. Name a new folder, or move this one away first. Nothing was changed.")
    try:
        with ZipFile(backup) as archive:
            members = archive.infolist()
            if DATABASES[1] not in {member.filename for member in members}:
                raise HubError(
                    f"{backup} is not a backup of a workshop. Those are in the workshop’s folder, in “backups”."
                )
            if outside := [name for name in archive.namelist() if PurePosixPath(name).is_absolute() or ".." in name]:
                raise HubError(f"{outside[0]} in {backup} would be outside {root}. Nothing was restored.")
            root.mkdir(mode=0o711, parents=True, exist_ok=True)
            for member in members:
                if not member.is_dir():
                    _restore_file(root / member.filename, member, archive.read(member))
    except (BadZipFile, FileNotFoundError, IsADirectoryError) as error:
        raise HubError(f"{backup} cannot be read as a backup: {error}.") from error
    # Last, and the innermost first: some may be closed to writing.
    for member in sorted(members, key=lambda member: member.filename, reverse=True):
        if member.is_dir():
            (root / member.filename).mkdir(mode=0o700, parents=True, exist_ok=True)
            (root / member.filename).chmod(_mode(member))
    return sum(not member.is_dir() for member in members)


def _restore_file(path: Path, member: ZipInfo, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("xb") as file:
        path.chmod(_mode(member))
        file.write(content)
    when = time.mktime((*member.date_time, 0, 0, -1))
    os.utime(path, (when, when))


def _mode(member: ZipInfo) -> int:
    """Return the permissions of a file or folder, without what would give it its owner's rights."""
    return (member.external_attr >> 16) & 0o1777 or 0o600


def _members(root: Path) -> Iterator[tuple[ZipInfo, bytes]]:
    """Yield every file and folder that belongs into a backup, but for the databases.

    Learners can write to their folders meanwhile. Links are not followed, because one could lead to another's file.
    """
    for top in MADE:
        # fwalk opens each folder relative to its parent's descriptor, so none can be replaced by a link in between.
        for name, folders, files, parent in os.fwalk(root / top):
            inside = Path(name).relative_to(root)
            yield _member(f"{inside.as_posix()}/", os.fstat(parent)), b""
            folders[:] = [
                folder
                for folder in folders
                if len(inside.parts) < _DEEPEST and not any((inside / folder).match(part) for part in _PASSING)
            ]
            for file in sorted(files):
                path = (inside / file).as_posix()
                if path not in DATABASES and file not in _JOURNALS:
                    yield from _read(path, file, parent)
    for password in root.glob(PASSWORDS):
        yield from _read(password.name, str(password))


def _read(path: str, file: str, parent: int | None = None) -> Iterator[tuple[ZipInfo, bytes]]:
    opened = open_regular_file(file, parent)
    if opened is None:
        return
    with opened:
        about = os.fstat(opened.fileno())
        if about.st_size <= LARGEST:
            yield _member(path, about), opened.read(LARGEST)


def _member(path: str, about: os.stat_result) -> ZipInfo:
    # ZIP knows no year before 1980 and none after 2107.
    when = time.localtime(min(max(about.st_mtime, 10 * 366 * 86_400), 2**32 - 1))
    member = ZipInfo(os.fsencode(path).decode(errors="replace"), when[:6])
    member.external_attr = stat.S_IMODE(about.st_mode) << 16
    return member


def _copy_database(database: Path, copy: Path) -> None:
    """Copy a consistent snapshot of a database, even while it is written to."""
    copy.unlink(missing_ok=True)
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)

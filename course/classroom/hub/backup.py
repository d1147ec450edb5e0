"""Keep the gradebook, the accounts and every ledger in one file each time the hub stops."""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from course.classroom.gradebook.course_folder import entries
from course.classroom.hub.workshop import Workshop

LARGEST = 64 * 2**20
"""What is larger is no ledger: one learner's file must not keep everybody's from being backed up."""


def back_up(workshop: Workshop, now: datetime) -> Path:
    """Write the backup and return it. It is written whole or not at all, and never over an older one.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    path = workshop.backups / f"{now:%Y-%m-%d at %H.%M.%S}.zip"
    part = path.with_suffix(".part")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        part.touch(mode=0o600, exist_ok=False)
        with ZipFile(part, "w", ZIP_DEFLATED) as backup:
            for database in (workshop.class_folder / "gradebook.db", workshop.hub / "jupyterhub.sqlite"):
                if database.is_file():
                    _copy_database(database, copy)
                    backup.write(copy, database.relative_to(workshop.root))
            for name, content in ledgers(workshop):
                backup.writestr(os.fsencode(name).decode(errors="replace"), content)
    part.rename(path)
    return path


def ledgers(workshop: Workshop) -> Iterator[tuple[Path, bytes]]:
    """Yield every ledger in the learners' folders: its path in the workshop, and what is in it.

    Links are not followed: a learner could lay one to what is not theirs.
    """
    for path in entries(workshop.learners):
        if not path.match("ledger*.json"):
            continue
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as ledger:
                found = os.fstat(descriptor)
                if stat.S_ISREG(found.st_mode) and found.st_size <= LARGEST:
                    yield path.relative_to(workshop.root), ledger.read()
        except OSError:
            # A link, a folder, or closed to us.
            continue


def _copy_database(database: Path, copy: Path) -> None:
    """Copy a database as it is at one moment, even while somebody writes to it."""
    copy.unlink(missing_ok=True)
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)

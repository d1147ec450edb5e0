"""Back up the gradebook, the accounts and every ledger to one ZIP file whenever the hub stops."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from course.classroom.gradebook.course_folder import entries
from course.classroom.hub.workshop import Workshop
from course.classroom.sandbox.untrusted_files import open_regular_file

LARGEST = 64 * 2**20
"""Bytes. A larger file is no ledger, and one learner's file must not stop the backup of everybody else's."""


def back_up(workshop: Workshop, now: datetime) -> Path:
    """Write a backup and return its path. It is written completely or not at all, and never replaces an older one.

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
    """Yield the path (in the workshop) and the content of every ledger in the learners' folders.

    Links are not followed, because a learner could make one to somebody else's file.
    """
    for path in entries(workshop.learners):
        if not path.match("ledger*.json") or (ledger := open_regular_file(path)) is None:
            continue
        with ledger, suppress(OSError):
            if os.fstat(ledger.fileno()).st_size <= LARGEST:
                yield path.relative_to(workshop.root), ledger.read()


def _copy_database(database: Path, copy: Path) -> None:
    """Copy a consistent snapshot of a database, even while it is written to."""
    copy.unlink(missing_ok=True)
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)

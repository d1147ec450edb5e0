"""The journal of grading runs in the course's folder, so that an interrupted run can be continued.

``.course/grading.jsonl`` holds one JSON object a line and is append-only. A submission that began and did not end,
because the run was stopped, is graded again; one that ended is not, until it changes.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from course.classroom.gradebook.outcome import Outcome, Submission

FOLDER: Final = ".course"


class InUseError(Exception):
    """Another process is grading this course. The message says which."""


@dataclass(frozen=True)
class JournalEntry:
    """A graded submission: its digest at that time, and its outcome."""

    digest: str
    outcome: Outcome


class Journal:
    """The journal of a course.

    Parameters
    ----------
    root : pathlib.Path
        The course's folder.
    """

    def __init__(self, root: Path) -> None:
        self.path = root / FOLDER / "grading.jsonl"

    def add(self, event: str, submission: Submission | None = None, **details: Any) -> None:
        """Add a line: ``run``, ``began``, ``ended`` or ``stopped``, and whatever belongs to it."""
        entry = {"event": event, "time": datetime.now(UTC).isoformat(timespec="seconds")}
        if submission is not None:
            entry |= {"assignment": submission.assignment, "student": submission.student}
        line = json.dumps(entry | details, ensure_ascii=False) + "\n"
        self.path.parent.mkdir(exist_ok=True)
        with self.path.open("a+b") as file:
            # A line that a crash has cut off must not swallow this one.
            if file.tell() and not _ends_a_line(self.path):
                line = "\n" + line
            file.write(line.encode(errors="surrogateescape"))

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield the journal's entries, oldest first. A line cut off by a crash or damaged is skipped."""
        with contextlib.suppress(FileNotFoundError), self.path.open("rb") as file:
            for line in file:
                with contextlib.suppress(ValueError, RecursionError):
                    entry = json.loads(line.decode(errors="surrogateescape"))
                    if isinstance(entry, dict):
                        yield entry

    def latest(self) -> dict[Submission, JournalEntry | None]:
        """Return the last entry of each submission; None for one that began and did not end."""
        known: dict[Submission, JournalEntry | None] = {}
        for line in self.lines():
            # What is missing in a damaged line is graded again.
            match line:
                case {"event": "began", "assignment": str(assignment), "student": str(student)}:
                    known[Submission(assignment, student)] = None
                case {"event": "ended", "assignment": str(assignment), "student": str(student), "result": str()}:
                    known[Submission(assignment, student)] = JournalEntry(
                        str(line.get("digest", "")), Outcome.from_dict(line)
                    )
        return known

    @contextlib.contextmanager
    def locked(self) -> Iterator[bool]:
        """Lock this course for grading. Yields False if the drive does not support locks.

        The operating system releases the lock when the process ends, however it ends.

        Raises
        ------
        InUseError
            If somebody else holds it; the message says who.
        """
        self.path.parent.mkdir(exist_ok=True)
        with (self.path.parent / "grading.lock").open("a+", encoding="utf-8") as file:
            try:
                _lock(file)
            except BlockingIOError as error:
                file.seek(0)
                raise InUseError(
                    f"This course is already being graded, {file.read().strip() or 'by somebody else'}. "
                    "Wait for that run to end, or stop it."
                ) from error
            except OSError:
                yield False
                return
            file.truncate(0)
            file.write(
                f"by process {os.getpid()} on {socket.gethostname()}, "
                f"since {datetime.now().astimezone():%H:%M on %d %B %Y}"
            )
            file.flush()
            yield True


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"


def _lock(file: IO[str]) -> None:
    """Lock the file for this process alone, or raise BlockingIOError; another OSError if the drive cannot."""
    if sys.platform == "win32":
        import msvcrt

        # A byte far behind the text, which others must still be able to read.
        os.lseek(file.fileno(), 1 << 30, os.SEEK_SET)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError from error
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

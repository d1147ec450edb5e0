"""What has been graded, remembered in the course's folder, so that a run can be repeated after anything.

``.course/grading.jsonl`` holds one JSON object a line and is only ever added to. A submission that began and did not
end, because the machine or somebody stopped the run, is graded again; one that ended is not, until it changes.
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
    """Somebody else grades this course now. The message says who."""


@dataclass(frozen=True)
class JournalEntry:
    """How a submission ended: its fingerprint then, and what became of it."""

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
        """Yield what was written, oldest first, without a line that a crash has cut off."""
        with contextlib.suppress(FileNotFoundError), self.path.open("rb") as file:
            for line in file:
                with contextlib.suppress(ValueError):
                    entry = json.loads(line.decode(errors="surrogateescape"))
                    if isinstance(entry, dict):
                        yield entry

    def latest(self) -> dict[Submission, JournalEntry | None]:
        """Return how each submission ended last; None for one that began and did not end."""
        known: dict[Submission, JournalEntry | None] = {}
        for line in self.lines():
            if line.get("event") in ("began", "ended"):
                submission = Submission(line["assignment"], line["student"])
                ended = line["event"] == "ended"
                known[submission] = JournalEntry(line["digest"], Outcome.from_dict(line)) if ended else None
        return known

    @contextlib.contextmanager
    def locked(self) -> Iterator[bool]:
        """Keep everybody else from grading this course. Yields False if this drive knows no locks.

        The operating system ends the lock with the process, however that ends.

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
                    f"This course is being graded already, {file.read().strip() or 'by somebody else'}. "
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

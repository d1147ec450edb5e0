"""``course hub`` as a teacher runs it: a process that says what to do, and is stopped with Ctrl+C."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from course.classroom.hub import fence
from course.classroom.hub.workshop import closed_to_others

CODE = "plum-tree-8"
LAST_LINE = "To stop,"
STOP_SECONDS = 120


def options_here() -> list[str]:
    """Return what this machine needs: root cannot give learners users of their own where Python is closed to others."""
    closed = any(closed_to_others(Path(sys.executable), Path(sys.base_prefix), Path(__file__)))
    return ["--one-user"] if os.geteuid() == 0 and closed else []


def keeps_learners_apart() -> bool:
    """Whether learners are promised here that others cannot read their work."""
    return fence.is_possible() or (os.geteuid() == 0 and not options_here())


@dataclass
class RunningHub:
    """A hub that has said that it is up."""

    folder: Path
    process: subprocess.Popen[str]
    said: str

    @property
    def address(self) -> str:
        """Where the class goes."""
        found = re.search(r"The class goes to: +(\S+)", self.said)
        assert found, self.said
        return found[1]

    @property
    def password(self) -> str:
        """What the instructor logs in with."""
        return (self.folder / "password-of-instructor.txt").read_text().strip()

    def stop(self) -> str:
        """Press Ctrl+C, and return what is said after it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.communicate(timeout=STOP_SECONDS)[0]


@contextmanager
def running_hub(folder: Path, course: Path, *options: str) -> Iterator[RunningHub]:
    """Run a hub on this machine alone until the block ends.

    Raises
    ------
    RuntimeError
        If it does not start; the message is what it said.
    """
    command = [sys.executable, "-c", "from course.cli import main; main()", "hub", str(folder)]
    command += ["--course", str(course), "--address", "127.0.0.1", "--port", "0", *options_here(), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        said = ""
        for line in process.stdout:
            said += line
            if line.startswith(LAST_LINE):
                break
        else:
            raise RuntimeError(said)
        hub = RunningHub(folder, process, said)
        try:
            yield hub
        finally:
            if process.poll() is None:
                hub.stop()

"""``course hub`` as a teacher runs it: a process that says what to do, and is stopped with Ctrl+C."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from course.classroom.hub.workshop import closed_to_others
from course.classroom.sandbox import server_sandbox
from tests.gradebook import ROOT

CODE = "plum-tree-8"
LAST_LINE = "To stop,"
STOP_SECONDS = 120


@dataclass(frozen=True)
class Mode:
    """What keeps learners apart.

    Parameters
    ----------
    name : str
        What pytest calls it.
    own_users : bool
        Whether every learner gets a system user of their own, which root alone can give. Otherwise all servers run as
        one user, with a fence where the kernel has one.
    """

    name: str
    own_users: bool

    def __str__(self) -> str:
        return self.name

    def why_not(self) -> str:
        """Say what this machine lacks for it; nothing if it can be tried."""
        if not self.own_users:
            return ""
        if os.geteuid() != 0:
            return "only root can give learners users of their own"
        if _closed() and not (shutil.which("unshare") and subprocess.call(["unshare", "--mount", "true"]) == 0):
            return f"Python is in {_closed()[0]}, which other users cannot enter, and nothing can be mounted here"
        return ""

    def keeps_learners_apart(self) -> bool:
        """Whether learners are promised here that others cannot read their work."""
        return self.own_users or server_sandbox.is_possible()

    def command(self) -> list[str]:
        """Return what stands before the hub's own command."""
        return _with_python_open_to_all() if self.own_users and _closed() else []

    def options(self) -> list[str]:
        """Return what it adds to the hub's options."""
        return [] if self.own_users else ["--one-user"]


ONE_USER = Mode("one-user", own_users=False)
OWN_USERS = Mode("own-users", own_users=True)


def _closed() -> list[Path]:
    """Return the folders on the way to Python and to the course that other users cannot enter, the outermost last."""
    return sorted(closed_to_others(Path(sys.executable), Path(sys.prefix), Path(sys.base_prefix), ROOT), reverse=True)


def _with_python_open_to_all() -> list[str]:
    """Return a command that gives what it runs a view of the file system where everybody can reach Python.

    Python is often in root's home. In that view another folder is mounted over the home, with nothing but Python in
    it. Nobody else sees that, and it ends with the process.
    """
    python, outermost = Path(sys.base_prefix).resolve(), _closed()[-1]
    script = """
set -e
aside=$(mktemp -d)
mount --bind "$1" "$aside"
mount -t tmpfs -o mode=755 open "$2"
mkdir -p "$1"
mount --bind "$aside" "$1"
umount "$aside"
rmdir "$aside"
shift 2
exec "$@"
"""
    return ["unshare", "--mount", "sh", "-c", script, "sh", str(python), str(outermost)]


@dataclass
class RunningHub:
    """A hub that has said that it is up."""

    folder: Path
    process: subprocess.Popen[str]
    output: str
    mode: Mode

    @property
    def address(self) -> str:
        """Where the class goes."""
        match = re.search(r"The class goes to: +(\S+)", self.output)
        assert match, self.output
        return match[1]

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
def running_hub(folder: Path, course: Path, *options: str, mode: Mode = ONE_USER) -> Iterator[RunningHub]:
    """Run a hub on this machine alone until the block ends.

    Raises
    ------
    RuntimeError
        If it does not start; the message is what it said.
    """
    _open_the_way_to(folder)
    command = [*mode.command(), sys.executable, "-c", "from course.cli import main; main()", "hub", str(folder)]
    command += ["--course", str(course), "--address", "127.0.0.1", "--port", "0", *mode.options(), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        printed = ""
        for line in process.stdout:
            printed += line
            if line.startswith(LAST_LINE):
                break
        else:
            raise RuntimeError(printed)
        hub = RunningHub(folder, process, printed, mode)
        try:
            yield hub
        finally:
            if process.poll() is None:
                hub.stop()


def _open_the_way_to(folder: Path) -> None:
    """Let other users through pytest's own folders, which it closes; a teacher takes an open one such as /srv."""
    for parent in closed_to_others(folder.parent):
        parent.chmod(parent.stat().st_mode | 0o011)

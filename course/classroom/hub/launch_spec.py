"""What stands between the hub and a person's server: it takes the seat, and then becomes the server.

It runs as a process of its own (``python -m course.classroom.hub.launch_spec SEAT COMMAND…``), so that everything
it does as the person, laying out files included, is done with the person's rights and never with the hub's.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn, Self

LARGEST_FILE = 2**30


@dataclass(frozen=True)
class Fence:
    """Folders outside the person's own.

    Parameters
    ----------
    readable, known, droppable : sequence of str
        What can be read, what can be read by whoever knows a file's name, and where files can be put.
    """

    readable: Sequence[str]
    known: Sequence[str]
    droppable: Sequence[str]


@dataclass(frozen=True)
class Seat:
    """Where and as whom a server runs.

    Parameters
    ----------
    folder : str
        The person's folder; the server starts there.
    number : int or None
        The system user to become; None to stay the hub's.
    memory_mib : int or None
        How much memory each process may take; None for as much as there is.
    processes : int or None
        How many processes and threads the person may have, where they are a system user; None for any number.
    lessons : bool
        Whether lessons are laid out in the folder.
    fence : Fence or None
        What a server that shares its system user may reach outside the folder; None for no fence.
    """

    folder: str
    number: int | None = None
    memory_mib: int | None = None
    processes: int | None = None
    lessons: bool = True
    fence: Fence | None = None

    def to_text(self) -> str:
        """Return it as an argument for the command line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the seat that `to_text` wrote."""
        found: dict[str, Any] = json.loads(text)
        fence = found.pop("fence")
        return cls(**found, fence=Fence(**fence) if fence else None)


def take(seat: Seat, command: Sequence[str]) -> NoReturn:
    """Become the person's system user in their folder, lay out what is missing there, and run the command.

    Raises
    ------
    OSError
        If the system refuses any of it. Nothing runs then: a server with more rights than promised is worse than none.
    """
    folder = Path(seat.folder)
    if seat.number is not None:
        os.setgroups([])
        os.setgid(seat.number)
        os.setuid(seat.number)
    os.umask(0o077)
    os.chdir(folder)
    Path(os.environ["TMPDIR"]).mkdir(exist_ok=True)
    if seat.lessons:
        _lay_out(folder)
        # Where nbgrader puts what is fetched; it does not make the folder itself.
        Path("exercises").mkdir(exist_ok=True)
    if seat.memory_mib is not None:
        # Memory that a process has for itself and can write to. Libraries and files it only reads do not count, and a
        # learner who asks for too much gets Python's MemoryError, not a dead kernel.
        most = seat.memory_mib * 2**20
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        # The same for a file: a loop that writes for ever fills the disk for everybody.
        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    if seat.processes is not None:
        resource.setrlimit(resource.RLIMIT_NPROC, (seat.processes, seat.processes))
    if seat.fence is not None:
        _put_up_fence(folder, seat.fence)
    os.execv(command[0], list(command))


def _put_up_fence(folder: Path, fence: Fence) -> None:
    from course.classroom.sandbox.server_sandbox import apply
    from course.install import workspace

    readable, known, droppable = (
        [Path(name) for name in names] for names in (fence.readable, fence.known, fence.droppable)
    )
    apply(folder, [*(workspace.source() / part for part in workspace.PARTS), *readable], known, droppable)


def _lay_out(folder: Path) -> None:
    from importlib.metadata import version

    from course.install.workspace import StartError, install_files

    try:
        install_files(folder, version("completely-free"), parts=("notebooks", "data"))
    except StartError as error:
        # A full disk, for one. The person should still reach what they have.
        print(error, file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    take(Seat.from_text(sys.argv[1]), sys.argv[2:])

"""What stands between the hub and a person's server: it takes the seat, and then becomes the server.

It runs as a process of its own (``python -m course.classroom.hub.seat SEAT COMMAND…``), so that everything it does as
the person, laying out files included, is done with the person's rights and never with the hub's.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn


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
    lessons : bool
        Whether lessons are laid out in the folder.
    fence : tuple of str or None
        The exchange folder's parts, with a fence around all else: what is read, what is known by name, what is dropped.
        None for no fence.
    """

    folder: str
    number: int | None = None
    memory_mib: int | None = None
    lessons: bool = True
    fence: tuple[str, ...] | None = None

    def to_text(self) -> str:
        """Return it as an argument for the command line."""
        return json.dumps(asdict(self))


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
    os.execv(command[0], list(command))


def _lay_out(folder: Path) -> None:
    from importlib.metadata import version

    from course.start import StartError, lay_out

    try:
        lay_out(folder, version("completely-free"), parts=("notebooks", "data"))
    except StartError as error:
        # A full disk, for one. The person should still reach what they have.
        print(error, file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    wanted = json.loads(sys.argv[1])
    if wanted["fence"] is not None:
        wanted["fence"] = tuple(wanted["fence"])
    take(Seat(**wanted), sys.argv[2:])

"""Launch a person's server: apply a launch spec to this process, then become the server.

The hub runs this as a separate process (``python -m course.classroom.hub.launch_spec SPEC COMMAND…``), so that
everything done for the person, such as installing the lessons, is done with the person's rights and never the hub's.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn, Self

LARGEST_FILE = 2**30


@dataclass(frozen=True)
class LaunchSpec:
    """Folder, user and limits of one person's server.

    Parameters
    ----------
    folder : str
        The person's folder; the server starts there.
    user_id : int or None
        The system user to become; None to stay the hub's user.
    memory_mib : int or None
        Memory limit of each process in MiB; None for no limit.
    processes : int or None
        Limit on processes and threads of the person's system user; None for no limit.
    lessons : bool
        Install the lessons in the folder.
    sandbox : mapping or None
        What a server that shares its system user may reach outside the folder: ``readable``, ``known`` and
        ``droppable`` folders, see `course.classroom.sandbox.landlock.restrict`. None for no sandbox.
    """

    folder: str
    user_id: int | None = None
    memory_mib: int | None = None
    processes: int | None = None
    lessons: bool = True
    sandbox: Mapping[str, Sequence[str]] | None = None

    def to_text(self) -> str:
        """Return the spec as a command-line argument (JSON)."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the spec that `to_text` wrote."""
        return cls(**json.loads(text))


def launch(spec: LaunchSpec, command: Sequence[str]) -> NoReturn:
    """Become the person's system user in their folder, install missing lessons, apply the limits, run the command.

    Raises
    ------
    OSError
        If the system refuses any step. The server does not start then, because it would have more rights than promised.
    """
    folder = Path(spec.folder)
    if spec.user_id is not None:
        os.setgroups([])
        os.setgid(spec.user_id)
        os.setuid(spec.user_id)
    os.umask(0o077)
    os.chdir(folder)
    Path(os.environ["TMPDIR"]).mkdir(exist_ok=True)
    if spec.lessons:
        _install_lessons(folder)
        # nbgrader puts fetched assignments here, but does not create the folder.
        Path("exercises").mkdir(exist_ok=True)
    if spec.memory_mib is not None:
        # RLIMIT_DATA counts private writable memory, not libraries or files that are only read. A learner who asks for
        # too much gets Python's MemoryError instead of a dead kernel.
        limit = spec.memory_mib * 2**20
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        # Limit file sizes too: an endless write would fill the disk for everybody.
        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    if spec.processes is not None:
        resource.setrlimit(resource.RLIMIT_NPROC, (spec.processes, spec.processes))
    if spec.sandbox is not None:
        _apply_sandbox(folder, spec.sandbox)
    os.execv(command[0], list(command))


def _apply_sandbox(folder: Path, paths: Mapping[str, Sequence[str]]) -> None:
    from course.classroom.sandbox.server_sandbox import apply
    from course.install import workspace

    readable, known, droppable = ([*map(Path, paths[kind])] for kind in ("readable", "known", "droppable"))
    apply(folder, [*(workspace.source() / part for part in workspace.PARTS), *readable], known, droppable)


def _install_lessons(folder: Path) -> None:
    from importlib.metadata import version

    from course.install.workspace import StartError, install_files

    try:
        install_files(folder, version("completely-free"), parts=("notebooks", "data"))
    except StartError as error:
        # For example a full disk. The person should still reach the files they have.
        print(error, file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    launch(LaunchSpec.from_text(sys.argv[1]), sys.argv[2:])

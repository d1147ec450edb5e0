"""A workshop's folder: what stands where in it, and who may enter which part.

===================  =====================================================  =======================
``class/``           the nbgrader course: solutions, gradebook, submitted     instructors alone
``learners/NAME/``   one learner's lessons, exercises, ledgers                that learner alone
``handed-in/NAME/``  what one learner hands in                                that learner, instructors
``exchange/``        what is released, collected and given back               as nbgrader sets it
``settings/NAME/``   what a person's server reads beside the course's own     everybody reads
``numbers/``         which system user is whose                               the hub alone
``python/``          the way to the course's package                          everybody reads
``hub/``             accounts, keys, log                                      the hub alone
``backups/``         gradebook, accounts and ledgers, a file for each stop    the hub alone
===================  =====================================================  =======================
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

VARIABLE: Final = "COURSE_HUB_WORKSHOP"
# nbgrader puts names into names of files, with "+" between the parts.
NAME_PATTERN: Final = r"[a-z0-9][a-z0-9._-]{0,31}"
NAME_WORDS: Final = "letters a to z, digits, dots, dashes; it begins with a letter or digit and has at most 32 of them"


class HubError(Exception):
    """The hub cannot start or go on. The message says why, and what to do."""


@dataclass(frozen=True)
class Workshop:
    """A workshop: its folder, and what was asked for on the command line.

    Parameters
    ----------
    folder : str
        An absolute path.
    course : str
        nbgrader's name of the course.
    instructors : tuple of str
        The names that instructors log in with.
    own_users : bool
        Whether every learner's server runs as a system user of its own. Otherwise all run as one.
    fence : bool
        Whether a server that shares its system user is shut into its learner's folder by the kernel.
    code : str
        Who gives it at sign-up needs no approval. Empty: everybody waits for the instructor.
    roster : tuple of str
        The names for which the code counts. Empty: it counts for every name.
    address, port : str, int
        Where the class reaches the hub.
    internal_ports : tuple of int
        Where hub and proxy speak to each other.
    memory_mib : int
        How much memory one process of a learner may take.
    memory_all_mib : int
        How much all processes of a learner may take together.
    disk_gib : float
        How much of the disk a learner's folder may take before the instructor is told.
    idle_minutes : float
        After how many minutes without work a server is stopped.
    """

    folder: str
    course: str
    instructors: tuple[str, ...]
    own_users: bool
    fence: bool
    code: str
    roster: tuple[str, ...]
    address: str
    port: int
    internal_ports: tuple[int, int]
    memory_mib: int
    memory_all_mib: int
    disk_gib: float
    idle_minutes: float

    @property
    def idle_seconds(self) -> int:
        """After how many seconds without work a server is stopped."""
        return max(1, round(self.idle_minutes * 60))

    @property
    def report_seconds(self) -> int:
        """How often servers and proxy tell the hub that somebody works; several times before it would stop a server."""
        return max(1, min(300, self.idle_seconds // 4))

    @property
    def root(self) -> Path:
        """The workshop's folder."""
        return Path(self.folder)

    @property
    def class_folder(self) -> Path:
        """The instructor's nbgrader course."""
        return self.root / "class"

    @property
    def learners(self) -> Path:
        """Where each learner has a folder."""
        return self.root / "learners"

    @property
    def exchange(self) -> Path:
        """What nbgrader carries between instructors and learners."""
        return self.root / "exchange"

    @property
    def outbound(self) -> Path:
        """What is released: everybody reads it."""
        return self.exchange / self.course / "outbound"

    @property
    def handed_in(self) -> Path:
        """What is handed in, in a folder for each learner that no other learner can write to or look into."""
        return self.root / "handed-in"

    @property
    def inbound(self) -> Path:
        """What is handed in and found to be in order, where nbgrader collects it."""
        return self.exchange / self.course / "inbound"

    @property
    def feedback(self) -> Path:
        """What is given back, in files whose names only their learners know."""
        return self.exchange / self.course / "feedback"

    @property
    def settings(self) -> Path:
        """The settings that servers read, in a folder for each person."""
        return self.root / "settings"

    @property
    def python(self) -> Path:
        """A folder for Python to find the course's package in, with nothing else from where that stands."""
        return self.root / "python"

    @property
    def hub(self) -> Path:
        """The hub's own files."""
        return self.root / "hub"

    @property
    def backups(self) -> Path:
        """A file for every time the hub was stopped."""
        return self.root / "backups"

    @property
    def log(self) -> Path:
        """What JupyterHub, its proxy and all servers have to say."""
        return self.hub / "hub.log"

    @property
    def numbers(self) -> Path:
        """Which system user belongs to whom."""
        return self.root / "numbers" / "numbers.json"

    def password(self, instructor: str) -> Path:
        """Return the file with the password that an instructor was given."""
        return self.root / f"password-of-{instructor}.txt"

    def to_environment(self) -> dict[str, str]:
        """Return the environment variable from which the hub's own processes read all this."""
        return {VARIABLE: json.dumps(asdict(self))}

    @classmethod
    def from_environment(cls) -> Self:
        """Return the workshop that this process was started for."""
        found: dict[str, Any] = json.loads(os.environ[VARIABLE])
        values: dict[str, Any] = {name: tuple(x) if isinstance(x, list) else x for name, x in found.items()}
        return cls(**values)


def closed_to_others(*paths: Path) -> Iterator[Path]:
    """Yield the folders on the way to `paths`, themselves included, that other users cannot enter."""
    seen: set[Path] = set()
    for path in paths:
        for folder in (path.resolve(), *path.resolve().parents):
            if folder in seen or not folder.is_dir():
                continue
            seen.add(folder)
            if not folder.stat().st_mode & stat.S_IXOTH:
                yield folder

"""The folders of a workshop, and who may read each of them.

===================  =====================================================  =======================
``class/``           the nbgrader course: solutions, gradebook, submitted     instructors alone
``learners/NAME/``   one learner's lessons, exercises, ledgers                that learner alone
``handed-in/NAME/``  one learner's submissions                                that learner, instructors
``exchange/``        released assignments, submissions, feedback              as nbgrader sets it
``settings/NAME/``   settings of one person's server                          everybody reads
``numbers/``         system user ids                                          the hub alone
``people/``          the names people gave at sign-up                         instructors alone
``python/``          the course's package, for PYTHONPATH                     everybody reads
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
NAME_WORDS: Final = "letters a to z, digits, dots and dashes; a letter or digit first; at most 32 characters"


class HubError(Exception):
    """The hub cannot start or go on. The message says why, and what to do."""


class _PathInside:
    """An attribute of `Workshop`: a path inside its folder, in which ``{course}`` stands for nbgrader's course_id."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __get__(self, workshop: Workshop, _: type[Workshop]) -> Path:
        return Path(workshop.folder, self._path.format(course=workshop.course))


@dataclass(frozen=True)
class Workshop:
    """The folder and the options of a workshop.

    Parameters
    ----------
    folder : str
        Absolute path of the workshop's folder.
    course : str
        nbgrader's course_id.
    instructors : tuple of str
        The instructors' login names.
    own_users : bool
        Whether each learner's server runs as a separate system user. Otherwise all run as the same user.
    sandbox : bool
        Whether the kernel confines a server that shares its system user to its learner's folder.
    code : str
        The class code: people who give it at sign-up need no approval. Empty: everybody needs approval.
    roster : tuple of str
        The names that may use the code. Empty: every name may.
    asks : tuple of str
        What the sign-up page asks besides the name: ``"email"``, ``"id"``.
    address, port : str, int
        Where the class reaches the hub.
    internal_ports : tuple of int
        The ports of the hub's and the proxy's own interfaces.
    memory_mib : int
        Memory limit for each process of a learner, in MiB.
    memory_all_mib : int
        Memory limit for all processes of a learner together, in MiB.
    disk_gib : float
        Size of a learner's folder, in GiB, above which the instructor is told.
    idle_minutes : float
        Minutes without activity after which a server is stopped.
    """

    folder: str
    course: str
    instructors: tuple[str, ...]
    own_users: bool
    sandbox: bool
    code: str
    roster: tuple[str, ...]
    asks: tuple[str, ...]
    address: str
    port: int
    internal_ports: tuple[int, int]
    memory_mib: int
    memory_all_mib: int
    disk_gib: float
    idle_minutes: float

    @property
    def idle_seconds(self) -> int:
        """Seconds without activity after which a server is stopped."""
        return max(1, round(self.idle_minutes * 60))

    @property
    def report_seconds(self) -> int:
        """Seconds between activity reports to the hub: several of them before an idle server is stopped."""
        return max(1, min(300, self.idle_seconds // 4))

    @property
    def root(self) -> Path:
        """The workshop's folder."""
        return Path(self.folder)

    class_folder = _PathInside("class")
    """The instructor's nbgrader course."""
    learners = _PathInside("learners")
    """The folder with a folder for each learner."""
    exchange = _PathInside("exchange")
    """The exchange of nbgrader."""
    outbound = _PathInside("exchange/{course}/outbound")
    """Released assignments, which everybody can read."""
    handed_in = _PathInside("handed-in")
    """Submissions, in a folder for each learner that no other learner can read or write."""
    inbound = _PathInside("exchange/{course}/inbound")
    """Valid submissions, where nbgrader collects them."""
    feedback = _PathInside("exchange/{course}/feedback")
    """Released feedback, in files whose names only their learners know."""
    settings = _PathInside("settings")
    """Settings for servers, in a folder for each person."""
    python = _PathInside("python")
    """A folder for PYTHONPATH that holds the course's package and nothing else."""
    hub = _PathInside("hub")
    """The hub's own files."""
    backups = _PathInside("backups")
    """Backups: a file for each time the hub was stopped."""
    log = _PathInside("hub/hub.log")
    """The log of JupyterHub, its proxy and all servers."""
    user_ids = _PathInside("numbers/numbers.json")
    """The file that records each person's system user id."""

    people = _PathInside("people/people.json")
    """The file with what people gave at sign-up."""

    def password(self, instructor: str) -> Path:
        """Return the file with an instructor's first password."""
        return self.root / f"password-of-{instructor}.txt"

    def to_environment(self) -> dict[str, str]:
        """Return the environment variable that passes the workshop to the hub's processes."""
        return {VARIABLE: json.dumps(asdict(self))}

    @classmethod
    def from_environment(cls) -> Self:
        """Return the workshop that this process was started for."""
        values: dict[str, Any] = json.loads(os.environ[VARIABLE])
        lists_as_tuples: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        return cls(**lists_as_tuples)


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

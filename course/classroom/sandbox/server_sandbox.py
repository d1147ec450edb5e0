"""Sandbox a learner's Jupyter server that shares its system user with other servers.

Where learners have no system users of their own, file permissions do not separate them: every file belongs to the same
user. Landlock restricts such a server, and everything it starts, to the paths it is given. Two gaps remain. A learner
who knows a path outside can read the file's size and change its permissions, but not its content. And before Linux 6.12
a learner can kill another learner's processes.
"""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from course.classroom.sandbox import landlock, linux, seccomp
from course.classroom.sandbox.paths import DEVICES, readable_by_default

_SYSTEM: Final = tuple(
    Path(name)
    for name in (
        "/etc/group", "/etc/hosts", "/etc/ipython", "/etc/jupyter", "/etc/nsswitch.conf", "/etc/passwd",
        "/etc/resolv.conf", "/etc/ssl", "/proc", "/sys/devices/system/cpu", "/usr/local/etc", "/usr/local/share",
    )
)  # fmt: skip


def is_possible() -> bool:
    """Return whether this machine supports the sandbox."""
    return sys.platform == "linux" and landlock.version() > 0 and not seccomp.missing()


def apply(folder: Path, readable: Sequence[Path], known: Sequence[Path], droppable: Sequence[Path]) -> None:
    """Restrict this process, and everything it starts, to one folder and what a Jupyter server needs.

    Parameters
    ----------
    folder : pathlib.Path
        The learner's folder, to read and write.
    readable, known, droppable : sequence of pathlib.Path
        The course's files and the exchange, with the meaning they have in `landlock.restrict`.

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    linux.gain_no_privileges()
    linux.drop_capabilities()
    _refuse_unix_sockets()
    landlock.restrict([*readable_by_default(), *_SYSTEM, *readable], [folder, *DEVICES], known, droppable, network=True)


def _refuse_unix_sockets() -> None:
    """Refuse to talk to services of the same user outside, which would obey: D-Bus, Docker, an SSH agent.

    They listen on Unix sockets, which Landlock does not restrict. io_uring is refused too, because it opens sockets
    without a system call that the filter sees.
    """
    library = seccomp.load_library()
    rules = library.SyscallFilter(library.ALLOW)
    rules.add_rule(library.ERRNO(errno.EACCES), "socket", library.Arg(0, library.EQ, socket.AF_UNIX))
    for name in ("io_uring_setup", "io_uring_enter", "io_uring_register"):
        rules.add_rule(library.ERRNO(errno.ENOSYS), name)
    rules.load()

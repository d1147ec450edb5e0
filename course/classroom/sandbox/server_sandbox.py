"""A fence round a server that shares its system user with others: the kernel lets it reach its learner's folder alone.

Where learners have no system users of their own, permissions mean nothing: every file belongs to the one user. Landlock
keeps such a server, and everything it starts, to the paths it is given. Two things are left over. Whoever knows a path
outside can ask for the size of what is there and change its permissions, though not its content. And before Linux 6.12
a learner can end another's processes.
"""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_SYSTEM: Final = (
    *("/etc/group", "/etc/hosts", "/etc/ipython", "/etc/jupyter", "/etc/nsswitch.conf", "/etc/passwd"),
    *("/etc/resolv.conf", "/etc/ssl", "/proc", "/sys/devices/system/cpu", "/usr/local/etc", "/usr/local/share"),
)
_DEVICES: Final = ("/dev/full", "/dev/null", "/dev/random", "/dev/urandom", "/dev/zero")


def is_possible() -> bool:
    """Whether this machine can put up the fence."""
    if sys.platform != "linux":
        return False
    from course.classroom.sandbox import landlock, seccomp

    return landlock.version() > 0 and not seccomp.missing()


def apply(folder: Path, readable: Sequence[Path], known: Sequence[Path], droppable: Sequence[Path]) -> None:
    """Keep this process and all it starts to one folder and what a server needs, for ever.

    Parameters
    ----------
    folder : pathlib.Path
        The learner's: read and written.
    readable : sequence of pathlib.Path
        What it may read besides Python, its libraries and the system's files: its settings and the course.
    known, droppable : sequence of pathlib.Path
        The exchange, as `course.classroom.sandbox.landlock.restrict` has them.

    Raises
    ------
    OSError
        If the kernel does not do it.
    """
    from course.classroom import sandbox
    from course.classroom.sandbox import landlock, linux

    system = [Path(name) for name in _SYSTEM]
    devices = [Path(name) for name in _DEVICES]
    linux.gain_no_privileges()
    linux.drop_capabilities()
    _refuse_services_of_the_user()
    landlock.restrict(
        [*sandbox.readable_by_default(), *system, *readable],
        [folder, *devices],
        known,
        droppable,
        network=True,
    )


def _refuse_services_of_the_user() -> None:
    """Refuse to speak to what runs for the same user outside and would do as it is told: D-Bus, Docker, an SSH agent.

    They listen on Unix sockets, and Landlock does not look at these. A system call that opens sockets past the filter
    (io_uring) is refused with them.
    """
    from course.classroom.sandbox.seccomp import load_library

    library = load_library()
    rules = library.SyscallFilter(library.ALLOW)
    rules.add_rule(library.ERRNO(errno.EACCES), "socket", library.Arg(0, library.EQ, socket.AF_UNIX))
    for name in ("io_uring_setup", "io_uring_enter", "io_uring_register"):
        rules.add_rule(library.ERRNO(errno.ENOSYS), name)
    rules.load()

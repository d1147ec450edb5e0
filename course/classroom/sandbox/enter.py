"""What a child does between the fork and the submission: it lets go of everything and enters each active layer."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from course.classroom.sandbox import landlock, linux, macos, namespaces, seccomp
from course.classroom.sandbox.layers import LANDLOCK, MACOS, NAMESPACES, SECCOMP
from course.classroom.sandbox.limits import Limits, apply, apply_processes
from course.classroom.sandbox.paths import DEVICES, OF_THE_MACHINE
from course.classroom.sandbox.scratch_folder import HOME

_KEPT_ENVIRONMENT: Final = ("LANG", "LC_ALL", "LC_CTYPE", "TZ")
# A user number nobody has, another one for each child: what one may do to its own processes, it may do to no other's.
_FIRST_USER: Final = 2_100_000_000


def close_all_but(keep: Iterable[int]) -> None:
    """Close what the parent had open. Standard input becomes empty; no terminal is left to type into."""
    empty = os.open(os.devnull, os.O_RDWR)
    os.dup2(empty, 0)
    for descriptor in (1, 2):
        try:
            terminal = os.isatty(descriptor)
        except OSError:
            terminal = True
        if terminal:
            os.dup2(empty, descriptor)
    first = 3
    for descriptor in sorted({*keep}):
        os.closerange(first, descriptor)
        first = max(first, descriptor + 1)
    os.closerange(first, os.sysconf("SC_OPEN_MAX"))


def enter(active: frozenset[str], folder: Path, readable: tuple[Path, ...], limits: Limits, *, listening: bool) -> None:
    """Put this process into every active layer. It stands in `folder` then, and none of it can be undone."""
    os.setsid()
    _reset_signals()
    contained = NAMESPACES in active
    if sys.platform == "linux":
        if contained:
            _enter_namespaces(folder, readable, limits)
        linux.drop_capabilities()
        linux.die_with_parent(signal.SIGKILL)
        linux.gain_no_privileges()
    _clean_environment(folder)
    apply(limits)
    if LANDLOCK in active:
        proc = (Path("/proc"),) if contained else (Path("/proc") / str(os.getpid()), *OF_THE_MACHINE)
        places = (folder, Path("/tmp"), Path("/dev/pts")) if contained else (folder,)
        landlock.restrict((*readable, *proc), (*places, *DEVICES))
    if SECCOMP in active:
        seccomp.restrict(alone=not contained, listening=listening)
    if MACOS in active:
        macos.restrict(readable, folder)


def _enter_namespaces(folder: Path, readable: tuple[Path, ...], limits: Limits) -> None:
    user = _FIRST_USER + int(os.readlink("/proc/self"))  # noqa: PTH115 (the number outside of the namespace)
    # Root may be somebody else. Another user, who has a namespace of their own, is the only one there is in it.
    changes = os.geteuid() == 0 and linux.has_user(user)
    namespaces.enter(namespaces.view(readable), folder, folder / HOME / "root")
    if changes:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user, user, follow_symlinks=False)
        os.setgroups(())
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        linux.show_itself()
    apply_processes(limits)


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGCHLD, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _clean_environment(folder: Path) -> None:
    """Stand in the folder, with a home in it, and know nothing of whoever grades."""
    os.chdir(folder)
    home = folder / HOME
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    os.environ.clear()
    os.environ.update(
        {"LANG": "C.UTF-8"}
        | kept
        | {
            "HOME": str(home),
            "IPYTHONDIR": str(home / "ipython"),
            "TMPDIR": str(home / "tmp"),
            "USER": "learner",
            "LOGNAME": "learner",
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin")),
        }
    )
    tempfile.tempdir = None
    if sys.platform == "linux":
        linux.forget_first_environment()

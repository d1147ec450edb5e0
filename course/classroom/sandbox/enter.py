"""What a child process does between the fork and the submission: drop what it inherited and enter each active layer."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from course.classroom.sandbox import landlock, linux, namespaces, seccomp
from course.classroom.sandbox.layers import LANDLOCK, NAMESPACES, SECCOMP
from course.classroom.sandbox.limits import Limits, apply, apply_processes
from course.classroom.sandbox.paths import DEVICES, PROC_FILES
from course.classroom.sandbox.scratch_folder import HOME

_KEPT_ENVIRONMENT: Final = ("LANG", "LC_ALL", "LC_CTYPE", "TZ")
# User IDs that nobody has, a different one for each child: whatever a user may do to its own processes, it may not do
# to those of another user.
_FIRST_USER: Final = 2_100_000_000


def close_all_but(keep: Iterable[int]) -> None:
    """Close the inherited file descriptors except `keep`, stdout and stderr.

    Standard input becomes empty, and so does a standard stream that is a terminal, so that nobody can type into it.
    """
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


def enter(
    active: frozenset[str],
    folder: Path,
    readable: tuple[Path, ...],
    limits: Limits,
    *,
    hidden: Iterable[Path],
    listening: bool,
) -> None:
    """Put this process into every active layer, with `folder` as its working directory. This cannot be undone."""
    os.setsid()
    _reset_signals()
    contained = NAMESPACES in active
    if sys.platform == "linux":
        if contained:
            _enter_namespaces(folder, readable, hidden, limits)
        linux.drop_capabilities()
        linux.die_with_parent(signal.SIGKILL)
        linux.gain_no_privileges()
    _clean_environment(folder)
    apply(limits)
    if LANDLOCK in active:
        proc = (Path("/proc"),) if contained else (Path("/proc") / str(os.getpid()), *PROC_FILES)
        writable = (folder, Path("/tmp"), Path("/dev/pts")) if contained else (folder,)
        landlock.restrict((*readable, *proc), (*writable, *DEVICES))
    if SECCOMP in active:
        seccomp.restrict(alone=not contained, listening=listening)


def _enter_namespaces(folder: Path, readable: tuple[Path, ...], hidden: Iterable[Path], limits: Limits) -> None:
    user = _FIRST_USER + int(os.readlink("/proc/self"))  # noqa: PTH115 (the process ID outside of the namespace)
    # Root can become another user. Any other user has a user namespace of their own, with no other user in it.
    changes_user = os.geteuid() == 0 and linux.has_user(user)
    namespaces.enter(namespaces.visible_files(readable), folder, folder / HOME / "root", hidden)
    if changes_user:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user, user, follow_symlinks=False)
        os.setgroups(())
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        linux.become_dumpable()
    apply_processes(limits)


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGCHLD, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _clean_environment(folder: Path) -> None:
    """Change to the folder and replace the environment, so that nothing in it is the grader's."""
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
        linux.erase_initial_environment()

"""Namespaces: a process that sees no process, no file system and no network but its own (Linux, where allowed).

Root may always make them, another user where the system lets users have namespaces of their own. The new root folder is
an empty one, into which only what may be read and written is bound.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from course.classroom.grading import linux

_REST: Final = linux.CLONE_NEWNS | linux.CLONE_NEWNET | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS
_DEVICES: Final = tuple(Path("/dev") / name for name in ("null", "zero", "full", "random", "urandom"))


def fork_inside() -> int:
    """Fork a child that is the first process of a new process namespace: when it ends, so do all that it started.

    The child waits until it is a child of this process; only root makes it in one step. Returns as `os.fork`.

    Raises
    ------
    OSError
        If this machine does not allow it.
    """
    if linux.has_capability(linux.CAP_SYS_ADMIN):
        return _fork_as_root()
    return _fork_as_user()


def _fork_as_root() -> int:
    ours = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    try:
        linux.unshare(linux.CLONE_NEWPID)
        pid = -1
        try:
            pid = os.fork()
        finally:
            if pid != 0:
                linux.enter_namespace(ours)
    finally:
        os.close(ours)
    return pid


def _fork_as_user() -> int:
    """Fork twice: a process cannot take back that it has left its user namespace, so another one leaves."""
    linux.adopt_orphans()
    told, tell = os.pipe()
    adopted, adopt = os.pipe()
    middle = os.fork()
    if middle == 0:
        pid = -1
        try:
            pid = _leave_and_fork()
            if pid:
                os.write(tell, b"%d" % pid)
        except OSError as error:
            os.write(tell, b"-%d" % (error.errno or 0))
        finally:
            if pid != 0:
                os._exit(0)
        os.close(told)
        os.close(tell)
        os.close(adopt)
        # The parent says so, or has ended.
        go = os.read(adopted, 1)
        os.close(adopted)
        if not go:
            os._exit(1)
        return 0
    os.close(tell)
    os.close(adopted)
    try:
        os.waitpid(middle, 0)
        answer = int(os.read(told, 32) or b"-0")
        if answer <= 0:
            raise OSError(-answer, f"A user of this machine gets no namespace: {os.strerror(-answer)}")
        os.write(adopt, b"g")
    finally:
        os.close(told)
        os.close(adopt)
    return answer


def _leave_and_fork() -> int:
    user, group = os.getuid(), os.getgid()
    linux.unshare(linux.CLONE_NEWUSER | linux.CLONE_NEWPID)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    return os.fork()


def enter(readable: Iterable[Path], folder: Path, temporary: Path) -> None:
    """Leave the machine's files, network and messages, as a child of `fork_inside`.

    Parameters
    ----------
    readable : iterable of pathlib.Path
        What can be read. What does not exist is passed over.
    folder : pathlib.Path
        What can be written to.
    temporary : pathlib.Path
        The folder that is ``/tmp`` from now on.

    Raises
    ------
    OSError
        If this machine does not allow it.
    """
    linux.unshare(_REST)
    linux.mount(None, "/", None, linux.MS_REC | linux.MS_PRIVATE)
    # Opened now, because the new root is built over a folder that some of them may lie in.
    sources = {path: os.open(path, os.O_PATH | os.O_CLOEXEC) for path in _roots(readable)}
    links = {link: link.readlink() for path in readable for link in (path, *path.parents) if link.is_symlink()}
    writable = {path: os.open(path, os.O_PATH | os.O_CLOEXEC) for path in (folder, *_DEVICES) if path.exists()}
    tmp = os.open(temporary, os.O_PATH | os.O_CLOEXEC)

    root = Path("/tmp")
    linux.mount("none", str(root), "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "size=1m,mode=755")
    for path, source in sources.items():
        _bind(source, root, path, linux.MS_RDONLY | linux.MS_NODEV)
    _bind(tmp, root, Path("/tmp"), linux.MS_NODEV)
    for path, source in writable.items():
        _bind(source, root, path, 0)
    for link, target in links.items():
        place = _inside(root, link)
        if not os.path.lexists(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(target)
    proc = root / "proc"
    proc.mkdir()
    linux.mount("proc", str(proc), "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    linux.mount(None, str(root), None, linux.MS_REMOUNT | linux.MS_BIND | linux.MS_RDONLY | linux.MS_NOSUID)
    linux.become_root_folder(str(root))
    for descriptor in (*sources.values(), *writable.values(), tmp):
        os.close(descriptor)


def _roots(paths: Iterable[Path]) -> list[Path]:
    """Return the paths that exist, without links, and without those that lie in another one."""
    real = {path.resolve() for path in paths if path.exists()}
    return sorted(path for path in real if not real.intersection(path.parents) and Path("/proc") not in path.parents)


def _bind(source: int, root: Path, path: Path, flags: int) -> None:
    place = _inside(root, path)
    if stat.S_ISDIR(os.fstat(source).st_mode):
        place.mkdir(parents=True, exist_ok=True)
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    # Through /proc, because a mount in between may hide the path itself.
    linux.mount(f"/proc/self/fd/{source}", str(place), None, linux.MS_BIND | linux.MS_REC)
    if flags:
        # What the machine has taken from a mount (no programs, no devices) cannot be given back by a user.
        kept = os.statvfs(place).f_flag & (linux.MS_NOEXEC | linux.MS_NODEV)
        remount = linux.MS_REMOUNT | linux.MS_BIND | linux.MS_NOSUID
        linux.mount(None, str(place), None, remount | flags | kept)


def _inside(root: Path, path: Path) -> Path:
    return root / path.relative_to("/")

"""Namespaces: a process with its own process table, file system and network (Linux, where allowed).

Root may always create them, other users where the system permits user namespaces. The new root folder is an empty
tmpfs, into which only what may be read and written is bind-mounted.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from course.classroom.sandbox import linux

_OTHER_NAMESPACES: Final = linux.CLONE_NEWNS | linux.CLONE_NEWNET | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS
_DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def fork_inside() -> int:
    """Fork a child that is the init process of a new PID namespace: when it ends, everything it started ends too.

    Returns as `os.fork` does. Without root it takes two forks, and the child waits until this process has adopted it.

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
    """Fork twice: a process cannot return to its user namespace once it has left it, so an intermediate one leaves."""
    linux.adopt_orphans()
    pid_reader, pid_writer = os.pipe()
    go_reader, go_writer = os.pipe()
    intermediate = os.fork()
    if intermediate == 0:
        pid = -1
        try:
            pid = _leave_and_fork()
            if pid:
                os.write(pid_writer, b"%d" % pid)
        except OSError as error:
            os.write(pid_writer, b"-%d" % (error.errno or 0))
        finally:
            if pid != 0:
                os._exit(0)
        os.close(pid_reader)
        os.close(pid_writer)
        os.close(go_writer)
        # Empty if the parent has ended.
        go = os.read(go_reader, 1)
        os.close(go_reader)
        if not go:
            os._exit(1)
        return 0
    os.close(pid_writer)
    os.close(go_reader)
    try:
        os.waitpid(intermediate, 0)
        # The child's process ID, or a negative errno.
        result = int(os.read(pid_reader, 32) or b"-0")
        if result <= 0:
            raise OSError(-result, f"A user of this machine gets no namespace: {os.strerror(-result)}")
        os.write(go_writer, b"g")
    finally:
        os.close(pid_reader)
        os.close(go_writer)
    return result


def _leave_and_fork() -> int:
    user, group = os.getuid(), os.getgid()
    linux.unshare(linux.CLONE_NEWUSER | linux.CLONE_NEWPID)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    return os.fork()


# Size of /tmp and /dev/shm, which are in memory and disappear with the process.
_TMP_MIB: Final = 64


@dataclass(frozen=True)
class VisibleFiles:
    """What a process sees of the machine's files: folders, single files, and symbolic links with their targets."""

    folders: tuple[str, ...]
    files: tuple[str, ...]
    links: tuple[tuple[str, str], ...]


@cache
def visible_files(readable: tuple[Path, ...]) -> VisibleFiles:
    """Sort `readable` paths, some of which may not exist. Call it before forking, so that all children share it."""
    links: dict[Path, str] = {}
    real = {_follow(path, links) for path in readable if path.exists()}
    real = {path for path in real if not real.intersection(path.parents) and Path("/proc") not in path.parents}
    return VisibleFiles(
        tuple(sorted(str(path) for path in real if path.is_dir())),
        tuple(sorted(str(path) for path in real if not path.is_dir())),
        tuple(sorted((str(link), to) for link, to in links.items() if not real.intersection(link.parents))),
    )


def _follow(path: Path, links: dict[Path, str]) -> Path:
    """Return the real path, and add each symbolic link on the way to `links`."""
    here, ahead = Path("/"), list(reversed(path.absolute().parts[1:]))
    while ahead:
        part = ahead.pop()
        if part == "..":
            here = here.parent
            continue
        step = here / part
        if not step.is_symlink():
            here = step
            continue
        target = links[step] = str(step.readlink())
        if target.startswith("/"):
            here = Path("/")
        ahead += [part for part in reversed(Path(target).parts) if part != "/"]
    return here


def enter(visible: VisibleFiles, folder: Path, mountpoint: Path, hidden: Iterable[Path] = ()) -> None:
    """Leave the machine's file system, network and IPC namespaces, in a child that `fork_inside` returned.

    Parameters
    ----------
    visible : VisibleFiles
        What can be read.
    folder : pathlib.Path
        What can be written to.
    mountpoint : pathlib.Path
        An empty folder to build the new root on.
    hidden : iterable of pathlib.Path
        Folders that are empty for the child, though they lie in what can be read.

    Raises
    ------
    OSError
        If this machine does not allow it.
    """
    root = str(mountpoint)
    linux.unshare(_OTHER_NAMESPACES)
    linux.mount(None, "/", None, linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("none", root, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "size=1m,mode=755")
    Path(root + "/tmp").mkdir()
    linux.mount("none", root + "/tmp", "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, f"size={_TMP_MIB}m,mode=1777")
    for name in (*visible.folders, "/proc", "/dev/pts", str(folder)):
        Path(root + name).mkdir(parents=True, exist_ok=True)
    for name in (*visible.files, *_DEVICES):
        Path(root + name).parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(root + name, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o444))
    for name, target in (*visible.links, ("/dev/shm", "/tmp"), ("/dev/ptmx", "pts/ptmx")):
        Path(root + name).parent.mkdir(parents=True, exist_ok=True)
        os.symlink(target, root + name)  # noqa: PTH211
    for name in (*visible.folders, *visible.files):
        linux.mount(name, root + name, None, linux.MS_BIND | linux.MS_REC)
    for path in hidden:
        if Path(root + str(path)).is_dir():
            linux.mount("none", root + str(path), "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "size=4k,mode=555")
    linux.make_read_only(root)
    linux.make_writable(root + "/tmp")
    for name in _DEVICES:
        linux.mount(name, root + name, None, linux.MS_BIND)
    linux.mount("proc", f"{root}/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    # IPython runs shell commands (!ls) in a pseudoterminal.
    linux.mount("devpts", f"{root}/dev/pts", "devpts", linux.MS_NOSUID | linux.MS_NOEXEC, "newinstance,ptmxmode=666")
    linux.mount(str(folder), root + str(folder), None, linux.MS_BIND)
    linux.become_root_folder(root)

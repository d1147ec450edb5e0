"""Namespaces: a process that sees no process, no file system and no network but its own (Linux, where allowed).

Root may always make them, another user where the system lets users have namespaces of their own. The new root folder is
an empty one, into which only what may be read and written is bound.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from course.classroom.sandbox import linux

_REST: Final = linux.CLONE_NEWNS | linux.CLONE_NEWNET | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS
_DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


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


# What can be left in /tmp and /dev/shm: both are memory, and gone with the process.
_TMP_MIB: Final = 64


@dataclass(frozen=True)
class View:
    """What is seen of the machine's files: folders, single files, and links from one place to another."""

    folders: tuple[str, ...]
    files: tuple[str, ...]
    links: tuple[tuple[str, str], ...]


@cache
def view(readable: tuple[Path, ...]) -> View:
    """Find out what `readable` paths, of which some may not exist, are. Done before a child is forked, and once."""
    links: dict[Path, str] = {}
    real = {_follow(path, links) for path in readable if path.exists()}
    real = {path for path in real if not real.intersection(path.parents) and Path("/proc") not in path.parents}
    return View(
        tuple(sorted(str(path) for path in real if path.is_dir())),
        tuple(sorted(str(path) for path in real if not path.is_dir())),
        tuple(sorted((str(link), to) for link, to in links.items() if not real.intersection(link.parents))),
    )


def _follow(path: Path, links: dict[Path, str]) -> Path:
    """Return where a path really is, and note each link on the way."""
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


def enter(seen: View, folder: Path, mountpoint: Path) -> None:
    """Leave the machine's files, network and messages, as a child of `fork_inside`.

    Parameters
    ----------
    seen : View
        What can be read.
    folder : pathlib.Path
        What can be written to.
    mountpoint : pathlib.Path
        An empty folder, over which the new root is built.

    Raises
    ------
    OSError
        If this machine does not allow it.
    """
    root = str(mountpoint)
    linux.unshare(_REST)
    linux.mount(None, "/", None, linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("none", root, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "size=1m,mode=755")
    Path(root + "/tmp").mkdir()
    linux.mount("none", root + "/tmp", "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, f"size={_TMP_MIB}m,mode=1777")
    for name in (*seen.folders, "/proc", "/dev/pts", str(folder)):
        Path(root + name).mkdir(parents=True, exist_ok=True)
    for name in (*seen.files, *_DEVICES):
        Path(root + name).parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(root + name, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o444))
    for name, target in (*seen.links, ("/dev/shm", "/tmp"), ("/dev/ptmx", "pts/ptmx")):
        Path(root + name).parent.mkdir(parents=True, exist_ok=True)
        os.symlink(target, root + name)  # noqa: PTH211
    for name in (*seen.folders, *seen.files):
        linux.mount(name, root + name, None, linux.MS_BIND | linux.MS_REC)
    linux.make_read_only(root)
    linux.make_writable(root + "/tmp")
    for name in _DEVICES:
        linux.mount(name, root + name, None, linux.MS_BIND)
    linux.mount("proc", f"{root}/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    # IPython gives a program that a cell runs (!ls) a terminal.
    linux.mount("devpts", f"{root}/dev/pts", "devpts", linux.MS_NOSUID | linux.MS_NOEXEC, "newinstance,ptmxmode=666")
    linux.mount(str(folder), root + str(folder), None, linux.MS_BIND)
    linux.become_root_folder(root)

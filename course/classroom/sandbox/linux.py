"""The few Linux system calls that Python's standard library lacks, as functions that raise `OSError`.

They use ctypes: ``os.unshare`` and ``os.setns`` exist from Python 3.12 on, but not in 3.11, and no version has
``mount``, ``prctl`` or ``capset``.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache
from typing import Any, Final

CLONE_NEWNS: Final = 0x0002_0000
CLONE_NEWUTS: Final = 0x0400_0000
CLONE_NEWIPC: Final = 0x0800_0000
CLONE_NEWUSER: Final = 0x1000_0000
CLONE_NEWPID: Final = 0x2000_0000
CLONE_NEWNET: Final = 0x4000_0000

MS_RDONLY: Final = 1
MS_NOSUID: Final = 2
MS_NODEV: Final = 4
MS_NOEXEC: Final = 8
MS_BIND: Final = 4096
MS_REC: Final = 16384
MS_PRIVATE: Final = 1 << 18
MNT_DETACH: Final = 2

CAP_SYS_ADMIN: Final = 21

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_SECCOMP: Final = 22
_PR_SET_CHILD_SUBREAPER: Final = 36
_PR_SET_NO_NEW_PRIVS: Final = 38
_AT_FDCWD: Final = -100
_AT_RECURSIVE: Final = 0x8000
# Newer system calls have the same number on every architecture.
_MOUNT_SETATTR: Final = 442
_CAPABILITY_VERSION_3: Final = 0x2008_0522
_PIVOT_ROOT: Final = {"x86_64": 155, "aarch64": 41, "riscv64": 41, "ppc64le": 203, "s390x": 217}


@cache
def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: Any) -> int:
    """Call a function of the C library.

    Raises
    ------
    OSError
        With the errno of the call.
    """
    result: int = getattr(_libc(), name)(*arguments)
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def system_call(number: int, *arguments: Any) -> int:
    """Make a system call by its number, for those that the C library has no function for."""
    return call("syscall", ctypes.c_long(number), *arguments)


def unshare(flags: int) -> None:
    """Move this process to new namespaces, of the kinds in `flags` (unshare(2))."""
    call("unshare", ctypes.c_int(flags))


def enter_namespace(descriptor: int) -> None:
    """Move this process to the namespace that an open file of /proc/self/ns refers to (setns(2))."""
    call("setns", ctypes.c_int(descriptor), ctypes.c_int(0))


def mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """Mount a file system (mount(2))."""

    def text(value: str | None) -> bytes | None:
        return None if value is None else os.fsencode(value)

    call("mount", text(source), text(target), text(kind), ctypes.c_ulong(flags), text(data))


def make_read_only(folder: str) -> None:
    """Make the mount at `folder`, and those below it, read-only (Linux 5.12 and newer)."""
    _set_mount(folder, MS_RDONLY | MS_NOSUID | MS_NODEV, 0, _AT_RECURSIVE)


def make_writable(folder: str) -> None:
    """Undo `make_read_only` for the one mount at `folder`."""
    _set_mount(folder, 0, MS_RDONLY, 0)


def _set_mount(folder: str, on: int, off: int, flags: int) -> None:
    attributes = (ctypes.c_uint64 * 4)(on, off, 0, 0)
    path = ctypes.c_char_p(os.fsencode(folder))
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    system_call(_MOUNT_SETATTR, ctypes.c_int(_AT_FDCWD), path, ctypes.c_uint(flags), attributes, size)


def become_root_folder(folder: str) -> None:
    """Make a mounted `folder` the root of this process's mount namespace, and unmount the old root."""
    os.chdir(folder)
    # With the same path twice, the old root is stacked on the new one and can be unmounted from there: no folder is
    # needed for it (pivot_root(2)).
    system_call(_PIVOT_ROOT[os.uname().machine], b".", b".")
    call("umount2", b".", ctypes.c_int(MNT_DETACH))
    os.chdir("/")


def die_with_parent(signal: int) -> None:
    """Have the kernel send this process `signal` when its parent ends."""
    call("prctl", ctypes.c_int(_PR_SET_PDEATHSIG), ctypes.c_ulong(signal), *[ctypes.c_ulong(0)] * 3)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    call("prctl", ctypes.c_int(_PR_SET_CHILD_SUBREAPER), ctypes.c_ulong(1), *[ctypes.c_ulong(0)] * 3)


def gain_no_privileges() -> None:
    """Set no_new_privs: no program that this process executes gains rights, such as by a set-user-ID bit."""
    call("prctl", ctypes.c_int(_PR_SET_NO_NEW_PRIVS), ctypes.c_ulong(1), *[ctypes.c_ulong(0)] * 3)


def become_dumpable() -> None:
    """Let this process read its own files in /proc again, which a change of user forbids."""
    call("prctl", ctypes.c_int(_PR_SET_DUMPABLE), ctypes.c_ulong(1), *[ctypes.c_ulong(0)] * 3)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def filter_system_calls(program: bytes) -> None:
    """Install a BPF program that the kernel runs before each system call (seccomp(2)).

    Call `gain_no_privileges` first.
    """
    filtered = _Program(len(program) // 8, program)
    call("prctl", ctypes.c_int(_PR_SET_SECCOMP), ctypes.c_ulong(2), ctypes.byref(filtered), *[ctypes.c_ulong(0)] * 2)


def drop_capabilities() -> None:
    """Give up every capability of this process."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    call("capset", header, (ctypes.c_uint32 * 6)())


def has_capability(number: int) -> bool:
    """Return whether this process has a capability in effect."""
    with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123 (a third of the time of Path.read_text)
        effective = next(line for line in status if line.startswith("CapEff:"))
    return bool(int(effective.split()[1], 16) >> number & 1)


def has_user(number: int) -> bool:
    """Return whether a user ID is mapped in this process's user namespace."""
    with open("/proc/self/uid_map", encoding="ascii") as ranges:  # noqa: PTH123
        return any(first <= number < first + count for first, _, count in (map(int, line.split()) for line in ranges))


def erase_initial_environment() -> None:
    """Overwrite the environment that this process was started with, which /proc/self/environ keeps showing."""
    with open("/proc/self/stat", encoding="ascii", errors="replace") as stat:  # noqa: PTH123
        # The program's name may contain spaces and brackets, so split what follows the last bracket (proc(5)).
        fields = stat.read().rpartition(")")[2].split()
    start, end = int(fields[47]), int(fields[48])
    if 0 < start < end:
        ctypes.memset(start, 0, end - start)

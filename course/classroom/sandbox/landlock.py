"""Landlock: restrict which files a process, and everything it starts, may read and write (Linux 5.13 and newer).

It needs no privileges and works in a container. This follows the kernel's documentation (userspace-api/landlock),
because the package ``landlock`` on PyPI (1.0.0.dev5, alpha) supports neither network nor scopes, and its rules for
single files fail.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from course.classroom.sandbox import linux

# System calls added since 2019 have the same number on every architecture.
_CREATE_RULESET: Final = 444
_ADD_RULE: Final = 445
_RESTRICT_SELF: Final = 446
_VERSION: Final = 1
_PATH_BENEATH: Final = 1

_EXECUTE: Final = 1 << 0
_WRITE_FILE: Final = 1 << 1
_READ_FILE: Final = 1 << 2
_READ_DIR: Final = 1 << 3
_MAKE_DIR: Final = 1 << 7
_MAKE_REG: Final = 1 << 8
_TRUNCATE: Final = 1 << 14
_IOCTL_DEV: Final = 1 << 15
_RIGHTS: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_OF_A_FILE: Final = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_TCP: Final = 0b11
_SOCKETS_AND_SIGNALS: Final = 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scopes", ctypes.c_uint64),
    )


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("rights", ctypes.c_uint64), ("parent", ctypes.c_int32))


@cache
def version() -> int:
    """Return the version of this kernel's Landlock ABI, or 0 if there is none."""
    try:
        return linux.system_call(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    except OSError:
        return 0


def describe() -> str:
    """Return what this kernel's Landlock restricts, as text for the instructor."""
    number = version()
    parts = ["file system"] + ["network"] * (number >= 4) + ["signals"] * (number >= 6)
    return f"version {number}: {', '.join(parts)}"


def restrict(
    readable: Iterable[Path],
    writable: Iterable[Path],
    known: Iterable[Path] = (),
    droppable: Iterable[Path] = (),
    *,
    network: bool = False,
) -> None:
    """Let this process read what is in `readable`, read and write what is in `writable`, and open nothing else.

    Where the kernel supports it, TCP is refused as well, and so are abstract Unix sockets and signals outside of the
    sandbox. Paths that do not exist are ignored. Call `linux.gain_no_privileges` first.

    Parameters
    ----------
    readable, writable : iterable of pathlib.Path
        Files, or folders with everything in them.
    known : iterable of pathlib.Path
        Folders that cannot be listed, but in which a file can be read by name.
    droppable : iterable of pathlib.Path
        Folders in which files can be created, but not read, removed or listed.
    network : bool
        Whether to allow TCP.

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    number = version()
    every = _RIGHTS[max(abi for abi in _RIGHTS if abi <= max(number, 1))]
    attributes = _Ruleset(every, _TCP if number >= 4 and not network else 0, _SOCKETS_AND_SIGNALS if number >= 6 else 0)
    size = 24 if number >= 6 else 16 if number >= 4 else 8
    ruleset = linux.system_call(_CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        for path in readable:
            _allow(ruleset, path, _EXECUTE | _READ_FILE | _READ_DIR)
        for path in writable:
            _allow(ruleset, path, every)
        for path in known:
            _allow(ruleset, path, _READ_FILE)
        for path in droppable:
            _allow(ruleset, path, every & (_MAKE_DIR | _MAKE_REG | _WRITE_FILE | _TRUNCATE))
        linux.system_call(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _OF_A_FILE
        rule = _PathBeneath(rights, descriptor)
        linux.system_call(
            _ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(_PATH_BENEATH), ctypes.byref(rule), ctypes.c_uint32(0)
        )
    finally:
        os.close(descriptor)

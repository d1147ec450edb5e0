"""Read files, and replace them atomically, whatever is in them."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Literal, TypeVar

T = TypeVar("T")


def read(path: Path) -> bytes | None:
    """Return a file's bytes, or None if there is no such file.

    Raises
    ------
    OSError
        If the file cannot be read, or the path is a folder.
    """
    if path.is_dir():
        raise IsADirectoryError(0, "a folder has that name (rename or move the folder)")
    try:
        return _patiently(path.read_bytes)
    except FileNotFoundError:
        return None


def write(path: Path, data: bytes) -> None:
    """Replace a file atomically: after a crash there is the old file or the new one, never half of either.

    Raises
    ------
    OSError
        If the file cannot be written. The old file is then unchanged.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        _store(temporary, data, "wb")
        with suppress(FileNotFoundError):
            temporary.chmod(stat.S_IMODE(path.stat().st_mode))
        _patiently(lambda: temporary.replace(path))
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def keep_aside(path: Path, raw: bytes, mark: str = "") -> str:
    """Write a copy beside the file under an unused name, and return that name.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    raw : bytes
        What the copy holds.
    mark : str
        What the copy's name says after the file's; by default that it was kept aside, and when.

    Raises
    ------
    OSError
        If the copy cannot be written.
    """
    mark = mark or datetime.now(UTC).strftime("kept-aside-%Y%m%dT%H%M%SZ")
    for number in count(1):
        more = f"-{number}" if number > 1 else ""
        aside = path.with_name(f"{path.stem}.{mark}{more}{path.suffix}")
        with suppress(FileExistsError):
            _store(aside, raw, "xb")
            break
    return aside.name


def _store(path: Path, data: bytes, mode: Literal["wb", "xb"]) -> None:
    file = path.open(mode)
    try:
        with file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        # The disk may be full: half a copy is worse than none.
        path.unlink(missing_ok=True)
        raise


def _patiently(action: Callable[[], T]) -> T:
    """Retry an action that Windows refuses while another program, such as a virus scanner, has the file open."""
    for pause in (0.01, 0.03, 0.1, 0.3):
        try:
            return action()
        except PermissionError:
            time.sleep(pause)
    return action()


def writable(folder: Path) -> bool:
    """Whether files can be created and replaced in this folder."""
    return os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, so that one kernel at a time reads, merges and replaces.

    The lock is on the folder itself: it leaves no file behind and ends with the process. Where there is no such lock
    (Windows, some network drives, Python in the browser), two saves within the same milliseconds can overlap; the one
    that loses keeps its work in memory and merges it in with its next save.
    """
    try:
        # By name, because in the browser the module exists but is empty.
        from fcntl import LOCK_EX, LOCK_NB, flock
    except ImportError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        for _ in range(200):
            try:
                flock(handle, LOCK_EX | LOCK_NB)
            except BlockingIOError:
                time.sleep(0.01)
            except OSError:
                break
            else:
                break
        yield
    finally:
        os.close(handle)

"""Read files, and replace them atomically, whatever is in them."""

from __future__ import annotations

import errno
import os
import random
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Final, Literal, TypeVar

T = TypeVar("T")

_WRITTEN_BY_JUPYTER: Final = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
"""Environment variables with folders in which Jupyter and IPython write; by default they are in the home folder."""

PATIENCE_SECONDS: Final = 10.0
"""How long to wait for another program's lock."""
STALE_SECONDS: Final = 60.0
"""After this time, a lock that is a file was left behind: no write takes so long."""


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


def notebook() -> Path | None:
    """Return the notebook that runs here, where its program names it: VS Code does, which may use another folder."""
    named = vars(sys.modules["__main__"]).get("__vsc_ipynb_file__")
    return Path(named) if isinstance(named, str) and Path(named).is_file() else None


def beside_notebook(name: str, folder: Path | str | None = None) -> Path:
    """Return a path in a folder, by default the notebook's own; where that is not known, it is the working folder."""
    if folder is None:
        path = notebook()
        folder = path.parent if path else Path()
    return Path(folder).expanduser() / name


def writable(folder: Path) -> bool:
    """Whether files can be created and replaced in this folder."""
    return os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


@contextmanager
def usable_home() -> Iterator[None]:
    """Give Jupyter a folder for what it writes down while it runs, if the home folder cannot be written."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - pathlib raises an error where there is no home
    if (home.is_dir() and writable(home)) or {*_WRITTEN_BY_JUPYTER} <= os.environ.keys():
        yield
        return
    import tempfile  # here, because it is rarely needed

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        added = {name: str(Path(folder, name)) for name in _WRITTEN_BY_JUPYTER if name not in os.environ}
        os.environ.update(added)
        try:
            yield
        finally:
            for name in added:
                del os.environ[name]


@contextmanager
def alone(folder: Path, name: str) -> Iterator[None]:
    """Hold the lock for a file, so that one kernel at a time reads, merges and replaces it.

    The lock is on the folder itself: it leaves no file behind and ends with the process. Where there is no such lock
    (Windows, some network drives), a file beside it says that somebody writes. Python in the browser needs none: it has
    its files to itself.

    Parameters
    ----------
    folder : pathlib.Path
        Where the file is.
    name : str
        The file's name.

    Raises
    ------
    TimeoutError
        If another program keeps the lock for `PATIENCE_SECONDS`. Nothing may be written then.
    OSError
        If the folder cannot be read, or no lock can be made in it.
    """
    if sys.platform == "emscripten":
        yield
        return
    try:
        # By name, because on Windows there is no such module.
        from fcntl import LOCK_EX, LOCK_NB, flock
    except ImportError:
        with _lock_file(folder / f".{name}.lock"):
            yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        instead: AbstractContextManager[None] = nullcontext()
        try:
            _wait(lambda: flock(handle, LOCK_EX | LOCK_NB), BlockingIOError)
        except TimeoutError:
            raise
        except OSError:
            instead = _lock_file(folder / f".{name}.lock")
        with instead:
            yield
    finally:
        os.close(handle)


@contextmanager
def _lock_file(path: Path) -> Iterator[None]:
    """Hold a lock that is a file; one left by a process that was killed counts for `STALE_SECONDS`."""

    def take() -> None:
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except (FileExistsError, PermissionError):
            # Windows refuses a name that is being deleted with PermissionError.
            if not path.exists():
                raise
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > STALE_SECONDS:
                    path.unlink(missing_ok=True)
            raise FileExistsError(errno.EEXIST, "another program is writing") from None

    if not writable(path.parent):
        # Nothing can be written here, so there is nothing to keep apart.
        yield
        return
    _wait(take, FileExistsError)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _wait(take: Callable[[], None], is_taken: type[OSError]) -> None:
    """Take a lock as soon as nobody else has it.

    Raises
    ------
    TimeoutError
        If that lasts longer than `PATIENCE_SECONDS`.
    """
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            take()
        except is_taken:
            if time.monotonic() > end:
                raise TimeoutError(errno.ETIMEDOUT, "another program is writing into its folder") from None
            # Of several who wait, none comes off worse each time.
            time.sleep(random.uniform(0.001, 0.01))
        else:
            return

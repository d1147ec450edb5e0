"""Read a folder that an untrusted person can write to, without following links and without waiting for pipes."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO, Final, Literal, TypeAlias

Kind: TypeAlias = Literal["file", "folder", "link", "special", "too deep"]

DEEPEST: Final = 40
"""Levels of nested folders; anything deeper is not read."""


def walk(folder: Path, *, without: Collection[str] = ()) -> Iterator[tuple[Path, Kind]]:
    """Yield each entry below a folder and its kind, parents first. Links are not followed.

    A folder nested deeper than `DEEPEST` is yielded as "too deep", and its entries are not. Folders that cannot be read
    count as empty.

    Parameters
    ----------
    folder : pathlib.Path
        The folder to read. It may change meanwhile.
    without : collection of str
        Names of folders to leave out.
    """
    waiting = [(folder, 1)]
    while waiting:
        here, depth = waiting.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            path = Path(entry.path)
            if entry.name in without and os.path.isdir(path):  # noqa: PTH112 - Path.is_dir can raise
                continue
            if entry.is_symlink():
                yield path, "link"
            elif not entry.is_dir(follow_symlinks=False):
                yield path, "file" if entry.is_file(follow_symlinks=False) else "special"
            elif depth >= DEEPEST:
                yield path, "too deep"
            else:
                yield path, "folder"
                waiting.append((path, depth + 1))


def open_regular_file(path: str | Path, parent: int | None = None) -> BinaryIO | None:
    """Open a regular file for reading; return None if it is a link, anything else, or cannot be read.

    Parameters
    ----------
    path : str or pathlib.Path
        The file. Only its last part is protected against links.
    parent : int or None
        Descriptor of the folder that a relative path starts from; None for the current folder.
    """
    try:
        # Without O_NONBLOCK, opening a pipe would wait for its other end.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=parent)
    except OSError:
        return None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    return os.fdopen(descriptor, "rb")

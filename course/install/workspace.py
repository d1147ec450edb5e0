"""Lay out the learner's files in a folder, and bring a newer version of the course to it later.

What a learner has changed is never written over: where the course has a newer version of such a file, the newer one is
put beside it. A record of what was laid out tells which files are untouched. Ledgers are never part of what is laid
out, so an upgrade leaves them as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).resolve().parents[1]
PARTS: Final = ("notebooks", "exercises", "data")
RECORD: Final = Path(".course") / "laid-out.json"
UNWANTED: Final = ("ledger*.json", ".*", "*.pyc")


class StartError(Exception):
    """The files cannot be laid out. The message says in one line why, and what to do."""


@dataclass
class InstalledFiles:
    """What became of each file, as paths relative to the folder."""

    new: list[Path] = field(default_factory=list)
    """Not there before."""
    renewed: list[Path] = field(default_factory=list)
    """There untouched, and replaced by a newer version."""
    kept: list[Path] = field(default_factory=list)
    """Changed by the learner and not by the course: left alone."""
    beside: list[tuple[Path, Path]] = field(default_factory=list)
    """Changed by the learner *and* by the course: the learner's, and the newer version put beside it."""


def source() -> Path:
    """Return the folder that holds the learner's files: in an installed wheel the share, in a checkout its root."""
    share = PACKAGE / "share"
    return share if (share / "notebooks").is_dir() else PACKAGE.parent


def install_files(
    folder: Path, version: str, origin: Path | None = None, parts: Sequence[str] = PARTS
) -> InstalledFiles:
    """Put lessons, exercises and data into a folder; what a learner has changed stays as it is.

    Parameters
    ----------
    folder : pathlib.Path
        Made if it is not there.
    version : str
        The course's version, for the names of newer files put beside changed ones.
    origin : pathlib.Path, optional
        Where the files come from. Default: those this package came with.
    parts : sequence of str, optional
        Which of its folders. Default: lessons, exercises and data.

    Raises
    ------
    StartError
        If the folder is a file, is the course's own, or cannot be written.
    """
    origin = origin or source()
    if folder.exists() and not folder.is_dir():
        raise StartError(f"{folder} is a file. Name a folder, such as: course start my-course")
    if folder.resolve() == origin.resolve():
        raise StartError(f"{folder} is where the course itself stands, so its files are there. Name another folder.")
    layout = _Layout(folder, version, _recorded(folder))
    try:
        for path in _ours(origin, parts):
            layout.put(path.relative_to(origin), path.read_bytes())
        _write(folder / RECORD, (json.dumps(layout.record, indent=1, sort_keys=True) + "\n").encode())
    except OSError as error:
        raise StartError(f"{folder} cannot be written: {error.strerror or error}. Choose another folder.") from error
    return layout.done


def outdated(folder: Path, origin: Path | None = None) -> list[Path]:
    """Return which files of the course's were not laid out in a folder as they are now, relative to it.

    Parameters
    ----------
    folder : pathlib.Path
        Where `install_files` has been. One without a record has none to compare, so nothing in it is outdated.
    origin : pathlib.Path, optional
        Where the files come from. Default: those this package came with.

    Raises
    ------
    OSError
        If the course's own files cannot be read.
    """
    origin, record = origin or source(), _recorded(folder)
    if not record:
        return []
    names = {path.relative_to(origin): _digest(path.read_bytes()) for path in _ours(origin, PARTS)}
    return [name for name, ours in names.items() if record.get(name.as_posix()) != ours]


def _ours(origin: Path, parts: Sequence[str]) -> Iterator[Path]:
    """Yield the files of the course's that a learner gets."""
    for part in parts:
        for path in sorted((origin / part).rglob("*")):
            if path.is_file() and not any(path.match(pattern) for pattern in UNWANTED):
                yield path


@dataclass
class _Layout:
    """A folder while files are laid out in it, and which of ours (by its digest) each one was laid out from."""

    folder: Path
    version: str
    record: dict[str, str]
    done: InstalledFiles = field(default_factory=InstalledFiles)

    def put(self, name: Path, content: bytes) -> None:
        ours, before = _digest(content), self.record.get(name.as_posix())
        self.record[name.as_posix()] = ours
        place = self.folder / name
        if not place.exists():
            _write(place, content)
            self.done.new.append(name)
            return
        theirs = _digest(place.read_bytes())
        if theirs == ours:
            return
        if before == ours:
            self.done.kept.append(name)
        elif theirs == before:
            _write(place, content)
            self.done.renewed.append(name)
        else:
            self.done.beside.append((name, self._beside(name, content)))

    def _beside(self, name: Path, content: bytes) -> Path:
        """Write the newer version under a name that nothing has yet, unless it is there already."""
        for number in count(1):
            again = f" {number}" if number > 1 else ""
            other = name.with_name(f"{name.stem} (new in {self.version}{again}){name.suffix}")
            if not (self.folder / other).exists():
                _write(self.folder / other, content)
                return other
            if (self.folder / other).read_bytes() == content:
                return other
        raise AssertionError("counting never ends")


def _write(place: Path, content: bytes) -> None:
    """Write a file whole or not at all, so that a full disk never leaves half a notebook."""
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f".{place.name}.part")
    part.write_bytes(content)
    part.replace(place)


def _recorded(folder: Path) -> dict[str, str]:
    try:
        found = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        # Without a record every file counts as changed by the learner, which loses nothing.
        return {}
    return {str(name): str(digest) for name, digest in found.items()} if isinstance(found, dict) else {}


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()

"""Install the learner's files in a folder, and update them to a newer version of the course later.

Files that the learner has changed are never overwritten: if the course has a newer version of such a file, it is put
beside it. A record of the installed files tells which ones are unchanged. Ledgers are never installed, so an update
leaves them as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Final

from course import files

PACKAGE: Final = Path(__file__).resolve().parents[1]
PARTS: Final = ("notebooks", "exercises", "data")
RECORD: Final = Path(".course") / "laid-out.json"
UNWANTED: Final = ("ledger*.json", ".*", "*.pyc")


class StartError(Exception):
    """The files cannot be installed. The message says in one line why, and what to do."""


@dataclass
class InstalledFiles:
    """What happened to each file, as paths relative to the folder."""

    new: list[Path] = field(default_factory=list)
    """Did not exist."""
    returned: list[Path] = field(default_factory=list)
    """Those of the new ones that had been installed before, and were missing."""
    renewed: list[Path] = field(default_factory=list)
    """Unchanged by the learner and replaced by a newer version."""
    kept: list[Path] = field(default_factory=list)
    """Changed by the learner and not by the course: left alone."""
    beside: list[tuple[Path, Path]] = field(default_factory=list)
    """Changed by the learner *and* by the course: the learner's file, and the newer version put beside it."""


def source() -> Path:
    """Return the folder with the learner's files: in an installed wheel its `share`, in a checkout its root."""
    share = PACKAGE / "share"
    return share if (share / "notebooks").is_dir() else PACKAGE.parent


def course_folder(here: Path, *others: Path) -> Path | None:
    """Return the nearest folder with lessons, from `here` upwards and then among the others, or None."""
    folders = (here.resolve(), *here.resolve().parents, *others)
    return next((folder for folder in folders if any((folder / "notebooks").glob("[0-9][0-9]-*.ipynb"))), None)


def install_files(
    folder: Path, version: str, origin: Path | None = None, parts: Sequence[str] = PARTS
) -> InstalledFiles:
    """Copy lessons, exercises and data into a folder; files that the learner has changed stay as they are.

    Parameters
    ----------
    folder : pathlib.Path
        Created if it does not exist.
    version : str
        The course's version, for the names of newer files that are put beside changed ones.
    origin : pathlib.Path, optional
        Where the files come from. Default: the files of this package.
    parts : sequence of str, optional
        Which folders of `origin`. Default: lessons, exercises and data.

    Raises
    ------
    StartError
        If the folder is a file, is the course's own folder, or cannot be written.
    """
    origin = origin or source()
    if folder.exists() and not folder.is_dir():
        raise StartError(f"{folder} is a file. Name a folder, such as: course start my-course")
    if folder.resolve() == origin.resolve():
        raise StartError(f"{folder} is the course’s own folder, so its files are already there. Name another folder.")
    layout = _Layout(folder, version, _recorded(folder))
    try:
        for path in _ours(origin, parts):
            layout.put(path.relative_to(origin), path.read_bytes())
        _write(folder / RECORD, (json.dumps(layout.record, indent=1, sort_keys=True) + "\n").encode())
    except OSError as error:
        raise StartError(f"{folder} cannot be written: {error.strerror or error}. Choose another folder.") from error
    return layout.done


def outdated(folder: Path, origin: Path | None = None) -> list[Path]:
    """Return the course's files that were not installed in the folder in their present version, relative to it.

    Without a record nothing can be compared, so the result is empty. `origin` is where the files come from; by default
    it is this package.

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
    """Yield the files that a learner gets."""
    for part in parts:
        for path in sorted((origin / part).rglob("*")):
            if path.is_file() and not any(path.match(pattern) for pattern in UNWANTED):
                yield path


@dataclass
class _Layout:
    """A folder during the installation; `record` is the digest of the version from which each file was installed."""

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
            if before:
                self.done.returned.append(name)
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
        """Write the newer version under an unused name, unless it is there already; return the name."""
        for number in count(1):
            suffix = f" {number}" if number > 1 else ""
            other = name.with_name(f"{name.stem} (new in {self.version}{suffix}){name.suffix}")
            if not (self.folder / other).exists():
                _write(self.folder / other, content)
                return other
            if (self.folder / other).read_bytes() == content:
                return other
        raise AssertionError("counting never ends")


def _write(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    files.write(place, content)


def _recorded(folder: Path) -> dict[str, str]:
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        # Without a record every file counts as changed by the learner, so nothing is lost.
        return {}
    return {str(name): str(digest) for name, digest in record.items()} if isinstance(record, dict) else {}


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()

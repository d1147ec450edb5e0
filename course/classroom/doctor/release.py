"""Find the exercise that a notebook was made from, as it was handed out."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from course.classroom.doctor.cells import is_exercise, likeness

SHARE: Final = Path(__file__).resolve().parents[2] / "share"


@dataclass(frozen=True)
class Release:
    """An exercise as it was handed out."""

    name: str
    notebook: Mapping[str, Any]
    folder: Path

    @property
    def files(self) -> Iterator[Path]:
        """What is handed out beside the notebook."""
        files = (path for path in sorted(self.folder.iterdir()) if path.is_file() and path.suffix != ".ipynb")
        return (path for path in files if not path.name.startswith((".", "ledger")))


@dataclass(frozen=True)
class Shelf:
    """Folders with exercises, the nearest first."""

    folders: tuple[Path, ...]

    @classmethod
    def near(cls, place: Path) -> Shelf:
        """Return the exercises of the course around a place, then those that come with the installed course."""
        place = place.resolve()
        around = [folder / "exercises" for folder in (place, *place.parents)]
        ours = [SHARE / "exercises", SHARE.parents[1] / "exercises"]
        return cls(tuple(dict.fromkeys(folder for folder in (*around, *ours) if folder.is_dir())))

    def names(self) -> list[str]:
        """Return the names of the exercises."""
        found = {
            path.stem for folder in self.folders for path in folder.glob("*/*.ipynb") if path.stem == path.parent.name
        }
        return sorted(found)

    def release(self, name: str, looked_at: Path) -> Release | None:
        """Return one exercise as it was handed out; not from a folder in which it is being worked on."""
        for folder in self.folders:
            path = folder / name / f"{name}.ipynb"
            if path.is_file() and folder.resolve() not in looked_at.resolve().parents:
                return _load(path)
        return None

    def of(self, notebook: Mapping[str, Any], path: Path) -> Release | None:
        """Return the exercise that a notebook comes from: by its cells, and where they say nothing by its name."""
        names = self.names()
        called = _by_name(path, names)
        releases = {name: found for name in names if (found := self.release(name, path))}
        if called and called not in releases and (made := self._from_solution(called)):
            releases[called] = made
        alike = {name: likeness(notebook, release.notebook) for name, release in releases.items()}
        best = max(releases, key=lambda name: (alike[name], name == called), default="")
        if not is_exercise(notebook):
            # A lesson shares its name and a cell or two with its exercise; one that lost all its marks has nearly all.
            return releases[best] if best and 3 * alike[best] >= len(notebook["cells"]) > 0 else None
        return releases.get(best if best and alike[best] else called)

    def _from_solution(self, name: str) -> Release | None:
        """In a checkout, learners write into the only copy there is; nbgrader makes it anew from the solution."""
        roots = [folder.parent for folder in self.folders]
        return next(
            (_made(root, name) for root in roots if (root / "solutions" / name / f"{name}.ipynb").is_file()), None
        )


def _by_name(path: Path, names: Iterable[str]) -> str:
    """Return the exercise whose name is in the file's, or is the folder's."""
    names = list(names)
    return next((name for name in names if name in path.name), path.parent.name if path.parent.name in names else "")


@cache
def _load(path: Path) -> Release | None:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return Release(path.stem, notebook, path.parent) if isinstance(notebook.get("cells"), list) else None


@cache
def _made(root: Path, name: str) -> Release | None:
    """Make the exercise from its solution, where the only copy of it is the one a learner works in."""
    from course.classroom.gradebook.release import ReleaseError, build

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "solutions").mkdir()
        shutil.copytree(root / "solutions" / name, Path(folder) / "solutions" / name)
        shutil.copy(root / "nbgrader_config.py", folder)
        try:
            made = build(Path(folder))
        except (ReleaseError, OSError):
            return None
    return Release(name, json.loads(made[Path(name, f"{name}.ipynb")]), root / "solutions" / name)

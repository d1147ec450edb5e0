"""Find the exercise that a notebook was made from, as it was released."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from course.checks.notebook import UnreadableError, marks_of, read, repair_form
from course.checks.recognition import Traits, recognise

SHARE: Final = Path(__file__).resolve().parents[2] / "share"


@dataclass(frozen=True)
class Release:
    """An exercise as it was released: its name, its notebook's JSON and its folder."""

    name: str
    notebook: Mapping[str, Any]
    folder: Path

    @property
    def files(self) -> Iterator[Path]:
        """The files that are handed out beside the notebook."""
        files = (path for path in sorted(self.folder.iterdir()) if path.is_file() and path.suffix != ".ipynb")
        return (path for path in files if not path.name.startswith((".", "ledger")))


@dataclass(frozen=True)
class ReleaseCatalogue:
    """Folders with released exercises, the nearest first."""

    folders: tuple[Path, ...]

    @classmethod
    def near(cls, place: Path) -> ReleaseCatalogue:
        """Return the exercises of the course around a place, then those that come with the installed course."""
        place = place.resolve()
        around = [folder / "exercises" for folder in (place, *place.parents)]
        ours = [SHARE / "exercises", SHARE.parents[1] / "exercises"]
        return cls(tuple(dict.fromkeys(folder for folder in (*around, *ours) if folder.is_dir())))

    def names(self) -> list[str]:
        """Return the names of the exercises."""
        paths = (path for folder in self.folders for path in folder.glob("*/*.ipynb"))
        return sorted({path.stem for path in paths if path.stem == path.parent.name})

    def release(self, name: str, inspected: Path) -> Release | None:
        """Return an exercise as it was released; not from the folder in which the inspected file is being worked on."""
        for folder in self.folders:
            path = folder / name / f"{name}.ipynb"
            if path.is_file() and folder.resolve() not in inspected.resolve().parents:
                return _load(path)
        return None

    def of(self, notebook: Mapping[str, Any], path: Path) -> Release | None:
        """Return the exercise that a notebook comes from: by its cells, and where they say nothing by its name."""
        names = self.names()
        # A file's name says more than its folder's.
        own = path.parent.name if path.parent.name in names else ""
        named = next((name for name in names if name in path.name), own)
        releases = {name: release for name in names if (release := self.release(name, path))}
        if named and named not in releases and (release := self._from_solution(named)):
            releases[named] = release
        traits = {name: Traits.of(dict(release.notebook)) for name, release in releases.items()}
        return releases.get(recognise(dict(notebook), traits, named))

    def _from_solution(self, name: str) -> Release | None:
        """In a checkout, learners write into the only copy there is; build another from the solution."""
        roots = (folder.parent for folder in self.folders)
        with_solution = (root for root in roots if (root / "solutions" / name / f"{name}.ipynb").is_file())
        return next((_build(root, name) for root in with_solution), None)


def is_exercise(notebook: Mapping[str, Any]) -> bool:
    """Whether nbgrader has a cell in it."""
    return any(marks_of(cell) for cell in notebook["cells"])


@cache
def _load(path: Path) -> Release | None:
    try:
        return Release(path.stem, read(path)[0], path.parent)
    except UnreadableError:
        return None


@cache
def _build(root: Path, name: str) -> Release | None:
    """Build the exercise from its solution."""
    from course.classroom.gradebook.release import ReleaseError, build

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "solutions").mkdir()
        shutil.copytree(root / "solutions" / name, Path(folder) / "solutions" / name)
        shutil.copy(root / "nbgrader_config.py", folder)
        try:
            built = build(Path(folder))
        except (ReleaseError, OSError):
            return None
    notebook, _ = repair_form(json.loads(built[Path(name, f"{name}.ipynb")]))
    return Release(name, notebook, root / "solutions" / name)

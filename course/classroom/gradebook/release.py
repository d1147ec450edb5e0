"""Make exercises/ from solutions/ with nbgrader, the same bytes on every machine.

``python -m course.classroom.gradebook.release`` writes what has changed; with ``--check`` it only says what is out of
date. The work is nbgrader's ``generate_assignment``, in a copy of the course without a gradebook. What is added here
is a form that does not depend on who ran it, and proof that nothing meant for markers is left in it.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

KERNELSPEC: Final = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
KEPT_METADATA: Final = ("nbgrader", "deletable", "editable", "tags")
FOLDED: Final = "hide-input"
"""The tag of a cell whose code a learner need not read. Checks get it here; a solution gives it to its setup cell."""
UNSHIPPED: Final = (".ipynb_checkpoints", "__pycache__", "*.pyc", "ledger*.json", ".gitkeep", "*.before-doctor*.ipynb")
REGIONS: Final = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")


class ReleaseError(Exception):
    """An exercise cannot be released. The message names the notebook, the cell and what to do."""


def build(root: Path) -> dict[Path, bytes]:
    """Return the files of exercises/ as nbgrader makes them from solutions/.

    Parameters
    ----------
    root : pathlib.Path
        The course: the folder with nbgrader_config.py and solutions/.

    Returns
    -------
    dict
        Path below exercises/ to content. Notebooks are normalised; other files are as they stand in solutions/.

    Raises
    ------
    ReleaseError
        If a solution is malformed, nbgrader refuses it, or something meant for markers would be released.
    """
    files: dict[Path, bytes] = {}
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder).resolve()
        shutil.copytree(root / "solutions", copy / "solutions", ignore=shutil.ignore_patterns(*UNSHIPPED))
        for assignment in sorted((copy / "solutions").glob("*/")):
            sources = {path.name: _Source.read(path) for path in sorted(assignment.glob("*.ipynb"))}
            _generate(root, copy, assignment.name)
            for path in sorted((copy / "exercises" / assignment.name).rglob("*")):
                if path.is_file():
                    content = path.read_bytes()
                    if source := sources.get(path.name):
                        content = source.release(content)
                    for secret in sources.values():
                        secret.check(content, f"exercises/{assignment.name}/{path.name}")
                    files[path.relative_to(copy / "exercises")] = content
    return files


def stale(root: Path) -> list[str]:
    """Return what is out of date in exercises/, one line each; empty if it is what nbgrader makes of solutions/.

    Raises
    ------
    ReleaseError
        As `build`.
    """
    expected, exercises = build(root), root / "exercises"
    lines = []
    for path, content in expected.items():
        there = exercises / path
        if not there.is_file():
            lines.append(f"exercises/{path.as_posix()} is missing. Run: make release")
        elif there.read_bytes() != content:
            lines.append(f"exercises/{path.as_posix()} is not what nbgrader makes of solutions/. Run: make release")
    lines += [
        f"exercises/{path.as_posix()} has no counterpart in solutions/. Delete it, or bring the solution back."
        for path in sorted(_shipped(exercises) - set(expected))
    ]
    return lines


def release(root: Path) -> list[Path]:
    """Write what has changed to exercises/ and return it. Files that do not change keep their time stamp.

    Raises
    ------
    ReleaseError
        As `build`; nothing is written then.
    """
    written = []
    for path, content in build(root).items():
        there = root / "exercises" / path
        if not there.is_file() or there.read_bytes() != content:
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(content)
            written.append(there)
    return written


@dataclass(frozen=True)
class _Source:
    """A solution notebook and what of it must not be released."""

    name: str
    cell_ids: tuple[str, ...]
    secrets: frozenset[str]

    @classmethod
    def read(cls, path: Path) -> _Source:
        import nbformat

        name = f"solutions/{path.parent.name}/{path.name}"
        try:
            notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]
        except (OSError, ValueError, nbformat.ValidationError) as error:
            raise ReleaseError(f"{name} is not a notebook: {error}") from error
        for number, cell in enumerate(notebook.get("cells", ()), start=1):
            if "id" not in cell:
                raise ReleaseError(
                    f"{name}, cell {number} has no id, so every release would give it another one. "
                    "Save the notebook in JupyterLab once (nbformat 4.5)."
                )
            marks = cell.metadata.get("nbgrader", {})
            if any(marks.get(part) for part in ("grade", "solution", "locked", "task")) and not marks.get("grade_id"):
                raise ReleaseError(f"{name}, cell {number} is locked or graded but has no grade_id. Give it one.")
        return cls(name, tuple(cell.id for cell in notebook.cells), frozenset(_secrets(notebook.cells)))

    def release(self, content: bytes) -> bytes:
        """Normalise what nbgrader made: no trace of who ran it, when and with what."""
        notebook = json.loads(content)
        if tuple(cell.get("id") for cell in notebook["cells"]) != self.cell_ids:
            raise ReleaseError(f"{self.name}: nbgrader changed the ids of its cells, which a release must keep.")
        for cell in notebook["cells"]:
            cell["metadata"] = {key: cell["metadata"][key] for key in KEPT_METADATA if key in cell["metadata"]}
            _fold(cell)
            if cell["cell_type"] == "code":
                cell |= {"outputs": [], "execution_count": None}
        notebook |= {"metadata": {"kernelspec": KERNELSPEC, "language_info": {"name": "python"}}, "nbformat_minor": 5}
        return (json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()

    def check(self, content: bytes, where: str) -> None:
        """Refuse a file in which a line meant for markers is left."""
        text = content.decode("utf-8", errors="ignore")
        if left := re.search(r"(?:BEGIN|END) (?:SOLUTION|HIDDEN|MARK)\w*.{0,10}", text, re.IGNORECASE):
            raise ReleaseError(f"{where} still has “{left[0]}” in it. Look at the spelling of the pair in {self.name}.")
        for line in sorted(self.secrets):
            # A notebook is JSON, where a quotation mark has a backslash before it.
            if line in text or line.replace("\\", "\\\\").replace('"', '\\"') in text:
                raise ReleaseError(f"{where} gives away a line that {self.name} keeps for markers: {line}")


def _fold(cell: dict[str, Any]) -> None:
    """Fold the code of a check, or of a cell that asks for it, in JupyterLab, Notebook 7 and on a website."""
    metadata = cell["metadata"]
    marks = metadata.get("nbgrader", {})
    is_check = marks.get("grade") and not marks.get("solution")
    if cell["cell_type"] == "code" and (is_check or FOLDED in metadata.get("tags", ())):
        metadata["tags"] = list(dict.fromkeys([*metadata.get("tags", ()), FOLDED]))
        metadata["jupyter"] = {"source_hidden": True}


def _secrets(cells: list[Any]) -> Iterator[str]:
    """Yield the lines that stand only where learners must not see them.

    A line that also stands in the open (an import, a rubric shown to both sides) is no secret, and a short one says
    nothing.
    """
    lines = [pair for cell in cells for pair in _marked_lines(cell)]
    in_the_open = {line for line, secret in lines if not secret}
    yield from (line for line, secret in lines if secret and len(line) >= 12 and line not in in_the_open)


def _marked_lines(cell: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Yield each line of a cell without its indentation, and whether it is for markers only."""
    source = cell["source"]
    # nbgrader empties a whole answer cell that marks no region.
    secret = whole = bool(cell["metadata"].get("nbgrader", {}).get("solution")) and "BEGIN SOLUTION" not in source
    for line in source.splitlines():
        if any(f"BEGIN {region}" in line for region in REGIONS):
            secret = True
        elif any(f"END {region}" in line for region in REGIONS):
            secret = whole
        else:
            yield line.strip(), secret


def _generate(root: Path, copy: Path, assignment: str) -> None:
    """Run nbgrader's generate_assignment on the copy, with the course's own configuration and no gradebook."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.utils import capture_log
    from traitlets.config.loader import PyFileConfigLoader

    config: Any = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    config.CourseDirectory.root = str(copy)
    # What nbgrader's own --no-db stands for.
    config.GenerateAssignment.no_database = True
    config.SaveCells.enabled = False
    config.CourseDirectory.assignment_id = assignment
    result = capture_log(GenerateAssignment(coursedir=CourseDirectory(config=config), config=config))
    if not result["success"]:
        raise ReleaseError(f"nbgrader cannot release {assignment}:\n{result.get('log') or result['error']}")


def _shipped(exercises: Path) -> set[Path]:
    """Return the files in exercises/ that belong to a release: no checkpoint and no ledger of somebody trying it."""
    return {
        path.relative_to(exercises)
        for path in exercises.rglob("*")
        if path.is_file() and not any(part.match(pattern) for part in (path, *path.parents) for pattern in UNSHIPPED)
    }


def main(arguments: list[str] | None = None) -> int:
    """Write exercises/, or with ``--check`` say what is out of date. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m course.classroom.gradebook.release", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 if something is out of date")
    parser.add_argument("root", nargs="?", type=Path, default=Path.cwd(), help="the course (default: this folder)")
    options = parser.parse_args(arguments)
    try:
        if options.check:
            lines = stale(options.root)
            print("\n".join(lines) or "exercises/ is what nbgrader makes of solutions/.")
            return 1 if lines else 0
        written = release(options.root)
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    for path in written:
        print(f"Wrote {path.relative_to(options.root)}")
    if not written:
        print("exercises/ is up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

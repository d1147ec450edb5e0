"""Run the visible checks of an exercise and return the result of each question.

This is what ``course check`` shows. The notebook runs from top to bottom in a kernel of its own, so the result is what
a marker will see, whichever cells the learner ran and in which order. The learner's file is only read.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any, Literal

from course.checks import hand_in, run_in_process
from course.checks.notebook import UnreadableError, marks_of, read

Result = Literal["passes", "not yet", "not answered", "waits for a person"]


class CheckError(Exception):
    """The exercise cannot be checked. The message says in one line why, and what to do."""


@dataclass(frozen=True)
class CheckResult:
    """The result of one graded cell.

    Parameters
    ----------
    question : str
        The heading above the cell, or its grade_id if there is none.
    points : float
        The points it is worth.
    result : str
        ``"passes"``, ``"not yet"``, ``"not answered"`` or ``"waits for a person"``.
    message : str
        The check's message; empty if it passes.
    """

    question: str
    points: float
    result: Result
    message: str = ""


@dataclass(frozen=True)
class Prepared:
    """An exercise that is ready to be checked.

    Parameters
    ----------
    notebook : pathlib.Path
        The notebook to run.
    notes : tuple of str
        What the learner should know of how it was found.
    """

    notebook: Path
    notes: tuple[str, ...] = ()


@contextmanager
def prepare(path: Path) -> Iterator[Prepared]:
    """Find the exercise and its ledger at a path, as the grader will, and yield it ready to be run.

    Where something has another name or is in an archive, a copy is put right in a temporary folder. The learner's files
    stay as they are.

    Parameters
    ----------
    path : pathlib.Path
        A notebook, a ZIP archive, or a folder.

    Raises
    ------
    CheckError
        If the path does not exist or is not a notebook, or the folder contains no notebook or several.
    """
    if not path.exists():
        raise CheckError(f"There is no {path}. Name an exercise's folder, such as exercises/06-weighing.")
    files, unopened = _files_at(path)
    chosen = _choose(path, files, unopened)
    ledger = hand_in.find_ledger(files, chosen.parent)
    notes = [*unopened, *ledger.notes, *hand_in.describe_other_copies(files, chosen, "is checked").values()]
    notebook = files[chosen]
    if isinstance(notebook, Path) and ledger.is_in_place:
        yield Prepared(notebook, tuple(notes))
        return
    if not isinstance(notebook, Path):
        notes.insert(0, f"The notebook that was checked is “{chosen.name}” in “{chosen.parent}”.")
    with TemporaryDirectory() as scratch:
        for name, content in hand_in.lay_out(files, chosen.parent, ledger).items():
            copy = Path(scratch, name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                copy.write_bytes(content)
            else:
                shutil.copy2(content, copy)
        yield Prepared(Path(scratch, chosen.name), tuple(notes))


def _files_at(path: Path) -> tuple[hand_in.Files, list[str]]:
    """Return the files at a path, and what could not be opened."""
    if path.is_dir():
        files, unopened = hand_in.unpack(hand_in.files_in(path))
        if not hand_in.find_notebooks(files):
            files, unopened = hand_in.unpack(hand_in.files_in(path, deep=True))
        return files, unopened
    if path.suffix.lower() == ".zip":
        return hand_in.unpack({PurePosixPath(path.name): path})
    return {**hand_in.files_in(path.parent), PurePosixPath(path.name): path}, []


def _choose(path: Path, files: hand_in.Files, unopened: Sequence[str]) -> PurePosixPath:
    notebooks = hand_in.find_notebooks(files)
    if path.is_file() and path.suffix.lower() != ".zip":
        if PurePosixPath(path.name) not in notebooks:
            raise CheckError(f"{path} is not a notebook. Its name should end in .ipynb.")
        return PurePosixPath(path.name)
    if not notebooks:
        why = " ".join([f"There is no notebook in {path}.", *unopened])
        raise CheckError(f"{why} Name an exercise's folder, such as exercises/06-weighing.")
    outermost = [name for name in notebooks if len(name.parts) == len(notebooks[0].parts)]
    if len(outermost) > 1:
        raise CheckError(f"{path} has several notebooks. Name one of: {', '.join(map(str, outermost))}.")
    return outermost[0]


def check(path: Path, timeout: float = 120, *, here: bool = False) -> list[CheckResult]:
    """Run a learner's exercise in a fresh kernel and return the result of each graded cell, in order.

    Parameters
    ----------
    path : pathlib.Path
        The notebook. It is not changed.
    timeout : float
        Seconds that one cell may take.
    here : bool
        Run it in this Python process, if no kernel can be started; then there is no time limit.

    Raises
    ------
    CheckError
        If the file is broken or is not an exercise, or its kernel is missing, stops or does not answer in time.
    """
    notebook = _read(path)
    if not any(_has_mark(cell, "grade") or _has_mark(cell, "task") for cell in notebook.cells):
        raise CheckError(f"{path.name} has no graded questions. Exercises are in the exercises folder.")
    _run(notebook, path, timeout, here)
    return list(_results(notebook.cells))


def summary(results: list[CheckResult]) -> str:
    """Say in one line how many checks pass and how many answers wait for a person."""
    checked = [item for item in results if item.result != "waits for a person"]
    passed = sum(item.result == "passes" for item in checked)
    waiting = len(results) - len(checked)
    by_hand = f" {waiting} {'waits' if waiting == 1 else 'wait'} for a person." if waiting else ""
    return f"{passed} of {len(checked)} checks pass.{by_hand} Hidden checks run when you hand in."


def _read(path: Path) -> Any:
    import nbformat

    try:
        return nbformat.from_dict(read(path)[0])  # type: ignore[no-untyped-call]
    except UnreadableError as error:
        if error.cause in ("access", "large"):
            raise CheckError(f"{path} {error}.") from error
        raise CheckError(f"{path} {error}. Paste your answers into a fresh copy.") from error


def _run(notebook: Any, path: Path, timeout: float, here: bool) -> None:
    """Run every cell of the notebook in its folder, so that it finds its ledger. The file is not changed."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    folder = path.resolve().parent
    if here:
        run_in_process.run(notebook.cells, folder)
    else:
        _run_in_a_kernel(notebook, path, folder, timeout)


def _run_in_a_kernel(notebook: Any, path: Path, folder: Path, timeout: float) -> None:
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient import NotebookClient
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    place = {"metadata": {"path": str(folder)}}
    client = NotebookClient(notebook, timeout=timeout, allow_errors=True, resources=place)
    try:
        # The kernel's own stderr is not about the exercise; the cells' stderr is in the notebook.
        client.execute(stderr=subprocess.DEVNULL)
    except NoSuchKernel as error:
        raise CheckError(
            f"{path.name} needs the kernel “{error.name}”, which is not installed here. "
            "In JupyterLab choose Kernel, Change Kernel, Python 3 (ipykernel), and save."
        ) from error
    except CellTimeoutError as error:
        raise CheckError(
            f"{path.name} did not finish: a cell ran for more than {timeout:g} seconds. Does a loop never end?"
        ) from error
    except DeadKernelError as error:
        raise CheckError(
            f"{path.name} did not finish: Python stopped while it ran. Does a cell call exit() or need much memory?"
        ) from error
    except (OSError, RuntimeError) as error:
        raise CheckError(f"{path.name} cannot be run: its kernel does not start. Install the course again.") from error


def _results(cells: list[Any]) -> Iterator[CheckResult]:
    heading, broken = "", ""
    for cell in cells:
        if cell.cell_type == "markdown":
            headings = re.findall(r"^#{1,6}\s+(.+?)\s*#*$", cell.source, flags=re.MULTILINE)
            heading = headings[-1] if headings else heading
        if _has_mark(cell, "solution") and not _has_mark(cell, "grade"):
            error = _error(cell)
            broken = f"Your answer stops with {error.ename}: {error.evalue}" if error else ""
        if _has_mark(cell, "grade") or _has_mark(cell, "task"):
            result, message = _result(cell, broken)
            marks = marks_of(cell)
            yield CheckResult(heading or str(marks.get("grade_id", "")), _points(marks), result, message)


def _result(cell: Any, broken: str) -> tuple[Result, str]:
    """Return a graded cell's result and message; `broken` is the error message of the answer cell before it, if any."""
    if _has_mark(cell, "task") or _has_mark(cell, "solution"):
        return "waits for a person", ""
    error = _error(cell)
    if error is None:
        return "passes", ""
    if error.ename == "NotAnswered":
        # If the answer cell stopped before it assigned the name, its own error says more.
        return ("not yet", broken) if broken else ("not answered", error.evalue)
    if error.ename == "NotYet":
        return "not yet", broken or error.evalue
    return "not yet", broken or f"{error.ename}: {error.evalue}"


def _has_mark(cell: Any, flag: str) -> bool:
    return bool(marks_of(cell).get(flag))


def _points(marks: Mapping[str, Any]) -> float:
    points = marks.get("points", 0)
    return points if isinstance(points, (int, float)) else 0


def _error(cell: Any) -> Any:
    return next((output for output in cell.get("outputs", ()) if output.output_type == "error"), None)

"""Check an exercise from within its own notebook."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from course import files
from course.checks.exercise import LEDGER
from course.wording import format_duration
from course.wording.pages import render

if TYPE_CHECKING:
    from IPython.display import HTML

BROWSER: Final = "emscripten"
"""The name of the platform (`sys.platform`) when Python runs in the browser."""

_at_work = Lock()


def check_work(exercise: Path | str | None = None) -> HTML:
    """Run the checks of an exercise, as ``course check`` does, and return a table with the result of each question.

    The saved notebook is checked; it is not changed. If a program such as a grader (or this function) runs the
    notebook, nothing is checked and the result says so.

    Parameters
    ----------
    exercise : path, optional
        The exercise's folder or notebook. Default: the notebook that calls this function.
    """
    from IPython.display import HTML

    page = "<p>Nothing is checked here: this cell waits for a person to run it.</p>"
    if _a_person_runs_this() and _at_work.acquire(blocking=False):
        try:
            page = _checked(_this_notebook() if exercise is None else Path(exercise))
        finally:
            _at_work.release()
    return HTML(page)  # type: ignore[no-untyped-call]


def _checked(exercise: Path) -> str:
    from markupsafe import escape

    from course.checks import runner

    try:
        with runner.prepare(exercise) as prepared:
            age = time.time() - prepared.notebook.stat().st_mtime
            results = runner.check(prepared.notebook, here=sys.platform == BROWSER)
    except runner.CheckError as error:
        return f"<p>{escape(str(error))}</p>"
    return render(
        __package__,
        "check_work.html.j2",
        name=prepared.notebook.name,
        notes=prepared.notes,
        results=results,
        summary=runner.summary(results),
        age=format_duration(age),
        hand_in=_how_to_hand_in(exercise if exercise.is_dir() else exercise.parent, prepared.notebook.name),
    )


def _how_to_hand_in(folder: Path, notebook: str) -> str:
    """Return what a learner does where they are: in a hub with nbgrader's menu, in a browser, or on their computer."""
    has_ledger = (folder / LEDGER).is_file()
    files = f"“{notebook}” and “{LEDGER}”" if has_ledger else f"“{notebook}”"
    is_binder = "BINDER_REPO_URL" in os.environ
    if "JUPYTERHUB_USER" in os.environ and not is_binder:
        return (
            "To hand in, save, choose Nbgrader and Assignment List in the menu at the top, and press Submit beside "
            f"“{folder.resolve().name}”. You need not download anything."
        )
    if sys.platform == BROWSER or is_binder:
        each = "each of the two" if has_ledger else "its name"
        return (
            f"To hand in {files}, save, right-click {each} in the list of files on the left (or go to it and press "
            "Shift+F10), and choose Download. Your course says where it goes."
        )
    return f"To hand in, take {files} from the folder {folder.resolve()}. Your course says where it goes."


def _a_person_runs_this() -> bool:
    """Ask the kernel: programs that run notebooks say that nobody can answer an ``input()``."""
    from IPython import get_ipython

    shell = get_ipython()
    if not hasattr(shell, "get_parent"):
        return True
    return bool(shell.get_parent().get("content", {}).get("allow_stdin"))


def _this_notebook() -> Path:
    """Return the notebook that VS Code or Jupyter names, or else the working folder, which is the notebook's."""
    if path := files.notebook():
        return path
    # Not every server names it, and the notebook may have been renamed since its kernel started.
    named = Path(os.environ.get("JPY_SESSION_NAME", ""))
    return named if named.is_file() else Path.cwd()

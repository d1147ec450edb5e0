"""Check an exercise from within its own notebook."""

from __future__ import annotations

import os
import sys
import time
from html import escape
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from course.wording import number_of

if TYPE_CHECKING:
    from IPython.display import HTML

    from course.checks.runner import CheckResult

BROWSER: Final = "emscripten"
"""The name of the platform (`sys.platform`) when Python runs in the browser."""
UNITS: Final = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}

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
    from course.checks import runner

    try:
        notebook = runner.find_notebook(exercise)
        age = time.time() - notebook.stat().st_mtime
        results = runner.check(notebook, here=sys.platform == BROWSER)
    except runner.CheckError as error:
        return f"<p>{escape(str(error))}</p>"
    return f"{_table(notebook.name, results)}<p>{runner.summary(results)}</p><p>{_as_saved(age)}</p>"


def _a_person_runs_this() -> bool:
    """Ask the kernel: programs that run notebooks say that nobody can answer an ``input()``."""
    from IPython import get_ipython

    shell = get_ipython()
    if not hasattr(shell, "get_parent"):
        return True
    return bool(shell.get_parent().get("content", {}).get("allow_stdin"))


def _this_notebook() -> Path:
    """Return the notebook that Jupyter names, or else the working folder, which is the notebook's."""
    # Not every server names it, and the notebook may have been renamed since its kernel started.
    named = Path(os.environ.get("JPY_SESSION_NAME", ""))
    return named if named.is_file() else Path.cwd()


def _table(name: str, results: list[CheckResult]) -> str:
    # Jupyter aligns every column to the right, as if it held numbers.
    left = "style='text-align: left'"
    heads = "".join(
        f"<th scope='col' {left}>{head}</th>" for head in ("Question", "Points", "Result", "What to look at")
    )
    rows = "".join(
        f"<tr><th scope='row' {left}>{escape(item.question)}</th><td>{item.points:g}</td>"
        f"<td {left}>{item.result}</td><td {left}>{escape(item.message)}</td></tr>"
        for item in results
    )
    return f"<table><caption>{escape(name)}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _as_saved(seconds: float) -> str:
    """Say how old the checked file is, because the page may show something newer."""
    unit = next((unit for unit, size in UNITS.items() if seconds >= size), "second")
    age = number_of(max(0, int(seconds // UNITS[unit])), unit)
    return (
        f"This is the notebook as it was saved {age} ago. Changed it since? "
        "Save (Ctrl+S, on a Mac Cmd+S) and run this cell again."
    )

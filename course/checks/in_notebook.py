"""In a notebook: check the exercise it is, wherever it is open."""

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
"""What Python calls the system where the browser is all there is."""
UNITS: Final = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}

_at_work = Lock()


def check_work(exercise: Path | str | None = None) -> HTML:
    """Run the checks of an exercise, as ``course check`` does, and return a table of how each question stands.

    What counts is the notebook as it is saved; it is not changed. A program that runs the notebook, such as a grader's
    or this function itself, gets a sentence, and nothing else is run.

    Parameters
    ----------
    exercise : path, optional
        Its folder or its notebook. Left out: the notebook this is called from.
    """
    from IPython.display import HTML

    told = "<p>Nothing is checked here: this cell waits for a person to run it.</p>"
    if _a_person_runs_this() and _at_work.acquire(blocking=False):
        try:
            told = _checked(_this_notebook() if exercise is None else Path(exercise))
        finally:
            _at_work.release()
    return HTML(told)  # type: ignore[no-untyped-call]


def _checked(exercise: Path) -> str:
    from course.checks import runner

    try:
        notebook = runner.find_notebook(exercise)
        age = time.time() - notebook.stat().st_mtime
        findings = runner.check(notebook, here=sys.platform == BROWSER)
    except runner.CheckError as error:
        return f"<p>{escape(str(error))}</p>"
    return f"{_table(notebook.name, findings)}<p>{runner.summary(findings)}</p><p>{_as_saved(age)}</p>"


def _a_person_runs_this() -> bool:
    """Tell by a kernel's own word: programs that run notebooks say that nobody is there to answer an ``input()``."""
    from IPython import get_ipython

    shell = get_ipython()
    if not hasattr(shell, "get_parent"):
        return True
    return bool(shell.get_parent().get("content", {}).get("allow_stdin"))


def _this_notebook() -> Path:
    """Return the notebook that Jupyter says it is, else the folder: a kernel starts beside its notebook."""
    # Not every place says it, and a notebook may have got another name since its kernel started.
    named = Path(os.environ.get("JPY_SESSION_NAME", ""))
    return named if named.is_file() else Path.cwd()


def _table(name: str, findings: list[CheckResult]) -> str:
    # Jupyter sets every column to the right, as if it were numbers.
    left = "style='text-align: left'"
    heads = "".join(
        f"<th scope='col' {left}>{head}</th>" for head in ("Question", "Points", "Result", "What to look at")
    )
    rows = "".join(
        f"<tr><th scope='row' {left}>{escape(item.question)}</th><td>{item.points:g}</td>"
        f"<td {left}>{item.result}</td><td {left}>{escape(item.message)}</td></tr>"
        for item in findings
    )
    return f"<table><caption>{escape(name)}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _as_saved(seconds: float) -> str:
    """Say how old the file is that was checked: the page may show something newer."""
    unit = next((unit for unit, size in UNITS.items() if seconds >= size), "second")
    age = number_of(max(0, int(seconds // UNITS[unit])), unit)
    return (
        f"This is the notebook as it was saved {age} ago. Changed it since? "
        "Save (Ctrl+S, on a Mac Cmd+S) and run this cell again."
    )

"""In the browser alone: check an exercise without a terminal, and say plainly when pandas could not be fetched.

The site holds everything but numpy and pandas, which a browser fetches where Pyodide's makers publish them. Without
them, texts, ledger and widgets work, and tables and charts do not.
"""

from __future__ import annotations

from html import escape
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.display import HTML, Markdown

PUBLISHER: Final = "cdn.jsdelivr.net"
"""Where Pyodide's makers publish what they have compiled."""

FETCHED: Final = ("numpy", "pandas")
"""What the site does not hold."""

STARTUP: Final = "share/in_browser/startup.py"
"""What Python runs in the browser before a learner's first cell, beside this file."""

NOTE: Final = (
    "**Tables and charts do not work here right now.** They need pandas, which your browser fetches from "
    f"`{PUBLISHER}`, and that failed. Are you offline, or does your network block that address? Once it can be "
    "reached, choose *Restart Kernel…* in the menu *Kernel*. Until then you can read, fill your ledger and use the "
    "tools, such as the evidence board; a cell that needs a table stops with `No module named 'pandas'`."
)


def begin(shell: InteractiveShell) -> None:
    """Watch the cells of a kernel: the note comes under the first one, and under each that stops for want of pandas."""
    told = False

    def look(result: Any) -> None:
        nonlocal told
        if _fetched():
            return
        error = result.error_in_exec
        if not told or (isinstance(error, ModuleNotFoundError) and error.name in FETCHED):
            told = True
            _show()

    shell.events.register("post_run_cell", look)


def check(exercise: Path | str) -> HTML | Markdown:
    """Run the checks of an exercise, as ``course check`` does elsewhere; return a table of how each question stands.

    What counts is the notebook as it is saved. It is not changed.

    Parameters
    ----------
    exercise : path
        Its folder or its notebook.
    """
    from IPython.display import HTML, Markdown

    from course import selfcheck

    if not _fetched():
        return Markdown(NOTE)  # type: ignore[no-untyped-call]
    try:
        notebook = selfcheck.find_notebook(Path(exercise))
        findings = selfcheck.check(notebook, here=True)
    except selfcheck.CheckError as error:
        return HTML(f"<p>{escape(str(error))}</p>")  # type: ignore[no-untyped-call]
    rows = "".join(
        f"<tr><th scope='row'>{escape(item.question)}</th><td>{item.points:g}</td><td>{item.result}</td>"
        f"<td>{escape(item.message)}</td></tr>"
        for item in findings
    )
    heads = "".join(f"<th scope='col'>{name}</th>" for name in ("Question", "Points", "Result", "What to look at"))
    return HTML(  # type: ignore[no-untyped-call]
        f"<table><caption>{escape(notebook.name)}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        f"<p>{selfcheck.summary(findings)}</p>"
    )


def _fetched() -> bool:
    invalidate_caches()
    return all(find_spec(name) for name in FETCHED)


def _show() -> None:
    from IPython.display import Markdown, display

    display(Markdown(NOTE))  # type: ignore[no-untyped-call]

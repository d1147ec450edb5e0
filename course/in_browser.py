"""In the browser alone: say in plain words when pandas could not be fetched, and what works without it.

The site holds everything but numpy and pandas, which a browser fetches where Pyodide's makers publish them. Without
them, texts, ledger and widgets work, and tables and charts do not.
"""

from __future__ import annotations

from importlib import invalidate_caches
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

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
        invalidate_caches()
        if all(find_spec(name) for name in FETCHED):
            return
        error = result.error_in_exec
        if not told or (isinstance(error, ModuleNotFoundError) and error.name in FETCHED):
            told = True
            _show()

    shell.events.register("post_run_cell", look)


def _show() -> None:
    from IPython.display import Markdown, display

    display(Markdown(NOTE))  # type: ignore[no-untyped-call]

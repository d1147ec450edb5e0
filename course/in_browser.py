"""In the browser alone: check an exercise without a terminal."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.display import HTML


def check(exercise: Path | str) -> HTML:
    """Run the checks of an exercise, as ``course check`` does elsewhere; return a table of how each question stands.

    What counts is the notebook as it is saved. It is not changed.

    Parameters
    ----------
    exercise : path
        Its folder or its notebook.
    """
    from IPython.display import HTML

    from course import selfcheck

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

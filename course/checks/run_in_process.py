"""Run a notebook's cells in this very Python, where no second one can be started: in the browser.

The cells get a namespace of their own and start from nothing, as they would in a kernel of their own. What they show is
left aside, and a cell's last line is not made into something to show. A loop that never ends cannot be stopped here.
"""

from __future__ import annotations

import ast
from contextlib import chdir
from pathlib import Path
from typing import Any


def run(cells: list[Any], folder: Path) -> None:
    """Run code cells from top to bottom; each that stops gets its error as an output, as from a kernel.

    Parameters
    ----------
    cells : list
        A notebook's cells, as nbformat reads them.
    folder : pathlib.Path
        Where they run, so that they find their ledger.
    """
    from IPython.core.inputtransformer2 import TransformerManager
    from IPython.display import display
    from IPython.utils.capture import capture_output

    transform = TransformerManager().transform_cell  # type: ignore[no-untyped-call]
    names: dict[str, Any] = {"__name__": "__main__", "display": display}
    with chdir(folder):
        for number, cell in enumerate(cells, 1):
            if cell.cell_type != "code":
                continue
            try:
                # A capture for each cell: what one cell puts in place of the output is gone in the next.
                with capture_output():
                    parsed = ast.parse(transform(cell.source))
                    exec(compile(parsed, f"<cell {number}>", "exec"), names)
            except (Exception, SystemExit) as error:
                cell.outputs = [_as_output(error)]


def _as_output(error: BaseException) -> Any:
    from nbformat.v4 import new_output

    return new_output("error", ename=type(error).__name__, evalue=str(error))  # type: ignore[no-untyped-call]

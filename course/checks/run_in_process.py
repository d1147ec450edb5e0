"""Run a notebook's cells in this Python process, if no other can be started: in the browser.

The cells run in an empty namespace of their own, as in a fresh kernel. Their output is discarded, and the value of a
cell's last line is not displayed. An infinite loop cannot be stopped here.
"""

from __future__ import annotations

import ast
from contextlib import chdir
from pathlib import Path
from typing import Any


def run(cells: list[Any], folder: Path) -> None:
    """Run code cells, as nbformat reads them, from top to bottom in a folder, so that they find their ledger.

    A cell that raises an exception gets the error as an output, as from a kernel.
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
                # Capture each cell separately, so that a cell that replaces sys.stdout does not affect the next.
                with capture_output():
                    parsed = ast.parse(transform(cell.source))
                    exec(compile(parsed, f"<cell {number}>", "exec"), names)
            except (Exception, SystemExit) as error:
                cell.outputs = [_as_output(error)]


def _as_output(error: BaseException) -> Any:
    from nbformat.v4 import new_output

    return new_output("error", ename=type(error).__name__, evalue=str(error))  # type: ignore[no-untyped-call]

"""How long "Restart Kernel and Run All Cells" takes, for every notebook of the course.

Each notebook is copied with its folder to an empty place and run from top to bottom in a kernel of its own, with
nothing filled in. The goal is under 20 seconds each on a quiet machine. Printed are the seconds from asking for the
kernel to the last output, those of the slowest cell, and what stopped: the errors that are meant (lesson 00 has one;
the checks of an exercise that nobody has begun say so), and any other, which makes the exit code 1.

Run it with ``make bench`` or ``python benchmarks/whole_course.py``; with ``03`` behind it, only what begins so.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from rich.console import Console
from rich.table import Table
from rich.text import Text

ROOT = Path(__file__).parents[1]
GOAL_SECONDS = 20
PATIENCE_SECONDS = 120
KINDS = {"lesson": "notebooks/*.ipynb", "exercise": "exercises/*/*.ipynb", "solution": "solutions/*/*.ipynb"}


@dataclass(frozen=True)
class Run:
    """One notebook, run from top to bottom."""

    seconds: float
    slowest: tuple[str, float]
    """The id of the slowest cell and its seconds."""
    meant: int
    """Errors that belong there."""
    unmeant: tuple[str, ...]
    """Each other error: where, and what it said."""


def run(notebook: Path, kind: str) -> Run:
    """Run a copy of the notebook in a new kernel."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name) / notebook.parent.name
        # A ledger of somebody's own would be read, and it is not ours to copy.
        shutil.copytree(notebook.parent, folder, ignore=shutil.ignore_patterns("ledger*", ".ipynb_checkpoints"))
        content = nbformat.read(folder / notebook.name, as_version=4)  # type: ignore[no-untyped-call]
        client = NotebookClient(
            content, timeout=PATIENCE_SECONDS, allow_errors=True, resources={"metadata": {"path": str(folder)}}
        )
        slowest, meant, unmeant = ("", 0.0), 0, []
        start = time.perf_counter()
        with client.setup_kernel(stderr=subprocess.DEVNULL):
            for number, cell in enumerate(content.cells):
                begun = time.perf_counter()
                client.execute_cell(cell, number)
                slowest = max(slowest, (cell.id, time.perf_counter() - begun), key=lambda pair: pair[1])
                for output in cell.get("outputs", ()):
                    if output.output_type == "error":
                        if _is_meant(output.ename, cell, kind):
                            meant += 1
                        else:
                            unmeant.append(f"{notebook.stem}, {cell.id}: {output.ename}: {output.evalue}")
            seconds = time.perf_counter() - start
    return Run(seconds, slowest, meant, tuple(unmeant))


def _is_meant(error: str, cell: nbformat.NotebookNode, kind: str) -> bool:
    """Whether this error belongs there: a check of an exercise that nobody has begun."""
    graded = cell.metadata.get("nbgrader", {}).get("grade", False)
    return kind == "exercise" and graded and error in ("NotAnswered", "NotYet")


def main() -> int:
    """Run them all and print the table. Returns the exit code."""
    wanted = tuple(sys.argv[1:]) or ("",)
    table = Table(title=f"Restart and run all (goal: under {GOAL_SECONDS} s each)", title_justify="left")
    for heading in ("notebook", "seconds", "slowest cell", "errors meant", "other errors"):
        table.add_column(heading, justify="left" if heading in ("notebook", "slowest cell") else "right")
    console, runs = Console(width=100), []
    for kind, pattern in KINDS.items():
        for notebook in sorted(ROOT.glob(pattern)):
            if notebook.name.startswith(wanted):
                runs.append(done := run(notebook, kind))
                name, seconds = done.slowest
                table.add_row(
                    notebook.stem if kind == "lesson" else f"{kind} {notebook.stem}",
                    f"{done.seconds:.1f}",
                    f"{name} ({seconds:.1f})",
                    f"{done.meant}",
                    f"{len(done.unmeant)}",
                )
    console.print(table)
    over = sum(done.seconds > GOAL_SECONDS for done in runs)
    console.print(
        f"{len(runs)} notebooks in {sum(done.seconds for done in runs):.0f} s, {over} of them over the goal. "
        "A shared machine makes them slower."
    )
    unmeant = [line for done in runs for line in done.unmeant]
    for line in unmeant:
        console.print(Text(line))
    return 1 if unmeant else 0


if __name__ == "__main__":
    sys.exit(main())

"""Try every answer to every exercise and print one table: right accepted, wrong caught, message as promised.

``python -m tests.answers`` tries them all; ``python -m tests.answers 05 06`` only those assignments. What did not go as
promised is listed below the table, and the exit code is 1 then.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
import warnings
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tests.answers.trying import ASSIGNMENTS, Counts, Tried, try_answers


def main(arguments: list[str] | None = None) -> int:
    """Print the table. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.answers", description=__doc__)
    parser.add_argument("assignments", nargs="*", help="numbers or names of assignments (default: all)")
    wanted = parser.parse_args(arguments).assignments
    names = [name for name in ASSIGNMENTS if not wanted or name.startswith(tuple(wanted))]
    if not names:
        parser.error(f"no such assignment. There are: {', '.join(ASSIGNMENTS)}")
    # nbgrader 0.9.6 reads submissions it has not added to its session yet; the result is right.
    warnings.simplefilter("ignore")
    console = Console(width=100)
    start = time.perf_counter()
    with TemporaryDirectory() as folder:
        tried = try_answers(names, Path(folder) / "course")
    number = sum(_answers(answers) for answers in tried.values())
    console.print(f"{number} answers tried in {time.perf_counter() - start:.0f} s")
    console.print(_table(tried))
    wrong = [(name, attempt) for name, attempts in tried.items() for attempt in attempts if not attempt.as_promised]
    for name, attempt in wrong:
        console.print(Text(f"{name}: {attempt}"))
    return 1 if wrong else 0


def _table(tried: dict[str, list[Tried]]) -> Table:
    table = Table(title="Every answer tried, graded by nbgrader", title_justify="left")
    for heading in ("assignment", "check", "right accepted", "wrong caught", "message as promised"):
        table.add_column(heading, justify="left" if heading in ("assignment", "check") else "right")
    for name, attempts in tried.items():
        # In the order in which the questions are asked: q2 before q10.
        for check in sorted({attempt.check for attempt in attempts}, key=_place):
            table.add_row(name, check, *_row(attempt for attempt in attempts if attempt.check == check))
        table.add_row(name, Text("all", "bold"), *_row(attempts), end_section=True)
    everything = [attempt for attempts in tried.values() for attempt in attempts]
    if len(tried) > 1:
        table.add_row(Text("all", "bold"), "", *_row(everything))
    number = sum(_answers(attempts) for attempts in tried.values())
    table.caption = f"{number} answers; {len(everything)} times a check looked at one. Stubs count as wrong answers."
    return table


def _place(check: str) -> tuple[int, str]:
    return int(re.findall(r"\d+", check)[0]), check


def _row(tried: Iterable[Tried]) -> tuple[str, str, str]:
    counts = Counts.of(tried)
    return (
        f"{counts.accepted} of {counts.right}",
        f"{counts.caught} of {counts.wrong}",
        f"{counts.promised} of {counts.wrong}",
    )


def _answers(tried: list[Tried]) -> int:
    return len({(attempt.question, attempt.answer.name) for attempt in tried})


if __name__ == "__main__":
    sys.exit(main())

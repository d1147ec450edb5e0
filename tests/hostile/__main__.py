"""Print the table: each attack, what it tries, what is promised, what happened.

``python -m tests.hostile NAME…`` tries only those whose names begin so.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.hostile.classroom import FULL, Case, Traces, grade_class, load_attacks


def table(cases: list[Case], traces: Traces) -> str:
    """Return what happened as text."""
    lines = []
    for case in cases:
        mark = " " if case.kept else "!"
        lines += [f"{mark} {case.name}: {case.tries}", f"    {case.happened}"]
        lines += [f"    {breach}" for breach in case.breaches]
        lines += [
            f"    NEIGHBOUR {other.result} {other.score} {other.reason}"
            for other in case.neighbours
            if other.score != FULL
        ]
    left = [f"left behind: {trace}" for trace in (*traces.processes, *traces.files, *traces.gradebook)]
    kept = sum(case.kept for case in cases)
    return "\n".join([*lines, *left, f"{kept} of {len(cases)} attacks came out as promised."])


if __name__ == "__main__":
    prefixes = tuple(sys.argv[1:]) or ("",)
    chosen = {name: attack for name, attack in load_attacks().items() if name.startswith(prefixes)}
    with tempfile.TemporaryDirectory() as place:
        sys.stdout.write(f"{table(*grade_class(Path(place), chosen))}\n")

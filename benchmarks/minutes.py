"""How many minutes a notebook takes: the lessons, the exercises and the short course.

A learner reads `WORDS_A_MINUTE` words; each action takes the seconds in `SECONDS`, and each tool the minutes in
`TOOLS`. Cells tagged ``extra`` belong to the rounds under "If you have more time" and are counted apart. The minutes
that a lesson, the README and the instructor's pages print are those of the core, rounded up to five;
``tests/test_minutes.py`` compares them.

Run it with ``make times`` or ``python -m benchmarks.minutes``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from course.case import Case

ROOT: Final = Path(__file__).parents[1]
WORDS_A_MINUTE: Final = 140
"""The pace of a careful reader with English as a second language."""

SECONDS: Final = {
    "run a cell and look at what it shows": 40,
    "predict": 30,
    "check yourself": 30,
    "write a sentence of one's own": 120,
    "answer a question of an exercise": 210,
    "write a paragraph of an exercise": 480,
}
"""Estimates, for somebody who has not programmed before. Reading comes on top."""

TOOLS: Final = {
    "ClaimTracer": 4,
    "SourceCards": 8,
    "ScopeLens": 3,
    "Timeline": 4,
    "EvidenceBoard": 9,
    "HypothesisMatrix": 6,
    "VerdictDesk": 10,
}
"""Minutes for what a notebook asks the learner to do in each tool. A cell tagged ``minutes-3`` takes 3 minutes instead,
for instance where most of it has been done in an earlier lesson."""

OWN: Final = r"{tool}\((?!.*Ledger\(\)|.*ledger=(?:example|kept|mine)\b)"
"""A tool that works on the learner's own ledger: what is shown on another one takes no more than to look at it."""

FOLDERS: Final = {"lesson": "notebooks/*.ipynb", "short": "notebooks/short/*.ipynb", "exercise": "exercises/*/*.ipynb"}


@dataclass(frozen=True)
class Effort:
    """What one notebook asks of a learner."""

    words: int
    cells: int
    core: float
    """Minutes without the rounds under "If you have more time"."""
    extra: float
    """Minutes of those rounds."""
    points: int
    """All points of an exercise."""
    by_hand: int
    """Those of its prose questions, which a person marks."""

    @property
    def printed(self) -> int:
        """The core minutes as they are printed: rounded up to five."""
        return up_to_five(self.core)

    @classmethod
    def of(cls, path: Path) -> Effort:
        """Measure a notebook."""
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        minutes = {False: 0.0, True: 0.0}
        for cell in cells:
            minutes["extra" in cell["metadata"].get("tags", [])] += seconds(cell) / 60
        texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
        graded = [(cell["metadata"].get("nbgrader", {}), cell["cell_type"]) for cell in cells]
        points = [(int(mark["points"]), kind) for mark, kind in graded if mark.get("grade")]
        by_hand = sum(number for number, kind in points if kind == "markdown")
        whole = sum(number for number, _ in points)
        return cls(sum(map(words, texts)), len(cells), minutes[False], minutes[True], whole, by_hand)


def up_to_five(minutes: float) -> int:
    """Round minutes up to the next five."""
    return math.ceil(minutes / 5) * 5


def words(markdown: str) -> int:
    """Count the words that a reader sees: no marks, no HTML, no address of a link."""
    text = re.sub(r"<[^>]+>|\]\([^)]*\)|[#*`|]|^\s*[-\d]+\.?\s", " ", markdown, flags=re.MULTILINE)
    return len(text.split())


def reading(text: str) -> float:
    """Return how many seconds a text takes to read."""
    return words(text) * 60 / WORDS_A_MINUTE


def seconds(cell: dict[str, Any]) -> float:
    """Return how many seconds a cell takes a learner."""
    return sum(_spent(cell))


def _spent(cell: dict[str, Any]) -> Iterator[float]:
    """Yield the seconds of each thing that a cell asks for."""
    source, graded = "".join(cell["source"]), cell["metadata"].get("nbgrader", {})
    if cell["cell_type"] == "markdown":
        yield reading(source)
        yield source.count("**Predict") * SECONDS["predict"]
        yield source.count("Check yourself:") * SECONDS["check yourself"]
        if graded.get("solution"):
            yield SECONDS["write a paragraph of an exercise"]
        return
    yield SECONDS["run a cell and look at what it shows"]
    if graded.get("solution"):
        yield SECONDS["answer a question of an exercise"]
    stated = [
        int(tag.removeprefix("minutes-")) for tag in cell["metadata"].get("tags", []) if tag.startswith("minutes-")
    ]
    for tool, minutes in TOOLS.items():
        if re.search(OWN.format(tool=tool), source):
            yield (stated or [minutes])[0] * 60
    yield source.count("ledger.answer(") * SECONDS["write a sentence of one's own"]
    for first, last in re.findall(r"case\.article\((\d+), (\d+)\)", source):
        yield reading(" ".join(Case.load().article(int(first), int(last)).paragraphs.values()))


def main() -> None:
    """Print the table."""
    table = Table(title="Minutes, computed", title_justify="left")
    for heading in ("notebook", "words", "cells", "minutes, core", "printed", "extra", "points", "by hand"):
        table.add_column(heading, justify="left" if heading == "notebook" else "right")
    for kind, pattern in FOLDERS.items():
        for path in sorted(ROOT.glob(pattern)):
            effort = Effort.of(path)
            table.add_row(
                path.stem if kind == "lesson" else f"{kind} {path.stem}",
                f"{effort.words:,}",
                f"{effort.cells}",
                f"{effort.core:.0f}",
                f"{effort.printed}",
                f"{effort.extra:.0f}" if effort.extra else "",
                f"{effort.points}" if effort.points else "",
                f"{effort.by_hand}" if effort.points else "",
            )
        table.add_section()
    console = Console(width=100)
    console.print(table)
    console.print(f"Reading: {WORDS_A_MINUTE} words a minute. In seconds: {_listed(SECONDS)}.")
    console.print(f"Tools, in minutes: {_listed(TOOLS)}.")


def _listed(estimates: dict[str, int]) -> str:
    return ", ".join(f"{name} {amount}" for name, amount in estimates.items())


if __name__ == "__main__":
    main()

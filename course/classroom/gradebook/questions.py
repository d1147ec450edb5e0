"""What an exercise asks, in the order it asks: the heading and the words above each graded cell."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Question:
    """What stands above a graded cell.

    Parameters
    ----------
    check : str
        The cell's grade_id.
    headings : tuple of str
        The headings it stands under, without the notebook's title, outermost first.
    wording : str
        The Markdown between the innermost of these headings that has any and the cell.
    """

    check: str
    headings: tuple[str, ...]
    wording: str

    @property
    def title(self) -> str:
        """The headings in one line, or the grade_id where there is none."""
        return " – ".join(self.headings) or self.check


def questions(notebook: Path) -> tuple[Question, ...]:
    """Return what a released notebook asks, one for each graded cell; nothing if it cannot be read.

    Parameters
    ----------
    notebook : pathlib.Path
        As learners get it, or its source: answers and mark schemes are passed over.
    """
    return tuple(question for question, is_graded in _marked(notebook) if is_graded)


def titles(notebook: Path) -> dict[str, str]:
    """Return the title of each graded cell and each answer by its grade_id, each title once.

    Where several cells stand under one heading, their grade_ids are added to it.
    """
    marked = [question for question, _ in _marked(notebook)]
    graded = Counter(question.title for question in questions(notebook))
    return {
        question.check: f"{question.title} ({question.check})" if graded[question.title] > 1 else question.title
        for question in marked
    }


def _marked(notebook: Path) -> Iterator[tuple[Question, bool]]:
    """Yield what stands above each graded cell and each answer, and whether the cell is graded."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError):
        return
    # By level of heading, what it says and the Markdown below it.
    above: dict[int, tuple[str, list[str]]] = {}
    for cell in cells:
        marks = cell.get("metadata", {}).get("nbgrader", {})
        is_graded = bool(marks.get("grade") or marks.get("task"))
        if is_graded or marks.get("solution"):
            yield _question(marks.get("grade_id", ""), above), is_graded
        elif cell.get("cell_type") == "markdown":
            for level, heading, text in _parts(source_of(cell)):
                if level:
                    above = {other: part for other, part in above.items() if other < level}
                    above[level] = (heading, [])
                if text and above:
                    above[max(above)][1].append(text)


def source_of(cell: Any) -> str:
    """Return a cell's source, which a notebook keeps as one text or as lines."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(map(str, source))


def _question(check: str, above: dict[int, tuple[str, list[str]]]) -> Question:
    path = [above[level] for level in sorted(above) if level > 1]
    wording = next((texts for _, texts in reversed(path) if texts), [])
    return Question(check, tuple(heading for heading, _ in path), "\n\n".join(wording))


def _parts(source: str) -> list[tuple[int, str, str]]:
    """Return a text cell cut at its headings: the level (0 before the first one), the heading and what follows."""
    before, *rest = re.split(r"^(#{1,6})[ \t]+(.+?)[ \t]*#*$", source, flags=re.MULTILINE)
    parts = [(len(level), heading, text.strip()) for level, heading, text in zip(*[iter(rest)] * 3, strict=True)]
    return [(0, "", before.strip()), *parts]

"""How hard the text of the lessons and exercises is to read.

Printed for each notebook: its words, words a sentence, syllables a word, Flesch's reading ease (Flesch 1948, *Journal
of Applied Psychology* 32(3): 221–233), and its hardest text cell. 60 to 70 is plain English, 30 to 50 is college
reading; lessons aim at 60. Syllables are those of the CMU Pronouncing Dictionary, which textstat brings along. What it
does not know, such as Arabic names, is cut by the rules of hyphenation, and a number counts as one syllable: so a
notebook full of either scores too high. Compare notebooks with one another rather than with a newspaper. Nothing asks
the network.

Run it with ``make bench`` or ``python benchmarks/reading.py``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import textstat
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
LONG_ENOUGH = 40
"""Words a cell needs before its own figure says anything."""


@dataclass(frozen=True)
class Reading:
    """How hard a text is to read."""

    words: int
    words_a_sentence: float
    syllables_a_word: float
    ease: float
    """Flesch's reading ease: the higher, the easier."""

    @classmethod
    def of(cls, text: str) -> Reading:
        """Measure a plain text in which every sentence ends with a full stop, a question mark or the like."""
        words = textstat.lexicon_count(text)
        return cls(
            words,
            words / max(1, textstat.sentence_count(text)),
            textstat.syllable_count(text) / max(1, words),
            textstat.flesch_reading_ease(text),
        )


def notebooks() -> list[Path]:
    """Return every notebook a learner reads, lessons before exercises."""
    return [*sorted(ROOT.glob("notebooks/*.ipynb")), *sorted(ROOT.glob("exercises/*/*.ipynb"))]


def texts(notebook: Path) -> dict[str, str]:
    """Return the text cells as plain sentences, by the cell's id."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return {cell["id"]: plain("".join(cell["source"])) for cell in cells if cell["cell_type"] == "markdown"}


def plain(markdown: str) -> str:
    """Return Markdown as a reader takes it in: no marks, no tables or locators, a piece of code as one short word."""
    text = re.sub(r"```.*?```", "", markdown, flags=re.DOTALL)
    text = re.sub(r"`[^`]*`|<code>.*?</code>", "this", text)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"</?(?:details|summary|p|li|ul|ol|br)[^>]*>", "\n\n", text)
    text = re.sub(r"\s*\(¶[^)]*\)", "", text)
    text = re.sub(r"^#+ |<[^>]+>|[*_¶]", "", text, flags=re.MULTILINE)
    return "\n".join(_sentences(text))


def _sentences(text: str) -> Iterator[str]:
    """Yield each paragraph and each item of a list, with a full stop where none ends it: it is read as a sentence."""
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.)\s)", text):
        # A table is looked up, not read.
        if "|" in block or not (line := re.sub(r"^\s*(?:-|\d+\.)\s+", "", " ".join(block.split()))):
            continue
        yield line if line[-1] in ".?!" else f"{line.rstrip(':;,')}."


def hardest(notebook: Path) -> tuple[str, float]:
    """Return the id and the ease of the text cell that is hardest to read, of those that are long enough to say."""
    measured = {name: Reading.of(text) for name, text in texts(notebook).items()}
    long = {name: reading.ease for name, reading in measured.items() if reading.words >= LONG_ENOUGH}
    return min(long.items(), key=lambda item: item[1], default=("", 0.0))


def main() -> None:
    """Print the table."""
    table = Table(title="Flesch reading ease: 60 and more is plain English", title_justify="left")
    for heading in ("notebook", "words", "a sentence", "syllables a word", "ease", "hardest text cell"):
        table.add_column(heading, justify="left" if heading in ("notebook", "hardest text cell") else "right")
    for path in notebooks():
        reading, (name, ease) = Reading.of("\n".join(texts(path).values())), hardest(path)
        table.add_row(
            path.stem if path.parent.name == "notebooks" else f"exercise {path.stem}",
            f"{reading.words}",
            f"{reading.words_a_sentence:.1f}",
            f"{reading.syllables_a_word:.2f}",
            f"{reading.ease:.0f}",
            f"{name} ({ease:.0f})",
        )
    Console(width=110).print(table)


if __name__ == "__main__":
    main()

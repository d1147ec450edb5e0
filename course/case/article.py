"""The article a case takes apart: its paragraphs, retold in our words, for reading in a notebook."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Article:
    """Numbered paragraphs of the article, in order. A notebook shows them as text.

    Parameters
    ----------
    paragraphs : dict of int to str
        Each paragraph as Markdown, by its number: the number of its locator (¶9).
    headings : dict of int to str
        Our headings, each by the number of the paragraph below it.
    """

    paragraphs: dict[int, str]
    headings: dict[int, str]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the reading copy: Markdown, with a heading (``## …``) or a paragraph (``**¶9** …``) to a block.

        Raises
        ------
        OSError
            If there is no such file.
        """
        paragraphs: dict[int, str] = {}
        headings: dict[int, str] = {}
        for block in path.read_text(encoding="utf-8").split("\n\n"):
            text = " ".join(block.split())
            if text.startswith("## "):
                headings[len(paragraphs) + 1] = text.removeprefix("## ")
            elif number := re.match(r"\*\*¶(\d+)\*\* ", text):
                paragraphs[int(number[1])] = text
        return cls(paragraphs, headings)

    def part(self, first: int, last: int) -> Article:
        """Return the paragraphs from `first` to `last`, both included."""
        numbers = range(first, last + 1)
        return Article(
            *({n: text for n, text in kept.items() if n in numbers} for kept in (self.paragraphs, self.headings))
        )

    def __str__(self) -> str:
        return "\n\n".join(
            f"**{self.headings[number]}**\n\n{text}" if number in self.headings else text
            for number, text in self.paragraphs.items()
        )

    def _repr_markdown_(self) -> str:
        return str(self)

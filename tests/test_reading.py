"""The text stays plain English for somebody in their first year."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.reading import Reading, hardest, notebooks, plain, texts

PLAIN_ENGLISH = 60
"""Below it, Flesch's table says "fairly difficult". Ours are near 85, so only a real change of voice gets there."""
COLLEGE = 30
"""Where Flesch's table begins to say "very difficult": no single text cell may go there, however many names it has."""


def test_every_notebook_is_plain_english() -> None:
    measured = {path.stem: Reading.of("\n".join(texts(path).values())).ease for path in notebooks()}
    assert measured
    assert {name: ease for name, ease in measured.items() if ease < PLAIN_ENGLISH} == {}


@pytest.mark.parametrize("notebook", notebooks(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_text_cell_is_very_difficult(notebook: Path) -> None:
    name, ease = hardest(notebook)
    assert ease > COLLEGE, name


def test_what_is_measured_is_the_text_a_reader_takes_in() -> None:
    markdown = "## 3 · A *map*\n\n`x.y()` gives **it** (¶20).\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- one\n- two"
    assert plain(markdown) == "3 · A map.\nthis gives it.\none.\ntwo."


def test_long_words_and_long_sentences_are_harder() -> None:
    assert Reading.of("The cat sat. It was warm.").ease > Reading.of("Approximately everybody hesitated.").ease + 50

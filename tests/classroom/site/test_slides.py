"""Slides come from a lesson's notebook, need no network, and show an answer only after the question."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Page, expect

from course.classroom.site.slides import main, slides

CELLS = [
    ("markdown", "title", "# 03 · What is it?\n\n**Time:** 5 minutes"),
    (
        "markdown",
        "predict-sum",
        "## 1 · A sum\n\n**Predict:** how much? See [the exercise](../exercises/03.ipynb), ¶9.",
    ),
    ("code", "run-sum", "print('<', 20 + 22)\n40 + 2"),
    ("markdown", "explain-sum", "It is *forty-two*."),
    ("code", "run-widget", "from course import Timeline, Ledger\nTimeline(ledger=Ledger())"),
    ("code", "run-error", "nothing_of_this_name"),
    (
        "code",
        "run-chart",
        "from course import Case, charts\ncharts.events_around_claim(Case.load().events_weekly)",
    ),
    ("markdown", "check-sum", "<details>\n<summary>Sure?</summary>\n\nYes.\n\n</details>"),
]


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Path:
    new_cell: dict[str, Any] = {"markdown": nbformat.v4.new_markdown_cell, "code": nbformat.v4.new_code_cell}
    cells = [new_cell[kind](source, id=name) for kind, name, source in CELLS]
    folder = tmp_path_factory.mktemp("course") / "notebooks"
    folder.mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "03-what.ipynb")  # type: ignore[no-untyped-call]
    return folder / "03-what.ipynb"


@pytest.fixture(scope="module")
def deck(lesson: Path) -> str:
    return slides(lesson)


def test_a_slide_begins_with_a_question_and_its_answer_comes_after_it(deck: str) -> None:
    parts = re.findall(r"<section.*?</section>", deck, re.DOTALL)
    assert [part.count('class="step"') for part in parts] == [1, 6, 1]
    assert parts[1].index("how much?") < parts[1].index("&lt; 42") < parts[1].index("forty-two")


def test_everything_on_it_is_in_it(deck: str) -> None:
    assert not re.findall(r"""(?:src|href)=(?!["']?data:)""", deck)
    assert "the exercise" in deck
    assert "anchor-link" not in deck, "its sign is ¶, which here means a paragraph of the article"


def test_charts_are_described_errors_are_short_and_tools_are_said_to_be_elsewhere(deck: str) -> None:
    (alt,) = re.findall(r'<img alt="([^"]+)"', deck)
    assert len(alt.split()) > 10
    assert "NameError: name &#x27;nothing_of_this_name&#x27; is not defined" in deck
    assert "Traceback" not in deck
    assert deck.count("This tool is live") == 1


def test_the_command_writes_a_page_for_each_lesson_asked_for(lesson: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(lesson.parents[1])
    before = lesson.read_bytes()
    assert main(["03"]) == 0
    assert (lesson.parents[1] / "build/slides/03-what.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert lesson.read_bytes() == before
    with pytest.raises(SystemExit):
        main(["77"])


@pytest.mark.browser
def test_keys_and_buttons_go_step_by_step(deck: str, tmp_path: Path, page: Page) -> None:
    (tmp_path / "slides.html").write_text(deck, encoding="utf-8")
    page.goto((tmp_path / "slides.html").as_uri())
    place = page.get_by_role("status")
    expect(place).to_have_text("Slide 1 of 3, step 1 of 1")
    page.keyboard.press("ArrowRight")
    expect(place).to_have_text("Slide 2 of 3, step 1 of 6")
    expect(page.get_by_text("forty-two")).to_be_hidden()
    page.get_by_role("button", name="Next").click()
    page.keyboard.press("Enter")
    expect(page.get_by_text("forty-two")).to_be_visible()
    page.keyboard.press("Home")
    page.keyboard.press("End")
    page.get_by_text("Sure?").click()
    expect(page.get_by_text("Yes.")).to_be_visible()
    page.get_by_role("button", name="Back").click()
    expect(place).to_have_text("Slide 2 of 3, step 6 of 6")

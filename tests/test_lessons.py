"""The lessons run, keep their shape and their facts, and leave a learner's ledger alone."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from course.case import Case
from course.charts import VEGA_LITE
from course.ledger import Ledger
from course.ledger.judgement import Judgement

ROOT = Path(__file__).resolve().parents[1]
ARTICLE = ROOT.parent / "shared" / "case" / "article.txt"
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PARAGRAPHS = 34
LONGEST_TEXT, LONGEST_EXPLANATION, LONGEST_COPY = 120, 70, 10


@dataclass(frozen=True)
class Lesson:
    path: Path
    notebook: Any

    @property
    def number(self) -> str:
        return self.path.name[:2]

    def cells(self, kind: str) -> list[Any]:
        return [cell for cell in self.notebook.cells if cell.cell_type == kind]

    @property
    def text(self) -> str:
        return "\n".join(cell.source for cell in self.notebook.cells)

    @property
    def promised(self) -> set[str]:
        """The answers that the opening says it leaves in the ledger."""
        return set(re.findall(rf"`({self.number}/[a-z0-9-]+)`", self.notebook.cells[0].source))


@pytest.fixture(scope="module", params=LESSONS, ids=lambda path: path.stem)
def lesson(request: pytest.FixtureRequest) -> Lesson:
    return Lesson(request.param, nbformat.read(request.param, as_version=4))  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Run:
    """A lesson run untouched in a folder of its own, then again by someone whose ledger is not empty."""

    lesson: Lesson
    left_by_untouched: Ledger
    before: Ledger
    after: Ledger


@pytest.fixture(scope="module")
def run(lesson: Lesson, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("notebooks")
    notebook = nbformat.read(shutil.copy(lesson.path, folder), as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(folder)}})
    with client.setup_kernel(stderr=subprocess.DEVNULL):
        run_all(client)
        untouched = Ledger.open(folder / "ledger.json")
        mine = Ledger.open(folder / "ledger.json")
        for statement in ("S06", "S09", "S10", "S11"):
            mine.judge(Judgement(statement, "F", "D", 4, "indirect", "slight for", "my own", "This one is mine."))
        for key in ("99/mine", *lesson.promised):
            mine.answer(key, "This one is mine.")
        before = Ledger.loads(mine.dumps())
        run_all(client)
    return Run(Lesson(lesson.path, notebook), untouched, before, Ledger.open(folder / "ledger.json"))


def run_all(client: NotebookClient) -> None:
    """Run every cell. One that raises fails the test."""
    for number, cell in enumerate(client.nb.cells):
        client.execute_cell(cell, number)


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", re.sub("[’']", "", text.lower()))


def read(cell: Any) -> list[str]:
    """Return the words of a text cell that a reader sees: no marks, no HTML."""
    return re.sub(r"<[^>]+>|[#*`|]|^\s*[-\d]+\.?\s", " ", cell.source, flags=re.M).split()


def named(text: str) -> set[str]:
    """Return the rows of a case that a text names."""
    return set(re.findall(r"\b[SXCQELT]\d\d\b", text))


def known(text: str) -> set[str]:
    """Return the rows of the case that a notebook loads; without a name, that is the first case."""
    case = Case.load(*re.findall(r"Case\.load\(\"([\w-]+)\"\)", text))
    return {str(row["id"]) for table in ("statements", "claims", "quantities", "timeline") for row in case.rows(table)}


def test_there_are_lessons() -> None:
    assert LESSONS


# --- running -----------------------------------------------------------------------------------------------------


def test_no_cell_stops_not_even_on_purpose(run: Run) -> None:
    """In the browser alone *Run All Cells* ends at an error, however its cell is tagged."""
    for cell in run.lesson.cells("code"):
        assert not [output for output in cell.outputs if output.output_type == "error"], cell.id
        assert "raises-exception" not in cell.metadata.get("tags", []), cell.id


def test_no_cell_warns(run: Run) -> None:
    for cell in run.lesson.cells("code"):
        assert not [output for output in cell.outputs if output.get("name") == "stderr"], cell.id


def test_an_untouched_lesson_leaves_no_answer_and_no_rating(run: Run) -> None:
    assert not run.left_by_untouched.judgements()
    assert not run.left_by_untouched.answers


def test_a_learners_ledger_survives_another_run(run: Run) -> None:
    assert run.after.judgements() == run.before.judgements()
    assert run.after.answers == run.before.answers
    assert not run.after.withdrawn


def test_every_chart_says_what_it_shows_and_has_its_table_next(run: Run) -> None:
    cells = run.lesson.cells("code")
    for place, cell in enumerate(cells):
        for output in cell.outputs:
            if chart := output.get("data", {}).get(VEGA_LITE):
                assert chart["title"], cell.id
                assert len(chart["description"].split()) > 10, cell.id
                later = "".join(each.source for each in cells[place + 1 : place + 3])
                assert ".as_table()" in later, f"{cell.id}: no .as_table() in the two code cells after the chart"


# --- the file ----------------------------------------------------------------------------------------------------


def test_it_is_stored_without_output(lesson: Lesson) -> None:
    nbformat.validate(lesson.notebook)
    assert (lesson.notebook.nbformat, lesson.notebook.nbformat_minor) == (4, 5)
    assert lesson.notebook.metadata.kernelspec.name == "python3"
    for cell in lesson.cells("code"):
        assert cell.execution_count is None, cell.id
        assert not cell.outputs, cell.id
    for cell in lesson.notebook.cells:
        assert set(cell.metadata) <= {"tags"}, cell.id


def test_its_cells_have_readable_names_of_their_own(lesson: Lesson) -> None:
    names = [cell.get("id", "") for cell in lesson.notebook.cells]
    assert not [name for name, count in Counter(names).items() if count > 1]
    assert not [name for name in names if not re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", name)]


# --- the shape ---------------------------------------------------------------------------------------------------


def test_it_opens_with_a_question_and_what_it_takes(lesson: Lesson) -> None:
    opening = lesson.notebook.cells[0].source
    title = opening.splitlines()[0]
    assert title.startswith(f"# {lesson.number} · ")
    assert title.endswith("?")
    for part in (r"\*\*You will be able to\*\* ", r"\*\*Time:\*\* \d+ minutes", r"\*\*You need:\*\* "):
        assert re.search(part, opening), part
    assert re.search(rf"\*\*In your ledger:\*\* .*`{lesson.number}/", opening)


def test_it_leaves_in_the_ledger_what_it_says(lesson: Lesson) -> None:
    assert lesson.promised == set(re.findall(rf'\.answer\("({lesson.number}/[a-z0-9-]+)"', lesson.text))


def test_it_goes_in_rounds(lesson: Lesson) -> None:
    """Predict, then run, then explain, and an answer to check oneself by."""
    kinds = [cell.id.partition("-")[0] for cell in lesson.notebook.cells]
    for kind in ("predict", "run", "explain", "check"):
        assert kinds.count(kind) >= 3, kind
    for cell in lesson.cells("markdown"):
        kind = cell.id.partition("-")[0]
        if kind == "predict":
            assert "**Predict:**" in cell.source, cell.id
            assert "?" in cell.source or "find" in cell.source or "Say" in cell.source, cell.id
        if kind == "check":
            assert "Check yourself:" in cell.source, cell.id
        if kind == "explain":
            assert len(read(cell)) <= LONGEST_EXPLANATION, f"{cell.id}: {len(read(cell))} words"


def test_it_ends_with_an_editor_a_take_away_and_the_words(lesson: Lesson) -> None:
    by_heading = {cell.source.splitlines()[0]: cell.source for cell in lesson.cells("markdown")}
    assert "## What an editor asks next" in by_heading
    assert len(re.findall(r"^\d\. ", by_heading["## Take away"], flags=re.M)) == 3
    assert "(verbs.md)" in by_heading["## Glossary"]
    assert f"case.glossary.query(\"lesson == '{lesson.number}'\")" in lesson.notebook.cells[-1].source


def test_no_text_is_a_wall(lesson: Lesson) -> None:
    for cell in lesson.cells("markdown"):
        assert len(read(cell)) < LONGEST_TEXT, f"{cell.id}: {len(read(cell))} words"


def test_headings_leave_no_level_out(lesson: Lesson) -> None:
    levels = [len(marks) for text in lesson.cells("markdown") for marks in re.findall(r"^(#+) ", text.source, re.M)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


# --- the facts ---------------------------------------------------------------------------------------------------


def test_every_paragraph_statement_and_column_of_facts_exists(lesson: Lesson) -> None:
    text = lesson.text
    cited = [int(number) for span in re.findall(r"¶(\d+(?:–\d+)?)", text) for number in span.split("–")]
    assert cited
    assert all(1 <= number <= PARAGRAPHS for number in cited)
    assert named(text) <= known(text)


def test_no_sentence_of_the_article_is_copied(lesson: Lesson) -> None:
    if not ARTICLE.is_file():
        pytest.skip("the article is not part of the repository")
    size = LONGEST_COPY + 1
    article = words(ARTICLE.read_text(encoding="utf-8"))
    runs = {tuple(article[at : at + size]) for at in range(len(article) - size + 1)}
    for cell in lesson.notebook.cells:
        spoken = words(cell.source)
        copied = [
            spoken[at : at + size] for at in range(len(spoken) - size + 1) if tuple(spoken[at : at + size]) in runs
        ]
        assert not copied, f"{cell.id}: {' '.join(copied[0])}"


def test_every_link_inside_the_course_leads_somewhere(lesson: Lesson) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", lesson.text):
        assert (lesson.path.parent / target).exists(), target


def test_every_picture_says_what_it_shows(lesson: Lesson) -> None:
    text = "\n".join(cell.source for cell in lesson.cells("markdown"))
    assert not re.findall(r"!\[\s*\]\(", text)
    assert not [tag for tag in re.findall(r"<img[^>]*>", text) if not re.search(r'alt="[^"]+"', tag)]

"""The report: an instructor sees how the class did, nobody is named unless asked, and what was written stays text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page as Browser
from typer.testing import CliRunner

from course.classroom.gradebook.course_folder import CourseError
from course.classroom.gradebook.journal import Journal
from course.classroom.gradebook.outcome import Outcome, Submission
from course.classroom.report import make_report, write_report
from course.classroom.report.pseudonyms import learner_codes
from course.cli import app
from tests.browser.views import WCAG
from tests.classroom.grading.classroom import NAMES, WEIGHING
from tests.gradebook import Course

pytestmark = [
    pytest.mark.nbgrader,
    # nbgrader 0.9.6 reads submissions it has not added to its session yet; SQLAlchemy 2 warns, the result is right.
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]


class Page(HTMLParser):
    """A page taken apart: its tags in order, and its tables as rows of text, by caption."""

    VOID = frozenset({"meta", "br", "hr", "img", "link", "input"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.tables: dict[str, list[list[str]]] = {}
        self._open: list[str] = []
        self._rows: list[list[str]] = []
        self._caption = ""
        self.feed(html)
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)
        if tag == "table":
            self._rows, self._caption = [], ""
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        if tag == "table":
            self.tables.setdefault(self._caption, self._rows)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            return
        self.words.append(data)
        if "caption" in self._open:
            self._caption += data
        elif {"td", "th"} & set(self._open):
            self._rows[-1][-1] += data.replace("\N{NO-BREAK SPACE}", " ")

    @property
    def text(self) -> str:
        """What a reader reads."""
        return " ".join(" ".join(self.words).split())

    def row(self, caption: str, name: str) -> dict[str, str]:
        """Return the row of a table that begins with this name, by the table's heads."""
        heads, *rows = self.tables[caption]
        return next(dict(zip(heads, row, strict=True)) for row in rows if row[0].startswith(name))


@pytest.fixture(scope="module")
def report(weighing: Course) -> Page:
    return Page(make_report(weighing.folder, []))


@pytest.fixture(scope="module")
def codes(weighing: Course) -> Mapping[str, str]:
    return learner_codes(weighing.folder, NAMES)


# --- what it shows --------------------------------------------------------------------------------------------


def test_every_assignment_is_there_with_how_many_handed_in_and_what_waits(report: Page) -> None:
    weighing = report.row("All assignments", WEIGHING)
    assert [weighing[head] for head in ("Handed in", "Graded", "Answers waiting for a person")] == ["7", "6", "3"]
    assert report.row("All assignments", "sample")["Handed in"] == "2"


def test_scores_leave_out_what_waits_for_a_person(report: Page) -> None:
    # ada-l has every point of the machine's and two answers in prose that nobody has read.
    _, *rows = report.tables["Learners by share of the points"]
    assert ["90–100", "1"] in rows
    assert sum(int(row[1]) for row in rows) == 6


def test_each_question_says_how_many_have_it_right_and_how_many_wait(report: Page) -> None:
    caption = "How each question went, by number of learners"
    assert report.row(caption, "Question 3")["Share right"] == "17%"
    assert report.row(caption, "Question 5")["Not yet"] == "3"
    assert report.row(caption, "Question 6")["Stopped"] == "1"
    assert report.row(caption, "Question 10")["Waiting"] == "2"
    assert report.row(caption, "Question 9")["Not run"] == "1"


def test_the_hardest_checks_come_with_the_questions_own_words(report: Page) -> None:
    hardest = report.text.partition("The hardest checks")[2].partition("What was misunderstood")[0]
    assert "Question 5 · One good counter-example" in hardest
    assert "how likely is it that at least one of several independent counter-examples is right?" in hardest
    assert "You added the chances. 60 % and 70 % would make 130 %." in hardest
    assert "BEGIN" not in report.html


def test_learners_who_were_told_the_same_are_counted_together_whatever_their_values(
    report: Page, codes: Mapping[str, str]
) -> None:
    _, *rows = report.tables["Messages from the checks"]
    cells = {row[0]: row for row in rows}
    same_values = next(row for text, row in cells.items() if text.startswith("s12_low: You left out directness."))
    assert same_values[2] == "2"
    assert same_values[3] == ", ".join(sorted((codes["dee-j"], codes["eve-p"])))
    other_values = next(
        row for text, row in cells.items() if text.startswith("hangs_on is …, which is not the expected answer.")
    )
    assert other_values[2] == "2"
    (stopped,) = report.tables["Errors from answers that stopped, to one learner each"][1:]
    assert stopped[0].startswith("SyntaxError")
    assert all(row[2] == "1" for row in report.tables["Messages from the checks, to one learner each"][1:])


def test_the_pooled_answer_stands_beside_how_far_the_class_is_apart(report: Page) -> None:
    pooled = report.row("The class’s pooled answer to reading F", "known by 11 December 2017")
    assert pooled["Learners"] == "4"
    assert "unlikely" in pooled["Pooled answer"]
    assert pooled["Words arrived at"] == "3 very unlikely and 1 likely"
    alpha = report.row("Agreement on the ratings for reading F", "ordinal")
    assert 0 < float(alpha["bearing"]) < 1
    statement = report.row("Where views of reading F differ, widest first", "S12")
    assert (statement["For"], statement["Against"], statement["Neither"]) == ("3", "0", "1")
    spreads = [float(row[8]) for row in report.tables["Where views of reading F differ, widest first"][1:]]
    assert spreads == sorted(spreads, reverse=True)


def test_a_frozen_copy_counts_where_the_ledger_beside_it_is_broken(weighing: Course, report: Page) -> None:
    pooled = report.row("The class’s pooled answer to reading F", "known today")
    assert pooled["Learners"] == "4"  # ada-l and ben-f, dee-j's ledger and eve-p's frozen copy
    broken = weighing.folder / "submitted" / "eve-p" / WEIGHING / "ledger.json"
    assert broken.read_text() == "{ not a ledger"
    assert not list((weighing.folder / "autograded" / "eve-p").rglob("*kept-aside*kept-aside*"))


def test_hints_are_counted_for_the_exercises_own_questions_only(report: Page) -> None:
    _, *rows = report.tables["Learners who opened each hint"]
    assert rows == [["Q1", "2", "2", "0"], ["Q3", "2", "0", "0"]]


def test_who_needs_help_is_told_with_the_reason(report: Page, codes: Mapping[str, str]) -> None:
    caption = "Learners to look at"
    assert report.row(caption, codes["cyr-d"])["Why"] == "Untouched: no question is answered."
    assert report.row(caption, codes["hal-i"])["Why"] == "Handed in nothing."
    assert report.row(caption, codes["gus-g"])["Why"].startswith("Handed in, but not graded.")
    assert "06-weighing.ipynb is cut off" in report.row(caption, codes["gus-g"])["Why"]
    assert "The notebook ended before “Question 4" in report.row(caption, codes["fay-w"])["Why"]
    assert "The notebook ended Python" in report.row(caption, codes["fay-w"])["Why"]
    assert report.row(caption, codes["dee-j"])["Why"].startswith("3 of 13 checks right")
    assert codes["ada-l"] not in [row[0] for row in report.tables[caption]]


def test_what_grading_said_of_a_submission_is_told_without_its_student(
    weighing: Course, codes: Mapping[str, str]
) -> None:
    journal = Journal(weighing.folder)
    kept = journal.path.read_bytes()
    failed = Outcome("failed", "A file could not be read in submitted/gus-g.").to_dict()
    journal.add("ended", Submission(WEIGHING, "gus-g"), digest="", **failed)
    try:
        report = Page(make_report(weighing.folder, [WEIGHING]))
    finally:
        journal.path.write_bytes(kept)
    why = report.row("Learners to look at", codes["gus-g"])["Why"]
    assert "A file could not be read in submitted/…." in why


# --- names ----------------------------------------------------------------------------------------------------


def test_no_name_is_on_the_page_unless_asked(weighing: Course, report: Page) -> None:
    telling = {part for student, names in NAMES.items() for part in (student, *" ".join(names).split())}
    for name in sorted(telling - {"de"}):
        assert name.strip(",=") not in report.html, name
    named = make_report(weighing.folder, [], names=True)
    for first, last in (NAMES[student] for student in ("ben-f", "gus-g", "hal-i")):
        assert f"{first}\N{NO-BREAK SPACE}{last.split()[0]}" in named
    assert "This page has learners’ names on it" in named


def test_a_learner_keeps_their_code_when_others_join(tmp_path: Path) -> None:
    before = learner_codes(tmp_path, ["b", "c", "d"])
    assert sorted(before.values()) == ["learner 01", "learner 02", "learner 03"]
    after = learner_codes(tmp_path, ["a", "b", "d"])
    assert after == {**before, "a": "learner 04"}


def test_codes_that_cannot_be_read_are_never_given_out_anew(tmp_path: Path) -> None:
    learner_codes(tmp_path, ["a"])
    (tmp_path / ".course" / "learner-codes.json").write_text("{")
    with pytest.raises(CourseError, match="Mend it, or move it away"):
        learner_codes(tmp_path, ["a"])


# --- the page itself ------------------------------------------------------------------------------------------


def test_what_a_learner_wrote_stays_text_and_nothing_runs_or_is_fetched(weighing: Course, report: Page) -> None:
    for page in (report, Page(make_report(weighing.folder, [], names=True))):
        names = {tag for tag, _ in page.tags}
        assert not names & {"script", "img", "iframe", "object", "embed", "form", "link"}
        for tag, attributes in page.tags:
            assert not [name for name in attributes if name.startswith("on") or name in ("src", "srcset")]
            address = attributes.get("href") or attributes.get("xlink:href") or "#"
            assert address.startswith("#"), (tag, address)
        addresses = set(re.findall(r"\bhttps?://[^\s\"'<]+", page.html))
        # Names of grammars, which nothing fetches.
        assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
        assert "default-src 'none'" in page.html
        assert "url(" not in page.html
    assert "alert(1)" in page.text


def test_headings_come_in_order_and_every_table_has_a_caption_and_scopes(report: Page) -> None:
    levels = [int(tag[1]) for tag, _ in report.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    tags = [tag for tag, _ in report.tags]
    tables = [place for place, tag in enumerate(tags) if tag == "table"]
    of_ours = [place for place in tables if tags[place + 1] == "caption"]
    assert len(of_ours) >= 10
    assert all("scope" in attributes for tag, attributes in report.tags[of_ours[0] : of_ours[0] + 20] if tag == "th")


def test_every_chart_says_what_it_shows(report: Page) -> None:
    charts = [attributes for tag, attributes in report.tags if tag == "svg"]
    assert len(charts) >= 4
    for chart in charts:
        assert chart["role"] == "img"
        assert len(chart["aria-label"] or "") > 80


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_the_page_is_reachable_in_both_themes_and_narrow(report: Page, page: Browser, theme: str, width: int) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    page.set_content(report.html)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    results = Axe().run(page, options={"runOnly": [*WCAG, "best-practice"]}).response
    assert not results["violations"], json.dumps(results["violations"], indent=1)[:4000]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.browser
def test_the_page_works_with_the_keyboard_alone(report: Page, page: Browser) -> None:
    page.set_viewport_size({"width": 320, "height": 900})
    page.set_content(report.html)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == WEIGHING
    for _ in range(100):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.parentElement.open")
    # Every part that scrolls sideways can be reached.
    scrolling = "[...document.querySelectorAll('*')].filter((one) => getComputedStyle(one).overflowX === 'auto')"
    assert page.evaluate(f"{scrolling}.length") > 10
    assert page.evaluate(f"{scrolling}.every((one) => one.tabIndex === 0)")


# --- what it stands on ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (f"{WEIGHING}.ipynb", "[" * 100_000),
        (f"{WEIGHING}.ipynb", '{"cells": [{"cell_type": "code", "metadata": [], "outputs": 3}]}'),
        (f"{WEIGHING}.ipynb", '{"cells": {"a": null}}'),
        ("ledger.json", '{"judgements": ' + "[" * 100_000),
        ("ledger.json", '{"schema": 1, "judgements": [{"statement": "<b>", "reading": "F", "bearing": "none"}]}'),
    ],
)
def test_a_broken_file_of_one_learner_leaves_everybody_else_on_the_page(
    weighing: Course, name: str, content: str
) -> None:
    path = weighing.folder / "autograded" / "dee-j" / WEIGHING / name
    kept = path.read_bytes()
    try:
        path.write_text(content, encoding="utf-8")
        report = Page(make_report(weighing.folder, [WEIGHING]))
    finally:
        path.write_bytes(kept)
    assert ("cannot be read" in report.text) == name.endswith(".ipynb")
    assert report.row("How each question went, by number of learners", "Question 2")["Right"] == "2"
    assert report.row("The class’s pooled answer to reading F", "known today")["Learners"] in ("3", "4")


def test_half_a_character_and_signs_that_turn_the_line_round_do_no_harm(weighing: Course, tmp_path: Path) -> None:
    notebook = weighing.folder / "autograded" / "dee-j" / WEIGHING / f"{WEIGHING}.ipynb"
    kept = notebook.read_text(encoding="utf-8")
    try:
        notebook.write_text(kept.replace("SyntaxError", "Syntax\\ud800\\u202e\\u0000Error"), encoding="utf-8")
        write_report(weighing.folder, [WEIGHING], tmp_path / "report.html")
    finally:
        notebook.write_text(kept, encoding="utf-8")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Syntax Error: expected" in page
    assert not {"\u202e", "\u0000"} & set(page)


def test_a_link_out_of_a_submission_is_not_followed(weighing: Course, tmp_path: Path) -> None:
    ledger = weighing.folder / "autograded" / "dee-j" / WEIGHING / "ledger.json"
    kept = ledger.read_bytes()
    elsewhere = tmp_path / "ledger.json"
    elsewhere.write_bytes(kept)
    ledger.unlink()
    ledger.symlink_to(elsewhere)
    try:
        report = Page(make_report(weighing.folder, [WEIGHING]))
    finally:
        ledger.unlink()
        ledger.write_bytes(kept)
    assert report.row("The class’s pooled answer to reading F", "known today")["Learners"] == "3"


def test_the_report_changes_nothing_in_the_class(weighing: Course) -> None:
    def state() -> dict[str, bytes]:
        parts = ("autograded", "submitted", "solutions", "exercises")
        files = [path for part in parts for path in (weighing.folder / part).rglob("*") if path.is_file()]
        return {str(path): path.read_bytes() for path in [*files, weighing.folder / "gradebook.db"]}

    before = state()
    make_report(weighing.folder, [])
    assert state() == before


def test_the_command_writes_the_page_and_replaces_only_a_report(
    weighing: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(weighing.folder)
    page = tmp_path / "class.html"
    for _ in range(2):
        done = CliRunner().invoke(app, ["report", "sample", "--output", str(page)])
        assert (done.exit_code, done.output) == (0, f"Wrote {page}\n")
    assert "sample" in page.read_text(encoding="utf-8")
    mine = tmp_path / "mine.html"
    mine.write_text("mine")
    with pytest.raises(CourseError, match="is no report"):
        write_report(weighing.folder, ["sample"], mine)
    assert mine.read_text() == "mine"
    refused = CliRunner().invoke(app, ["report", "07-the-verdict"])
    assert refused.exit_code == 2
    assert "Not in the gradebook: 07-the-verdict" in refused.output


def test_without_a_gradebook_the_way_to_one_is_said(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    with pytest.raises(CourseError, match="run: course grade"):
        make_report(tmp_path, [])
    assert not (tmp_path / "gradebook.db").exists()

"""The room's board in a real browser: it follows the ledgers, names nobody, and can be used by everybody."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from html import unescape
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect
from typer.testing import CliRunner

from course.case import default_case
from course.classroom.gradebook.marks import Assignment, MarkedSubmission
from course.classroom.report.load import AssignmentResults, StudentWork
from course.classroom.report.page import Report
from course.classroom.report.page import page as report_page
from course.classroom.room.page import Choice, board, page
from course.classroom.room.session import RoomSession
from course.cli import app
from course.ledger import Ledger
from course.publishing.room import RoomCode
from tests.browser.views import WCAG
from tests.classroom.room.people import judgement, ledger, random_board
from tests.classroom.room.running import RunningBoard, running_board

CASE = default_case()
BROWSER = pytest.mark.browser


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningBoard]:
    for seed in range(6):
        ledger(tmp_path / f"learner-{seed}" / "notebooks", *random_board(seed))
    (tmp_path / "learner-6").mkdir()
    with running_board(tmp_path) as board:
        yield board


def count(page: Page, caption: str, answer: str) -> Locator:
    """Return where the newest count of an answer stands."""
    table = page.get_by_role("table", name=caption, exact=True)
    return table.get_by_role("row", name=re.compile(f"^{answer}")).get_by_role("cell").last


# --- what it says ---------------------------------------------------------------------------------------------


def shown(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_pooled_chance_word_and_agreement_are_written_as_in_the_report(tmp_path: Path) -> None:
    works, submission = {}, MarkedSubmission(graded=True)
    for seed in range(9):
        path = ledger(tmp_path / f"learner-{seed}", *random_board(seed))
        works[f"learner-{seed}"] = StudentWork(submission, judgements=Ledger.open(path).judgements())
    assignment = Assignment("06-weighing", (), dict.fromkeys(works, submission))
    results = AssignmentResults(assignment, {}, {}, works, ())
    names = {name: name for name in works}
    report = shown(report_page(Report("A class", datetime.now(), (results,), {}, names, frozenset(), (CASE,))))
    session = RoomSession(tmp_path, CASE)
    session.refresh()
    room = board(session, Choice("F", "since"), names=False)

    word, chance = re.findall(r'class="word">([^<]+) <span>([^<]+)<', room)[0]
    spread = re.findall(r"the middle half is at ([^<]+)</p>", room)[0]
    assert f"known today 9 {word} ({chance}) {spread}" in report
    cells = re.findall(r'<td class="n">([^<]+)</td>', room[room.index("Krippendorff") :])
    # The board asks in its own order: bearing, reliability, credibility, directness, interest.
    bearing, *others = cells
    assert f"ordinal {' '.join([*others[:3], bearing, others[3]])}" in report.replace("\N{NO-BREAK SPACE}", " ")


def test_nobody_is_named_unless_asked_and_who_opted_out_never_is(tmp_path: Path) -> None:
    ledger(tmp_path / "ana-lopez", judgement("S09"))
    ledger(tmp_path / "<img src=x onerror=alert(1)>", judgement("S09"))
    ledger(tmp_path / "ben-hidden", judgement("S09"), hidden=True)
    (tmp_path / "cy-new").mkdir()
    session = RoomSession(tmp_path, CASE)
    session.refresh()
    plain = page(session, Choice.of({}, session), names=False)
    assert not re.search("ana|ben-|cy-|onerror", plain)
    assert "A reason of their own" not in plain
    named = page(session, Choice.of({}, session), names=True)
    assert "ana-lopez" in named
    assert "cy-new" in named
    assert "ben-hidden" not in named
    assert "<img" not in named


def test_what_an_address_asks_for_and_is_not_there_is_replaced(tmp_path: Path) -> None:
    session = RoomSession(tmp_path, CASE)
    asked = {"reading": "Q", "clock": "x", "statement": "<b>", "before": "7", "after": "²"}
    assert Choice.of(asked, session) == Choice(CASE.subject.reading, "since")
    assert "No statement is rated yet" in page(session, Choice.of(asked, session), names=False)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["room", str(tmp_path / "nowhere"), "--no-browser"])
    assert result.exit_code == 2
    assert "Name the folder with the ledgers." in result.output


def test_the_board_answers_only_below_its_own_address(running: RunningBoard) -> None:
    for wrong in ("/", "/board", "/x" * 11 + "/"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(re.sub(r"(:\d+)/.*", rf"\1{wrong}", running.address))
        assert refused.value.code == 404
        refused.value.close()
    with urllib.request.urlopen(running.address) as answer:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_buttons_work_without_scripts(running: RunningBoard) -> None:
    asked = urllib.request.Request(f"{running.address}snapshot", data=b"", headers={"Accept": "text/html"})
    with urllib.request.urlopen(asked) as answer:
        assert "Snapshot 1 taken" in answer.read().decode()


# --- in a browser ---------------------------------------------------------------------------------------------


@BROWSER
def test_the_board_follows_ledgers_and_opting_out(running: RunningBoard, page: Page) -> None:
    page.goto(f"{running.address}?statement=S09")
    figures = page.locator(".figures")
    expect(figures).to_contain_text("have rated 6")
    expect(figures).to_contain_text("has not begun 1")
    for seed in range(7):
        ledger(running.folder / f"learner-{seed}" / "notebooks", judgement("S09", "decisive for", "A"))
    expect(figures).to_contain_text("have rated 7")
    expect(count(page, "If it were right, it would be", "decisive for")).to_have_text("7")
    expect(count(page, "Source: how reliable?", "A: ")).to_have_text("7")
    ledger(running.folder / "learner-0" / "notebooks", hidden=True)
    expect(figures).to_contain_text("does not take part 1")
    expect(count(page, "If it were right, it would be", "decisive for")).to_have_text("6")
    (running.folder / "learner-1" / "notebooks" / "ledger.json").write_text('{"schema": 1, "answers": [[[', "utf-8")
    expect(figures).to_contain_text("ledger cannot be read 1")
    expect(count(page, "If it were right, it would be", "decisive for")).to_have_text("5")


@BROWSER
def test_rate_discuss_rate_again_by_keyboard(running: RunningBoard, page: Page) -> None:
    page.goto(f"{running.address}?statement=S09")
    for seed in range(6):
        ledger(running.folder / f"learner-{seed}" / "notebooks", judgement("S09", "slight for"))
    bearing = "If it were right, it would be"
    expect(count(page, bearing, "slight for")).to_have_text("6")
    page.get_by_label("Show", exact=True).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Snapshot 1 taken")
    for seed in range(4):
        ledger(running.folder / f"learner-{seed}" / "notebooks", judgement("S09", "slight against"))
    compare = page.get_by_label("Compare with")
    compare.focus()
    page.keyboard.press("ArrowDown")
    table = page.get_by_role("table", name=bearing, exact=True)
    expect(table.get_by_role("columnheader")).to_have_text(["Answer", "Snapshot 1", "Now"])
    expect(table.get_by_role("row", name=re.compile("^slight for")).get_by_role("cell")).to_have_text(["6", "2"])
    expect(table.get_by_role("row", name=re.compile("^slight against")).get_by_role("cell")).to_have_text(["0", "4"])
    # What changes beside it leaves the focus where it is.
    ledger(running.folder / "learner-5" / "notebooks", judgement("S09", "slight against"))
    expect(count(page, bearing, "slight against")).to_have_text("5")
    assert compare.evaluate("select => select === document.activeElement")


@BROWSER
def test_codes_are_pasted_many_at_once(running: RunningBoard, page: Page) -> None:
    codes = []
    for _ in range(3):
        own = Ledger()
        own.judge(judgement("S09", "decisive for"))
        codes.append(RoomCode(own).code)
    page.goto(f"{running.address}?statement=S09")
    before = int(count(page, "If it were right, it would be", "decisive for").inner_text())
    page.get_by_label("Codes that people sent you").fill("\n".join(f"10:42 Ana: {code}" for code in codes))
    page.get_by_role("button", name="Import the codes").click()
    expect(page.get_by_role("status").first).to_have_text("3 new codes imported.")
    expect(page.locator(".figures")).to_contain_text("have rated 9")
    expect(count(page, "If it were right, it would be", "decisive for")).to_have_text(str(before + 3))


@BROWSER
def test_the_page_says_when_the_board_has_stopped(tmp_path: Path, page: Page) -> None:
    with running_board(tmp_path) as board:
        page.goto(board.address)
        expect(page.locator(".figures")).to_contain_text("have rated 0")
    expect(page.locator("#connection")).to_contain_text("The board has stopped")


@BROWSER
def test_everybody_can_read_it_on_a_projector_and_narrow(running: RunningBoard, page: Page) -> None:
    urllib.request.urlopen(f"{running.address}snapshot", data=b"").close()
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        for width, height in ((1366, 768), (1920, 1080), (320, 900)):
            page.set_viewport_size({"width": width, "height": height})
            for choice in ("", "?before=1"):
                page.goto(f"{running.address}{choice}")
                expect(page.locator(".figures")).to_contain_text("have rated 6")
                results = Axe().run(page, options={"runOnly": [*WCAG, "best-practice"]}).response
                assert not results["violations"], json.dumps(results["violations"], indent=1)[:4000]
                assert page.evaluate("document.documentElement.scrollWidth") <= width

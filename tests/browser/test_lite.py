"""The course in the browser alone: the site that is built here is opened from a folder, with no other network."""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from playwright.sync_api import Browser, Page, expect

from course.checks import runner
from course.classroom.lite import lock, parts
from course.classroom.lite.build import build
from course.classroom.lite.lock import BrowserSiteError
from course.ledger import Ledger
from tests.browser.tools import Tool, claim_tracer, evidence_board, source_cards
from tests.browser.tools.evidence_board import rate
from tests.conftest import SWITCHES

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
# Pyodide unpacks thirty wheels before the first cell, on machines that do other things at the same time.
BOOT_MS = 300_000
CELL = "div.jp-Notebook-cell.jp-CodeCell"
FIRST = "notebooks/00-start-here.ipynb"
LESSONS = [path for path in sorted((ROOT / "notebooks").glob("*.ipynb")) if path.stem[:2] in {"00", "01", "02", "06"}]
"""Those that need every part: text, tables, charts, and the three widgets to work in. All nine were compared once; each
takes half a minute."""
LESSON, EXERCISE = "notebooks/01-the-claim.ipynb", "exercises/01-the-claim/01-the-claim.ipynb"

WORKED_IN: dict[str, Tool] = {
    "01-the-claim": claim_tracer.TOOL,
    "02-the-sources": source_cards.TOOL,
    "06-weighing": evidence_board.TOOL,
}
"""Lessons in which the test leaves a learner's marks in the last view of a widget."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("lite") / "site")


def packages(site: Path) -> dict[str, dict[str, Any]]:
    lock = json.loads((site / "static/pyodide/pyodide-lock.json").read_text())
    packages: dict[str, dict[str, Any]] = lock["packages"]
    return packages


def test_every_lesson_and_exercise_is_in_it_and_no_solution_ledger_or_database(site: Path) -> None:
    inside = {path.relative_to(site / "files").as_posix() for path in (site / "files").rglob("*") if path.is_file()}
    for pattern in ("notebooks/*.ipynb", "exercises/*/*.ipynb", "exercises/*/exercise.json", "data/*/*.csv"):
        wanted = {path.relative_to(ROOT).as_posix() for path in ROOT.glob(pattern)}
        assert wanted
        assert wanted <= inside
    assert not [name for name in inside if "ledger" in name or "solution" in name or "/." in f"/{name}"]
    assert not list(site.rglob("*.doit.db*"))


def test_each_package_is_the_one_its_checksum_names_and_none_comes_from_elsewhere(site: Path) -> None:
    for name, entry in packages(site).items():
        assert set(entry["depends"]) <= set(packages(site)), name
        content = (site / "static/pyodide" / entry["file_name"]).read_bytes()
        assert sha256(content).hexdigest() == entry["sha256"], name
    assert set(parts.COMPILED) <= set(packages(site))


def test_charts_and_widgets_are_the_versions_the_course_is_tested_with(site: Path) -> None:
    locked = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE))
    hosted = {name: entry["version"] for name, entry in packages(site).items()}
    for name in ("altair", "anywidget", "ipywidgets", "krippendorff", "narwhals", "markupsafe"):
        assert hosted[name] == locked[name], f"{name}: renew course/classroom/lite/requirements.lock"


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(BrowserSiteError, match="left alone"):
        build(ROOT, tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_a_compiled_wheel_that_is_not_its_makers_is_refused(tmp_path: Path, site: Path) -> None:
    official = json.loads((parts.fetch() / "pyodide-lock.json").read_text())
    wheel = tmp_path / packages(site)["pandas"]["file_name"]
    wheel.write_bytes((site / "static/pyodide" / wheel.name).read_bytes())
    assert lock.make(official, [wheel])["packages"]["pandas"] == official["packages"]["pandas"]
    wheel.write_bytes(b"something else")
    with pytest.raises(BrowserSiteError, match="not as Pyodide's makers published it"):
        lock.make(official, [wheel])


# --- in the browser -------------------------------------------------------------------------------------------


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing of each request."""


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The site, served from its folder as any web server would."""
    settings = site / "jupyter-lite.json"
    config = json.loads(settings.read_text())
    # So that a test can ask JupyterLab what it shows.
    config["jupyter-config-data"]["exposeAppInBrowser"] = True
    settings.write_text(json.dumps(config))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@dataclass
class Visit:
    """Somebody with the site open. Their browser keeps what they do; a further visit finds it."""

    page: Page

    def arrive(self, address: str, notebook: str = FIRST) -> None:
        """Open an address of the site, which leads to a notebook, and wait until Python is ready."""
        self.page.goto(address)
        self.wait_for(notebook)

    def open_notebook(self, address: str, notebook: str = FIRST) -> None:
        """Open an address of the site, and wait until the notebook is shown."""
        self.page.goto(address)
        self._until_shown(notebook)

    def wait_for(self, notebook: str) -> None:
        """Wait until a notebook is open and its Python is ready."""
        self._until_shown(notebook)
        self._until_idle()

    def _until_shown(self, notebook: str) -> None:
        self.page.wait_for_function(
            "(path) => window.jupyterapp?.shell.currentWidget?.context?.path === path", arg=notebook, timeout=BOOT_MS
        )
        self.page.evaluate("() => jupyterapp.shell.currentWidget.revealed")

    def run(self, code: str) -> str:
        """Put a cell with this code first, run it, and return what it shows. For the first notebook that is open."""
        self.page.evaluate(
            """(source) => jupyterapp.shell.currentWidget.context.model.sharedModel.insertCell(
                0, { cell_type: 'code', source })""",
            code,
        )
        self.run_cell(0)
        return self.page.locator(CELL).first.locator(".jp-OutputArea").inner_text()

    def run_all(self) -> list[dict[str, Any]]:
        """Choose *Run All Cells*, and return the code cells with their outputs."""
        self.page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
        self._until_idle()
        return self.cells()

    def cells(self) -> list[dict[str, Any]]:
        """Return the code cells as they are."""
        cells: list[dict[str, Any]] = self.page.evaluate(
            """() => jupyterapp.shell.currentWidget.content.model.toJSON().cells
                     .filter((cell) => cell.cell_type === 'code')"""
        )
        return cells

    def run_cell(self, number: int) -> None:
        """Run one of the code cells, counted from 0, as with Shift+Enter."""
        self.page.evaluate(
            """async (number) => {
              const { content } = jupyterapp.shell.currentWidget;
              const code = content.widgets.filter((cell) => cell.model.type === 'code');
              content.activeCellIndex = content.widgets.indexOf(code[number]);
              content.deselectAll();
              await jupyterapp.commands.execute('notebook:run-cell');
            }""",
            number,
        )
        self._until_idle()

    def download(self, name: str, folder: Path) -> Path:
        """Right-click a file in the list on the left, choose *Download*, and return where it is."""
        self.page.locator(".jp-DirListing-item").filter(has_text=name).click(button="right")
        with self.page.expect_download() as download:
            self.page.get_by_role("menuitem", name="Download", exact=True).click()
        place = folder / download.value.suggested_filename
        assert place.name == name
        download.value.save_as(place)
        return place

    def ledger(self) -> Ledger:
        """Return the ledger as this browser keeps it; an empty one until it is first saved."""
        file = self.page.evaluate(
            """() => jupyterapp.serviceManager.contents.get('notebooks/ledger.json', { content: true })
                       .catch(() => null)"""
        )
        return Ledger.loads(b64decode(file["content"]).decode()) if file else Ledger()

    def wait_until_kept(self, kept: Callable[[Ledger], bool]) -> None:
        for _ in range(600):
            if kept(self.ledger()):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"the browser never kept the change: {self.ledger().dumps()}")

    def _until_idle(self) -> None:
        self.page.wait_for_function(
            "() => jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'", timeout=BOOT_MS
        )


@pytest.fixture
def visit(page: Page) -> Visit:
    """A visitor whose network has the site and nothing else; the page must not ask for more."""
    page.set_default_timeout(60_000)
    return Visit(page)


def run_in_jupyter(lesson: Path, folder: Path) -> list[dict[str, Any]]:
    """Run a lesson with this machine's own Python, as in JupyterLab, and return its code cells with their outputs."""
    notebook = nbformat.read(lesson, as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(notebook, resources={"metadata": {"path": str(folder)}})
    client.execute(env={**os.environ, "JPY_SESSION_NAME": str(folder / lesson.name)})
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def shown(cells: Sequence[dict[str, Any]]) -> list[tuple[str, list[str], list[str]]]:
    """Return each cell's start, the kinds of its outputs, and their lines in the order of the alphabet.

    Where two values are as frequent as each other, one processor lists this first and another that.
    """
    outputs = []
    for cell in cells:
        source, kinds, text = "".join(cell["source"]), set[str](), ""
        for output in cell["outputs"]:
            if output["output_type"] == "stream":
                kinds.add(output["name"])
                text += "".join(output["text"])
            elif output["output_type"] == "error":
                kinds.add("error")
                text += output["evalue"] + "\n"
            else:
                # JupyterLab itself adds a picture of each chart that it has drawn.
                kinds.update({*output["data"]} - {"image/png"})
                text += "".join(output["data"]["text/plain"]) + "\n"
        # What differs besides: Python's version, where the ledger lies, and which of many equals are the first few.
        text = re.sub(r"Python [\d.]+|/.*/(?=ledger\.json)", "", text)
        if ".sort_values(" in source and ".head(" in source:
            text = re.sub(r"\S", "", text)
        outputs.append((source[:60], sorted(kinds), sorted(filter(str.strip, text.split("\n")))))
    return outputs


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_every_lesson_shows_in_the_browser_what_it_shows_elsewhere(
    visit: Visit, address: str, lesson: Path, tmp_path: Path
) -> None:
    notebook = f"notebooks/{lesson.name}"
    visit.arrive(f"{address}/lab/index.html?path={notebook}", notebook)
    in_the_browser = shown(visit.run_all())
    assert in_the_browser == shown(run_in_jupyter(lesson, tmp_path))
    assert not [cell for cell in in_the_browser if "stderr" in cell[1]], "a warning"

    if tool := WORKED_IN.get(lesson.stem):
        view = visit.page.locator(tool.root).last
        tool.change(view)
        visit.wait_until_kept(tool.kept)


def test_a_first_visit_opens_lesson_00_and_a_second_finds_what_was_rated(visit: Visit, address: str) -> None:
    visit.arrive(address)
    note = "from course import EvidenceBoard, Ledger, Progress\nLedger.open().answer('00/note', 'fewer, never none')"
    assert visit.run(note) == ""
    visit.run("Progress()")
    progress = visit.page.locator(".cf-progress")
    expect(progress).to_contain_text("Your ledger is in this browser only")
    with visit.page.expect_download() as download:
        progress.get_by_role("button", name="Download your ledger").click()
    assert Ledger.loads(download.value.path().read_text("utf-8")).answers["00/note"] == "fewer, never none"
    board = visit.page.locator(".cf-board")
    visit.run("board = EvidenceBoard('F')\nboard")
    rate(board, "S09")
    expect(board.locator(".cf-phrase")).to_have_text("Reading F: almost no chance to unlikely.")
    evidence_board.change(board)
    visit.wait_until_kept(evidence_board.kept)

    visit.arrive(address)
    visit.run("from course import EvidenceBoard, Ledger\nEvidenceBoard('F')")
    evidence_board.shows(visit.page.locator(".cf-board").first)
    assert "fewer, never none" in visit.run("Ledger.open().answers['00/note']")


def test_an_exercise_opens_from_its_lesson_is_checked_as_elsewhere_and_is_handed_in(
    visit: Visit, address: str, tmp_path: Path
) -> None:
    page = visit.page
    visit.arrive(f"{address}/lab/index.html?path={LESSON}", LESSON)
    # JupyterLab draws the cells that are looked at.
    page.evaluate(
        """() => {
          const { content } = jupyterapp.shell.currentWidget;
          return content.scrollToItem(content.widgets.findIndex((cell) => cell.model.id === 'exercise'), 'start');
        }"""
    )
    page.get_by_role("link", name="exercise 01").last.click()
    visit.wait_for(EXERCISE)
    page.evaluate(
        """() => jupyterapp.shell.currentWidget.content.widgets.find((cell) => cell.model.id === 'q1')
                   .model.sharedModel.setSource('raise ValueError("mine")')"""
    )
    page.keyboard.press("Control+s")
    page.wait_for_function("() => !jupyterapp.shell.currentWidget.context.model.dirty")
    (last,) = (number for number, cell in enumerate(visit.cells()) if cell["id"] == "check-work")
    visit.run_cell(last)
    shown = visit.cells()[last]["outputs"][0]["data"]["text/html"]

    handed_in = visit.download("01-the-claim.ipynb", tmp_path)
    findings = runner.check(handed_in)
    assert "ValueError: mine" in findings[0].message
    assert shown.count("<tr>") == len(findings) + 1
    assert all(escape(finding.message) in shown for finding in findings)
    assert runner.summary(findings) in shown

    # From the first hint or rating on there is a ledger, too.
    page.evaluate(
        """() => jupyterapp.shell.currentWidget.context.model.sharedModel.insertCell(
            0, { cell_type: 'code', source: 'from course.checks.exercise import hint\\nhint("Q1", 1)' })"""
    )
    visit.run_cell(0)
    ledger = visit.download("ledger.json", tmp_path)
    assert ("01/Q1", 1) in Ledger.loads(ledger.read_text("utf-8")).hints


# --- what is kept ---------------------------------------------------------------------------------------------


def test_over_plain_http_under_a_name_it_is_said_first_that_nothing_is_kept(chromium: Browser, address: str) -> None:
    port = address.rpartition(":")[2]
    switches = [*SWITCHES, "--host-resolver-rules=MAP course.test 127.0.0.1"]
    browser = chromium.browser_type.launch(executable_path=shutil.which("chromium"), args=switches)
    try:
        page = browser.new_page()
        page.goto(f"http://course.test:{port}/lab/index.html?path={FIRST}")
        notice = page.get_by_role("dialog", name="Your ledger is not kept here")
        expect(notice).to_contain_text("with http:// and not with https://", timeout=BOOT_MS)
        page.keyboard.press("Enter")
        expect(notice).to_have_count(0)
    finally:
        browser.close()


def test_a_newer_version_beside_saved_work_is_named_once_and_the_saved_one_opens(
    visit: Visit, address: str, site: Path
) -> None:
    page, versions = visit.page, site / "versions.json"
    before = versions.read_text()
    visit.open_notebook(address)
    expect(page.locator("dialog")).to_have_count(0)
    page.evaluate(
        """() => {
          const { context } = jupyterapp.shell.currentWidget;
          context.model.sharedModel.insertCell(0, { cell_type: 'code', source: 'mine = 1' });
          return context.save();
        }"""
    )
    try:
        # One that is saved here, and one that is not.
        versions.write_text(json.dumps(json.loads(before) | {FIRST: "new", LESSON: "new"}))
        page.goto(address)
        notice = page.get_by_role("dialog", name="The course has a newer version of something you have saved")
        expect(notice).to_contain_text(f"Newer on the site: {FIRST}. What you have saved stays as it is")
        notice.get_by_role("button", name="Go on").click()
        visit.open_notebook(address)
        expect(page.locator("dialog")).to_have_count(0)
        assert "".join(visit.cells()[0]["source"]) == "mine = 1"
    finally:
        versions.write_text(before)

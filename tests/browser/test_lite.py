"""The course in the browser alone: the site that is built here is opened from a folder, with no other network.

numpy and pandas are not part of it and cannot be had here, so what needs a table is beyond these tests; that the site
says so is not.
"""

from __future__ import annotations

import json
import re
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from course import in_browser
from course.classroom.lite.build import build
from course.classroom.lite.lock import SiteError
from course.ledger import Ledger
from tests.browser.tools import evidence_board
from tests.browser.tools.evidence_board import rate

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
# Pyodide unpacks thirty wheels before the first cell, on machines that do other things at the same time.
BOOT_MS = 300_000
STOPPING = """
import nbformat
from course import run_here
cell = nbformat.v4.new_code_cell("1 / 0")
run_here.run([cell], ".")
cell.outputs[0].ename
"""
CELL = "div.jp-Notebook-cell.jp-CodeCell"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("lite") / "site")


def packages(site: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads((site / "static/pyodide/pyodide-lock.json").read_text())["packages"]
    return found


def test_every_lesson_and_exercise_is_in_it_and_no_solution_ledger_or_database(site: Path) -> None:
    inside = {path.relative_to(site / "files").as_posix() for path in (site / "files").rglob("*") if path.is_file()}
    for pattern in ("notebooks/*.ipynb", "exercises/*/*.ipynb", "exercises/*/exercise.json", "data/*.csv"):
        wanted = {path.relative_to(ROOT).as_posix() for path in ROOT.glob(pattern)}
        assert wanted
        assert wanted <= inside
    assert not [name for name in inside if "ledger" in name or "solution" in name or "/." in f"/{name}"]
    assert "exercises/check-your-work.ipynb" in inside
    assert not list(site.rglob("*.doit.db*"))


def test_each_package_is_the_one_its_checksum_names_and_only_two_come_from_elsewhere(site: Path) -> None:
    elsewhere = set()
    for name, entry in packages(site).items():
        assert set(entry["depends"]) <= set(packages(site)), name
        if "://" in entry["file_name"]:
            assert entry["file_name"].startswith(f"https://{in_browser.PUBLISHER}/")
            elsewhere.add(name)
        else:
            content = (site / "static/pyodide" / entry["file_name"]).read_bytes()
            assert sha256(content).hexdigest() == entry["sha256"], name
    assert elsewhere == set(in_browser.FETCHED)


def test_charts_and_widgets_are_the_versions_the_course_is_tested_with(site: Path) -> None:
    locked = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE))
    hosted = {name: entry["version"] for name, entry in packages(site).items()}
    for name in ("altair", "anywidget", "ipywidgets", "narwhals", "markupsafe"):
        assert hosted[name] == locked[name], f"{name}: renew course/classroom/lite/requirements.lock"


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(SiteError, match="left alone"):
        build(ROOT, tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_a_compiled_wheel_that_is_not_its_makers_is_refused(tmp_path: Path, site: Path) -> None:
    for name in in_browser.FETCHED:
        (tmp_path / packages(site)[name]["file_name"].rpartition("/")[2]).write_bytes(b"something else")
    with pytest.raises(SiteError, match="as Pyodide's makers publish it"):
        build(ROOT, tmp_path / "site", compiled=tmp_path)


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
    asked: list[str]

    def arrive(self, address: str) -> None:
        self.page.goto(address)
        self.page.wait_for_function(
            "() => window.jupyterapp?.shell.currentWidget?.context?.path === 'notebooks/00-start-here.ipynb'",
            timeout=BOOT_MS,
        )
        self.page.evaluate("() => jupyterapp.shell.currentWidget.revealed")
        self._until_idle()

    def run(self, code: str) -> str:
        """Put a cell with this code first, run it, and return what it shows."""
        self.page.evaluate(
            """async (source) => {
              const { content, context } = jupyterapp.shell.currentWidget;
              context.model.sharedModel.insertCell(0, { cell_type: 'code', source });
              content.activeCellIndex = 0;
              content.deselectAll();
              await jupyterapp.commands.execute('notebook:run-cell');
            }""",
            code,
        )
        self._until_idle()
        return self.page.locator(CELL).first.locator(".jp-OutputArea").inner_text()

    def run_lesson(self, cells: int) -> str:
        """Run the lesson's first code cells one by one, and return what they show."""
        shown = []
        for number in range(cells):
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
            shown.append(self.page.locator(CELL).nth(number).locator(".jp-OutputArea").inner_text())
        return "\n".join(shown)

    def ledger(self) -> Ledger:
        """Return the ledger as this browser keeps it."""
        file = self.page.evaluate(
            "() => jupyterapp.serviceManager.contents.get('notebooks/ledger.json', { content: true })"
        )
        return Ledger.loads(b64decode(file["content"]).decode())

    def wait_until_kept(self, kept: Callable[[Ledger], bool]) -> None:
        for _ in range(200):
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
    """A visitor whose network has the site and nothing else: pandas is asked for and refused."""
    asked: list[str] = []

    def refuse(route: Any) -> None:
        asked.append(route.request.url)
        route.abort()

    page.context.route(f"https://{in_browser.PUBLISHER}/**", refuse)
    page.set_default_timeout(60_000)
    return Visit(page, asked)


def test_a_first_visit_opens_lesson_00_and_a_second_finds_what_was_rated(visit: Visit, address: str) -> None:
    visit.arrive(address)
    shown = visit.run_lesson(3)
    for expected in ("Python 3.14", "course is ready", "pandas IS MISSING", "Putin spoke on", "AttributeError"):
        assert expected in shown
    assert {url.rpartition("/")[2].split("-")[0] for url in visit.asked} == set(in_browser.FETCHED)
    assert shown.count("Tables and charts do not work here right now") == 1, "said once, under the first cell"
    assert "not work here right now" in visit.run("import pandas"), "and again where it matters"

    assert "not work here right now" in visit.run(
        "from course.in_browser import check\ncheck('../exercises/01-the-claim')"
    )
    assert visit.run(STOPPING).endswith("'ZeroDivisionError'")

    note = "from course import EvidenceBoard, Ledger, Progress\nLedger.open().answer('00/note', 'fewer, never none')"
    assert visit.run(note) == ""
    visit.run("Progress()")
    progress = visit.page.locator(".cf-progress")
    expect(progress).to_contain_text("Your ledger lives in this browser only")
    with visit.page.expect_download() as download:
        progress.get_by_role("button", name="Download your ledger").click()
    assert Ledger.loads(download.value.path().read_text("utf-8")).answers["00/note"] == "fewer, never none"
    board = visit.page.locator(".cf-board")
    visit.run("board = EvidenceBoard('F')\nboard")
    rate(board, "S09")
    expect(board.locator(".cf-phrase")).to_have_text("Reading F: almost no chance.")
    evidence_board.change(board)
    visit.wait_until_kept(evidence_board.kept)

    visit.arrive(address)
    visit.run("from course import EvidenceBoard, Ledger\nEvidenceBoard('F')")
    evidence_board.shows(visit.page.locator(".cf-board").first)
    assert "fewer, never none" in visit.run("Ledger.open().answers['00/note']")

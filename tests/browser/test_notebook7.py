"""The lessons in Notebook 7, the page with one notebook and nothing beside it: ``jupyter notebook``."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.lab import Lab, LabServer, lab_server
from tests.browser.tools import evidence_board
from tests.browser.views import check_reachable, press, tab_to, wait_until_kept

pytest.importorskip("notebook", minversion="7")

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]


class Notebook(Lab):
    """Notebook 7 as one person sees it; it is made of the same parts as JupyterLab."""

    def open(self, notebook: Path) -> None:
        """Open a notebook in a page of its own, and wait for its kernel."""
        path = notebook.relative_to(self.root).as_posix()
        self.page.goto(f"{self.server.url}/notebooks/{path}")
        self.wait_until_open(path)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """Notebook 7's server over a copy of the lessons."""
    home = tmp_path_factory.mktemp("notebook7")
    with lab_server(home, program="notebook") as running:
        shutil.copytree(ROOT / "notebooks", running.root / "notebooks", ignore=shutil.ignore_patterns("ledger*", ".*"))
        yield running


@pytest.fixture
def notebook7(page: Page, served: LabServer) -> Iterator[Notebook]:
    yield Notebook(page, served)
    served.stop_kernels()


def picture(notebook: Notebook, name: str, tmp_path: Path) -> None:
    """Take a picture; it goes where SCREENSHOTS says."""
    notebook.page.screenshot(path=Path(os.environ.get("SCREENSHOTS", tmp_path)) / f"notebook7-{name}.png")


def see(notebook: Notebook, cell: str) -> Locator:
    """Scroll to a cell, as somebody who reads it, and return it."""
    place = notebook.page.evaluate(
        """async (id) => {
          const cells = jupyterapp.shell.currentWidget.content;
          const place = cells.widgets.findIndex((cell) => cell.model.id === id);
          cells.activeCellIndex = place;
          await cells.scrollToItem(place, 'start');
          // What stands above may still grow, as its widgets are drawn, and move the cell away again.
          await new Promise((resolve) => setTimeout(resolve, 1000));
          await cells.scrollToItem(place, 'start');
          return place;
        }""",
        cell,
    )
    shown = notebook.page.locator(f".jp-Cell[data-windowed-list-index='{place}']")
    expect(shown).to_be_visible()
    return shown


def test_the_first_lesson_runs_with_its_chart_its_ledger_and_its_progress(notebook7: Notebook, tmp_path: Path) -> None:
    notebook7.open(notebook7.root / "notebooks/00-start-here.ipynb")
    notebook7.run_all()
    expect(see(notebook7, "run-before").locator(".jp-RenderedVegaLite svg.marks")).to_be_visible()
    picture(notebook7, "lesson-00", tmp_path)
    progress = see(notebook7, "run-progress").locator(".cf-progress")
    expect(progress).to_be_visible()
    picture(notebook7, "progress", tmp_path)
    check_reachable(progress)


def test_the_board_of_lesson_06_is_worked_with_the_keyboard_and_found_again(
    notebook7: Notebook, tmp_path: Path
) -> None:
    tool, page = evidence_board.TOOL, notebook7.page
    notebook7.open(notebook7.root / "notebooks/06-weighing.ipynb")
    notebook7.run_all()
    board = see(notebook7, "my-board").locator(tool.root)
    expect(board).to_be_visible()
    cells = notebook7.page.evaluate("jupyterapp.shell.currentWidget.content.widgets.length")
    for label, keys in tool.keys:
        tab_to(page, label)
        press(page, keys)
    tool.shows(board)
    wait_until_kept(notebook7, tool.kept)
    assert page.evaluate("jupyterapp.shell.currentWidget.content.widgets.length") == cells
    picture(notebook7, "board", tmp_path)
    check_reachable(board)
    notebook7.save()
    notebook7.reload()
    board = see(notebook7, "my-board").locator(tool.root)
    tool.shows(board)
    board.scroll_into_view_if_needed()
    picture(notebook7, "board-again", tmp_path)
    matrix = see(notebook7, "my-matrix").locator(".cf-matrix")
    expect(matrix).to_be_visible()

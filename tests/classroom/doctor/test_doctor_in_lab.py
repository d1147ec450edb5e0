"""The doctor undoes what the menus of JupyterLab itself do to an exercise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from course.classroom.doctor.inspection import check
from course.classroom.doctor.release_catalogue import ReleaseCatalogue
from course.ledger import Ledger
from tests.browser.lab import Lab, lab_server
from tests.gradebook import ROOT, answer

pytestmark = pytest.mark.browser

ANSWERS = {
    "q1": "s12_low = 0.21\ns12_high = 0.38",
    "q2": "def weight(q, strength_db):\n    return q",
    "q10": "My first line.\n\nMy second line.",
    "q11": "What readers can rely on.",
}

# Learners select a cell with the mouse; JupyterLab draws a cell's editor only once the cell is in sight.
SELECT = """async ([name, line]) => {
  const notebook = jupyterapp.shell.currentWidget.content;
  notebook.deselectAll();
  notebook.activeCellIndex = notebook.widgets.findIndex(cell => cell.model.id === name);
  await notebook.scrollToItem(notebook.activeCellIndex);
  if (notebook.activeCell.model.type === 'markdown') notebook.activeCell.rendered = false;
  while (!notebook.activeCell.editor) await new Promise(after => setTimeout(after, 50));
  notebook.mode = line === null ? 'command' : 'edit';
  if (line !== null) notebook.activeCell.editor.setCursorPosition({ line, column: 0 });
}"""


def read(path: Path) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return cells


def test_cells_split_merged_copied_and_retyped_in_jupyterlab_are_put_right(page: Page, tmp_path: Path) -> None:
    with lab_server(tmp_path) as server:
        path = server.root / "06-weighing" / "06-weighing.ipynb"
        path.parent.mkdir()
        for name in ("06-weighing.ipynb", "exercise.json"):
            (path.parent / name).write_bytes((ROOT / "exercises" / "06-weighing" / name).read_bytes())
        Ledger.open(path.parent / "ledger.json").answer("06/note", "a ledger that somebody has worked with")
        answer(path, ANSWERS)
        before = [("".join(cell["source"]), cell["cell_type"]) for cell in read(path)]
        lab = Lab(page, server)
        lab.open(path)

        def menu(cell: str, *commands: str, line: int | None = None) -> None:
            page.evaluate(SELECT, [cell, line])
            for command in commands:
                page.evaluate("command => jupyterapp.commands.execute(command)", f"notebook:{command}")

        menu("q10", "split-cell-at-cursor", line=2)
        menu("q1", "copy-cell", "paste-cell-below")
        menu("q11", "change-cell-to-code")
        # Its neighbour above is a text of ours.
        menu("q2", "merge-cell-above")
        lab.save()
        page.wait_for_function("() => !jupyterapp.shell.currentWidget.context.model.dirty")
    catalogue = ReleaseCatalogue((ROOT / "exercises",))
    wrong = {diagnosis.code for diagnosis in check(path, catalogue).diagnoses}
    assert wrong == {"split", "duplicated", "retyped", "merged"}
    assert check(path, catalogue, fix=True).is_well
    after = [("".join(cell["source"]), cell["cell_type"]) for cell in read(path)]
    assert after == before

"""A widget that no kernel answers is shown as a table: in a notebook opened again, and in an exported page."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from playwright.sync_api import expect

from course import widgets
from tests.browser.lab import Lab, notebook_of

pytestmark = pytest.mark.browser


def test_a_notebook_that_is_opened_and_not_run_shows_the_widgets_table(lab: Lab) -> None:
    notebook = lab.write(
        "second-day.ipynb",
        ["from course import EvidenceBoard, Ledger", "EvidenceBoard(statements=['S08', 'S11'], ledger=Ledger.open())"],
    )
    lab.open(notebook)
    lab.run_all()
    expect(lab.page.locator(".jp-Notebook .cf")).to_be_visible()
    lab.save()
    lab.server.stop_kernels()
    lab.open(notebook)
    table = lab.page.get_by_role("group", name="EvidenceBoard as a table")
    expect(table.get_by_role("row", name="S11")).to_be_visible()
    expect(lab.page.get_by_text("Run the cell to use it.")).to_be_visible()
    assert "model not found" not in lab.page.locator(".jp-Notebook").inner_text()
    lab.run_all()
    expect(lab.page.locator(".jp-Notebook .cf")).to_be_visible()
    expect(table).to_have_count(0)


def test_an_exported_page_shows_each_widgets_table(tmp_path: Path) -> None:
    cells = [f"from course import {name}, Ledger\n{name}(ledger=Ledger.open())" for name in widgets.__all__]
    notebook = nbformat.from_dict(notebook_of(cells))  # type: ignore[no-untyped-call]
    NotebookClient(notebook, resources={"metadata": {"path": tmp_path}}, store_widget_state=False).execute()
    page, _ = HTMLExporter(template_name="lab").from_notebook_node(notebook)  # type: ignore[no-untyped-call]
    for name in widgets.__all__:
        assert f'aria-label="{name} as a table"' in page

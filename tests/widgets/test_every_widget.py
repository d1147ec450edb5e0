"""Every widget runs where nobody looks, as when a notebook is graded or made into a page."""

from __future__ import annotations

import subprocess
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from course.ledger import Ledger
from tests.browser.tools import Tool, tools

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], list[dict[str, dict[str, str]]]]:
    """Run them all in one notebook, each in its folder; return each cell's outputs by widget and cell."""
    home = tmp_path_factory.mktemp("headless")
    new = nbformat.v4
    notebook = new.new_notebook()  # type: ignore[no-untyped-call]
    names = []
    for tool in tools():
        (home / tool.name).mkdir()
        sources = {
            "show": f"import os\nos.chdir({str(home / tool.name)!r})\n{tool.cell}",
            "change": tool.plain,
            "table": "tool.table()",
        }
        for name, source in sources.items():
            notebook.cells.append(new.new_code_cell(source))  # type: ignore[no-untyped-call]
            names.append((tool.name, name))
    client = NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(home)}})
    client.execute(stderr=subprocess.DEVNULL)
    outputs_by_cell = {name: cell.outputs for name, cell in zip(names, notebook.cells, strict=True)}
    outputs_by_cell["", "home"] = [{"data": {"text/plain": str(home)}}]
    return outputs_by_cell


@pytest.mark.parametrize("tool", tools(), ids=lambda tool: tool.name)
def test_a_widget_shows_itself_its_words_and_its_table(
    tool: Tool, outputs: dict[tuple[str, str], list[dict[str, dict[str, str]]]]
) -> None:
    shown = outputs[tool.name, "show"][-1]["data"]
    assert VIEW in shown
    assert len(shown["text/plain"].split()) > 2, "a sentence, not an address in memory"
    assert "text/html" in outputs[tool.name, "table"][-1]["data"]
    home = Path(outputs["", "home"][0]["data"]["text/plain"])
    assert tool.kept(Ledger.open(home / tool.name / "ledger.json"))

"""Every tool in a real JupyterLab on other cases: one just laid out, that of the tests, and the second of the course.

The notebook is the one that ``course new-case`` lays out, so what a reader of docs/your-own-case.md does is what runs.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from course.case import Case
from course.case.shape import TEMPLATE
from tests.browser.lab import Lab
from tests.browser.tools import tools
from tests.browser.views import check_reachable

pytestmark = pytest.mark.browser

FOLDERS = {
    folder.name: folder
    for folder in (
        TEMPLATE,
        Path(__file__).parents[1] / "case" / "polio",
        *sorted(Case.load().folder.parent.glob("case-*"))[1:],
    )
}


@pytest.mark.parametrize("name", FOLDERS)
def test_the_notebook_of_a_new_case_runs_and_axe_finds_nothing_in_any_tool(lab: Lab, name: str) -> None:
    place = lab.root / f"other-{name}"
    shutil.copytree(FOLDERS[name], place)
    notebook = shutil.copy(TEMPLATE / "my-case.ipynb", place / "my-case.ipynb")
    # Every cell stays on the page, so that each view is there to be looked at.
    lab.page.set_viewport_size({"width": 1280, "height": 20_000})
    lab.open(Path(notebook))
    lab.run_all()
    shown = json.dumps(lab.outputs())
    assert "Traceback" not in shown
    views = {tool.root for tool in tools()}
    assert len(views) == 8
    for root in sorted(views):
        view = lab.page.locator(root).first
        expect(view).to_be_visible()
        check_reachable(view)

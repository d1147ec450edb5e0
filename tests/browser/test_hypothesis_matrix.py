"""HypothesisMatrix in JupyterLab: few Tab stops, the statement in hand, one statement at a time in a narrow place."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab import Lab
from tests.browser.tools.hypothesis_matrix import TOOL, cell
from tests.browser.views import focused

pytestmark = pytest.mark.browser


@pytest.fixture
def matrix(kept_lab: Lab) -> Locator:
    kept_lab.open(kept_lab.write("matrix-of-its-own/tool.ipynb", (TOOL.cell,)))
    kept_lab.run_all()
    view = kept_lab.page.locator(TOOL.root)
    expect(view).to_be_visible()
    return view


def test_the_arrows_go_from_statement_to_statement_and_tab_from_row_to_row(matrix: Locator) -> None:
    page = matrix.page
    assert matrix.locator(".cf-grid select").count() == 32
    assert matrix.locator(".cf-grid [tabindex='0']").count() == 4
    cell(matrix, "F", "S08").focus()
    page.keyboard.press("ArrowLeft")  # there is none before it
    assert focused(page).endswith("F, S08")
    page.keyboard.press("ArrowRight")
    assert focused(page).endswith("F, S09")
    page.keyboard.press("Tab")
    assert focused(page).endswith("U, S09")
    in_hand = matrix.get_by_role("region", name="The statement in hand")
    expect(in_hand).to_contain_text("Max Abrahms")
    matrix.get_by_role("columnheader", name="X01").click()
    expect(in_hand).to_contain_text("Valery Gerasimov")
    assert matrix.locator(".cf-grid [tabindex='0']").first.get_attribute("aria-label") == "F, X01"


def test_eight_statements_fit_at_900_px_and_a_narrow_place_shows_one_at_a_time(matrix: Locator) -> None:
    matrix.evaluate("node => { node.style.width = '900px'; }")
    widths = matrix.locator(".cf-grid").evaluate("node => [node.scrollWidth, node.clientWidth]")
    assert widths[0] <= widths[1]
    assert matrix.locator(".cf-grid thead th:visible").count() == 10
    matrix.evaluate("node => { node.style.width = '390px'; }")
    expect(matrix.locator(".cf-grid select:visible")).to_have_count(4)
    matrix.get_by_label("Statement", exact=True).select_option("X01")
    expect(cell(matrix, "F", "X01")).to_be_visible()
    expect(cell(matrix, "F", "S08")).to_be_hidden()

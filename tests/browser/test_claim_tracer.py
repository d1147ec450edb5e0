"""ClaimTracer in JupyterLab: each wording beside its line, and the chain as one Tab stop."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.lab import Lab
from tests.browser.tools.claim_tracer import TOOL
from tests.browser.views import focused, tab_to

pytestmark = pytest.mark.browser


def test_the_arrows_go_along_the_chain_and_enter_compares(kept_lab: Lab) -> None:
    kept_lab.open(kept_lab.write("chain/tool.ipynb", (TOOL.cell,)))
    kept_lab.run_all()
    tracer, page = kept_lab.page.locator(TOOL.root), kept_lab.page
    wording = tracer.get_by_role("listitem").filter(has=page.get_by_role("button", name="C07 ·"))
    expect(wording).to_contain_text("pass the report on")
    expect(wording.get_by_role("listitem")).to_have_text(["≠ Where: changed", "+ Limit: added"])
    assert tracer.locator(".cf-wordings [tabindex='0']").count() == 1
    tracer.get_by_role("button", name="C01 ·").focus()
    for _ in range(6):
        page.keyboard.press("ArrowDown")
    assert focused(page).startswith("|C07 ·")
    page.keyboard.press("Enter")
    expect(tracer.get_by_text("From C06 to C07:")).to_be_visible()
    expect(tracer.locator(".cf-chip:visible", has_text="compared")).to_have_count(2)
    expect(tracer.locator(".cf-is-compared strong")).to_contain_text(["C06", "C07"])
    # The chain is left with one press, and come back to at the same wording.
    page.keyboard.press("Tab")
    assert "C08" not in focused(page)
    page.keyboard.press("Shift+Tab")
    tab_to(page, "C07 ·", most=1)

"""Every widget in a real JupyterLab: with a mouse, with the keyboard alone, without eyes, and when one comes back.

The widgets and what is changed in each are described in `tests/browser/tools`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

import course
from course.ledger import Ledger
from tests.browser.lab import Lab
from tests.browser.tools import Tool, tools
from tests.browser.views import check_reachable, press, tab_to, wait_until_kept

pytestmark = pytest.mark.browser

STATE = "import json\nprint(json.dumps(tool.get_state()['state']))"


@pytest.fixture(params=tools(), ids=lambda tool: tool.name)
def tool(request: pytest.FixtureRequest) -> Tool:
    """One widget after the other."""
    described: Tool = request.param
    return described


@pytest.fixture
def lab(kept_lab: Lab) -> Lab:
    """All tests of this file share a page: there are six for each widget."""
    return kept_lab


@pytest.fixture
def start(lab: Lab, tool: Tool, request: pytest.FixtureRequest) -> Callable[..., Locator]:
    """Open a notebook with the widget in a folder of its own, run it, and return its views."""

    def run(*more: str) -> Locator:
        folder = request.node.name.replace("[", "-").replace("]", "")
        lab.open(lab.write(f"{folder}/tool.ipynb", (tool.cell, *more)))
        lab.run_all()
        view = lab.page.locator(tool.root)
        expect(view.first).to_be_visible()
        return view

    return run


def state_in(lab: Lab) -> dict[str, object]:
    """Run the last cell, which prints the state the views have."""
    lab.page.evaluate(
        """() => {
          const cells = jupyterapp.shell.currentWidget.content;
          cells.activeCellIndex = cells.widgets.length - 1;
          return jupyterapp.commands.execute('notebook:run-cell');
        }"""
    )
    stated: dict[str, object] = json.loads(lab.outputs()[-1][0]["text"])
    return stated


def without_its_own(state: dict[str, object]) -> dict[str, object]:
    """Leave out what belongs to one session: how often it was asked, whose messages it answered, where the file is."""
    return {name: part for name, part in state.items() if name not in ("version", "handled", "messages", "kept")}


def restart(lab: Lab) -> None:
    lab.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    lab.wait_until_idle()


def test_a_change_shows_is_kept_and_is_found_again(tool: Tool, start: Callable[..., Locator], lab: Lab) -> None:
    """After the page is loaded anew, and after the kernel was restarted."""
    view = start()
    tool.change(view)
    tool.shows(view)
    wait_until_kept(lab, tool.kept)
    lab.save()
    lab.reload()
    tool.shows(view)
    restart(lab)
    lab.run_all()
    tool.shows(view)


def test_the_keyboard_alone_is_enough(tool: Tool, start: Callable[..., Locator], lab: Lab) -> None:
    """Letters and arrow keys reach the controls, and no key slips through to JupyterLab."""
    view = start()
    cells = lab.page.locator(".jp-Cell").count()
    lab.page.keyboard.press("Tab")
    for label, keys in tool.keys:
        tab_to(lab.page, label)
        press(lab.page, keys)
    tool.shows(view)
    wait_until_kept(lab, tool.kept)
    assert lab.page.locator(".jp-Cell").count() == cells


def test_the_key_that_leads_into_an_output_in_vs_code_finds_every_widget(lab: Lab) -> None:
    """It focuses the first of these elements, even where that one is not shown and so cannot take the focus."""
    asked = '[tabindex="0"], [href], button, input, option, select, textarea'
    lab.page.set_viewport_size({"width": 1400, "height": 12000})
    lab.open(lab.write("vs-code/tools.ipynb", [tool.cell for tool in tools()]))
    lab.page.evaluate("() => { document.body.dataset.vscodeThemeKind = 'vscode-light'; }")
    lab.run_all()
    for tool in tools():
        view = lab.page.locator(tool.root)
        expect(view).to_be_visible()
        view.locator("..").locator(asked).first.evaluate("node => node.focus()")
        expect(view).to_be_focused()


def test_two_views_stay_in_step_and_agree_with_the_plain_methods(
    tool: Tool, start: Callable[..., Locator], lab: Lab
) -> None:
    views = start(f"{tool.name}(ledger=tool.ledger)", STATE)
    expect(views).to_have_count(2)
    tool.change(views.nth(0))
    tool.shows(views.nth(0))
    tool.shows(views.nth(1))
    wait_until_kept(lab, tool.kept)
    alone = getattr(course, tool.name)(ledger=Ledger())
    exec(tool.plain, {"tool": alone})
    assert tool.kept(alone.ledger)
    assert without_its_own(state_in(lab)) == without_its_own(json.loads(json.dumps(alone.get_state()["state"])))


def test_axe_finds_nothing_and_nothing_is_cut_off(
    tool: Tool, start: Callable[..., Locator], lab: Lab, tmp_path: Path
) -> None:
    """In a wide and a narrow place, in both themes, and at twice the size; pictures go where SCREENSHOTS says."""
    page = lab.page
    # Tall enough for the whole view: axe passes over the colours of what is scrolled away.
    page.set_viewport_size({"width": 1400, "height": 5000})
    view = start()
    tool.change(view)
    view.locator(tool.open_all).evaluate_all("summaries => summaries.forEach((summary) => summary.click())")
    pictures = Path(os.environ.get("SCREENSHOTS", tmp_path))
    for theme in ("light", "dark"):
        lab.theme(theme)
        for width in (900, 320):
            view.evaluate("(node, width) => { node.style.width = `${width}px`; }", width)
            page.wait_for_timeout(300)
            check_reachable(view)
            view.screenshot(path=pictures / f"{tool.name}-{theme}-{width}.png")
    view.evaluate("node => { node.style.width = ''; }")
    # A page of 1280 by 900 at twice the size has this many of CSS's pixels.
    page.set_viewport_size({"width": 640, "height": 450})
    page.wait_for_timeout(300)
    check_reachable(view)


def test_a_kernel_that_went_away_is_named_and_loses_nothing(
    tool: Tool, start: Callable[..., Locator], lab: Lab
) -> None:
    """What it was not told is put in as soon as the cell runs again."""
    view = start()
    text = view.text_content()
    lab.server.stop_kernels()
    tool.change(view)
    expect(view.get_by_role("alert")).to_contain_text("The kernel does not answer", timeout=60_000)
    assert len(view.text_content() or "") >= len(text or "")
    lab.save()
    lab.reload()
    lab.run_all()
    tool.shows(view)
    wait_until_kept(lab, tool.kept)

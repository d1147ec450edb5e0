"""A widget's view as somebody uses it: found by its labels, worked with the keyboard, judged without eyes."""

from __future__ import annotations

import json
from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

from course.ledger import Ledger
from tests.browser.lab import Lab

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def ledger_of(lab: Lab) -> Ledger:
    """Return the ledger beside the open notebook, as it is on disk."""
    notebook = lab.page.evaluate("jupyterapp.shell.currentWidget.context.path")
    return Ledger.open((lab.root / notebook).parent / "ledger.json")


def wait_until_kept(lab: Lab, kept: Callable[[Ledger], bool]) -> None:
    """Wait until the file says so: it is written after the view has been answered."""
    for _ in range(1200):
        if kept(ledger_of(lab)):
            return
        lab.page.wait_for_timeout(50)
    raise AssertionError(f"the ledger never held the change: {ledger_of(lab).dumps()}")


def focused(page: Page) -> str:
    """Return what a screen reader would call the focused control, as ``legend|label``.

    The legend is that of the group it stands in, up to the first middle dot; it is empty outside a group. A question
    whose answers are radios side by side is called by its own legend.
    """
    return str(
        page.evaluate(
            """() => {
              const at = document.activeElement;
              const question = at?.closest('fieldset.cf-seg');
              const around = (question?.parentElement ?? at)?.closest('fieldset, .cf-inside');
              const group = around?.getAttribute('aria-label') ?? around?.querySelector('legend')?.textContent ?? '';
              const named = at?.getAttribute('aria-labelledby')?.split(' ')
                .map((id) => document.getElementById(id)?.textContent).join(' ');
              const own = at?.getAttribute('aria-label') ?? named ?? at?.labels?.[0]?.textContent ?? at?.textContent;
              const label = question?.querySelector('legend').textContent ?? own;
              return `${group.split(' ·')[0].trim()}|${(label ?? '').trim()}`;
            }"""
        )
    )


def tab_to(page: Page, wanted: str, most: int = 150) -> None:
    """Press Tab until a control with this label is reached; ``legend|label`` says of which group."""
    for _ in range(most):
        at = focused(page)
        if (at if "|" in wanted else at.partition("|")[2]).startswith(wanted):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted!r} was not reached with {most} presses of Tab; the focus is at {focused(page)!r}")


def press(page: Page, keys: str) -> None:
    """Type a text (``text:…``) or press keys, separated by spaces."""
    if keys.startswith("text:"):
        page.keyboard.type(keys.removeprefix("text:"))
        return
    for key in keys.split():
        page.keyboard.press(key)


def check_reachable(view: Locator) -> None:
    """Check that axe finds nothing against WCAG 2.2 AA and that nothing is cut off or scrolls sideways.

    Raises
    ------
    AssertionError
        If it does; the message is what axe says.
    """
    response = (
        Axe()
        .run(view.page, context=[[_selector(view)]], options={"runOnly": WCAG, "resultTypes": ["violations"]})
        .response
    )
    assert not response["violations"], json.dumps(response["violations"], indent=1)[:4000]
    widths = view.evaluate("node => [node.scrollWidth, node.clientWidth]")
    assert widths[0] <= widths[1], f"the view is {widths[0]} px wide in {widths[1]} px"


def _selector(view: Locator) -> str:
    """Mark the view, because axe is told where to look by a selector of its own."""
    view.evaluate("node => { node.dataset.looked = 'here'; }")
    return "[data-looked=here]"

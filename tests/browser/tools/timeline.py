"""Timeline: the period is chosen, and a date of the claim's week doubted."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from course.ledger import Ledger
from tests.browser.tools import Tool

REASON = "dd by bx the 7th was the Thursday xz"
WEEK = "5 to 11 December 2017: the claim’s week"


def mark(view: Locator, entry: str) -> Locator:
    """Return an entry's mark on the lanes."""
    return view.locator(f".cf-mark[data-entry={entry}]")


def card(view: Locator, entry: str) -> Locator:
    """Take one entry in hand, and return what is shown of it."""
    mark(view, entry).click()
    return view.get_by_role("group", name=f"{entry} ·")


def change(view: Locator) -> None:
    view.get_by_text("Filter:").click()
    view.get_by_label("Period").select_option(label=WEEK)
    shown = card(view, "E27")
    shown.get_by_text("Doubt this entry").click()
    shown.get_by_label("What does not fit").fill(REASON)


def shows(view: Locator) -> None:
    expect(view.get_by_label("Period").locator("option:checked")).to_have_text(WEEK)
    expect(view.locator(".cf-lead")).to_have_text("Clock at 11 December 2017: 30 of 31 entries could be known.")
    for entry in ("E28", "E27"):
        expect(mark(view, entry)).to_have_attribute("aria-label", re.compile("does not fit$"))
        expect(mark(view, entry).locator(".cf-odd")).to_have_text("≠")
        expect(card(view, entry)).to_contain_text("The 7th is right")
    expect(card(view, "E27").get_by_label("What does not fit")).to_have_value(REASON)


def kept(ledger: Ledger) -> bool:
    answers = ledger.answers
    return (
        answers.get("timeline/settings", {}).get("period") == "week" and answers.get("timeline/doubted/E27") == REASON
    )


TOOL = Tool(
    name="Timeline",
    root=".cf-timeline",
    change=change,
    shows=shows,
    keys=(
        # Three below the claim; Tab leads on to the clock, the entry in hand, and what is folded away.
        ("6 December 2017, Russian command: E22", "ArrowDown ArrowDown ArrowDown"),
        ("E27|Doubt this entry", "Enter"),
        ("E27|What does not fit", f"text:{REASON}"),
        ("Filter", "Enter"),
        ("Period", "ArrowDown ArrowDown"),
    ),
    plain=f"tool.show(period='week')\ntool.doubt('E27', because={REASON!r})",
    kept=kept,
    repaint=(".cf-clocks input[type=date]", ("2017-12-11", "2018-06-01"), ".cf-lead"),
    open_all="details:not([open]) > summary",
)

"""Timeline: the claim's week is looked at, and a date of it doubted."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from course.ledger import Ledger
from tests.browser.tools import Tool

REASON = "dd by bx the 7th was the Thursday xz"
WEEK = "5 to 11 December 2017: the claim’s week"


def card(view: Locator, entry: str) -> Locator:
    """Return one entry's card."""
    return view.get_by_role("group", name=f"{entry} ·")


def change(view: Locator) -> None:
    view.get_by_label("Period").select_option(label=WEEK)
    card(view, "E27").get_by_text("Doubt this entry").click()
    card(view, "E27").get_by_label("What does not fit").fill(REASON)


def shows(view: Locator) -> None:
    expect(view.get_by_label("Period").locator("option:checked")).to_have_text(WEEK)
    expect(view.locator(".cf-lead")).to_have_text("Clock at 11 December 2017: 30 of 31 entries could be known.")
    expect(card(view, "E27").get_by_label("What does not fit")).to_have_value(REASON)
    for entry in ("E27", "E28"):
        expect(card(view, entry)).to_contain_text("The 7th is right")
        expect(view.locator(".cf-name-found", has_text=entry)).to_have_text(f"≠ {entry}")


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
        ("Period", "ArrowDown ArrowDown"),
        ("E27|Doubt this entry", "Enter"),
        ("E27|What does not fit", f"text:{REASON}"),
    ),
    plain=f"tool.show(period='week')\ntool.doubt('E27', because={REASON!r})",
    kept=kept,
    repaint=(".cf-clocks input[type=date]", ("2017-12-11", "2018-06-01"), ".cf-totals"),
    open_all=".cf-controls summary, .cf-totals summary",
)

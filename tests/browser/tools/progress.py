"""Progress: another lesson's parts are looked at."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from course.ledger import Ledger
from tests.browser.tools import Tool


def change(view: Locator) -> None:
    view.get_by_label("Show in detail").select_option("02")


def shows(view: Locator) -> None:
    expect(view.get_by_label("Show in detail")).to_have_value("02")
    expect(view.get_by_role("table").get_by_role("rowheader").first).to_have_text("02-the-sources.ipynb")


def kept(ledger: Ledger) -> bool:
    return bool(ledger.answers.get("progress/show") == "02")


TOOL = Tool(
    name="Progress",
    root=".cf-progress",
    change=change,
    shows=shows,
    keys=(("Show in detail", "Home ArrowDown ArrowDown ArrowDown ArrowDown"),),
    plain="tool.show('02')",
    kept=kept,
    repaint=(".cf-progress .cf-controls select", ("01", "02"), ".cf-progress tbody"),
    whole="temporary=True",
)

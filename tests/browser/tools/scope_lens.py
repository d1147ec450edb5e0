"""ScopeLens: 97 percent lost, read for Syria, with a share assumed."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from course.ledger import Ledger
from tests.browser.tools import Tool

REASON = "dd My guess from the map, bxz"
FINDING = "Syria, 6 December 2017: with nothing assumed, 0 to about 1,020 sq mi"
ASSUMED = "about 306 to 612 sq mi"


def change(lens: Locator) -> None:
    lens.get_by_label("Denominator").select_option("Q01")
    lens.get_by_label("For which place?").select_option(label="Syria")
    lens.get_by_label("Syria’s share of the total, at least").fill("30")
    lens.get_by_label("at most").fill("60")
    lens.get_by_label("Because").fill(REASON)
    lens.get_by_label("Because").blur()


def shows(lens: Locator) -> None:
    expect(lens.locator(".cf-totals .cf-lead")).to_contain_text(FINDING)
    expect(lens.locator(".cf-totals .cf-lead")).to_contain_text(ASSUMED)
    expect(lens.get_by_label("Denominator")).to_have_value("Q01")
    expect(lens.get_by_label("For which place?")).to_have_value("Syria")
    expect(lens.get_by_label("Because")).to_have_value(REASON)


def kept(ledger: Ledger) -> bool:
    assumed = ledger.answers.get("scope/assumption") or {}
    return ledger.answers.get("scope/settings", {}).get("scope") == "Syria" and assumed.get("because") == REASON


TOOL = Tool(
    name="ScopeLens",
    root=".cf-lens",
    change=change,
    shows=shows,
    keys=(
        ("Denominator", "ArrowDown"),
        ("For which place?", "s"),
        ("What you assume|Syria’s share", "Control+a 3 0"),
        ("What you assume|at most", "Control+a 6 0"),
        ("What you assume|Because", f"text:{REASON}"),
    ),
    plain=f"tool.look(denominator='Q01', scope='Syria')\ntool.assume(low=0.3, high=0.6, because={REASON!r})",
    kept=kept,
    repaint=(".cf-lens .cf-asked + .cf-controls > :nth-child(2) select", ("Syria", "Iraq"), ".cf-totals"),
)

"""VerdictDesk: a verdict on what was known then, and a headline."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from course.ledger import Ledger
from tests.browser.tools import Tool

HEADLINE = "bdd Some fighters were left, xz"
COUNTED = f"{len(HEADLINE)} of 90 characters"
GROUNDS = "dd Two sources saw some left. xb"


def then(desk: Locator) -> Locator:
    """Return the group of the verdict on what was known then."""
    return desk.get_by_role("group", name="Then:")


def change(desk: Locator) -> None:
    desk.get_by_label("Scale of the rating").select_option("averitec")
    then(desk).get_by_label("Rating").select_option("Refuted")
    then(desk).get_by_label("How likely").select_option("very unlikely")
    then(desk).get_by_label("Grounds").fill(GROUNDS)
    desk.get_by_label("Headline", exact=True).fill(HEADLINE)
    desk.get_by_label("Headline", exact=True).blur()


def shows(desk: Locator) -> None:
    expect(desk.locator(".cf-lead")).to_have_text("Then: Refuted, very unlikely. Since: no verdict yet.")
    expect(desk.get_by_text(COUNTED)).to_be_visible()
    expect(desk.locator(".cf-remarks")).to_contain_text("Statements cited: 0.")
    expect(desk.get_by_label("Scale of the rating")).to_have_value("averitec")
    expect(then(desk).get_by_label("Rating")).to_have_value("Refuted")
    expect(then(desk).get_by_label("How likely")).to_have_value("very unlikely")
    expect(then(desk).get_by_label("Grounds")).to_have_value(GROUNDS)
    expect(desk.get_by_label("Headline", exact=True)).to_have_value(HEADLINE)


def kept(ledger: Ledger) -> bool:
    answers = ledger.answers
    return (
        answers.get("verdict/then") == {"rating": "Refuted", "likelihood": "very unlikely", "because": GROUNDS}
        and answers.get("verdict/headline") == HEADLINE
        and answers.get("verdict/scale") == "averitec"
    )


TOOL = Tool(
    name="VerdictDesk",
    root=".cf-verdict",
    change=change,
    shows=shows,
    keys=(
        ("Scale of the rating", "ArrowDown"),
        ("Then: known by 11 December 2017|Rating", "r"),
        ("Then: known by 11 December 2017|How likely", "ArrowDown ArrowDown"),
        ("Then: known by 11 December 2017|Grounds", f"text:{GROUNDS}"),
        ("Headline", f"text:{HEADLINE}"),
    ),
    plain=(
        "tool.scale('averitec')\n"
        f"tool.rate('then', rating='Refuted', likelihood='very unlikely', because={GROUNDS!r})\n"
        f"tool.write(headline={HEADLINE!r})"
    ),
    kept=kept,
    repaint=(
        ".cf-rulings fieldset:first-child .cf-field:nth-child(2) select",
        ("very unlikely", "likely"),
        ".cf-short-verdict .cf-lead",
    ),
)

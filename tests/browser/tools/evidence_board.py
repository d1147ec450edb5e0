"""EvidenceBoard: Abrahms's statement is rated."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from course.ledger import Ledger
from tests.browser.tools import Tool

RATED = {
    "Source: how reliable?": "B: Usually reliable",
    "Item: how credible?": "2: Probably true",
    "How direct?": "direct: about this place, this time and this thing",
    "If it were right, it would be": "decisive against",
}
REASON = "dd He says some remain. xz"


def card(board: Locator, statement: str) -> Locator:
    """Return one statement's card."""
    return board.get_by_role("group", name=f"{statement} ·")


def rate(board: Locator, statement: str, ratings: dict[str, str] = RATED) -> None:
    """Choose an option in each of a card's controls."""
    for label, option in ratings.items():
        card(board, statement).get_by_label(label).select_option(label=option)


def change(board: Locator) -> None:
    rate(board, "S09")
    card(board, "S09").get_by_label("Because").fill(REASON)


def shows(board: Locator) -> None:
    expect(board.locator(".cf-phrase")).to_have_text("Reading F: almost no chance to unlikely.")
    for label, option in RATED.items():
        expect(card(board, "S09").get_by_label(label).locator("option:checked")).to_have_text(option)
    expect(card(board, "S09").get_by_label("Because")).to_have_value(REASON)


def kept(ledger: Ledger) -> bool:
    judgements = {judgement.statement: judgement for judgement in ledger.judgements("F")}
    return "S09" in judgements and judgements["S09"].reason == REASON and judgements["S09"].complete


TOOL = Tool(
    name="EvidenceBoard",
    root=".cf-board",
    change=change,
    shows=shows,
    keys=(
        ("S09|Source", "b"),
        ("S09|Item", "ArrowDown ArrowDown"),
        ("S09|How direct?", "d"),
        ("S09|If it were right", "End"),
        ("S09|Because", f"text:{REASON}"),
    ),
    plain=(
        "tool.judge('S09', reliability='B', credibility=2, directness='direct', bearing='decisive against', "
        f"because={REASON!r})"
    ),
    kept=kept,
    repaint=(".cf-ratings > :nth-child(4) select", ("decisive against", "strong for"), ".cf-totals"),
    open_all=".cf-totals summary",
)

"""EvidenceBoard: Abrahms's statement is rated."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from course.ledger import Ledger
from tests.browser.tools import Tool

RATED = {
    "How reliable is the source?": "B",
    "How credible is the item?": "2",
    "How direct is it?": "direct",
    "If it were right, it would be": "decisive against",
}
REASON = "dd He says some remain. xz"


def card(board: Locator, statement: str) -> Locator:
    """Return one statement's card, folded or open."""
    return board.locator("details.cf-card").filter(has=board.page.locator(f".cf-id:text-is('{statement}')"))


def opened(board: Locator, statement: str) -> Locator:
    """Open one statement's card, which folds the others, and return it."""
    here = card(board, statement)
    if here.get_attribute("open") is None:
        here.locator("summary").first.click()
    return here


def question(of_card: Locator, legend: str) -> Locator:
    """Return a question of a card."""
    return of_card.locator("fieldset").filter(has=of_card.page.locator(f"legend:text-is('{legend}')"))


def choose(of_card: Locator, legend: str, value: str) -> None:
    """Choose an answer to a question of an open card."""
    question(of_card, legend).locator(f"input[value='{value}']").check()


def expect_chosen(of_card: Locator, legend: str, value: str) -> None:
    """Expect an answer of an open card to be the chosen one."""
    expect(question(of_card, legend).locator("input:checked")).to_have_value(value)


def rate(board: Locator, statement: str, ratings: dict[str, str] = RATED) -> None:
    """Open a card and answer its questions."""
    here = opened(board, statement)
    for legend, value in ratings.items():
        choose(here, legend, value)


def change(board: Locator) -> None:
    rate(board, "S09")
    card(board, "S09").get_by_label("Because").fill(REASON)


def shows(board: Locator) -> None:
    expect(board.locator(".cf-phrase")).to_have_text("Reading F: almost no chance to unlikely.")
    here = opened(board, "S09")
    for legend, value in RATED.items():
        expect_chosen(here, legend, value)
    expect(here.get_by_label("Because")).to_have_value(REASON)


def kept(ledger: Ledger) -> bool:
    judgements = {judgement.statement: judgement for judgement in ledger.judgements("F")}
    return "S09" in judgements and judgements["S09"].reason == REASON and judgements["S09"].complete


TOOL = Tool(
    name="EvidenceBoard",
    root=".cf-board",
    change=change,
    shows=shows,
    keys=(
        ("S09", "Enter"),
        ("S09|How reliable", "ArrowRight"),
        ("S09|How credible", "ArrowRight"),
        ("S09|How direct", "Space"),
        ("S09|If it were right", "Space"),
        ("S09|Because", f"text:{REASON}"),
    ),
    plain=(
        "tool.judge('S09', reliability='B', credibility=2, directness='direct', bearing='decisive against', "
        f"because={REASON!r})"
    ),
    kept=kept,
    repaint=("details.cf-card >> .cf-bearing", ("decisive against", "strong for"), ".cf-result"),
    open_all=".cf-beside summary",
)

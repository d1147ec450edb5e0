"""SourceCards: a source is rated and its interest named, an origin is added, and two statements are put into it."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from course.ledger import Ledger
from tests.browser.tools import Tool
from tests.browser.tools.evidence_board import card as folded
from tests.browser.tools.evidence_board import choose, expect_chosen, opened

INTEREST = "dd to be bx seen as the winner xz"
ORIGIN = "Russian command bd dx"


def change(view: Locator) -> None:
    view.get_by_label("Name an origin").fill(ORIGIN)
    view.get_by_role("button", name="Add origin").click()
    for statement in ("S02", "S05"):
        card = opened(view, statement)
        card.get_by_label("Origin: where from?").select_option(ORIGIN)
        choose(card, "Would they say so anyway, true or not?", "serves interest")
    choose(opened(view, "S05"), "How reliable is the source?", "C")
    opened(view, "S05").get_by_label("Its interest").fill(INTEREST)


def shows(view: Locator) -> None:
    expect(view.locator(".cf-lead")).to_have_text("37 statements → 36 origins")
    putin = opened(view, "S05")
    expect_chosen(putin, "How reliable is the source?", "C")
    expect(putin.get_by_label("Its interest")).to_have_value(INTEREST)
    expect(putin.get_by_text("What an editor would note", exact=True)).to_be_visible()
    expect(putin.locator("summary .cf-codes")).to_have_text("C–")
    box = view.get_by_role("group", name=f"Origin: {ORIGIN}")
    expect(box.get_by_role("listitem")).to_have_text(["Vladimir Putin S02", "Vladimir Putin S05"])
    for statement in ("S02", "S05"):
        expect(folded(view, statement).get_by_label("Origin: where from?")).to_have_value(ORIGIN)
        expect_chosen(folded(view, statement), "Would they say so anyway, true or not?", "serves interest")


def kept(ledger: Ledger) -> bool:
    answers = ledger.answers
    return answers.get("source/putin") == {"reliability": "C", "interest": INTEREST, "because": ""} and all(
        answers.get(f"item/{statement}") == {"credibility": None, "origin": ORIGIN, "interest": "serves interest"}
        for statement in ("S02", "S05")
    )


TOOL = Tool(
    name="SourceCards",
    root=".cf-sources",
    change=change,
    shows=shows,
    keys=(
        ("Name an origin", f"text:{ORIGIN}"),
        ("Name an origin", "Enter"),
        ("S02", "Enter"),
        ("S02|Origin", "End"),
        ("S02|Would they say so anyway", "ArrowLeft"),
        ("S05", "Enter"),
        ("S05|Origin", "End"),
        ("S05|Would they say so anyway", "ArrowLeft"),
        ("Vladimir Putin|How reliable", "ArrowRight ArrowRight"),
        ("Vladimir Putin|Its interest", f"text:{INTEREST}"),
    ),
    plain=(
        f"tool.add_origin({ORIGIN!r})\ntool.rate('putin', reliability='C', interest={INTEREST!r})\n"
        f"tool.group('S02', 'S05', into={ORIGIN!r})\n"
        "for statement in ('S02', 'S05'):\n    tool.rate_interest(statement, 'serves interest')"
    ),
    kept=kept,
    open_all=".cf-beside summary",
    repaint=("details.cf-card >> .cf-source > .cf-seg", ("B", "C"), ".cf-codes"),
)

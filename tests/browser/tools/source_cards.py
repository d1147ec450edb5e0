"""SourceCards: a source is rated and its interest named, an origin is added, and two statements are put into it."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from course.ledger import Ledger
from tests.browser.tools import Tool

INTEREST = "dd to be bx seen as the winner xz"
ORIGIN = "Russian command bd dx"


def card(view: Locator, name: str) -> Locator:
    """Return a source's card, or a statement's place on one."""
    return view.get_by_role("group", name=f"{name} ·")


def change(view: Locator) -> None:
    view.get_by_label("Name an origin").fill(ORIGIN)
    view.get_by_role("button", name="Add origin").click()
    card(view, "Vladimir Putin").get_by_label("Source: how reliable?").select_option("C")
    card(view, "Vladimir Putin").get_by_label("Its interest").fill(INTEREST)
    for statement in ("S02", "S05"):
        card(view, statement).get_by_label("Origin: where from?").select_option(ORIGIN)
        card(view, statement).get_by_label("Would they say so anyway?").select_option("serves interest")


def shows(view: Locator) -> None:
    expect(view.locator(".cf-lead")).to_have_text("37 statements → 36 origins")
    expect(card(view, "Vladimir Putin").get_by_label("Source: how reliable?")).to_have_value("C")
    expect(card(view, "Vladimir Putin").get_by_label("Its interest")).to_have_value(INTEREST)
    expect(card(view, "Vladimir Putin").get_by_text("What an editor would note", exact=True)).to_be_visible()
    box = view.get_by_role("group", name=f"Origin: {ORIGIN}")
    expect(box.get_by_role("listitem")).to_have_text(["S02", "S05"])
    for statement in ("S02", "S05"):
        expect(card(view, statement).get_by_label("Origin: where from?")).to_have_value(ORIGIN)
        expect(card(view, statement).get_by_label("Would they say so anyway?")).to_have_value("serves interest")


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
        ("Vladimir Putin|Source: how reliable?", "c"),
        ("Vladimir Putin|Its interest", f"text:{INTEREST}"),
        ("S02|Would they say so anyway?", "s"),
        ("S02|Origin", "End"),
        ("S05|Would they say so anyway?", "s"),
        ("S05|Origin", "End"),
    ),
    plain=(
        f"tool.add_origin({ORIGIN!r})\ntool.rate('putin', reliability='C', interest={INTEREST!r})\n"
        f"tool.group('S02', 'S05', into={ORIGIN!r})\n"
        "for statement in ('S02', 'S05'):\n    tool.rate_interest(statement, 'serves interest')"
    ),
    kept=kept,
    open_all=".cf-totals summary, .cf-card details:not([hidden]) > summary",
    repaint=(".cf-card select", ("B", "C"), ".cf-status"),
)

"""SourceCards in a real JupyterLab, beyond what every widget promises: dragging, width, and the board."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab import Lab
from tests.browser.tools.evidence_board import choose, expect_chosen, opened

pytestmark = pytest.mark.browser

CARDS = "from course import SourceCards\ncards = SourceCards()\ncards.add_origin('Kremlin')\ncards"


@pytest.fixture
def cards(lab: Lab, request: pytest.FixtureRequest) -> Callable[..., Locator]:
    """Open a notebook with the cards in a folder of its own, and return the page's content."""

    def start(*more: str) -> Locator:
        lab.open(lab.write(f"{request.node.name}/cards.ipynb", (CARDS, *more)))
        lab.run_all()
        view = lab.page.locator(".cf-sources")
        expect(view).to_be_visible()
        return view

    return start


def card(view: Locator, name: str) -> Locator:
    return view.get_by_role("group", name=f"{name} ·")


def test_a_chip_dragged_into_an_origin_and_back_does_what_the_list_does(cards: Callable[..., Locator]) -> None:
    view = cards()
    kremlin = view.get_by_role("group", name="Origin: Kremlin")
    for statement in ("S05", "S08"):
        view.locator(".cf-chip", has_text=statement).drag_to(kremlin)
        expect(kremlin.locator(".cf-chip", has_text=statement)).to_be_visible()
        expect(card(view, statement).get_by_label("Origin: where from?")).to_have_value("Kremlin")
    expect(view.locator(".cf-lead")).to_have_text("37 statements → 36 origins")
    expect(kremlin.get_by_role("button")).to_be_hidden()
    for statement in ("S05", "S08"):
        view.locator(".cf-chip", has_text=statement).drag_to(view.get_by_role("group", name="Origin: On their own"))
        expect(card(view, statement).get_by_label("Origin: where from?")).to_have_value("")
    expect(view.locator(".cf-lead")).to_have_text("37 statements → 37 origins")
    kremlin.get_by_role("button", name="Remove Kremlin").click()
    expect(kremlin).to_have_count(0)


def test_no_card_is_wider_than_its_list_after_the_list_got_narrower(cards: Callable[..., Locator], lab: Lab) -> None:
    view = cards()
    card_list = view.locator(".cf-cards")
    for width in (1100, 320):
        view.evaluate("(node, width) => { node.style.width = `${width}px`; }", width)
        for name in ("Wilson Center", "Vladimir Putin", "Polygraph.info"):
            card(view, name).scroll_into_view_if_needed()
            lab.page.wait_for_timeout(100)
        assert card_list.evaluate("node => node.scrollWidth <= node.clientWidth"), width


def test_the_board_below_starts_from_the_cards(cards: Callable[..., Locator], lab: Lab) -> None:
    view = cards("from course import EvidenceBoard\nEvidenceBoard('F', ['S05', 'S09'], ledger=cards.ledger)")
    card(view, "Vladimir Putin").get_by_label("Source: how reliable?").select_option("C")
    card(view, "S05").get_by_label("Item: how credible?").select_option("4")
    card(view, "S05").get_by_label("Origin: where from?").select_option("Kremlin")
    board = lab.page.locator(".cf-board")
    begun = opened(board, "S05")
    expect_chosen(begun, "How reliable is the source?", "C")
    expect_chosen(begun, "How credible is the item?", "4")
    expect(begun.get_by_label("Origin")).to_have_value("Kremlin")
    expect(begun.get_by_text("From your source cards: reliability, credibility, origin.")).to_be_visible()
    expect(begun).to_contain_text("not rated yet")
    choose(begun, "How direct is it?", "direct")
    choose(begun, "If it were right, it would be", "moderate for")
    expect(begun.get_by_text("From your source cards")).to_be_hidden()
    expect(board.get_by_role("listitem").filter(has_text="Kremlin")).to_contain_text("dB for")

"""What is EvidenceBoard's own in a real JupyterLab; what it shares with all widgets is in `test_tools`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from course.ledger import Ledger
from course.widgets.evidence_board import EvidenceBoard
from tests.browser.lab import Lab
from tests.browser.tools.evidence_board import card, choose, expect_chosen, opened, question, rate
from tests.browser.views import press, tab_to, wait_until_kept

pytestmark = pytest.mark.browser

BOARD = "from course import EvidenceBoard\nboard = EvidenceBoard('F')\nboard"
SUMMARY = "Reading F: almost no chance to unlikely."
WORD = "Reading F: very unlikely 1 % to 34 %, best guess 19 %"
NUMBERS = "Chance 1 % to 34 %, total −6.4 dB (−19.1 to −2.9). 1 rated, origins that count: 1."


@pytest.fixture
def board(lab: Lab, request: pytest.FixtureRequest) -> Callable[..., Locator]:
    """Open a notebook with a board in a folder of its own, and return the board."""

    def start(*cells: str) -> Locator:
        folder = request.node.name.replace("[", "-").replace("]", "")
        lab.open(lab.write(f"{folder}/board.ipynb", cells or (BOARD,)))
        lab.run_all()
        board = lab.page.locator(".cf-board")
        expect(board.first).to_be_visible()
        return board

    return start


def plain(text: str | None) -> str:
    return (text or "").replace("\u00a0", " ")


def test_the_totals_say_chance_weight_and_origins(board: Callable[..., Locator]) -> None:
    view = board()
    expect(view.locator(".cf-word")).to_contain_text("not rated yet starting chance 50")
    rate(view, "S09")
    expect(view.locator(".cf-phrase")).to_have_text(SUMMARY)
    assert plain(view.locator(".cf-word").text_content()) == WORD
    assert plain(view.locator(".cf-numbers").inner_text()) == NUMBERS
    card(view, "S09").get_by_label("Origin").fill("Max Abrahms")
    expect(view.get_by_role("listitem").filter(has_text="Max Abrahms")).to_contain_text("dB against")


def test_what_is_folded_away_opens_with_the_keyboard(board: Callable[..., Locator], lab: Lab) -> None:
    view = board("from course import EvidenceBoard\nEvidenceBoard('F', statements=['S09', 'S11'])")
    page = lab.page
    rate(view, "S09")
    tab_to(page, "S09|Origin")
    press(page, "text:Abrahms b")
    tab_to(page, "S09|How this weight")
    page.keyboard.press("Enter")
    expect(card(view, "S09").get_by_text("Chance that the source knows")).to_be_visible()
    tab_to(page, "|What would change your mind")
    page.keyboard.press("Space")
    expect(view.get_by_role("table", name="The same evidence with one thing different")).to_be_visible()
    wait_until_kept(lab, lambda ledger: [judgement.origin for judgement in ledger.judgements("F")] == ["Abrahms b"])


def test_what_was_typed_last_is_kept_when_the_page_goes_away_at_once(board: Callable[..., Locator], lab: Lab) -> None:
    """Typing rests for half a second before it is saved; a page that is left does not wait for that."""
    view = board("from course import EvidenceBoard\nEvidenceBoard('F', statements=['S09'])")
    lab.save()
    path = lab.page.evaluate("jupyterapp.shell.currentWidget.context.path")
    with lab.page.expect_navigation():
        # In one step, so that no time passes between the last letter and the reload.
        opened(view, "S09").get_by_label("Because").evaluate(
            """control => {
              control.value = 'He says some remain.';
              control.dispatchEvent(new Event('input', { bubbles: true }));
              setTimeout(() => location.reload());
            }"""
        )
    lab.wait_until_open(path)
    wait_until_kept(
        lab, lambda ledger: [judgement.reason for judgement in ledger.judgements("F")] == ["He says some remain."]
    )


def test_the_plain_methods_and_the_view_are_one(board: Callable[..., Locator]) -> None:
    """What is rated by a call shows in the view, and the other way round, with the same numbers."""
    call = (
        "board.judge('S11', reliability='C', credibility=3, directness='direct', bearing='strong against', "
        "origin='U.S. government', because='It says not all are gone.')"
    )
    view = board(BOARD, call)
    expect_chosen(opened(view, "S11"), "How reliable is the source?", "C")
    rate(view, "S09")
    alone = EvidenceBoard("F", ledger=Ledger())
    alone.judge(
        "S11",
        reliability="C",
        credibility=3,
        directness="direct",
        bearing="strong against",
        origin="U.S. government",
        because="It says not all are gone.",
    )
    alone.judge("S09", reliability="B", credibility=2, directness="direct", bearing="decisive against")
    state = alone.get_state()["state"]
    expect(view.locator(".cf-word")).to_contain_text(f"{state['word']} {state['chance']}")
    expect(view.locator(".cf-weighed")).to_contain_text(f"{state['phrase']} {state['numbers']}")


def test_a_refused_choice_is_named_and_goes_back_to_what_the_ledger_holds(board: Callable[..., Locator]) -> None:
    view = board()
    reliability = question(opened(view, "S09"), "How reliable is the source?")
    reliability.locator("input[value=E]").evaluate("node => { node.value = 'G'; }")
    reliability.locator("input[value=G]").check()
    expect(view.get_by_role("alert")).to_contain_text("Use one of: A, B, C, D, E, F")
    expect(reliability.locator("input:checked")).to_have_count(0)
    choose(opened(view, "S11"), "How reliable is the source?", "C")
    expect(view.get_by_role("alert")).to_be_hidden()


def test_the_result_stays_in_sight_and_is_reached_from_an_open_card(board: Callable[..., Locator], lab: Lab) -> None:
    """JupyterLab's outputs are scroll containers, in which nothing would stick to the notebook."""
    view = board()
    rate(view, "S09")
    top = view.locator(".cf-word").evaluate("word => word.getBoundingClientRect().top")
    view.locator("details.cf-card:visible").last.scroll_into_view_if_needed()
    lab.page.wait_for_timeout(200)
    expect(view.locator(".cf-word")).to_be_in_viewport(ratio=1)
    assert view.locator(".cf-word").evaluate("word => word.getBoundingClientRect().top") <= top
    # Below, where there is little height, the scale scrolls away and the word stays.
    lab.page.set_viewport_size({"width": 1280, "height": 450})
    view.locator("details.cf-card:visible").last.scroll_into_view_if_needed()
    expect(view.locator(".cf-word")).to_be_in_viewport(ratio=1)
    expect(view.locator(".cf-strip")).not_to_be_in_viewport()
    opened(view, "S09").get_by_role("button", name="Go to the result").last.focus()
    lab.page.keyboard.press("Enter")
    expect(view.locator(".cf-word")).to_be_focused()


def test_one_card_is_open_at_a_time_and_a_rated_one_is_a_line(board: Callable[..., Locator]) -> None:
    view = board("from course import EvidenceBoard\nEvidenceBoard('F', statements=['S09', 'S11', 'S30'])")
    view.get_by_role("button", name="Weigh Max Abrahms first").click()
    expect(card(view, "S09")).to_have_attribute("open", "")
    expect(view.locator(".cf-invite")).to_be_hidden()
    rate(view, "S09")
    card(view, "S09").get_by_role("button", name="Next: U.S. military leaders").click()
    expect(card(view, "S11").locator("summary").first).to_be_focused()
    expect(view.locator("details.cf-card[open]")).to_have_count(1)
    folded = card(view, "S09")
    expect(folded.locator(".cf-value")).to_contain_text("dB")
    assert folded.evaluate("card => card.getBoundingClientRect().height") < 60
    expect(view.locator(".cf-counted")).to_contain_text("1 of 3 rated")
    expect(view.locator(".cf-saved")).to_have_text("✓ Saved in your ledger")
    view.get_by_role("radio", name="Rated 1").check()
    expect(card(view, "S30")).to_be_hidden()
    opened(view, "S09").get_by_role("button", name="Take back").click()
    expect(view.locator(".cf-counted")).to_contain_text("0 of 3 rated")
    expect(question(opened(view, "S09"), "How direct is it?").locator("input:checked")).to_have_count(0)


def test_esc_in_an_open_choice_leaves_the_cell_alone(board: Callable[..., Locator], lab: Lab) -> None:
    """On the cell, two d would delete it."""
    view = board()
    lab.page.keyboard.press("Tab")
    tab_to(lab.page, "Reading of the claim")
    lab.page.keyboard.press("Space")
    lab.page.keyboard.press("Escape")
    assert view.evaluate("view => view.contains(document.activeElement)")
    lab.page.keyboard.press("Escape")
    lab.page.keyboard.press("Escape")
    assert lab.page.evaluate("document.activeElement.classList.contains('jp-Cell')")


def test_ctrl_z_takes_back_what_was_typed(board: Callable[..., Locator], lab: Lab) -> None:
    view = board()
    because = opened(view, "S09").get_by_label("Because")
    because.press_sequentially("He knows.")
    wait_until_kept(lab, lambda ledger: [judgement.reason for judgement in ledger.judgements("F")] == ["He knows."])
    because.press("Control+z")
    expect(because).not_to_have_value("He knows.")
    wait_until_kept(lab, lambda ledger: [judgement.reason for judgement in ledger.judgements("F")] != ["He knows."])


def test_what_a_view_sends_wrongly_is_refused_in_words_and_harms_nothing(tmp_path: Path) -> None:
    """A stale view after an update may send what no longer exists."""
    view = EvidenceBoard("F", ledger=Ledger.open(tmp_path / "ledger.json"))
    sent: list[dict[str, Any]] = []
    view.send = lambda content, buffers=None: sent.append(content)  # noqa: ARG005
    for wrong in (
        {"type": "judge", "statement": "S99", "part": "reliability", "value": "B"},
        {"type": "judge", "statement": "S09", "part": "reliability", "value": "G"},
        {"type": "judge", "statement": "S09", "part": "colour", "value": "blue"},
        {"type": "show", "prior": 2},
        {"type": "dance"},
    ):
        view._receive(view, {**wrong, "view": "v", "number": 1}, None)
    refused = [message["message"] for message in sent if message["type"] == "refused"]
    assert len(refused) == 5
    assert "S01" in refused[0]
    assert "A, B, C, D, E, F" in refused[1]
    assert view.ledger.judgements() == ()

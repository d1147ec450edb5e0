"""EvidenceBoard in a real JupyterLab: with a mouse, with the keyboard alone, without eyes, and when one comes back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from course.ledger import Ledger
from course.widgets.evidence_board import EvidenceBoard
from tests.browser.lab import Lab

pytestmark = pytest.mark.browser

BOARD = "from course import EvidenceBoard\nboard = EvidenceBoard('F')\nboard"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RATED = {
    "Source: how reliable?": "B: Usually reliable",
    "Item: how credible?": "2: Probably true",
    "How direct?": "direct: about this place, this time and this thing",
    "If it were right, it would be": "decisive against",
}
SUMMARY = "Reading F: almost no chance."
NUMBERS = "Chance 1 % to 2 %, total −18.1 dB (−19.1 to −16.9). 1 rated, origins that count: 1."


@pytest.fixture
def board(lab: Lab, request: pytest.FixtureRequest) -> Callable[..., Locator]:
    """Open a notebook with a board in a folder of its own, and return the board."""

    def start(*cells: str) -> Locator:
        folder = request.node.name.replace("[", "-").replace("]", "")
        lab.open(lab.write(f"{folder}/board.ipynb", cells or (BOARD,)))
        lab.run_all()
        found = lab.page.locator(".cf-board")
        expect(found.first).to_be_visible()
        return found

    return start


def ledger_of(lab: Lab) -> Ledger:
    """The ledger beside the open notebook, as it is on disk."""
    notebook = lab.page.evaluate("jupyterapp.shell.currentWidget.context.path")
    return Ledger.open((lab.root / notebook).parent / "ledger.json")


def card(board: Locator, statement: str) -> Locator:
    return board.get_by_role("group", name=f"{statement} ·")


def plain(text: str | None) -> str:
    return (text or "").replace("\u00a0", " ")


def rate(board: Locator, statement: str, ratings: dict[str, str] = RATED) -> None:
    for label, option in ratings.items():
        card(board, statement).get_by_label(label).select_option(label=option)


def wait_until_saved(lab: Lab, statement: str, part: str, value: object) -> None:
    """The file is written after the view has been answered; a reader of the file waits a moment."""
    for _ in range(100):
        made = {one.statement: one for one in ledger_of(lab).judgements("F")}
        if statement in made and getattr(made[statement], part) == value:
            return
        lab.page.wait_for_timeout(50)
    raise AssertionError(f"{statement} never had {part} {value!r} in the ledger")


def test_rating_changes_the_totals_and_everything_is_found_again(board: Callable[..., Locator], lab: Lab) -> None:
    view = board()
    expect(view.locator(".cf-totals").get_by_role("status")).to_contain_text("roughly even chance")
    rate(view, "S09")
    expect(view.locator(".cf-phrase")).to_have_text(SUMMARY)
    assert plain(view.locator(".cf-totals").get_by_role("status").inner_text()).endswith(NUMBERS)
    card(view, "S09").get_by_label("Origin").fill("Max Abrahms")
    card(view, "S09").get_by_label("Because").fill("He studies them and says some remain.")
    expect(view.get_by_role("img", name="Max Abrahms, against")).to_be_visible()
    wait_until_saved(lab, "S09", "reason", "He studies them and says some remain.")

    def is_all_there() -> None:
        expect(lab.page.locator(".cf-phrase")).to_have_text(SUMMARY)
        found = card(lab.page.locator(".cf-board"), "S09")
        for label, option in RATED.items():
            assert found.get_by_label(label).locator("option:checked").text_content() == option
        expect(found.get_by_label("Because")).to_have_value("He studies them and says some remain.")
        expect(found.get_by_label("Origin")).to_have_value("Max Abrahms")

    lab.save()
    lab.reload()
    is_all_there()
    lab.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    lab.wait_until_idle()
    lab.run_all()
    is_all_there()


def focused(page: Page) -> str:
    """What a screen reader would call the focused control: its label, with the card it stands in."""
    return str(
        page.evaluate(
            """() => {
              const at = document.activeElement;
              const card = at?.closest('fieldset')?.querySelector('legend')?.textContent ?? '';
              return `${card.split(' ·')[0]}|${at?.labels?.[0]?.textContent ?? at?.textContent ?? ''}`;
            }"""
        )
    )


def tab_to(page: Page, wanted: str, most: int = 80) -> None:
    for _ in range(most):
        if focused(page).startswith(wanted):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted!r} was not reached with {most} presses of Tab; the focus is at {focused(page)!r}")


def test_everything_works_with_the_keyboard_alone(board: Callable[..., Locator], lab: Lab) -> None:
    """Letters and arrow keys reach the controls, and no key slips through to JupyterLab."""
    view = board("from course import EvidenceBoard\nEvidenceBoard('F', statements=['S09', 'S11'])")
    page = lab.page
    cells = page.locator(".jp-Cell").count()
    page.keyboard.press("Tab")
    tab_to(page, "|Reading of the claim")
    tab_to(page, "S09|Source")
    page.keyboard.press("b")  # in JupyterLab's command mode this inserts a cell
    tab_to(page, "S09|Item")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    tab_to(page, "S09|How direct?")
    page.keyboard.press("d")
    tab_to(page, "S09|If it were right")
    page.keyboard.press("End")
    tab_to(page, "S09|Origin")
    page.keyboard.type("Abrahms b")
    tab_to(page, "S09|Because")
    page.keyboard.type("dd He says some remain. xz")
    tab_to(page, "S09|Weight")
    page.keyboard.press("Enter")
    expect(card(view, "S09").get_by_text("Chance that it tells us anything")).to_be_visible()
    tab_to(page, "|What would change your mind")
    page.keyboard.press("Space")
    expect(view.get_by_role("table", name="The same evidence with one thing different")).to_be_visible()
    expect(view.locator(".cf-phrase")).to_have_text(SUMMARY)
    wait_until_saved(lab, "S09", "reason", "dd He says some remain. xz")
    made = ledger_of(lab).judgements("F")[0]
    assert (made.reliability, made.credibility, made.directness) == ("B", 2, "direct")
    assert (made.bearing, made.origin) == ("decisive against", "Abrahms b")
    assert page.locator(".jp-Cell").count() == cells


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1400])
def test_axe_finds_nothing_and_nothing_is_cut_off(
    board: Callable[..., Locator], lab: Lab, tmp_path: Path, theme: str, width: int
) -> None:
    lab.page.set_viewport_size({"width": 1400, "height": 1000})
    view = board()
    rate(view, "S01", {**RATED, "If it were right, it would be": "strong for"})
    for summary in view.locator(".cf-totals summary").all():
        summary.click()
    expect(view.get_by_role("table").last).to_be_visible()
    lab.theme(theme)
    view.evaluate("(node, width) => { node.style.width = `${width}px`; }", width)
    lab.page.wait_for_timeout(300)
    found = Axe().run(lab.page, context=".cf-board", options={"runOnly": WCAG}).response
    assert not found["violations"], json.dumps(found["violations"], indent=1)[:4000]
    assert view.evaluate("node => node.scrollWidth <= node.clientWidth"), "the board scrolls sideways"
    view.screenshot(path=tmp_path / f"board-{theme}-{width}.png")


def test_two_views_of_one_ledger_stay_in_step(board: Callable[..., Locator]) -> None:
    views = board(BOARD, "board", "EvidenceBoard('F', ledger=board.ledger)")
    expect(views).to_have_count(3)
    rate(views.nth(0), "S09")
    for place in range(3):
        expect(views.nth(place).locator(".cf-phrase")).to_have_text(SUMMARY)
        expect(card(views.nth(place), "S09").get_by_label("Item: how credible?")).to_have_value("2")


def test_the_plain_methods_and_the_view_are_one(board: Callable[..., Locator]) -> None:
    """What is rated by a call shows in the view, and the other way round, with the same numbers."""
    call = (
        "board.judge('S11', reliability='C', credibility=3, directness='direct', bearing='strong against', "
        "origin='U.S. government', because='It says not all are gone.')"
    )
    view = board(BOARD, call)
    expect(card(view, "S11").get_by_label("Source: how reliable?")).to_have_value("C")
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
    expect(view.locator(".cf-totals").get_by_role("status")).to_contain_text(
        f"{alone.get_state()['state']['phrase']} {alone.get_state()['state']['numbers']}"
    )


def test_a_kernel_that_went_away_leaves_the_board_readable_and_is_named(
    board: Callable[..., Locator], lab: Lab
) -> None:
    view = board()
    rate(view, "S09")
    wait_until_saved(lab, "S09", "bearing", "decisive against")
    lab.server.stop_kernels()
    card(view, "S11").get_by_label("Source: how reliable?").select_option("C")
    expect(view.get_by_role("alert")).to_contain_text("The kernel does not answer", timeout=15_000)
    expect(view.locator(".cf-phrase")).to_have_text(SUMMARY)


def test_a_refused_choice_is_named_and_goes_back_to_what_the_ledger_holds(board: Callable[..., Locator]) -> None:
    view = board()
    reliability = card(view, "S09").get_by_label("Source: how reliable?")
    reliability.evaluate("node => node.append(new Option('G: from an older course', 'G'))")
    reliability.select_option("G")
    expect(view.get_by_role("alert")).to_contain_text("Use one of: A, B, C, D, E, F")
    reliability.blur()
    card(view, "S11").get_by_label("Source: how reliable?").select_option("C")
    expect(view.get_by_role("alert")).to_be_hidden()
    expect(reliability).to_have_value("")


def test_what_a_view_sends_wrongly_is_refused_in_words_and_harms_nothing(tmp_path: Path) -> None:
    """A stale view after an update may send what no longer exists."""
    view = EvidenceBoard("F", ledger=Ledger.open(tmp_path / "ledger.json"))
    said: list[dict[str, Any]] = []
    view.send = lambda content, buffers=None: said.append(content)  # noqa: ARG005
    for wrong in (
        {"type": "judge", "statement": "S99", "part": "reliability", "value": "B"},
        {"type": "judge", "statement": "S09", "part": "reliability", "value": "G"},
        {"type": "judge", "statement": "S09", "part": "colour", "value": "blue"},
        {"type": "show", "prior": 2},
        {"type": "dance"},
    ):
        view._receive(view, {**wrong, "view": "v", "number": 1}, None)
    refused = [message["message"] for message in said if message["type"] == "refused"]
    assert len(refused) == 5
    assert "S01" in refused[0]
    assert "A, B, C, D, E, F" in refused[1]
    assert view.ledger.judgements() == ()

"""Timeline in a real JupyterLab: where it opens, its keys, its clock, and what a screen reader meets."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from course.case.shape import TEMPLATE
from tests.browser.lab import Lab
from tests.browser.tools.timeline import mark
from tests.browser.views import focused, press, tab_to

pytestmark = pytest.mark.browser

CELL = "from course import Timeline, Ledger\ntool = Timeline(ledger=Ledger())\ntool"

# What is read of the claim's own day and of the clock.
READ = """
- group "Wednesday 6 Dec":
  - text: Wednesday
  - time: 6 Dec
  - list "Russian command":
    - listitem:
      - 'button /6 December 2017, Russian command: E21 Shoigu reports/'
    - listitem:
      - 'button /6 December 2017, Russian command: E22 Gerasimov: every IS unit/'
"""
IN_HAND = """
- region "The entry in hand":
  - group "E22 · 6 December 2017 · Russian command":
    - time: 6 December 2017
    - paragraph: /Gerasimov. every IS unit in Syria destroyed/
    - paragraph: /Could be known from 6 December 2017/
"""


@pytest.fixture
def lab(kept_lab: Lab) -> Lab:
    """All tests of this file share a page."""
    return kept_lab


@pytest.fixture
def view(lab: Lab, request: pytest.FixtureRequest) -> Locator:
    """The timeline with an empty ledger, in a notebook of its own."""
    lab.open(lab.write(f"{request.node.name}/timeline.ipynb", [CELL]))
    lab.run_all()
    shown = lab.page.locator(".cf-timeline")
    expect(shown).to_be_visible()
    return shown


def test_it_opens_at_the_claims_week_with_the_claim_in_hand(view: Locator) -> None:
    expect(view.get_by_role("radio", name="the claim’s week")).to_be_checked()
    heads = view.locator(".cf-day:not(.cf-corner)")
    assert heads.all_text_contents() == [
        *("Tuesday5 Dec", "Wednesday6 Dec", "Thursday7 Dec", "3 days without an entry", "Monday11 Dec"),
        "day not known",
    ]
    assert view.locator(".cf-lane-name bdi").all_text_contents()[:2] == ["Russian command", "U.S. government"]
    expect(mark(view, "E22")).to_have_attribute("aria-current", "true")
    expect(view.locator(".cf-detail")).to_contain_text("no ground left to it.")


def test_a_screen_reader_meets_days_origins_and_words(view: Locator) -> None:
    lanes = view.get_by_role("group", name="Entries by day and origin")
    expect(lanes).to_match_aria_snapshot(READ)
    expect(view).to_match_aria_snapshot(IN_HAND)
    clock = lanes.get_by_role("slider", name="Clock")
    expect(clock).to_have_attribute("aria-valuetext", "11 December 2017")
    for button in lanes.get_by_role("button").all():
        expect(button).to_have_accessible_name(re.compile(r"^(describes )?[\w ]*20\d\d, .+: [ES]\d\d .+"))


def test_marks_are_one_stop_of_tab_and_arrows_go_along_and_between_lanes(view: Locator, lab: Lab) -> None:
    page = lab.page
    page.keyboard.press("Tab")
    tab_to(page, "6 December 2017, Russian command: E22", most=15)
    walk = (
        ("ArrowDown", "E23"),
        ("ArrowUp", "E22"),
        ("ArrowRight", "E28"),
        ("ArrowRight", "E31"),
        ("ArrowLeft", "E28"),
        ("ArrowDown", "E29"),
        ("ArrowUp", "E28"),
        ("Home", "E18"),
        ("End", "S07"),
        ("Control+Home", "E18"),
    )
    for key, entry in walk:
        press(page, key)
        assert f" {entry} " in focused(page), f"{key} leads to {focused(page)}"
        expect(view.get_by_role("group", name=f"{entry} ·")).to_be_visible()
    assert view.locator('.cf-mark[tabindex="0"]').count() == 1
    press(page, "Tab")
    assert focused(page) == "|Clock, over the days shown"
    assert lab.page.locator(".jp-Cell").count() == 1


def test_keys_move_the_clock_over_the_days_shown(view: Locator, lab: Lab) -> None:
    page = lab.page
    page.keyboard.press("Tab")
    tab_to(page, "Clock, over the days shown", most=16)
    press(page, "ArrowLeft ArrowLeft")
    expect(view.locator(".cf-lead")).to_contain_text("Clock at 6 December 2017")
    expect(mark(view, "E28")).to_have_class(re.compile("cf-later"))
    expect(mark(view, "E28")).to_have_attribute("aria-label", re.compile("not known until 7 December 2017"))
    press(page, "End")
    expect(view.locator(".cf-lead")).to_contain_text("Clock at 11 December 2017")
    assert focused(page) == "|Clock, over the days shown"


def test_the_handle_is_drawn_and_the_strip_moves_the_window(view: Locator, lab: Lab) -> None:
    handle, day = view.locator(".cf-handle"), view.locator(".cf-day", has_text="6 Dec")
    handle.scroll_into_view_if_needed()
    start, end = handle.bounding_box(), day.bounding_box()
    assert start is not None
    assert end is not None
    lab.page.mouse.move(start["x"] + 20, start["y"] + 10)
    lab.page.mouse.down()
    lab.page.mouse.move(end["x"] + end["width"] - 8, end["y"] + 10, steps=5)
    lab.page.mouse.up()
    expect(view.locator(".cf-lead")).to_contain_text("Clock at 6 December 2017")
    strip = view.locator(".cf-over").bounding_box()
    assert strip is not None
    view.locator(".cf-over").click(position={"x": strip["width"] * 0.98, "y": 20})
    expect(view.get_by_role("radio", name="afterwards")).to_be_checked()
    expect(mark(view, "E36")).to_be_visible()


def test_the_clock_stands_after_the_last_month_that_is_over(view: Locator) -> None:
    """Also where a whole year has a column beside its months."""
    view.locator(".cf-stretch label", has_text="earlier in 2017").click()
    left, right = (
        view.locator(".cf-day", has_text=month).bounding_box() for month in ("November 2017", "December 2017")
    )
    line = view.locator(".cf-clock").bounding_box()
    assert left is not None
    assert right is not None
    assert line is not None
    assert left["x"] + left["width"] - 8 <= line["x"] <= right["x"] + 8


def test_tab_stops_are_few(view: Locator) -> None:
    """There were some 65, one for each of 57 entries among them."""
    stops = view.locator("a[href], button, input, select, textarea, summary, [tabindex]").evaluate_all(
        "nodes => new Set(nodes.filter((node) => node.tabIndex >= 0 && node.checkVisibility())"
        ".map((node) => node.type === 'radio' ? node.name : node)).size"
    )
    assert stops <= 12, stops


def test_in_a_narrow_place_it_is_a_list_by_day(view: Locator, lab: Lab) -> None:
    view.evaluate("node => { node.style.width = '390px'; }")
    lane = view.locator(".cf-lane-name").first
    expect(lane).to_be_visible()
    mark(view, "E22").focus()
    press(lab.page, "End")
    press(lab.page, "Home ArrowDown")
    assert " E19 " in focused(lab.page), focused(lab.page)


def test_another_case_opens_at_its_own_claim(lab: Lab) -> None:
    cell = f"from course import Case, Ledger, Timeline\nTimeline(ledger=Ledger(), case=Case.load({str(TEMPLATE)!r}))"
    lab.open(lab.write("another/timeline.ipynb", [cell]))
    lab.run_all()
    view = lab.page.locator(".cf-timeline")
    expect(view.locator(".cf-day time").first).to_have_text("2 May")
    expect(mark(view, "E03")).to_have_attribute("aria-current", "true")

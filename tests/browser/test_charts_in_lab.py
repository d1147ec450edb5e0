"""Every chart is drawn by JupyterLab itself, in both themes, without the network."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from playwright.sync_api import Browser, Locator, expect

from course.charts.theme import DARK, GREY, INK
from tests.browser.lab import Lab, notebook_of
from tests.browser.views import check_reachable

pytestmark = pytest.mark.browser

DRAWN = ".jp-RenderedVegaLite svg.marks"

SETUP = """
import altair as alt
import pandas as pd

from course import charts
from course.case import Case

case = Case.load()
register = case.statements.query("set == 'register'")
weights = pd.DataFrame(
    [("Max Abrahms", -9, -6.2, -3), ("U.S. government", -7, -4.1, -1.5), ("Russian command", 0.2, 1.1, 2.2)],
    columns=["label", "low", "point", "high"],
)
changes = pd.DataFrame(
    [("as rated", 0.05, 0.15, 0.4), ("without Max Abrahms", 0.2, 0.4, 0.6), ("S11 reliability B → C", 0.1, 0.18, 0.4)],
    columns=["change", "low", "point", "high"],
)
"""

CHARTS = {
    "held_territory": "charts.held_territory(case.quantities, case.origins)",
    "events_around_claim": "charts.events_around_claim(case.events_weekly)",
    "origins_and_repetition": "charts.origins_and_repetition(register, case.origins)",
    "accumulated_weight": "charts.accumulated_weight(weights)",
    "sensitivity": "charts.sensitivity(changes)",
    "a learner’s own": 'alt.Chart(weights, title="Mine").mark_bar().encode(x="point", y="label", tooltip="point")',
}


def rgb(colour: str) -> str:
    """Return a colour such as ``#1b1f24`` or ``white`` as a browser gives it back."""
    digits = {"white": "ffffff"}.get(colour, colour.removeprefix("#"))
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    return f"rgb({', '.join(str(int(digits[at : at + 2], 16)) for at in (0, 2, 4))})"


def colours_of(picture: Locator) -> tuple[str, set[str]]:
    """Return the colours in which a reader sees a chart's ground and its words."""
    ground: str = picture.evaluate("svg => getComputedStyle(svg).backgroundColor")
    words = picture.locator("text").evaluate_all("all => all.map(text => getComputedStyle(text).fill)")
    return ground, set(words)


def test_every_chart_follows_the_theme_without_a_run_and_is_kept_with_the_notebook(lab: Lab, tmp_path: Path) -> None:
    notebook = lab.write("charts.ipynb", [SETUP, *CHARTS.values()])
    lab.open(notebook)
    seen = {"light": {INK, GREY}, "dark": {DARK[INK], DARK[GREY]}}
    # Run in one theme and read in the other, both ways: JupyterLab draws other colours where it runs in the dark.
    for run_in, themes in (("light", ("light", "dark")), ("dark", ("dark", "light"))):
        lab.theme(run_in)
        lab.run_all()
        pictures = lab.page.locator(DRAWN)
        pictures.nth(len(CHARTS) - 1).wait_for()
        assert pictures.count() == len(CHARTS)
        for theme in themes:
            lab.theme(theme)
            page = lab.page.locator(".jp-NotebookPanel").evaluate(
                "panel => getComputedStyle(panel).getPropertyValue('--jp-layout-color0')"
            )
            for place, name in enumerate(CHARTS):
                ground, words = colours_of(pictures.nth(place))
                assert ground == rgb(page), f"{name}: the ground is {ground}, and the page {page}"
                assert words <= {rgb(colour) for colour in seen[theme]}, f"{name}: words in {theme} have {words}"
                pictures.nth(place).screenshot(path=tmp_path / f"{run_in}-{theme}-{place}.png")
    lab.page.screenshot(path=tmp_path / "page.png")

    lab.save()
    outputs = [cell["outputs"][0] for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"][1:]]
    for output, name in zip(outputs, CHARTS, strict=True):
        assert output["data"]["image/png"], f"{name}: no picture kept for readers without JupyterLab"
        assert output["metadata"]["image/png"]["alt"], name


def test_a_learners_chart_on_a_ground_of_its_own_keeps_its_colours(lab: Lab) -> None:
    own = CHARTS["a learner’s own"] + '.properties(background="lightyellow")'
    lab.open(lab.write("ground.ipynb", [SETUP, own]))
    lab.theme("dark")
    lab.run_all()
    ground, words = colours_of(lab.page.locator(DRAWN))
    assert ground == "rgb(255, 255, 224)"
    assert words <= {rgb(INK), rgb(GREY)}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_any_chart(lab: Lab, theme: str) -> None:
    lab.open(lab.write("axe.ipynb", [SETUP, *CHARTS.values()]))
    lab.theme(theme)
    lab.run_all()
    outputs = lab.page.locator(".jp-RenderedVegaLite")
    outputs.nth(len(CHARTS) - 1).wait_for()
    for place in range(len(CHARTS)):
        check_reachable(outputs.nth(place))


def test_a_screen_reader_is_told_the_finding(lab: Lab) -> None:
    lab.open(lab.write("named.ipynb", [SETUP, CHARTS["sensitivity"]]))
    lab.run_all()
    chart = lab.page.locator('.jp-OutputArea-output [role="graphics-document"]')
    assert "without Max Abrahms 40%, unlikely" in (chart.get_attribute("aria-label") or "")


@pytest.fixture(scope="module")
def executed() -> nbformat.NotebookNode:
    """The same charts, executed without anyone looking, as nbconvert and nbgrader do."""
    notebook = nbformat.from_dict(notebook_of([SETUP, *CHARTS.values()]))  # type: ignore[no-untyped-call]
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("JPY_SESSION_NAME", raising=False)
        return NotebookClient(notebook, kernel_name="python3", timeout=120).execute()


@pytest.mark.parametrize("template", ["lab", "classic"])  # nbconvert's own, and the one nbgrader's feedback builds on
def test_an_exported_page_shows_every_chart_by_name_without_the_network(
    chromium: Browser, executed: nbformat.NotebookNode, template: str, tmp_path: Path
) -> None:
    exported, _ = HTMLExporter(template_name=template).from_notebook_node(executed)  # type: ignore[no-untyped-call]
    saved = tmp_path / "charts.html"
    saved.write_text(exported, encoding="utf-8")
    context = chromium.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    page.goto(saved.as_uri())
    pictures = page.get_by_role("img")
    expect(pictures).to_have_count(len(CHARTS))
    for picture, output in zip(pictures.all(), executed.cells[1:], strict=True):
        finding = output.outputs[0].data["text/plain"].splitlines()[0]
        expect(picture).to_have_accessible_name(re.compile("^" + re.escape(finding)))
        assert picture.evaluate("picture => picture.naturalWidth") > 300
    page.screenshot(path=tmp_path / f"{template}.png", full_page=True)
    context.close()

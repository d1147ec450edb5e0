"""Every chart is drawn by JupyterLab itself, in both themes, without the network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.browser.lab import Lab

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


def test_every_chart_is_drawn_in_both_themes_and_kept_with_the_notebook(lab: Lab, tmp_path: Path) -> None:
    notebook = lab.write("charts.ipynb", [SETUP, *CHARTS.values()])
    lab.open(notebook)
    for theme in ("light", "dark"):
        lab.theme(theme)
        lab.run_all()
        pictures = lab.page.locator(DRAWN)
        pictures.nth(len(CHARTS) - 1).wait_for()
        assert pictures.count() == len(CHARTS)
        for place, name in enumerate(CHARTS):
            picture = pictures.nth(place)
            picture.screenshot(path=tmp_path / f"{theme}-{place}.png")
            card = picture.evaluate("svg => getComputedStyle(svg).backgroundColor")
            assert card == "rgb(255, 255, 255)", f"{name}: the card is {card}"
            inks = picture.locator("text").evaluate_all(
                "all => [...new Set(all.map(text => text.getAttribute('fill')))]"
            )
            assert set(inks) <= {"#1b1b1b", "#595959"}, f"{name}: text on the light card has the colours {inks}"
    lab.page.screenshot(path=tmp_path / "dark-page.png")

    lab.save()
    outputs = [cell["outputs"][0] for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"][1:]]
    for output, name in zip(outputs, CHARTS, strict=True):
        assert output["data"]["image/png"], f"{name}: no picture kept for readers without JupyterLab"
        assert output["metadata"]["image/png"]["alt"], name


def test_a_screen_reader_is_told_the_finding(lab: Lab) -> None:
    lab.open(lab.write("named.ipynb", [SETUP, CHARTS["sensitivity"]]))
    lab.run_all()
    chart = lab.page.locator('.jp-OutputArea-output [role="graphics-document"]')
    assert "without Max Abrahms 40%, unlikely" in (chart.get_attribute("aria-label") or "")

"""The same board from plain ipywidgets, for `widget_latency.py` to measure against: what one builds without a module.

The same statements, choices and model; every card has the same controls, and totals and chart are shown after every
change. The chart is drawn in either of the two usual ways: an Altair chart shown anew in an Output widget, or a
picture made in Python as SVG and put into an HTML widget.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import ipywidgets as w
from IPython.display import display

from course import charts
from course.case import default_case
from course.ledger import Ledger
from course.ledger.judgement import BEARINGS, CREDIBILITY, DIRECTNESS, RELIABILITY, Judgement
from course.weighing import Weighing, explain, weigh_all

PARTS = ("reliability", "credibility", "directness", "bearing", "origin", "reason")


def plain_board(statements: list[str], ledger: Ledger, reading: str = "F", *, altair: bool = True) -> w.Widget:
    """Return a board of plain ipywidgets over these statements.

    Parameters
    ----------
    statements : list of str
    ledger : Ledger
    reading : str
    altair : bool
        Draw the chart with Altair in an Output widget; otherwise as SVG in an HTML widget.
    """
    case = default_case()
    judgements = {judgement.statement: judgement for judgement in ledger.judgements(reading)}
    totals = w.HTML()
    totals.add_class("plain-totals")
    picture = w.Output() if altair else w.HTML()
    picture.add_class("plain-chart")
    weights: dict[str, w.HTML] = {}

    def repaint() -> None:
        weighing = weigh_all(judgements.values(), reading)
        for statement, label in weights.items():
            weight = weighing.weights.get(statement)
            label.value = (explain.db_range(weight) if weight else "") + explain.standing_of(
                statement, weighing.contributions
            )
        totals.value = f"{weighing.phrase} {explain.posterior_of(weighing)} {explain.refutation_of(weighing)}"
        if not altair:
            picture.value = _svg(weighing)
            return
        with picture:
            picture.clear_output(wait=True)
            display(charts.accumulated_weight(_frame(weighing)))  # type: ignore[no-untyped-call]

    def card(statement: str) -> w.Widget:
        row = case.row("statements", statement)
        judgement = judgements.get(statement) or Judgement(statement, reading)
        judgements[statement] = judgement

        def follow(part: str) -> Any:
            def changed(change: dict[str, Any]) -> None:
                updates: dict[str, Any] = {part: change["new"]}
                judgements[statement] = replace(judgements[statement], **updates)
                repaint()
                ledger.judge(judgements[statement])

            return changed

        scales: dict[str, list[tuple[str, Any]]] = {
            "reliability": [(f"{code}: {label}", code) for code, label in RELIABILITY.items()],
            "credibility": [(f"{code}: {label}", code) for code, label in CREDIBILITY.items()],
            "directness": [(f"{code}: {label}", code) for code, label in DIRECTNESS.items()],
            "bearing": [(code, code) for code in BEARINGS],
        }
        fields: list[w.Widget] = [
            w.Dropdown(options=[("not rated", None), *options], value=getattr(judgement, part), description=part)
            for part, options in scales.items()
        ]
        fields += [
            w.Combobox(value=judgement.origin, options=(), description="origin", continuous_update=False),
            w.Textarea(value=judgement.reason, description="because", continuous_update=False),
        ]
        for part, field in zip(PARTS, fields, strict=True):
            field.observe(follow(part), names="value")
        weights[statement] = w.HTML()
        title = w.HTML(f"<b>{statement}</b> {row['content']}<br><small>{row['locator']} {row['scope']}</small>")
        box = w.VBox([title, *fields, weights[statement]])
        box.add_class("plain-card")
        return box

    cards = w.VBox([card(statement) for statement in statements])
    repaint()
    return w.HBox([cards, w.VBox([totals, picture])])


def _frame(weighing: Weighing) -> Any:
    import pandas as pd

    rows = [
        (
            f"{contribution.origin} ({contribution.side})",
            contribution.weight.low,
            contribution.weight.point,
            contribution.weight.high,
        )
        for contribution in weighing.contributions
    ]
    return pd.DataFrame(rows, columns=["label", "low", "point", "high"])


def _svg(weighing: Weighing) -> str:
    bars = "".join(
        f'<text x="0" y="{row * 40 + 12}">{contribution.origin}</text>'
        f'<rect x="{200 + min(0, contribution.weight.point) * 8}" '
        f'y="{row * 40 + 18}" width="{abs(contribution.weight.point) * 8}" height="14" fill="#0063a6"/>'
        for row, contribution in enumerate(weighing.contributions)
    )
    return f'<svg width="400" height="{len(weighing.contributions) * 40}">{bars}</svg>'

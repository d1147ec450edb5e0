"""Chart how judgements add up, and what changing one of them would do, against the words of ICD 203."""

from __future__ import annotations

import json
from collections.abc import Sequence
from textwrap import wrap
from typing import Any, Final, Literal

import altair as alt
import pandas as pd

from course.charts.figure import Figure
from course.charts.labels import decibels, listed
from course.charts.tables import check, readable
from course.charts.theme import BANDS, BLUE, GREY, INK, VERMILLION, WIDTH, bare, room_for
from course.weighing import WORDS, chance, decibans, word
from course.wording import number_of, percent

_BOUNDS: Final = [high for _, _, high in WORDS[:-1]]
_ROOM: Final = room_for(name for name, _, _ in WORDS)


def accumulated_weight(weights: pd.DataFrame, prior: float = 0.5) -> Figure:
    """Chart how weights add up, step by step, against the words they lead to.

    Parameters
    ----------
    weights : DataFrame
        One row for each contribution that counts, in the order to draw: ``label``, and ``low``, ``point`` and ``high``
        in decibans (positive for the reading, negative against it).
    prior : float
        Chance before any evidence, above 0 and below 1. It determines where the words are.

    Raises
    ------
    ValueError
        If a column is missing, there is no row, bounds are out of order, or the prior is not between 0 and 1.
    """
    check("accumulated_weight", weights, ["label", "low", "point", "high"], "the contributions of a weighing")
    _check_bounds("accumulated_weight", weights, "label")
    start = decibans(prior)
    bounds = weights[["low", "point", "high"]].astype(float)
    running = bounds.cumsum()
    drawn = pd.DataFrame(
        {
            "place": range(1, len(weights) + 1),
            "label": weights["label"].astype(str),
            "weight": bounds["point"],
            "from": running["point"] - bounds["point"],
            **{name: running[name] for name in running},
            "word": [word(chance(start + db)) for db in running["point"]],
        }
    ).reset_index(drop=True)
    drawn["side"] = ["for" if weight > 0 else "against" if weight < 0 else "neither" for weight in drawn["weight"]]
    drawn["signed"] = [decibels(weight) for weight in drawn["weight"]]
    steps, width, height = len(drawn) + 1, WIDTH - _ROOM, 380
    low, high = min(-8.0, drawn["low"].min() - 2), max(8.0, drawn["high"].max() + 2)

    roomy = steps <= 9
    ticks = [["start"]] + [
        [*wrap(label, 11), signed] if roomy else [f"{label} {signed}"]
        for label, signed in zip(drawn["label"], drawn["signed"], strict=True)
    ]
    slant: dict[str, Any] = {} if roomy else {"labelAngle": -40, "labelLimit": 260}
    labels = f"{json.dumps(ticks)}[datum.value]"
    # Without a count of its own the theme's would leave steps out.
    every_step: dict[str, Any] = {"values": list(range(steps)), "tickCount": steps, "labelOverlap": False}
    axis = alt.Axis(labelExpr=labels, grid=False, **every_step, **slant)
    x = alt.X("place:Q", title=None, axis=axis, scale=alt.Scale(domain=[-0.5, steps - 0.5], nice=False))
    y_scale = alt.Scale(domain=[low, high], nice=False)
    y = alt.Y("point:Q", title="decibans", scale=y_scale, axis=alt.Axis(grid=False))
    bands = _bands([decibans(bound) - start for bound in _BOUNDS], low, high)
    background = _shaded(bands, alt.Y("low:Q", scale=y_scale), alt.Y2("high:Q"))
    # A word is written only if its band is high enough for a line of text.
    written = bands[(bands["high"] - bands["low"]) / (high - low) * height >= 12]
    names = (
        alt.Chart(written)
        .mark_text(align="left", dx=8)
        .encode(alt.Y("middle:Q", scale=y_scale), x=alt.value(width), text="word:N")
    )
    sides = alt.Scale(domain=["for", "against", "neither"], range=[BLUE, VERMILLION, GREY])
    base = alt.Chart(drawn)
    colour = alt.Color("side:N", scale=sides, legend=None)
    bars = base.mark_bar(size=26, opacity=0.55).encode(
        x, alt.Y("from:Q", scale=y_scale), alt.Y2("point:Q"), color=colour
    )
    whiskers = base.mark_rule(strokeWidth=2, color=INK).encode(x, alt.Y("low:Q", scale=y_scale), alt.Y2("high:Q"))
    points = base.mark_point(filled=True, size=70, color=INK, opacity=1).encode(
        x,
        y,
        tooltip=[
            alt.Tooltip("label:N", title="step"),
            alt.Tooltip("signed:N", title="its weight"),
            alt.Tooltip("point:Q", title="total so far, dB", format="+.1f"),
            alt.Tooltip("low:Q", title="lowest", format="+.1f"),
            alt.Tooltip("high:Q", title="highest", format="+.1f"),
            alt.Tooltip("word:N", title="in words"),
        ],
    )
    path = pd.DataFrame(
        [{"place": place, "to": place + 1, "point": total} for place, total in enumerate([0.0, *drawn["point"][:-1]])]
    )
    joins = alt.Chart(path).mark_rule(strokeDash=[3, 3], color=GREY).encode(x, alt.X2("to:Q"), alt.Y("point:Q"))
    zero = (
        alt.Chart(pd.DataFrame({"place": [0], "point": [0.0]}))
        .mark_point(shape="diamond", filled=True, size=110, color=INK, opacity=1)
        .encode(x, y)
    )

    end = drawn.iloc[-1]
    origin_word, (low_word, high_word) = word(prior), (word(chance(start + end[side])) for side in ("low", "high"))
    title = f"{number_of(len(drawn), 'step')} add up to {decibels(end['point'])}: "
    title += f"still {end['word']}" if end["word"] == origin_word else f"from {origin_word} to {end['word']}"
    notes = [
        f"Counting all doubt, between {decibels(end['low'])} ({low_word}) and {decibels(end['high'])} ({high_word}).",
        "10 dB multiplies the odds by ten, 3 dB by two. Bars: each step. Vertical lines: how far doubt reaches so far.",
    ]
    return Figure.of(
        alt.layer(background, joins, bars, whiskers, points, zero, names).properties(width=width, height=height),
        title=title,
        description=f"Steps from a start at {prior:.0%}: {listed(drawn['label'] + ' ' + drawn['signed'])}.",
        notes=notes,
        measured="What each step adds, in decibans, and the word for the total so far",
        source="the judgements in the ledger; weights after Good, words of ICD 203",
        table=readable(
            drawn,
            {
                "label": "step",
                "weight": "its weight, dB",
                "low": "total so far, lowest, dB",
                "point": "total so far, dB",
                "high": "total so far, highest, dB",
                "word": "in words",
            },
        ),
    )


def sensitivity(changes: pd.DataFrame, baseline: str = "as rated") -> Figure:
    """Chart what one change at a time would do to the result.

    Parameters
    ----------
    changes : DataFrame
        ``change`` says what is different; ``low``, ``point`` and ``high`` are the resulting chance of the reading,
        0 to 1. One row is the result without any change.
    baseline : str
        The text in ``change`` of that row.

    Raises
    ------
    ValueError
        If a column or the baseline's row is missing, a chance is not between 0 and 1, or bounds are out of order.
    """
    check("sensitivity", changes, ["change", "low", "point", "high"], "the changes of a weighing, with its own result")
    _check_bounds("sensitivity", changes, "change")
    if (changes["low"] < 0).any() or (changes["high"] > 1).any():
        raise ValueError("sensitivity draws chances, and they lie between 0 and 1. Divide per cent by 100.")
    if (rows := int((changes["change"] == baseline).sum())) != 1:
        raise ValueError(
            f"sensitivity needs one row whose change is {baseline!r}, the result to compare with, and found {rows}. "
            "Add it, or name yours with baseline=."
        )
    drawn = changes[["change", "low", "point", "high"]].reset_index(drop=True)
    drawn["word"] = [word(point) for point in drawn["point"]]
    drawn["told"] = [f"{percent(point)}, {now}" for point, now in zip(drawn["point"], drawn["word"], strict=True)]
    base_row = drawn[drawn["change"] == baseline].iloc[0]
    drawn["kind"] = [
        "no change" if change == baseline else "same word" if now == base_row["word"] else "another word"
        for change, now in zip(drawn["change"], drawn["word"], strict=True)
    ]
    order = [baseline, *(change for change in drawn["change"] if change != baseline)]
    height = 34 * len(drawn)
    room = room_for(drawn["change"])
    plot = max(380, WIDTH - room - room_for(drawn["told"]))  # the words above need so much

    axis = alt.Axis(format="%", values=[0, 0.2, 0.4, 0.6, 0.8, 1], grid=False)
    x_scale = alt.Scale(domain=[0, 1], nice=False)
    x = alt.X("point:Q", title=None, scale=x_scale, axis=axis)
    y = alt.Y("change:N", title=None, sort=order, axis=bare(room))
    bands = _bands(_BOUNDS, 0, 1).assign(word=lambda band: band["word"].str.replace(" ", "\n"))
    background = _shaded(bands, alt.X("low:Q", scale=x_scale), alt.X2("high:Q"))
    # The outermost bands are narrower than their words, so these are aligned outwards.
    leaning: list[tuple[pd.DataFrame, Literal["left", "center", "right"], str]] = [
        (bands[:1], "right", "high"),
        (bands[1:-1], "center", "middle"),
        (bands[-1:], "left", "low"),
    ]
    names = [
        alt.Chart(rows_of)
        .mark_text(align=align, baseline="top", lineBreak="\n", lineHeight=13)
        .encode(alt.X(f"{at}:Q", scale=x_scale), y=alt.value(-40), text="word:N")
        for rows_of, align, at in leaning
    ]
    rule = alt.Chart(drawn[drawn["kind"] == "no change"]).mark_rule(strokeDash=[4, 3], color=INK).encode(x)
    kinds = ["no change", "same word", "another word"]
    base = alt.Chart(drawn)
    lines = base.mark_rule(strokeWidth=2, color=GREY).encode(alt.X("low:Q", scale=x_scale), alt.X2("high:Q"), y)
    dots = base.mark_point(filled=True, size=100, opacity=1).encode(
        x,
        y,
        shape=alt.Shape(
            "kind:N", legend=None, scale=alt.Scale(domain=kinds, range=["diamond", "circle", "triangle-up"])
        ),
        color=alt.Color("kind:N", legend=None, scale=alt.Scale(domain=kinds, range=[INK, BLUE, VERMILLION])),
        tooltip=[
            alt.Tooltip("change:N", title="change"),
            alt.Tooltip("told:N", title="result"),
            alt.Tooltip("low:Q", title="lowest", format=".0%"),
            alt.Tooltip("high:Q", title="highest", format=".0%"),
        ],
    )
    texts = (
        base.transform_filter("datum.kind !== 'another word'").mark_text(align="left", dx=10),
        base.transform_filter("datum.kind === 'another word'").mark_text(align="left", dx=10, fontWeight="bold"),
    )
    crossing, tried = (drawn["kind"] == "another word").sum(), len(drawn) - 1
    if tried:
        title = (
            f"{crossing or 'None'} of {number_of(tried, 'change')} would lead to another word than “{base_row['word']}”"
        )
    else:
        title = f"No change tried yet: the result is {base_row['told']}"
    return Figure.of(
        alt.layer(
            background, rule, lines, dots, *names, *(text.encode(y, x=alt.value(plot), text="told:N") for text in texts)
        ).properties(width=plot, height=height),
        title=title,
        description=f"Chance of the reading after each change: {listed(drawn['change'] + ' ' + drawn['told'])}.",
        notes=["Lines: how far doubt reaches. Triangles and bold type: another word."],
        measured="Chance that the reading is true, with one thing changed at a time",
        source="the judgements in the ledger; words of ICD 203",
        table=readable(
            drawn,
            {
                "change": "change",
                "low": "chance, lowest",
                "point": "chance",
                "high": "chance, highest",
                "word": "in words",
            },
        ),
    )


def _check_bounds(chart: str, table: pd.DataFrame, label: str) -> None:
    # A missing bound (NaN) also counts as out of order.
    wrong = table[~((table["low"] <= table["point"]) & (table["point"] <= table["high"]))]
    if not wrong.empty:
        first = wrong.iloc[0]
        raise ValueError(
            f"{chart} needs low <= point <= high in every row; {first[label]!r} has "
            f"{first[['low', 'point', 'high']].to_dict()}."
        )


def _bands(bounds: Sequence[float], low: float, high: float) -> pd.DataFrame:
    """Return the band of each word between its bounds, clipped to low and high. The outermost bands reach the ends."""
    edges = [low, *(min(max(bound, low), high) for bound in bounds), high]
    bands = pd.DataFrame({"word": [name for name, _, _ in WORDS], "low": edges[:-1], "high": edges[1:]})
    bands["middle"] = (bands["low"] + bands["high"]) / 2
    bands["shade"] = [BANDS[place % 2] for place in range(len(bands))]
    return bands[bands["low"] < bands["high"]]


def _shaded(bands: pd.DataFrame, *ends: Any) -> Any:
    return alt.Chart(bands).mark_rect().encode(*ends, color=alt.Color("shade:N", scale=None))

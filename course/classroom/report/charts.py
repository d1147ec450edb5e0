"""The report's charts, like all of the course's: the finding as the title, a description, a table."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import altair as alt
import pandas as pd

from course.charts.figure import Figure
from course.charts.theme import GREY, INK, PAPER, STEEL, WIDTH, bare, room_for
from course.classroom.report.findings import StatementWeights, Tally
from course.wording import listed, number_of

SOURCE = "this class’s gradebook and submissions"

_TENTHS = [*(f"{10 * tenth}–{10 * tenth + 9}" for tenth in range(9)), "90–100"]


def scores(counts: Sequence[int], shares: Sequence[float]) -> Figure:
    """Chart how many learners reached which share of the points.

    Parameters
    ----------
    counts : sequence of int
        Learners in each tenth, from 0–9 % to 90–100 %.
    shares : sequence of float
        Each learner's share, 0 to 1; at least one.
    """
    drawn = pd.DataFrame({"percent": _TENTHS, "learners": counts})
    x = alt.X("percent:N", title="percent of the points decided so far", sort=None, axis=alt.Axis(labelAngle=0))
    y = alt.Y("learners:Q", axis=None, scale=alt.Scale(domain=[0, max(counts) * 1.15]))
    bars = alt.Chart(drawn).mark_bar().encode(x, y)
    ends = alt.Chart(drawn[drawn["learners"] > 0]).mark_text(dy=-8).encode(x, y, text="learners:Q")
    bars_in_words = [
        f"{number_of(count, 'learner')} with {name} percent"
        for name, count in zip(_TENTHS, counts, strict=True)
        if count
    ]
    return Figure.of(
        alt.layer(bars, ends).properties(height=180, width=WIDTH),
        title=f"Half of the class has {median(shares):.0%} of the points or more",
        description=f"A bar for each tenth of the points: {listed(bars_in_words)}.",
        notes=["What waits for a person is left out, and so is any penalty for being late."],
        source=SOURCE,
        table=drawn.rename(columns={"percent": "percent of the points"}),
    )


def checks(tallies: Sequence[Tally]) -> Figure:
    """Chart the share of right answers to each check that has any decided.

    Parameters
    ----------
    tallies : sequence of Tally
        At least one with decided answers.
    """
    rows = [tally for tally in tallies if tally.decided]
    drawn = pd.DataFrame(
        {
            "check": [short(tally.title) for tally in rows],
            "share": [tally.right for tally in rows],
            "end": [f"{tally.counts['right']} of {tally.decided}" for tally in rows],
        }
    )
    room = room_for(drawn["check"])
    y = alt.Y("check:N", title=None, sort=None, axis=bare(room))
    x = alt.X("share:Q", title="share right", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5))
    bars = alt.Chart(drawn).mark_bar(height=14).encode(x, y)
    # A bar of length 0 cannot be seen; the tick can.
    foot = alt.Chart(drawn).mark_tick(color=INK, thickness=2, height=18).encode(x, y)
    ends = alt.Chart(drawn).mark_text(align="left", dx=8).encode(x, y, text="end:N")
    # The machine's checks have gone through everybody; what people have marked so far may be the few easy ones.
    lowest = min(rows, key=lambda tally: (tally.check.by_hand, tally.right))
    values = "; ".join(f"{short(tally.title)}: {tally.counts['right']} of {tally.decided}" for tally in rows)
    return Figure.of(
        alt.layer(bars, foot, ends).properties(height=alt.Step(26), width=WIDTH - room - room_for(drawn["end"])),
        title=f"Fewest have “{short(lowest.title)}” right: {lowest.counts['right']} of {lowest.decided}",
        description=f"A bar for each graded cell, in the order of the exercise: {values}.",
        notes=["Right means every point. What waits for a person is left out."],
        source=SOURCE,
        table=drawn,
    )


def spreads(views: Sequence[StatementWeights], reading: str) -> Figure:
    """Chart how far apart a class's weights of each statement lie.

    Parameters
    ----------
    views : sequence of StatementWeights
        Widest apart first; at least one.
    """
    names = ["statement", "lowest", "first", "median", "third", "highest"]
    drawn = pd.DataFrame([[getattr(view, name) for name in names] for view in views], columns=names)
    reach = max(5.0, drawn[["lowest", "highest"]].abs().to_numpy().max() * 1.1)
    room = room_for(drawn["statement"])
    y = alt.Y("statement:N", title=None, sort=None, axis=bare(room))
    scale = alt.Scale(domain=[-reach, reach])
    x = alt.X("lowest:Q", title="weight in decibans: left of 0 against the reading, right of it for it", scale=scale)
    whole = alt.Chart(drawn).mark_rule(color=GREY, strokeWidth=2).encode(x, y, x2="highest:Q")
    half = alt.Chart(drawn).mark_bar(color=STEEL, height=12).encode(alt.X("first:Q", scale=scale), y, x2="third:Q")
    middle = (
        alt.Chart(drawn)
        .mark_point(shape="diamond", size=90, fill=PAPER, stroke=INK, strokeWidth=2, opacity=1)
        .encode(alt.X("median:Q", scale=scale), y)
    )
    zero = (
        alt.Chart(pd.DataFrame({"at": [0]})).mark_rule(color=INK, strokeDash=[4, 3]).encode(alt.X("at:Q", scale=scale))
    )
    widest = views[0]
    values = "; ".join(
        f"{view.statement} from {signed(view.lowest)} to {signed(view.highest)}, middle {signed(view.median)}"
        for view in views
    )
    return Figure.of(
        alt.layer(zero, whole, half, middle).properties(height=alt.Step(26), width=WIDTH - room),
        title=f"Reading {reading}: the class is furthest apart on {widest.statement}",
        description=f"A line for each statement, widest apart first, in decibans: {values}.",
        notes=["Line: from the lowest weight to the highest. Bar: the middle half of the class. Diamond: the median."],
        source=SOURCE,
        table=drawn,
    )


def short(title: str) -> str:
    """Return what of a check's title fits beside a bar: ``Question 1`` of ``Question 1 · What chance …``."""
    name = title.rpartition(" – ")[2].partition(" · ")[0]
    return name if len(name) <= 30 else f"{name[:29]}…"


def signed(weight: float) -> str:
    """Return a weight in decibans with its sign, as in ``−9.2``."""
    return "0" if abs(weight) < 0.05 else f"{weight:+.1f}".replace("-", "−")

"""Chart how many statements come from each origin, and which only repeat another."""

from __future__ import annotations

import altair as alt
import pandas as pd

from course.charts.figure import Figure
from course.charts.labels import listed
from course.charts.tables import check, named, readable
from course.charts.theme import BLUE, PAPER, VERMILLION, WIDTH, bare, room_for
from course.wording import number_of


def origins_and_repetition(statements: pd.DataFrame, origins: pd.DataFrame | None = None) -> Figure:
    """Chart how many statements come from each origin, and which of them only repeat another.

    Parameters
    ----------
    statements : DataFrame
        Rows of ``case.statements``: ``id``, ``origin``, and ``repeats``, which is empty where nothing is repeated.
    origins : DataFrame or None
        ``case.origins``, to show names instead of identifiers.

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    check("origins_and_repetition", statements, ["id", "origin", "repeats"], "case.statements")
    kinds = ["says something new", "repeats another"]
    repeats = statements["repeats"].notna() & (statements["repeats"] != "")
    drawn = pd.DataFrame(
        {
            "statement": statements["id"],
            "origin": named(statements["origin"], origins),
            "kind": repeats.map({False: kinds[0], True: kinds[1]}),
            "repeats": statements["repeats"].astype(object).where(repeats, ""),
        }
    ).sort_values(["kind", "statement"], ascending=[False, True], kind="stable")
    drawn["place"] = drawn.groupby("origin").cumcount() + 1
    counts = (
        drawn.assign(repeated=drawn["kind"] == kinds[1])
        .groupby("origin")
        .agg(statements=("repeated", "size"), repeated=("repeated", "sum"))
        .sort_values(["statements", "repeated"], ascending=False, kind="stable")
        .reset_index()
    )
    counts["label"] = [
        f"{total}" + (f", of which {repeated} only repeat" if repeated else "")
        for total, repeated in zip(counts["statements"], counts["repeated"], strict=True)
    ]
    room = room_for(counts["origin"])
    y = alt.Y("origin:N", title=None, sort=list(counts["origin"]), axis=bare(room))
    x = alt.X("place:Q", title=None, axis=None, scale=alt.Scale(domain=[0.5, counts["statements"].max() + 4]))
    marks = (
        alt.Chart(drawn)
        .mark_point(size=110, strokeWidth=2, opacity=1)
        .encode(
            x,
            y,
            shape=alt.Shape(
                "kind:N",
                title=None,
                legend=alt.Legend(orient="top"),
                scale=alt.Scale(domain=kinds, range=["circle", "triangle-up"]),
            ),
            stroke=alt.Stroke("kind:N", title=None, scale=alt.Scale(domain=kinds, range=[BLUE, VERMILLION])),
            fill=alt.Fill("kind:N", title=None, scale=alt.Scale(domain=kinds, range=[BLUE, PAPER])),
            tooltip=["statement:N", "kind:N", "repeats:N"],
        )
    )
    ends = alt.Chart(counts).mark_text(align="left", dx=18).encode(alt.X("statements:Q", axis=None), y, text="label:N")
    total, repeated, largest = len(drawn), int(repeats.sum()), counts.iloc[0]
    title = f"{number_of(total, 'statement')} come from {number_of(len(counts), 'origin')}"
    if len(counts) > 1:
        title += f", {largest['statements']} of them from one: {largest['origin']}"
    notes = [
        f"{number_of(repeated, 'statement')} only repeat another. An origin counts once, however often it is heard."
        if repeated
        else "None repeats another. An origin still counts once, however often it is heard."
    ]
    return Figure.of(
        alt.layer(marks, ends).properties(height=alt.Step(30), width=WIDTH - room),
        title=title,
        description=f"One mark for each statement, by origin: {listed(counts['origin'] + ' ' + counts['label'])}.",
        notes=notes,
        measured="Statements, by the origin that their knowledge comes from",
        source="the register of statements; origins as the course has drawn them",
        table=readable(
            counts, {"origin": "origin", "statements": "statements", "repeated": "of these, repeat another"}
        ),
    )

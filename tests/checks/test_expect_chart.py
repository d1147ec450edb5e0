"""A chart is judged by what it draws and says, however it was made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import altair as alt
import pandas as pd
import pytest

from course.charts import Figure
from course.checks.expect import NotAnswered, NotYet
from course.checks.expect_chart import expect_chart

ROWS = pd.DataFrame(
    {
        "day": pd.to_datetime(["2017-12-07", "2017-12-07", "2017-12-14"]),
        "side": ["north", "south", "north"],
        "events": [3, 2, 4],
    }
)
BY_SIDE = pd.DataFrame({"side": ["north", "south"], "events": [7, 2]})
RIGHT = pd.DataFrame({"x": ["north", "south"], "y": [7, 2]})
CAPTION = {"title": "The north saw more than the south", "description": "A bar for each side, by number of events."}


def bars(table: pd.DataFrame = BY_SIDE, x: str = "side:N", y: str = "events:Q", **caption: Any) -> Any:
    return alt.Chart(table, **(caption or CAPTION)).mark_bar().encode(x=x, y=y)


def check(answer: Any, **changed: Any) -> None:
    chart = answer  # noqa: F841 - the check looks it up by its name
    asked: dict[str, Any] = {"mark": {"bar"}, "x": "nominal", "y": "quantitative", "drawn": RIGHT, "either_way": True}
    expect_chart("chart", **asked | changed)


RIGHT_WAYS: dict[str, Callable[[], Any]] = {
    "summed by pandas": bars,
    "summed by Altair": lambda: bars(ROWS, y="sum(events)"),
    "lying": lambda: bars(x="events:Q", y="side:N"),
    "in order": lambda: bars(x="side:O"),
    "types left to Altair": lambda: bars(x="side", y="events"),
    "floats and other names": lambda: bars(
        pd.DataFrame({"where": ["south", "north"], "number": [2.0, 7.0]}), x="where:N", y="number:Q"
    ),
    "with words laid over": lambda: bars() + bars().mark_text().encode(text="events:Q"),
    "encodings shared by two layers": lambda: alt.layer(
        alt.Chart().mark_bar(), alt.Chart().mark_text(), data=BY_SIDE
    ).encode(x="side:N", y="events:Q"),
    "as a figure": lambda: Figure.of(bars(), **CAPTION, notes=[], source="us", table=BY_SIDE),
}


@pytest.mark.parametrize("way", RIGHT_WAYS)
def test_every_right_way_is_accepted(way: str, capsys: pytest.CaptureFixture[str]) -> None:
    check(RIGHT_WAYS[way]())
    assert capsys.readouterr().out == "chart: as far as this check can see, right.\n"


def test_title_and_description_are_found_on_the_whole_or_on_a_layer() -> None:
    check(bars(), titles=[])
    check(bars() + bars().mark_text(), titles=[])
    check(bars().properties(title=alt.Title(["The north", "saw more"])), titles=[])


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "a table": (lambda: BY_SIDE, "is of the kind DataFrame, and a chart is needed"),
    "two pictures": (lambda: bars() | bars(), "is several pictures"),
    "another mark": (lambda: bars().mark_line(), "has no layer of the kind bar. It is made of: line"),
    "an axis left out": (lambda: alt.Chart(BY_SIDE).mark_bar().encode(x="side:N"), "Nothing is tied to y in chart"),
    "an axis of a lying chart left out": (
        lambda: alt.Chart(BY_SIDE).mark_bar().encode(x="events:Q"),
        "Nothing is tied to y in chart",
    ),
    "numbers as names": (lambda: bars(y="events:N"), "y of chart holds names (:N), and quantities (:Q) are needed"),
    "a column that is not there": (
        lambda: bars(x="place:N"),
        "names the column place, and its table has: side, events",
    ),
    "nothing added up": (lambda: bars(ROWS), "several marks lie at the same place, such as north"),
    "rows counted": (lambda: bars(ROWS, y="count()"), "draws 2 at north, which is not the expected value"),
    "one missing": (lambda: bars(BY_SIDE[:1]), "draws 1 of 2 marks. 1 is missing"),
    "one too many": (
        lambda: bars(pd.concat([BY_SIDE, BY_SIDE[:1].assign(side="west")])),
        "has a mark that should not be there: west",
    ),
    "an empty cell": (lambda: bars(BY_SIDE.assign(events=[float("nan"), 2.0])), "draws nan at north"),
    "rows changed on the way": (lambda: bars().transform_filter("datum.events > 0"), "this check cannot follow"),
    "rows elsewhere": (
        lambda: alt.Chart("data.csv").mark_bar().encode(x="a:N", y="b:Q"),
        "cannot see what chart draws",
    ),
    "dates in months": (lambda: bars(ROWS, x="yearmonth(day):O", y="sum(events)"), "cannot see what chart draws"),
    "an axis from two on": (
        lambda: bars().encode(y=alt.Y("events:Q", scale=alt.Scale(domain=[2, 8]))),
        "does not begin at zero",
    ),
    "an axis not from zero": (
        lambda: bars().encode(y=alt.Y("events:Q", scale=alt.Scale(zero=False))),
        "does not begin at zero",
    ),
    "an axis whose lower end is set": (
        lambda: bars().encode(y=alt.Y("events:Q", scale=alt.Scale(domainMin=2))),
        "does not begin at zero",
    ),
    "a log scale under bars": (
        lambda: bars().encode(y=alt.Y("events:Q", scale=alt.Scale(type="log"))),
        "has a log scale, and readers compare lengths",
    ),
    "bars that nobody sees": (lambda: bars().mark_bar(opacity=0), "Nobody can see the bar marks of chart"),
    "bars that an encoding hides": (lambda: bars().encode(opacity=alt.value(0)), "their opacity is 0"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_chart_is_told_what_is_wrong(wrong: str) -> None:
    make, message = WRONG[wrong]
    with pytest.raises(NotYet) as raised:
        check(make())
    assert message in str(raised.value)


def test_no_chart_is_no_answer() -> None:
    for nothing in (None, ...):
        with pytest.raises(NotAnswered, match="chart is not answered yet"):
            check(nothing)
    with pytest.raises(NotAnswered, match="never_made is not answered yet"):
        expect_chart("never_made", mark={"bar"}, drawn=RIGHT)


def test_a_known_mistake_is_named_before_the_difference() -> None:
    rows = pd.DataFrame({"x": ["north", "south"], "y": [2, 1]})
    with pytest.raises(NotYet, match="You counted rows"):
        check(bars(ROWS, y="count()"), unless=[(rows, "You counted rows")])
    with pytest.raises(NotYet, match="One is left out"):
        check(
            bars(BY_SIDE[:1]), unless=[(rows, "You counted rows"), (lambda drawn: len(drawn) == 1, "One is left out")]
        )


def test_a_layer_of_its_own_can_be_asked_for_by_its_dates() -> None:
    at = pd.DataFrame({"x": pd.to_datetime(["2017-12-06"])})
    asked = {"mark": {"rule"}, "x": "temporal", "y": "", "drawn": at, "either_way": False}
    base = alt.Chart(ROWS).mark_bar().encode(x="day:T", y="sum(events):Q")
    for day in ("2017-12-06", pd.Timestamp("2017-12-06")):
        check(base + alt.Chart(pd.DataFrame({"day": [day]})).mark_rule().encode(x="day:T"), **asked)
    datum = alt.datum(alt.DateTime(year=2017, month=12, date=6), type="temporal")
    check(base + alt.Chart().mark_rule().encode(x=datum), **asked)
    with pytest.raises(NotYet, match="has a mark that should not be there: 2017-12-11"):
        check(base + alt.Chart(pd.DataFrame({"day": ["2017-12-11"]})).mark_rule().encode(x="day:T"), **asked)


@pytest.mark.parametrize("scale", [alt.Scale(zero=False), alt.Scale(type="log")])
def test_a_line_may_leave_zero_out_and_have_a_log_scale(scale: alt.Scale) -> None:
    check(bars().mark_line().encode(y=alt.Y("events:Q", scale=scale)), mark={"line"})


def test_a_further_channel_can_be_asked_for() -> None:
    points = bars().mark_point()
    asked: dict[str, Any] = {"mark": {"point"}, "tied": {"shape": "side"}}
    check(points.encode(shape="side:N", color="side:N"), **asked)
    with pytest.raises(NotYet, match="shape is not tied to the column side"):
        check(points, **asked)
    with pytest.raises(NotYet, match="color alone shows the column side"):
        check(points.encode(color="side:N"), **asked)


DRAFTS = {"The north saw more than the south": "", "The north held more ground": "an event is not ground."}


@pytest.mark.parametrize("title", ["The north saw more than the south", " the North saw more  than the south."])
def test_a_title_can_be_chosen_among_drafts(title: str) -> None:
    check(bars(BY_SIDE, **CAPTION | {"title": title}), title_among=DRAFTS)


@pytest.mark.parametrize(
    ("caption", "message"),
    [
        (CAPTION | {"title": "The north held more ground"}, "The title of chart: an event is not ground"),
        (CAPTION | {"title": "The north saw most"}, "is none of the drafts in the question"),
        ({"description": CAPTION["description"]}, "has no title. Choose one of the drafts"),
        ({"title": CAPTION["title"]}, "has no description"),
    ],
)
def test_a_title_that_is_no_right_draft_is_told_why(caption: dict[str, str], message: str) -> None:
    with pytest.raises(NotYet, match=message):
        check(bars(BY_SIDE, **caption), title_among=DRAFTS)


@pytest.mark.parametrize(
    ("caption", "message"),
    [
        ({"description": CAPTION["description"]}, "has no title"),
        ({"title": CAPTION["title"]}, "has no description"),
        (CAPTION | {"description": "Bars."}, "has no description, or a very short one"),
        (CAPTION | {"title": "The north held more ground"}, "An event is not ground"),
    ],
)
def test_title_and_description_are_asked_for(caption: dict[str, str], message: str) -> None:
    with pytest.raises(NotYet, match=message):
        check(bars(BY_SIDE, **caption), titles=[(lambda title: "ground" in title, "An event is not ground")])

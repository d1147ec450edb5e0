"""What a learner is told about a chart: a check that reads the chart's specification, never its picture.

It speaks about the first layer of trouble it finds, as `course.checks.expect` does: is there a chart, has it the right
kind of mark, is the right thing tied to each axis, do the marks stand for the right numbers, has it a title and a
description. So a line instead of bars, bars that lie, sums made by pandas or by Altair are all right. ::

    from course.checks.expect_chart import expect_chart

    expect_chart("by_side", mark={"bar"}, x="nominal", y="quantitative", either_way=True, drawn=right)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from course.checks.expect import NotAnswered, NotYet, expect, look_for

if TYPE_CHECKING:
    import pandas as pd

Drawn: TypeAlias = "pd.DataFrame"
"""What the marks stand for, one row a mark: column ``x``, and ``y`` where there is one."""

AXES: Final = ("x", "y")
WORDS: Final = {"nominal": "names (:N)", "ordinal": "steps in order (:O)", "temporal": "times (:T)"} | {
    "quantitative": "quantities (:Q)"
}
FROM_ZERO: Final = frozenset({"bar", "area"})
"""Marks whose length is what readers compare."""


def expect_chart(
    name: str,
    *,
    mark: Iterable[str],
    drawn: Drawn,
    x: str = "",
    y: str = "",
    either_way: bool = False,
    within: float = 0.001,
    unless: Sequence[tuple[Drawn | Callable[[Drawn], object], str]] = (),
    titles: Sequence[tuple[Callable[[str], object], str]] | None = None,
) -> None:
    """Check a chart, or one layer of it, by its specification.

    Parameters
    ----------
    name : str
        The learner's name for the chart: one of Altair's, or a `course.charts.Figure`.
    mark : iterable of str
        The kinds of mark that are right, such as ``{"bar", "line"}``. Layers with other marks are not looked at.
    drawn : DataFrame
        What the marks have to stand for, in any order: columns ``x`` and ``y``, or ``x`` alone.
    x, y : str
        The type of each axis: ``temporal``, ``quantitative``, ``nominal``; empty where it does not matter. Nominal
        takes ordinal, too.
    either_way : bool
        Whether the axes may change places, as with bars that lie.
    within : float
        How far off a number may be.
    unless : sequence of pairs
        What wrong charts draw, or a function that gets what is drawn and says whether it is this mistake, each with
        what to say about it.
    titles : sequence of pairs or None
        Functions that get the title and say whether it is a known mistake, each with what to say about it. None where
        no title and no description is asked for.

    Raises
    ------
    NotAnswered
        If there is no chart.
    NotYet
        If it is no chart, or not this one.

    Examples
    --------
    >>> import altair as alt, pandas as pd
    >>> counts = pd.DataFrame({"side": ["before", "after"], "weeks": [48, 81]})
    >>> weeks_chart = alt.Chart(counts).mark_bar().encode(x="weeks:Q", y="side:N")
    >>> right = pd.DataFrame({"x": ["before", "after"], "y": [48, 81]})
    >>> expect_chart("weeks_chart", mark={"bar"}, x="nominal", y="quantitative", either_way=True, drawn=right)
    weeks_chart: as far as this check can see, right.
    """
    caller = inspect.currentframe()
    frame = caller.f_back if caller else None
    spec = _specification(name, None if frame is None else frame.f_locals.get(name, frame.f_globals.get(name, ...)))
    marks, layers = set(mark), list(_layers(spec))
    looked_at = [layer for layer in layers if layer.mark in marks]
    if not looked_at:
        raise NotYet(
            f"{name} has no layer of the kind {' or '.join(sorted(marks))}. It is made of: "
            f"{', '.join(sorted({layer.mark for layer in layers}))}. The kind comes from the method mark_…."
        )
    wanted = _Wanted(name, drawn, {"x": x, "y": y}, either_way, within, unless)
    troubles = [wanted.trouble(layer) for layer in looked_at]
    if all(troubles):
        raise NotYet(troubles[0])
    if titles is not None and (told := _caption_trouble(name, spec, titles)):
        raise NotYet(told)
    expect(name, lambda _: True, "", answer=spec)


@dataclass(frozen=True)
class _Layer:
    """One layer: its kind of mark, what is tied to what, and its rows."""

    mark: str
    encoding: Mapping[str, Mapping[str, Any]]
    rows: Sequence[Mapping[str, Any]] | None
    transformed: bool


def _specification(name: str, value: object) -> dict[str, Any]:
    import altair as alt

    from course.charts import Figure

    if value is None or value is Ellipsis:
        raise NotAnswered(f"{name} is not answered yet.", look_for(name, value))
    chart = value.chart if isinstance(value, Figure) else value
    if isinstance(chart, alt.HConcatChart | alt.VConcatChart | alt.ConcatChart | alt.FacetChart | alt.RepeatChart):
        raise NotYet(f"{name} is several pictures, and one is asked for. Lay charts on each other with +.")
    if not isinstance(chart, alt.Chart | alt.LayerChart):
        raise NotYet(f"{name} is of the kind {type(value).__name__}, and a chart is needed. Begin with alt.Chart(…).")
    try:
        spec: dict[str, Any] = chart.to_dict()
    except Exception as error:
        raise NotYet(f"{name} cannot be drawn: {str(error).strip().splitlines()[0]}") from error
    return spec


def _layers(
    spec: Mapping[str, Any],
    datasets: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    encoding: Mapping[str, Any] | None = None,
    transformed: bool = False,
) -> Iterator[_Layer]:
    """Yield the layers of a chart, each with what it takes over from what surrounds it."""
    datasets = spec.get("datasets", datasets or {})
    data = spec.get("data", data) or {}
    encoding = {**(encoding or {}), **spec.get("encoding", {})}
    transformed = transformed or "transform" in spec
    for inner in spec.get("layer", ()):
        yield from _layers(inner, datasets, data, encoding, transformed)
    if "mark" in spec:
        rows = data["values"] if "values" in data else datasets.get(data.get("name", ""))
        kind = spec["mark"]["type"] if isinstance(spec["mark"], Mapping) else spec["mark"]
        yield _Layer(kind, encoding, rows, transformed)


@dataclass(frozen=True)
class _Wanted:
    """What a question asks of one layer, and the trouble it finds there: each method returns it, or nothing."""

    name: str
    drawn: Drawn
    types: Mapping[str, str]
    either_way: bool
    within: float
    unless: Sequence[tuple[Drawn | Callable[[Drawn], object], str]]

    def trouble(self, layer: _Layer) -> str:
        turned = self.either_way and _type(layer, "x") == self.types["y"] != _type(layer, "y")
        if turned:
            layer = replace(layer, encoding=_turned(layer.encoding))
        return self._axes(layer, turned) or self._rows(layer) or self._zero(layer)

    def _axes(self, layer: _Layer, turned: bool) -> str:
        for axis in self.drawn.columns:
            written = AXES[1 - AXES.index(axis)] if turned else axis
            if axis not in layer.encoding:
                return f"Nothing is tied to {written} in {self.name}. Name the column for it in encode(…)."
            found, needed = _type(layer, axis), self.types[axis]
            if needed and found and found != needed and {found, needed} != {"nominal", "ordinal"}:
                return (
                    f"{written} of {self.name} holds {WORDS.get(found, found)}, and {WORDS[needed]} are needed. "
                    "The letter after the column's name says which."
                )
        return ""

    def _rows(self, layer: _Layer) -> str:
        if layer.transformed:
            return f"{self.name} changes its rows by itself (transform_…), and this check cannot follow. Use pandas."
        drawn = _drawn(layer, list(self.drawn.columns))
        if drawn is None:
            return (
                f"This check cannot see what {self.name} draws. Give alt.Chart a table, by its name without quotation "
                "marks, and encode its columns."
            )
        if _same(drawn, self.drawn, self.within):
            return ""
        for wrong, told in self.unless:
            if wrong(drawn) if callable(wrong) else _same(drawn, wrong, self.within):
                return told
        if not (again := drawn.loc[drawn["x"].duplicated(), "x"]).empty:
            return (
                f"In {self.name} several marks lie at the same place, such as {_short(again.iloc[0])}. "
                "Add up first: one number for each mark."
            )
        return f"{self.name} {_difference(drawn, self.drawn, self.within)}"

    def _zero(self, layer: _Layer) -> str:
        scale = layer.encoding.get("y", {}).get("scale") or {}
        if layer.mark in FROM_ZERO and (scale.get("zero") is False or _cut(scale.get("domain"))):
            return f"The axis of {self.name} does not begin at zero, and readers compare lengths. Do not cut it."
        return ""


def _turned(encoding: Mapping[str, Any]) -> dict[str, Any]:
    return {{"x": "y", "y": "x"}.get(channel, channel): tied for channel, tied in encoding.items()}


def _type(layer: _Layer, axis: str) -> str:
    return str(layer.encoding.get(axis, {}).get("type", ""))


def _drawn(layer: _Layer, axes: Sequence[str]) -> Drawn | None:
    """Return what the marks of a layer stand for, or None if its rows are elsewhere."""
    import pandas as pd

    tied = {axis: layer.encoding[axis] for axis in axes}
    if all("datum" in one for one in tied.values()):
        return _values(pd.DataFrame([{axis: _moment(one["datum"]) for axis, one in tied.items()}]), tied)
    if layer.rows is None:
        return None
    rows = pd.DataFrame(list(layer.rows))
    if any(one.get("timeUnit") or one.get("bin") for one in tied.values()):
        return None
    plain = {axis: one for axis, one in tied.items() if not one.get("aggregate")}
    summed = {axis: one for axis, one in tied.items() if one.get("aggregate")}
    if lacking := [one["field"] for one in tied.values() if "field" in one and one["field"] not in rows]:
        raise NotYet(
            f"The chart names the column {lacking[0]}, and its table has: {', '.join(map(str, rows.columns))}."
        )
    if any("field" not in one for one in plain.values()):
        return None
    made = pd.DataFrame({axis: rows[one["field"]] for axis, one in plain.items()})
    if summed:
        keys = [made[axis] for axis in plain]
        columns = {}
        for axis, one in summed.items():
            how = one["aggregate"]
            if how == "count":
                columns[axis] = made.groupby(keys).size()
            elif how in ("sum", "mean", "average", "median", "min", "max"):
                columns[axis] = rows[one["field"]].groupby(keys).agg("mean" if how == "average" else how)
            else:
                return None
        made = pd.DataFrame(columns).rename_axis(list(plain)).reset_index()
    return _values(made, tied)


def _moment(datum: object) -> object:
    """Return a date that Vega-Lite writes in parts as text."""
    if isinstance(datum, Mapping) and "year" in datum:
        return f"{datum['year']}-{int(datum.get('month', 1)):02}-{int(datum.get('date', 1)):02}"
    return datum


def _values(made: Drawn, tied: Mapping[str, Mapping[str, Any]]) -> Drawn:
    import pandas as pd

    for axis, one in tied.items():
        if one.get("type") == "temporal":
            made[axis] = pd.to_datetime(made[axis], errors="coerce").astype("datetime64[ns]")
    return made[[axis for axis in AXES if axis in made]]


def _same(drawn: Drawn, right: Drawn, within: float) -> bool:
    return len(drawn) == len(right) and not _difference(drawn, right, within)


def _difference(drawn: Drawn, right: Drawn, within: float) -> str:
    """Return where the marks differ, as the second half of a sentence, or nothing."""
    here, there = (dict(zip(map(_short, table["x"]), table.iloc[:, -1], strict=True)) for table in (drawn, right))
    if surplus := [place for place in here if place not in there]:
        return f"has a mark that should not be there: {surplus[0]}."
    if lacking := [place for place in there if place not in here]:
        return (
            f"draws {len(here)} of {len(there)} marks. {len(lacking)} {'is' if len(lacking) == 1 else 'are'} missing."
        )
    for place, value in here.items() if "y" in right else ():
        if not isinstance(value, int | float) or not abs(value - there[place]) <= within:  # NaN is never near
            return f"draws {value} at {place}, which is not it."
    return ""


def _cut(domain: object) -> bool:
    return isinstance(domain, Sequence) and bool(domain) and isinstance(domain[0], int | float) and domain[0] > 0


def _caption_trouble(name: str, spec: Mapping[str, Any], titles: Sequence[tuple[Callable[[str], object], str]]) -> str:
    title, description = (_caption(spec, part) for part in ("title", "description"))
    if not title:
        return f"{name} has no title. Say the finding in it, with .properties(title=…)."
    for wrong, told in titles:
        if wrong(title):
            return told
    if len(description.split()) < 5:
        return (
            f"{name} has no description, or a very short one. Say in a sentence what is drawn, for those who do not "
            "see it, with .properties(description=…)."
        )
    return ""


def _caption(spec: Mapping[str, Any], part: str) -> str:
    """Return the chart's title or description, or that of its first layer which has one."""
    said = spec.get(part) or ""
    said = said.get("text", "") if isinstance(said, Mapping) else said
    text = " ".join(said) if isinstance(said, list) else str(said)
    return text.strip() or next((found for inner in spec.get("layer", ()) if (found := _caption(inner, part))), "")


def _short(value: object) -> str:
    return str(value).removesuffix(" 00:00:00")

"""A check for charts, which reads the chart's specification and never its picture.

Like `course.checks.expect` it reports the first layer that fails: is there a chart, does it have the right kind of
mark, the right encoding of each axis, the right numbers, a title and a description. A line instead of bars, horizontal
bars, and sums made by pandas or by Altair can all be right. ::

    from course.checks.expect_chart import expect_chart

    expect_chart("by_side", mark={"bar"}, x="nominal", y="quantitative", either_way=True, drawn=right)
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from course.checks.expect import NotAnswered, NotYet, advice_for, expect

if TYPE_CHECKING:
    import pandas as pd

Drawn: TypeAlias = "pd.DataFrame"
"""The data that the marks show, one row for each mark: a column ``x`` and, if it is encoded, a column ``y``."""

AXES: Final = ("x", "y")
WORDS: Final = {"nominal": "names (:N)", "ordinal": "steps in order (:O)", "temporal": "times (:T)"} | {
    "quantitative": "quantities (:Q)"
}
FROM_ZERO: Final = frozenset({"bar", "area"})
"""Marks whose length readers compare."""
PROPORTIONAL: Final = frozenset({None, "linear"})
"""The kinds of scale on which a bar twice as long stands for twice as much."""


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
    tied: Mapping[str, str] | None = None,
    titles: Sequence[tuple[Callable[[str], object], str]] | None = None,
    title_among: Mapping[str, str] | None = None,
) -> None:
    """Check a chart, or one layer of it, by its specification.

    Parameters
    ----------
    name : str
        The learner's name for the chart: an Altair chart or a `course.charts.Figure`.
    mark : iterable of str
        The kinds of mark that are right, such as ``{"bar", "line"}``. Layers with other marks are ignored.
    drawn : DataFrame
        The data that the marks must show, in any order: columns ``x`` and ``y``, or ``x`` alone.
    x, y : str
        The type of each axis: ``temporal``, ``quantitative`` or ``nominal`` (which includes ordinal); empty if it does
        not matter.
    either_way : bool
        Whether the axes may be swapped, as for horizontal bars.
    within : float
        The tolerance for numbers.
    unless : sequence of pairs
        The data of a wrong chart, or a function that takes the data and returns whether it is this mistake; and what
        to say about it.
    tied : mapping
        Further channels and the column that each has to be tied to, such as ``{"shape": "scope"}``.
    titles : sequence of pairs or None
        A function that takes the title and returns whether it is a known mistake; and what to say about it. None if no
        title and no description is asked for.
    title_among : mapping or None
        The titles to choose from, each with what is wrong with it; an empty text for one that is right. A description
        is asked for too.

    Raises
    ------
    NotAnswered
        If there is no chart.
    NotYet
        If it is not a chart, or not the right one.

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
    candidates = [layer for layer in layers if layer.mark in marks]
    if not candidates:
        raise NotYet(
            f"{name} has no layer of the kind {' or '.join(sorted(marks))}. It is made of: "
            f"{', '.join(sorted({layer.mark for layer in layers}))}. The kind comes from the method mark_…."
        )
    wanted = _Wanted(name, drawn, {"x": x, "y": y}, either_way, within, unless, tied or {})
    faults = [wanted.fault(layer) for layer in candidates]
    if all(faults):
        raise NotYet(faults[0])
    if title_among is not None:
        _expect_title(name, _caption(spec, "title"), title_among)
    if (titles is not None or title_among is not None) and (fault := _caption_fault(name, spec, titles or ())):
        raise NotYet(fault)
    expect(name, lambda _: True, "", answer=spec)


@dataclass(frozen=True)
class _Layer:
    """One layer: its kind of mark and how that looks, its encoding, its rows, and whether it transforms them."""

    mark: str
    style: Mapping[str, Any]
    encoding: Mapping[str, Mapping[str, Any]]
    rows: Sequence[Mapping[str, Any]] | None
    transformed: bool


def _specification(name: str, value: object) -> dict[str, Any]:
    import altair as alt

    from course.charts import Figure

    if value is None or value is Ellipsis:
        raise NotAnswered(f"{name} is not answered yet.", advice_for(name, value))
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
    """Yield the layers of a chart, each with what it inherits from its parents."""
    datasets = spec.get("datasets", datasets or {})
    data = spec.get("data", data) or {}
    encoding = {**(encoding or {}), **spec.get("encoding", {})}
    transformed = transformed or "transform" in spec
    for inner in spec.get("layer", ()):
        yield from _layers(inner, datasets, data, encoding, transformed)
    if "mark" in spec:
        rows = data["values"] if "values" in data else datasets.get(data.get("name", ""))
        style = spec["mark"] if isinstance(spec["mark"], Mapping) else {"type": spec["mark"]}
        yield _Layer(style["type"], style, encoding, rows, transformed)


@dataclass(frozen=True)
class _Wanted:
    """What a question requires of a layer. Each method returns what is wrong with the layer, or ""."""

    name: str
    drawn: Drawn
    types: Mapping[str, str]
    either_way: bool
    within: float
    unless: Sequence[tuple[Drawn | Callable[[Drawn], object], str]]
    tied: Mapping[str, str]

    def fault(self, layer: _Layer) -> str:
        turned = self.either_way and _type(layer, "x") == self.types["y"] != _type(layer, "y")
        if turned:
            layer = replace(layer, encoding=_turned(layer.encoding))
        return (
            self._axes(layer, turned)
            or self._rows(layer)
            or self._scale(layer)
            or self._visible(layer)
            or self._channels(layer)
        )

    def _axes(self, layer: _Layer, turned: bool) -> str:
        for axis in self.drawn.columns:
            written = AXES[1 - AXES.index(axis)] if turned else axis
            if axis not in layer.encoding:
                return f"Nothing is tied to {written} in {self.name}. Name the column for it in encode(…)."
            actual, needed = _type(layer, axis), self.types[axis]
            if needed and actual and actual != needed and {actual, needed} != {"nominal", "ordinal"}:
                return (
                    f"{written} of {self.name} holds {WORDS.get(actual, actual)}, and {WORDS[needed]} are needed. "
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
        for wrong, message in self.unless:
            if wrong(drawn) if callable(wrong) else _same(drawn, wrong, self.within):
                return message
        if not (repeated := drawn.loc[drawn["x"].duplicated(), "x"]).empty:
            return (
                f"In {self.name} several marks lie at the same place, such as {_short(repeated.iloc[0])}. "
                "Add up first: one number for each mark."
            )
        return f"{self.name} {_difference(drawn, self.drawn, self.within)}"

    def _scale(self, layer: _Layer) -> str:
        scale = layer.encoding.get("y", {}).get("scale") or {}
        if layer.mark not in FROM_ZERO:
            return ""
        if scale.get("zero") is False or _cut(scale.get("domain")) or _cut([scale.get("domainMin")]):
            return f"The axis of {self.name} does not begin at zero, and readers compare lengths. Do not cut it."
        if scale.get("type") not in PROPORTIONAL:
            return (
                f"The axis of {self.name} has a {scale['type']} scale, and readers compare lengths: twice as long "
                "has to mean twice as much. Leave out the type of the scale."
            )
        return ""

    def _visible(self, layer: _Layer) -> str:
        for setting in ("opacity", "size"):
            if layer.encoding.get(setting, {}).get("value", layer.style.get(setting)) == 0:
                return f"Nobody can see the {layer.mark} marks of {self.name}: their {setting} is 0."
        return ""

    def _channels(self, layer: _Layer) -> str:
        for channel, column in self.tied.items():
            if _field(layer, channel) == column:
                continue
            elsewhere = [other for other in ("color", "fill", "stroke", "size") if _field(layer, other) == column]
            if elsewhere:
                return (
                    f"In {self.name}, {elsewhere[0]} alone shows the column {column}, and not everybody can tell that "
                    f"apart. Tie {channel} to it as well."
                )
            return f"In {self.name}, {channel} is not tied to the column {column}. Name it in encode(…)."
        return ""


def _field(layer: _Layer, channel: str) -> object:
    return layer.encoding.get(channel, {}).get("field")


def _turned(encoding: Mapping[str, Any]) -> dict[str, Any]:
    return {{"x": "y", "y": "x"}.get(channel, channel): definition for channel, definition in encoding.items()}


def _type(layer: _Layer, axis: str) -> str:
    return str(layer.encoding.get(axis, {}).get("type", ""))


def _drawn(layer: _Layer, axes: Sequence[str]) -> Drawn | None:
    """Return the data that the marks of a layer show, or None if this check cannot compute them."""
    import pandas as pd

    channels = {axis: layer.encoding[axis] for axis in axes}
    if all("datum" in channel for channel in channels.values()):
        data = pd.DataFrame([{axis: _moment(channel["datum"]) for axis, channel in channels.items()}])
        return _values(data, channels)
    if layer.rows is None:
        return None
    rows = pd.DataFrame(list(layer.rows))
    if any(channel.get("timeUnit") or channel.get("bin") for channel in channels.values()):
        return None
    plain = {axis: channel for axis, channel in channels.items() if not channel.get("aggregate")}
    aggregated = {axis: channel for axis, channel in channels.items() if channel.get("aggregate")}
    if lacking := [c["field"] for c in channels.values() if "field" in c and c["field"] not in rows]:
        raise NotYet(
            f"The chart names the column {lacking[0]}, and its table has: {', '.join(map(str, rows.columns))}."
        )
    if any("field" not in channel for channel in plain.values()):
        return None
    data = pd.DataFrame({axis: rows[channel["field"]] for axis, channel in plain.items()})
    if aggregated:
        keys = [data[axis] for axis in plain]
        columns = {}
        for axis, channel in aggregated.items():
            how = channel["aggregate"]
            if how == "count":
                columns[axis] = data.groupby(keys).size()
            elif how in ("sum", "mean", "average", "median", "min", "max"):
                columns[axis] = rows[channel["field"]].groupby(keys).agg("mean" if how == "average" else how)
            else:
                return None
        data = pd.DataFrame(columns).rename_axis(list(plain)).reset_index()
    return _values(data, channels)


def _moment(datum: object) -> object:
    """Return a date, which Vega-Lite writes as year, month and date, as text."""
    if isinstance(datum, Mapping) and "year" in datum:
        return f"{datum['year']}-{int(datum.get('month', 1)):02}-{int(datum.get('date', 1)):02}"
    return datum


def _values(data: Drawn, channels: Mapping[str, Mapping[str, Any]]) -> Drawn:
    import pandas as pd

    for axis, channel in channels.items():
        if channel.get("type") == "temporal":
            data[axis] = pd.to_datetime(data[axis], errors="coerce").astype("datetime64[ns]")
    return data[[axis for axis in AXES if axis in data]]


def _same(drawn: Drawn, right: Drawn, within: float) -> bool:
    return len(drawn) == len(right) and not _difference(drawn, right, within)


def _difference(drawn: Drawn, right: Drawn, within: float) -> str:
    """Return how the marks differ, as the second half of a sentence, or ""."""
    here, there = (dict(zip(map(_short, table["x"]), table.iloc[:, -1], strict=True)) for table in (drawn, right))
    if surplus := [place for place in here if place not in there]:
        return f"has a mark that should not be there: {surplus[0]}."
    if lacking := [place for place in there if place not in here]:
        return (
            f"draws {len(here)} of {len(there)} marks. {len(lacking)} {'is' if len(lacking) == 1 else 'are'} missing."
        )
    for place, value in here.items() if "y" in right else ():
        if not isinstance(value, int | float) or not abs(value - there[place]) <= within:  # NaN is never near
            return f"draws {value} at {place}, which is not the expected value."
    return ""


def _cut(domain: object) -> bool:
    return isinstance(domain, Sequence) and bool(domain) and isinstance(domain[0], int | float) and domain[0] > 0


def _expect_title(name: str, title: str, among: Mapping[str, str]) -> None:
    """Check that the title is one of those to choose from, and a right one."""
    if not title:
        raise NotYet(f"{name} has no title. Choose one of the drafts in the question: title=….")
    if not any(_letters(title) == _letters(draft) for draft in among):
        raise NotYet(
            f"The title of {name} is none of the drafts in the question. Choose one of them and leave its words as "
            "they are."
        )
    fault = next(message for draft, message in among.items() if _letters(title) == _letters(draft))
    if fault:
        raise NotYet(f"The title of {name}: {fault}")


def _letters(text: str) -> str:
    """Return a text without capitals and punctuation, which a learner may type in another way."""
    return " ".join(re.sub(r"[^\w]+", " ", text.casefold()).split())


def _caption_fault(name: str, spec: Mapping[str, Any], titles: Sequence[tuple[Callable[[str], object], str]]) -> str:
    title, description = (_caption(spec, part) for part in ("title", "description"))
    if not title:
        return f"{name} has no title. Say the finding in it, with .properties(title=…)."
    for wrong, message in titles:
        if wrong(title):
            return message
    if len(description.split()) < 5:
        return (
            f"{name} has no description, or a very short one. Say in a sentence what is drawn, for those who do not "
            "see it, with .properties(description=…)."
        )
    return ""


def _caption(spec: Mapping[str, Any], part: str) -> str:
    """Return the chart's title or description, or that of its first layer which has one."""
    caption = spec.get(part) or ""
    caption = caption.get("text", "") if isinstance(caption, Mapping) else caption
    text = " ".join(caption) if isinstance(caption, list) else str(caption)
    return text.strip() or next(filter(None, (_caption(inner, part) for inner in spec.get("layer", ()))), "")


def _short(value: object) -> str:
    return str(value).removesuffix(" 00:00:00")

"""A chart together with its finding, description, source and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import Any

import altair as alt
import pandas as pd

from course.charts.rendering import BELOW, draw_png, draw_svg
from course.wording.pages import render


@dataclass(frozen=True, eq=False)
class Figure:
    """A chart together with its finding, description, source and numbers.

    Parameters
    ----------
    chart : altair chart
        The chart, which can be extended: ``figure.chart + alt.Chart(…)``.
    title : str
        The finding, computed from the table.
    description : str
        What is drawn and what it shows, for readers who cannot see it.
    source : str
        Where the numbers are from.
    table : DataFrame
        The numbers drawn, with readable column names.
    """

    chart: alt.LayerChart
    title: str
    description: str
    source: str
    table: pd.DataFrame

    @classmethod
    def of(
        cls,
        chart: Any,  # a LayerChart, although Altair says that layers may also make a FacetChart
        *,
        title: str,
        description: str,
        notes: Sequence[str],
        source: str,
        table: pd.DataFrame,
        measured: str = "",
    ) -> Figure:
        """Make a figure whose picture itself carries the finding above the plot, and notes and source below it.

        Parameters
        ----------
        measured : str
            What is drawn, in which unit, where and when; it stands below the finding.
        """
        description = " ".join([description, *notes])
        cited = f"Source: {source}."
        heading = alt.Title(wrap(title, 62), subtitle=wrap(measured, 88))
        below = [line for text in (*notes, cited) for line in wrap(text, 98)]
        named = chart.properties(title=heading, description=f"{description} {cited}", usermeta={BELOW: below})
        return cls(named, title, description, source, table)

    def as_table(self) -> pd.DataFrame:
        """Return a copy of the numbers behind the chart."""
        return self.table.copy()

    def svg(self) -> str:
        """Return the chart as an SVG picture that carries its title and description.

        Raises
        ------
        ImportError
            If vl-convert is not installed.
        """
        return draw_svg(self.chart.to_dict())

    def png(self) -> bytes:
        """Return the chart as a PNG picture at twice the size, for printing.

        Raises
        ------
        ImportError
            If vl-convert is not installed.
        """
        return draw_png(self.chart.to_dict())

    def save(self, path: Path | str) -> Path:
        """Save the chart as a .png, .svg or .html file and return the path. An existing file is replaced.

        The .html page contains the picture, its description and its table, and needs no network.

        Raises
        ------
        ValueError
            If the name has another ending.
        ImportError
            If vl-convert is not installed.
        """
        path = Path(path)
        match path.suffix.lower():
            case ".png":
                path.write_bytes(self.png())
            case ".svg":
                path.write_text(self.svg(), encoding="utf-8")
            case ".html":
                page = render(__package__, "figure.html.j2", figure=self, **self._whole_columns())
                path.write_text(page, encoding="utf-8")
            case suffix:
                raise ValueError(
                    f"A chart cannot be saved as {suffix or 'a name without an ending'}. "
                    f"End the name in .png, .svg or .html, for example {path.with_suffix('.png').name}."
                )
        return path

    def _whole_columns(self) -> dict[str, list[int]]:
        """Return the places of the table's columns, from 1, that hold numbers, and those that hold dates."""
        kinds = list(enumerate(self.table.dtypes, start=1))
        is_number, is_date = pd.api.types.is_any_real_numeric_dtype, pd.api.types.is_datetime64_any_dtype
        return {
            "numbers": [place for place, kind in kinds if is_number(kind)],
            "dates": [place for place, kind in kinds if is_date(kind)],
        }

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        shown = self.chart._repr_mimebundle_() or {}
        bundle, metadata = shown if isinstance(shown, tuple) else (shown, {})
        if "text/plain" in bundle:
            bundle = {**bundle, "text/plain": f"{bundle['text/plain']}\nThe numbers: as_table()"}
        return bundle, metadata

"""How a notebook shows a DataFrame: text on the left, numbers on the right, dates in one line, hairlines between rows.

pandas and JupyterLab put every cell on the right, which makes sentences hard to read. Each table carries its style
sheet in place of pandas' own, in colours mixed from that of the text, so that it fits a light and a dark page. On which
side a cell stands is written in the cell itself, which also reaches a page that takes style sheets out.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

_SHEET: Final = re.compile(r"<style scoped>.*?</style>", re.DOTALL)
_TABLE: Final = re.compile(r'<table border="\d+" class="dataframe">')
_CELL: Final = re.compile(r"(\s*)<(td|th)\b")
_TEXT: Final = "text-align: left"
_DATE: Final = "text-align: left; white-space: nowrap"


def use_in_notebook() -> None:
    """Show every DataFrame of this kernel that way; outside IPython nothing happens."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None and shell.display_formatter is not None:
        # By name, so that pandas need not be there yet. Its third version calls the module otherwise.
        for module in ("pandas", "pandas.core.frame"):
            shell.display_formatter.formatters["text/html"].for_type_by_name(module, "DataFrame", table_html)


def table_html(frame: pd.DataFrame) -> str | None:
    """Return the HTML that pandas makes of a table, in the course's style, each cell aligned by its column's type.

    Where pandas leaves columns out, or groups them under common headings, the cells stay as they are.
    """
    import pandas as pd

    # Public under IPython's protocol; it follows pandas' display options, and is None where they say so.
    html: str | None = frame._repr_html_()  # type: ignore[operator]
    shown = pd.get_option("display.max_columns") or sys.maxsize
    if html is None:
        return None
    html = _SHEET.sub(lambda _: f"<style>\n{_style_sheet()}</style>", html, count=1)
    html = _TABLE.sub('<table class="dataframe cf-table">', html, count=1)
    if frame.columns.nlevels > 1 or len(frame.columns) > shown:
        return html
    columns = [_style(frame.iloc[:, place]) for place in range(len(frame.columns))]
    levels = {_style(frame.index.get_level_values(level)) for level in range(frame.index.nlevels)}
    index = levels.pop() if len(levels) == 1 else ""
    lines = []
    place = 0
    in_head = False
    for line in html.split("\n"):
        in_head = "<thead>" in line or (in_head and "</thead>" not in line)
        if line.lstrip().startswith("<tr"):
            # A heading's row has a cell for each level of the index, too.
            place = -frame.index.nlevels if in_head else 0
        # A cell begins a line of its own, and what stands in it is escaped.
        if cell := _CELL.match(line):
            of_column = in_head or cell[2] == "td"
            style = columns[place] if of_column and 0 <= place < len(columns) else index
            place += of_column
            lines.append(f'{cell[1]}<{cell[2]} style="{style}"{line[cell.end() :]}' if style else line)
        else:
            lines.append(line)
    return "\n".join(lines)


@cache
def _style_sheet() -> str:
    return Path(__file__).with_name("notebook_table.css").read_text(encoding="utf-8")


def _style(cells: pd.Series[Any] | pd.Index[Any]) -> str:
    from pandas.api import types

    if types.is_datetime64_any_dtype(cells):
        return _DATE
    return "" if types.is_numeric_dtype(cells) and not types.is_bool_dtype(cells) else _TEXT

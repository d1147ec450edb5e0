"""How a notebook shows a DataFrame: text on the left, numbers on the right, dates in one line."""

from __future__ import annotations

import re

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from course.case.notebook_table import table_html

TEXT = 'style="text-align: left"'
DATE = 'style="text-align: left; white-space: nowrap"'


def without_look(html: str | None) -> str:
    """Return a table's HTML without the two things that all tables have: their style sheet and their class."""
    assert (html or "").count("<style") == 1
    html = re.sub(r"<style.*?</style>", "", html or "", flags=re.DOTALL)
    return re.sub(r"<table [^>]*>", "<table>", html, count=1)


def cells(html: str | None) -> list[str]:
    """Return each cell of a table's body with its attributes, without headings."""
    return re.findall(r"<td[^\n]*", html or "")


def test_a_kernel_shows_every_table_so_once_the_case_is_imported() -> None:
    """Also a table that the learner makes, and without a line of theirs."""
    sources = (
        "import pandas as pd\nfrom course import Case\nclaims = Case.load().claims",
        "claims[['speaker', 'said_on']].head(1)",
        "pd.DataFrame({'town': ['Raqqa'], 'people': [3]})",
    )
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])  # type: ignore[no-untyped-call]
    NotebookClient(notebook, kernel_name="python3").execute()
    case, own = (cells(cell.outputs[0].data["text/html"]) for cell in notebook.cells[1:])
    assert [TEXT in case[0], DATE in case[1]] == [True, True]
    assert own == [f"<td {TEXT}>Raqqa</td>", "<td>3</td>"]


def test_every_table_has_the_courses_style_in_place_of_pandas_own() -> None:
    grouped = pd.DataFrame([["x", "y"]], columns=pd.MultiIndex.from_product([["side"], ["a", "b"]]))
    for frame in (pd.DataFrame({"town": ["Raqqa"]}), pd.DataFrame([["x"] * 30]), grouped):
        html = table_html(frame) or ""
        assert html.count("<style") == html.count('<table class="dataframe cf-table">') == 1
        assert "currentcolor" in html
        assert "#" not in html.partition("</style>")[0], "a colour that one of the themes does not fit"


def test_headings_and_the_index_go_with_their_columns() -> None:
    counts = pd.DataFrame({"side": ["a", "a", "b"], "place": ["x", "y", "z"], "n": [1, 2, 3]}).set_index(
        ["side", "place"]
    )
    html = table_html(counts) or ""
    assert f"<th {TEXT}>side</th>" in html
    assert f'<th {TEXT} rowspan="2" valign="top">a</th>' in html
    assert "<th>n</th>" in html
    assert "<td>1</td>" in html


def test_what_pandas_shortens_or_groups_stays_as_pandas_shows_it() -> None:
    wide = pd.DataFrame([["x"] * 30])
    grouped = pd.DataFrame([["x", "y"]], columns=pd.MultiIndex.from_product([["side"], ["a", "b"]]))
    with pd.option_context("display.max_columns", 20):
        for frame in (wide, grouped):
            assert without_look(table_html(frame)) == without_look(frame._repr_html_())  # type: ignore[operator]


def test_where_pandas_is_told_to_show_no_html_there_is_none() -> None:
    with pd.option_context("display.notebook_repr_html", False):
        assert table_html(pd.DataFrame({"town": ["Raqqa"]})) is None


@given(st.lists(st.tuples(st.text(), st.integers(-(2**63), 2**63 - 1)), min_size=1, max_size=70))
def test_whatever_stands_in_the_cells_only_styles_are_added(rows: list[tuple[str, int]]) -> None:
    frame = pd.DataFrame(rows, columns=["<td>", "n"])
    html = table_html(frame) or ""
    assert without_look(html.replace(f" {TEXT}", "")) == without_look(frame._repr_html_())  # type: ignore[operator]
    assert sum(TEXT in cell for cell in cells(html)) == len(cells(html)) / 2

"""Check the tables that charts draw, and make the tables that they return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd


def check(chart: str, table: pd.DataFrame, columns: Sequence[str], usual: str) -> None:
    """Check that a chart can be drawn from a table; the error names the table that is usually used.

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    if missing := [column for column in columns if column not in table]:
        raise ValueError(
            f"{chart} needs the column {', '.join(missing)}, and this table has {', '.join(map(str, table.columns))}. "
            f"Start from {usual} and keep its columns."
        )
    if table.empty:
        raise ValueError(f"{chart} was given a table without rows. Start from {usual}; does a filter leave nothing?")


def named(ids: pd.Series[str], table: pd.DataFrame | None) -> pd.Series[str]:
    """Replace identifiers by names, as far as the table (``id``, ``name``) has them."""
    return ids if table is None else ids.replace(dict(zip(table["id"], table["name"], strict=True)))


def readable(table: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Return these columns in this order, renamed for readers, with a fresh index."""
    return table[list(columns)].rename(columns=columns).reset_index(drop=True)

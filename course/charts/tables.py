"""The tables that charts are given and give back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd


def check(chart: str, table: pd.DataFrame, columns: Sequence[str], usual: str) -> None:
    """Refuse a table that a chart cannot be drawn from, and name the usual one.

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
    """Return names instead of identifiers, as far as a table (``id``, ``name``) has them."""
    return ids if table is None else ids.replace(dict(zip(table["id"], table["name"], strict=True)))


def readable(table: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Return the columns a reader is shown, in this order, under readable names, with rows numbered anew."""
    return table[list(columns)].rename(columns=columns).reset_index(drop=True)

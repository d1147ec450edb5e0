"""A table: its description, its rows, and both as DataFrames.

pandas is imported when a DataFrame is asked for; everything else needs only the standard library.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from course.case.column import Column

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, object]
"""One row: column name to str, int, float, bool, `datetime.date`, or None where the cell is empty. Read-only."""


@dataclass(frozen=True)
class Key:
    """A foreign key: values in `columns`, where none is empty, must be those of `target` in some row of `table`."""

    columns: tuple[str, ...]
    table: str
    target: tuple[str, ...]


@dataclass(frozen=True)
class Description:
    """What `datapackage.json` says about a table.

    Parameters
    ----------
    columns : tuple of Column
        In the order in which they are shown; the file's order may differ.
    primary : tuple of str
        The columns that identify a row.
    sources, licences : sequence of dict
        Each with ``title`` and ``path``.
    charted : mapping of str to str
        What a chart of a record says of it: ``source``, and what its rows are called.
    """

    name: str
    file: str
    columns: tuple[Column, ...]
    primary: tuple[str, ...]
    keys: tuple[Key, ...]
    sources: Sequence[Mapping[str, str]]
    licences: Sequence[Mapping[str, str]]
    charted: Mapping[str, str] = field(default_factory=dict)

    def column(self, name: str) -> Column:
        """Return one column."""
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> list[str]:
        """The columns' names."""
        return [column.name for column in self.columns]


@dataclass(frozen=True)
class Table:
    """A table: its description, and its rows in the file's order by the row number that a spreadsheet shows."""

    description: Description
    numbered: Mapping[int, Row]

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows without their numbers."""
        return tuple(self.numbered.values())

    def frame(self) -> pd.DataFrame:
        """Return a fresh DataFrame, one row per row of the file, one typed column per column."""
        import pandas as pd

        return pd.DataFrame(
            {
                column.name: pd.Series([row[column.name] for row in self.rows], dtype=column.dtype)
                for column in self.description.columns
            }
        )

    def columns(self) -> pd.DataFrame:
        """Return name, type, unit, meaning and allowed values, one row per column."""
        import pandas as pd

        targets = {key.columns[0]: f"{key.target[0]} of {key.table}" for key in self.description.keys}
        rows = []
        for column in self.description.columns:
            target = targets.get(column.name, "")
            article = "an" if target.startswith(tuple("aeiou")) else "a"
            allowed = [f"{article} {target}"] if target else []
            rows.append(
                (column.name, column.type, column.unit, column.meaning, "; ".join([*allowed, *column.allowed()]))
            )
        return pd.DataFrame(rows, columns=["name", "type", "unit", "meaning", "allowed"])

    def citation(self) -> str:
        """Return what to cite, one source after the other."""
        sources = self.description.sources
        return "; ".join(" ".join(filter(None, (source["title"], source.get("path")))) for source in sources) + "."

    def licence(self) -> str:
        """Return the licence, with its address."""
        return "; ".join(f"{licence['title']} ({licence['path']})" for licence in self.description.licences)

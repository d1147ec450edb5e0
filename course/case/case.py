"""The tables of a case, by name.

Loading needs only the standard library; pandas is imported when a table is asked for as a DataFrame.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from course.case import datapackage, shape, subject
from course.case.article import Article
from course.case.column import UnfitError
from course.case.datapackage import Problem
from course.case.subject import Subject
from course.case.table import Row, Table
from course.wording import number_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COURSE_TABLES", "TABLES", "Case", "CaseError", "Row", "default_case", "shipped_cases"]

TABLES: Final = {
    "claims": "the claim's wordings, and which follows which",
    "sources": "who says so, who pays them, and what they stand to gain",
    "origins": "where knowledge begins: the unit of independence",
    "readings": "precise meanings of the claim, and what would show each false",
    "statements": "the register: S rows are in the article, X rows beside it",
    "quantities": "measured values with unit, scope and as-of date",
    "timeline": "what happened and was said, in order of time",
}
"""The tables that every case has, each with what it holds. A case may have others, such as a record of events."""

COURSE_TABLES: Final = {
    "scales": "every method's labels, in order",
    "glossary": "the terms of the course",
}
"""The tables that belong to the course and are the same in every case."""

SHOWN: Final = 10
"""How many problems an error lists; the rest are counted."""


class CaseError(ValueError):
    """The case is broken, or does not have what was asked for.

    `problems` lists everything wrong with the files; it is empty where only the request was wrong.
    """

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class Case:
    """The checked tables of a case; get one with `Case.load`.

    Each of `tables` is an attribute that returns a fresh DataFrame: dates are ``datetime64[ns]``, whole numbers
    ``int64`` (``Int64`` where cells may be empty), other numbers ``float64``, yes or no ``bool``, text ``object`` with
    None for an empty cell. `rows` returns the same as plain Python values. Every method that takes a table's name
    raises `CaseError` if there is no such table.

    Attributes
    ----------
    folder : pathlib.Path
        Where its files are.
    subject : course.case.subject.Subject
        What it is about: the claim, its readings, the places, the days that count.
    tables : tuple of str
        The names of its tables: those of `TABLES`, its own records, and those of the course (`COURSE_TABLES`).

    Examples
    --------
    >>> case = Case.load()
    >>> case.row("statements", "S09")["paragraph"]
    9
    >>> case.row("claims", "C04")["said_on"]
    datetime.date(2017, 12, 6)
    """

    def __init__(self, folder: Path, subject: Subject, tables: Mapping[str, Table]) -> None:
        self.folder = folder
        self.subject = subject
        self._tables = {**tables, **_course_tables()}
        self.tables = tuple(self._tables)

    def __getattr__(self, name: str) -> pd.DataFrame:
        # A copy asks for attributes before it has any.
        if name in self.__dict__.get("tables", ()):
            return self.table(name)
        tables = ", ".join(self.__dict__.get("tables", TABLES))
        raise AttributeError(f"This case has no {name!r}. Its tables: {tables}.", name=name, obj=self)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.tables]

    def __repr__(self) -> str:
        return f"Case({', '.join(f'{name}: {len(table.rows)}' for name, table in self._tables.items())})"

    @classmethod
    def load(cls, folder: Path | str | None = None) -> Case:
        """Read and check every table.

        Parameters
        ----------
        folder : pathlib.Path, str or None
            Folder with `datapackage.json` and the CSV files, or the name of a case that comes with the course. By
            default the first of those.

        Raises
        ------
        CaseError
            If a file is missing or breaks its description: all problems at once, each with file, row and column.
        """
        folder = _folder_of(folder)
        try:
            return cls(folder, *(_read_shipped(folder, _state(folder)) if folder in _shipped() else _read(folder)))
        except UnfitError as error:
            raise _broken([Problem(datapackage.DESCRIPTION, None, None, str(error))]) from None
        except datapackage.BrokenError as error:
            raise _broken(error.problems) from None

    @property
    def ledger_prefix(self) -> str:
        """What the names of this case's entries begin with in a ledger; empty for the course's own case."""
        name = self.subject.name
        return "" if name == default_case().subject.name else f"{name}/"

    def rows(self, table: str) -> tuple[Row, ...]:
        """Return a table's rows as read-only mappings, in the file's order."""
        return self._table(table).rows

    def row(self, table: str, key: str) -> Row:
        """Return one row by its key: the ``id``, or the term in the glossary.

        Raises
        ------
        CaseError
            If there is no such table or row, or several columns together identify a row.
        """
        names = self._table(table).description.primary
        if len(names) != 1:
            raise CaseError(f"The rows of {table!r} are told apart by {', '.join(names)}. Use rows({table!r}) instead.")
        rows = {str(row[names[0]]): row for row in self.rows(table)}
        if key not in rows:
            raise CaseError(f"{table} has no {names[0]} {key!r}. Use one of: {', '.join(rows)}.")
        return rows[key]

    def table(self, name: str) -> pd.DataFrame:
        """Return a table as a fresh DataFrame, one row per row of the file, one typed column per column."""
        return self._table(name).frame()

    def article(self, first: int = 1, last: int | None = None) -> Article:
        """Return the article this case takes apart, retold in our words, as a notebook shows it.

        Parameters
        ----------
        first, last : int
            The paragraphs wanted, both included. By default all of them.

        Raises
        ------
        CaseError
            If the case has no article, or the article no such paragraphs.
        """
        try:
            whole = Article.read(self.folder / "article.md")
        except FileNotFoundError:
            raise CaseError("This case has no article: there is no article.md in its folder.") from None
        length = len(whole.paragraphs)
        last = length if last is None else last
        if not 1 <= first <= last <= length:
            raise CaseError(f"There is no ¶{first} to ¶{last}. The article has ¶1 to ¶{length}.")
        return whole.part(first, last)

    def describe(self, table: str) -> pd.DataFrame:
        """Return what a table's columns mean: name, type, unit, meaning and allowed values, one row per column."""
        return self._table(table).columns()

    def citation(self, table: str) -> str:
        """Return what to cite when the table is used, one source after the other."""
        return self._table(table).citation()

    def charted(self, table: str) -> Mapping[str, str]:
        """Return what a chart of a record says of it: ``source``, and what its rows are called."""
        return self._table(table).description.charted

    def categories(self, table: str, column: str) -> Sequence[Mapping[str, Any]]:
        """Return what the values of a column stand for: each has ``value``, and mostly ``label``."""
        return self._table(table).description.column(column).categories

    def licence(self, table: str) -> str:
        """Return the licence of a table, with its address."""
        return self._table(table).licence()

    def _table(self, name: str) -> Table:
        if name not in self._tables:
            raise CaseError(f"There is no table {name!r}. Use one of: {', '.join(self._tables)}.")
        return self._tables[name]


@cache
def default_case() -> Case:
    """Return the first of the cases that come with the course, read once."""
    return Case.load()


@cache
def shipped_cases() -> tuple[Case, ...]:
    """Return the cases that come with the course, its own first, each read once."""
    return (default_case(), *(Case.load(folder) for folder in _shipped()[1:]))


def _folder_of(case: Path | str | None) -> Path:
    shipped = {folder.name: folder for folder in _shipped()}
    if case is None:
        return next(iter(shipped.values()))
    # A folder of that name comes first, so that it can hold a changed copy.
    folder = Path(case).expanduser()
    return folder if folder.exists() else shipped.get(str(case), folder)


def _shipped() -> list[Path]:
    """Return the folders of the course's cases: in an installed wheel beside the code, in a checkout at its root."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "share" / "data"
    return sorted((inside if inside.is_dir() else package.parent / "data").glob("case-*"))


def _read(folder: Path) -> tuple[Subject, Mapping[str, Table]]:
    """Read and check the tables of a case, which nothing changes afterwards."""
    package = datapackage.read(folder, TABLES, shape.problems)
    name = str(package.properties.get("name") or folder.resolve().name)
    return subject.read(name, package.properties.get("claim"), package.tables), package.tables


@lru_cache(maxsize=4)
def _read_shipped(folder: Path, _: tuple[tuple[str, int, int], ...]) -> tuple[Subject, Mapping[str, Table]]:
    """Read a case that comes with the course, once for each state of its files."""
    return _read(folder)


def _state(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Return name, size and time of change of each file in a folder."""
    files = [(path.name, path.stat()) for path in sorted(folder.glob("*"))]
    return tuple((name, about.st_size, about.st_mtime_ns) for name, about in files)


@cache
def _course_tables() -> Mapping[str, Table]:
    """Return the course's own tables."""
    tables = datapackage.read(Path(__file__).with_name("tables"), COURSE_TABLES).tables
    return {name: tables[name] for name in COURSE_TABLES}


def _broken(problems: Sequence[Problem]) -> CaseError:
    lines = [f"- {problem}" for problem in problems[:SHOWN]]
    if len(problems) > SHOWN:
        lines.append(f"- and {len(problems) - SHOWN} more.")
    message = "\n".join([f"The case cannot be used: {number_of(len(problems), 'problem')}.", *lines])
    return CaseError(message, problems)

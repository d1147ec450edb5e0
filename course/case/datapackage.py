"""Read a folder of CSV tables and check them against its `datapackage.json`.

The description is in the Frictionless format (https://datapackage.org); it is the only place where a rule is written.
This module needs only the standard library.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from course.case.column import Column, UnfitError
from course.case.table import Description, Key, Row, Table

DESCRIPTION: Final = "datapackage.json"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the files: where, and in `what` what it is and what to do, as sentences.

    `row` is the row as a spreadsheet shows it (the header is row 1), or None for the whole file. `column` is None for
    the whole row.
    """

    file: str
    row: int | None
    column: str | None
    what: str

    def __str__(self) -> str:
        row = "" if self.row is None else f", row {self.row}"
        column = "" if self.column is None else f", column {self.column}"
        return f"{self.file}{row}{column}: {self.what}"


class BrokenError(ValueError):
    """The files do not match their description, or the description itself is broken; see `problems`."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class DataPackage:
    """A data package: its own properties, and its tables by name."""

    properties: Mapping[str, Any]
    tables: Mapping[str, Table]


def read(
    folder: Path,
    expected: Collection[str] = (),
    check: Callable[[Mapping[str, Description]], Iterable[Problem]] = lambda _: (),
) -> DataPackage:
    """Read and check every table in a folder.

    Parameters
    ----------
    folder : pathlib.Path
        Folder with `datapackage.json` and the CSV files it describes.
    expected : collection of str
        Tables that must be there.
    check : callable
        Returns what else is wrong with the descriptions, which are given by table.

    Raises
    ------
    BrokenError
        If a file is missing or breaks its description: all problems at once, each with file, row and column.
    """
    try:
        properties, descriptions = _read_description(folder, expected)
    except UnfitError as error:  # Without a sound description there is nothing to check the tables against.
        raise BrokenError([Problem(DESCRIPTION, None, None, str(error))]) from None
    problems = list(check(descriptions))
    tables = {name: _read_table(folder, description, problems) for name, description in descriptions.items()}
    problems += [problem for table in tables.values() for problem in _broken_keys(table, tables, problems)]
    if problems:
        order = [DESCRIPTION, *(description.file for description in descriptions.values())]
        raise BrokenError(sorted(problems, key=lambda problem: (order.index(problem.file), problem.row or 0)))
    return DataPackage(properties, tables)


def _read_text(folder: Path, name: str) -> str:
    try:
        # Spreadsheets save UTF-8 with a byte order mark; it is not part of the first column's name.
        return (folder / name).read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise UnfitError(f"is missing from {folder}. Put it back, from a copy or from the course.") from None
    except OSError as error:
        raise UnfitError(f"cannot be read ({error.strerror}). Check the file and its permissions.") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UnfitError(f"is not UTF-8 text (line {line}). Save it again with the encoding UTF-8.") from None


# --- the description -------------------------------------------------------------------------------------------------


def _read_description(folder: Path, expected: Collection[str]) -> tuple[dict[str, Any], dict[str, Description]]:
    """Return the package's properties and each table's description; raise `UnfitError` if one is not valid."""
    try:
        package: dict[str, Any] = json.loads(_read_text(folder, DESCRIPTION))
        descriptions = {resource["name"]: _described(resource) for resource in package["resources"]}
    except json.JSONDecodeError as error:
        raise UnfitError(
            f"is not JSON ({error.msg}, line {error.lineno}). Mend it, or take a copy that works."
        ) from None
    except (KeyError, TypeError, AttributeError) as error:
        raise UnfitError(
            f"does not have the shape of a data package ({type(error).__name__}: {error}). See https://datapackage.org."
        ) from None
    if missing := [name for name in expected if name not in descriptions]:
        raise UnfitError(f"does not list {', '.join(missing)}. Every table needs an entry in resources.")
    for description in descriptions.values():
        _check_keys(description, descriptions)
    return package, descriptions


def _described(resource: Mapping[str, Any]) -> Description:
    schema = resource["schema"]
    return Description(
        name=resource["name"],
        file=str(resource["path"]),
        columns=tuple(_column(resource["name"], field) for field in schema["fields"]),
        primary=_listed(schema.get("primaryKey", ())),
        keys=tuple(
            Key(
                columns=_listed(key["fields"]),
                # An empty name means the table itself.
                table=key["reference"]["resource"] or resource["name"],
                target=_listed(key["reference"]["fields"]),
            )
            for key in schema.get("foreignKeys", ())
        ),
        sources=resource.get("sources", ()),
        licences=resource.get("licenses", ()),
        charted=resource.get("charted", {}),
    )


def _column(table: str, field: Mapping[str, Any]) -> Column:
    name, rules = field["name"], field.get("constraints", {})
    try:
        categories = field.get("categories", ())
        return Column(name, field["type"], field.get("unit", ""), field.get("description", ""), rules, categories)
    except (UnfitError, re.error) as error:
        raise UnfitError(f"describes {table}.{name} wrongly: {error}") from None


def _listed(names: str | Sequence[str]) -> tuple[str, ...]:
    """Return names as a tuple; the format allows a single name or a list."""
    return (names,) if isinstance(names, str) else tuple(names)


def _check_keys(description: Description, descriptions: Mapping[str, Description]) -> None:
    """Raise if a key names a table or a column that is not described."""
    named = [(description.name, description.primary)]
    for key in description.keys:
        named += [(description.name, key.columns), (key.table, key.target)]
    for table, names in named:
        if table not in descriptions:
            raise UnfitError(f"has a key from {description.name} to {table!r}, which it does not list.")
        if unknown := [name for name in names if name not in descriptions[table].names]:
            raise UnfitError(f"has a key on {table}.{', '.join(unknown)}, which is no column of {table}.")


# --- one table -------------------------------------------------------------------------------------------------------


def _read_table(folder: Path, description: Description, problems: list[Problem]) -> Table:
    """Return the rows that can be read and append what is wrong to `problems`. A cell in error reads as None."""
    file, names = description.file, description.names
    records: list[list[str]] = []
    try:
        # What was read before an error stays, and tells its row.
        text = _read_text(folder, file)
        records += csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    except UnfitError as error:
        problems.append(Problem(file, None, None, str(error)))
        return Table(description, {})
    except csv.Error as error:
        what = f"cannot be read as CSV ({error}). Look for a stray quotation mark."
        problems.append(Problem(file, len(records) + 1, None, what))
        return Table(description, {})
    header = records[0] if records else []
    if wrong := list(_header_problems(file, names, header)):
        problems += wrong
        return Table(description, {})
    # The header may be in another order than the description. Columns repeat themselves (1,024 rows, 14 provinces), so
    # each distinct text is read once.
    cells = [(column.name, header.index(column.name), cache(column.reader())) for column in description.columns]
    numbered: dict[int, Row] = {}
    for number, record in enumerate(records[1:], 2):
        if not any(record):  # a blank row at the end of a sheet
            continue
        if len(record) != len(names):
            what = f"has {len(record)} cells instead of {len(names)}. Look for a missing or an unquoted comma."
            problems.append(Problem(file, number, None, what))
            continue
        row: dict[str, object] = {}
        for name, place, read_cell in cells:
            try:
                row[name] = read_cell(record[place])
            except UnfitError as error:
                row[name] = None
                problems.append(Problem(file, number, name, str(error)))
        numbered[number] = MappingProxyType(row)
    unique = [(column.name,) for column in description.columns if column.rules.get("unique")]
    for key in dict.fromkeys([description.primary, *unique]):
        problems += _repeated(file, key, numbered)
    return Table(description, numbered)


def _delimiter(text: str) -> str:
    """Return what stands between cells: in many countries a spreadsheet saves CSV with semicolons."""
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)


def _header_problems(file: str, expected: Sequence[str], header: Sequence[str]) -> Iterator[Problem]:
    if not header:
        yield Problem(file, 1, None, f"is empty. The first row names the columns: {', '.join(expected)}.")
        return
    for name in expected:
        if name not in header:
            yield Problem(file, 1, name, "is missing. Put the column back; its name may be misspelt.")
    for name in dict.fromkeys(header):
        if name not in expected:
            what = f"is not a column of this table. Remove it, or describe it in {DESCRIPTION}."
            yield Problem(file, 1, name or "(no name)", what)
        elif header.count(name) > 1:
            yield Problem(file, 1, name, "is there more than once. Keep one.")


def _repeated(file: str, names: Sequence[str], numbered: Mapping[int, Row]) -> Iterator[Problem]:
    first: dict[tuple[object, ...], int] = {}
    for number, row in numbered.items():
        key = tuple(row[name] for name in names)
        if key and None not in key and (before := first.setdefault(key, number)) != number:
            what = f"{', '.join(map(str, key))!r} is already in row {before}. Each row needs its own."
            yield Problem(file, number, ", ".join(names), what)


def _broken_keys(table: Table, tables: Mapping[str, Table], problems: Sequence[Problem]) -> Iterator[Problem]:
    for key in table.description.keys:
        target = tables[key.table]
        file = target.description.file
        # Where the target lost rows or names of its own, that has its own line; blaming each row here would bury it.
        if not target.numbered or any(p.file == file and p.column in (None, *key.target) for p in problems):
            continue
        known = {tuple(row[name] for name in key.target) for row in target.rows}
        for number, row in table.numbered.items():
            value = tuple(row[name] for name in key.columns)
            if None not in value and value not in known:
                what = (
                    f"{', '.join(map(str, value))!r} is not in column {', '.join(key.target)} of {file}. "
                    "Correct it, or add the row there."
                )
                yield Problem(table.description.file, number, ", ".join(key.columns), what)

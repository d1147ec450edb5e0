"""The case: the tables in data/, checked whole against their own description.

`datapackage.json` says what each column holds, in the Frictionless format (https://datapackage.org), and this module
does what it says, so a rule is written once. Reading and checking need only the standard library; pandas is imported
when a table is asked for as a DataFrame.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, object]
"""One row: column name to str, int, float, bool, `datetime.date`, or None where the cell is empty. Read-only."""

_Numbered = tuple[int, Row]

TABLES: Final = (
    "claims",
    "sources",
    "origins",
    "readings",
    "statements",
    "quantities",
    "timeline",
    "events_weekly",
    "strikes_daily",
    "scales",
    "glossary",
)
"""The tables that a case has."""

DESCRIPTION: Final = "datapackage.json"

SHOWN: Final = 10
"""Problems that an error spells out; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the case's files.

    Parameters
    ----------
    file : str
        File name within the data folder.
    row : int or None
        Row as a spreadsheet shows it: the header is row 1. None where the whole file is meant.
    column : str or None
        Column name, or None where the whole row is meant.
    what : str
        What is wrong and what to do, as sentences.
    """

    file: str
    row: int | None
    column: str | None
    what: str

    def __str__(self) -> str:
        row = "" if self.row is None else f", row {self.row}"
        column = "" if self.column is None else f", column {self.column}"
        return f"{self.file}{row}{column}: {self.what}"


class CaseError(ValueError):
    """The case is broken, or was asked for something it does not have.

    Parameters
    ----------
    message : str
        What is wrong, where, and what to do.
    problems : sequence of Problem
        Everything found wrong in the files; empty for a mistaken question.
    """

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class Case:
    """The checked tables of the case.

    Get one with `Case.load`. Each table is an attribute that gives a fresh DataFrame (dates are ``datetime64[ns]``,
    whole numbers ``int64``, or ``Int64`` where cells may be empty, other numbers ``float64``, yes or no ``bool``,
    text ``object`` with None for an empty cell); `rows` gives the same as plain Python values.

    Examples
    --------
    >>> case = Case.load()
    >>> case.row("statements", "S09")["paragraph"]
    9
    >>> case.row("claims", "C04")["said_on"]
    datetime.date(2017, 12, 6)
    """

    def __init__(self, folder: Path, resources: Mapping[str, Any], rows: Mapping[str, tuple[Row, ...]]) -> None:
        self.folder = folder
        self._resources = resources
        self._rows = rows

    def __repr__(self) -> str:
        return f"Case({', '.join(f'{name}: {len(rows)}' for name, rows in self._rows.items())})"

    @classmethod
    def load(cls, folder: Path | None = None) -> Case:
        """Read and check every table.

        Parameters
        ----------
        folder : pathlib.Path or None
            Folder with `datapackage.json` and the CSV files. By default the one that comes with the course.

        Raises
        ------
        CaseError
            If a file is missing or breaks its description: all problems at once, each with file, row and column.
        """
        folder = _shipped() if folder is None else Path(folder)
        resources, problems = _read_description(folder)
        if problems:  # Without a sound description there is nothing to check the tables against.
            raise _broken(problems)
        tables: dict[str, tuple[_Numbered, ...]] = {}
        for name, resource in resources.items():
            tables[name], found = _read_table(folder, resource)
            problems += found
        for name, resource in resources.items():
            problems += _broken_keys(name, resource, resources, tables, problems)
        if problems:
            order = {resource["path"]: place for place, resource in enumerate(resources.values())}
            raise _broken(sorted(problems, key=lambda problem: (order[problem.file], problem.row or 0)))
        return cls(folder, resources, {name: tuple(row for _, row in rows) for name, rows in tables.items()})

    def rows(self, table: str) -> tuple[Row, ...]:
        """Return a table's rows as read-only mappings, in the file's order.

        Raises
        ------
        CaseError
            If there is no such table.
        """
        self._resource(table)
        return self._rows[table]

    def row(self, table: str, key: str) -> Row:
        """Return one row by its name: the ``id``, or the term in the glossary.

        Raises
        ------
        CaseError
            If there is no such table or row, or the table's rows have no name of their own.
        """
        names = self._resource(table)["schema"]["primaryKey"]
        if len(names) != 1:
            raise CaseError(f"The rows of {table!r} are told apart by {', '.join(names)}. Use rows({table!r}) instead.")
        for row in self._rows[table]:
            if _plain(row[names[0]]) == key:
                return row
        known = ", ".join(_plain(row[names[0]]) for row in self._rows[table])
        raise CaseError(f"{table} has no {names[0]} {key!r}. Use one of: {known}.")

    def table(self, name: str) -> pd.DataFrame:
        """Return a table as a fresh DataFrame, one row per row of the file, one typed column per column.

        Raises
        ------
        CaseError
            If there is no such table.
        """
        import pandas as pd

        rows = self.rows(name)
        return pd.DataFrame(
            {
                field["name"]: pd.Series([row[field["name"]] for row in rows], dtype=_dtype(field))
                for field in self._resource(name)["schema"]["fields"]
            }
        )

    def describe(self, table: str) -> pd.DataFrame:
        """Return what a table's columns mean: name, type, unit, meaning and allowed values, one row per column.

        Raises
        ------
        CaseError
            If there is no such table.
        """
        import pandas as pd

        schema = self._resource(table)["schema"]
        keys = {
            key["fields"][0]: f"{key['reference']['fields'][0]} of {key['reference']['resource'] or table}"
            for key in schema.get("foreignKeys", ())
        }
        return pd.DataFrame(
            [
                {
                    "name": field["name"],
                    "type": field["type"],
                    "unit": field.get("unit", ""),
                    "meaning": field.get("description", ""),
                    "allowed": _allowed(field, keys.get(field["name"])),
                }
                for field in schema["fields"]
            ]
        )

    def citation(self, table: str) -> str:
        """Return what to cite when the table is used, one source after the other.

        Raises
        ------
        CaseError
            If there is no such table.
        """
        sources = self._resource(table).get("sources", ())
        return "; ".join(" ".join(filter(None, (source["title"], source.get("path")))) for source in sources) + "."

    def licence(self, table: str) -> str:
        """Return the licence of a table, with its address.

        Raises
        ------
        CaseError
            If there is no such table.
        """
        licences = self._resource(table).get("licenses", ())
        return "; ".join(f"{licence['title']} ({licence['path']})" for licence in licences)

    @property
    def claims(self) -> pd.DataFrame:
        """The claim's wordings, and which follows which."""
        return self.table("claims")

    @property
    def sources(self) -> pd.DataFrame:
        """Who says so, who pays them, and what they stand to gain."""
        return self.table("sources")

    @property
    def origins(self) -> pd.DataFrame:
        """Where knowledge begins: the unit of independence."""
        return self.table("origins")

    @property
    def readings(self) -> pd.DataFrame:
        """Precise meanings of the claim, and what would show each false."""
        return self.table("readings")

    @property
    def statements(self) -> pd.DataFrame:
        """The register: S rows in the article, X rows beside it."""
        return self.table("statements")

    @property
    def quantities(self) -> pd.DataFrame:
        """Measured values with unit, scope and as-of date."""
        return self.table("quantities")

    @property
    def timeline(self) -> pd.DataFrame:
        """What happened and was said, in order of time."""
        return self.table("timeline")

    @property
    def events_weekly(self) -> pd.DataFrame:
        """UCDP's recorded events with IS in Syria, by week, governorate and opponent."""
        return self.table("events_weekly")

    @property
    def strikes_daily(self) -> pd.DataFrame:
        """The coalition's strikes in Syria on the days its releases cover."""
        return self.table("strikes_daily")

    @property
    def scales(self) -> pd.DataFrame:
        """Every method's labels, in order."""
        return self.table("scales")

    @property
    def glossary(self) -> pd.DataFrame:
        """The words of the course."""
        return self.table("glossary")

    def _resource(self, table: str) -> Mapping[str, Any]:
        if table not in self._resources:
            raise CaseError(f"There is no table {table!r}. Use one of: {', '.join(self._resources)}.")
        resource: Mapping[str, Any] = self._resources[table]
        return resource


class _UnfitError(ValueError):
    """A cell does not hold what its column asks for. The message says what is wrong and what to do."""


def _shipped() -> Path:
    """Return the data folder: in an installed wheel beside the code, in a checkout at its root."""
    package = Path(__file__).resolve().parent
    inside = package / "share" / "data"
    return inside if inside.is_dir() else package.parent / "data"


def _broken(problems: Sequence[Problem]) -> CaseError:
    lines = [f"- {problem}" for problem in problems[:SHOWN]]
    if len(problems) > SHOWN:
        lines.append(f"- and {len(problems) - SHOWN} more.")
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return CaseError("\n".join([f"The case cannot be used: {count}.", *lines]), problems)


def _read_text(folder: Path, name: str) -> str:
    try:
        # Spreadsheets save UTF-8 with a byte order mark; it is not part of the first column's name.
        return (folder / name).read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise _UnfitError(f"is missing from {folder}. Get the folder again from the course.") from None
    except OSError as error:
        raise _UnfitError(f"cannot be read ({error.strerror}). Check the file and its permissions.") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise _UnfitError(f"is not UTF-8 text (line {line}). Save it again with the encoding UTF-8.") from None


# --- the description -------------------------------------------------------------------------------------------------


def _read_description(folder: Path) -> tuple[dict[str, Any], list[Problem]]:
    """Return the resources by name, with keys written one way, and what is wrong with the description."""
    try:
        package = json.loads(_read_text(folder, DESCRIPTION))
    except json.JSONDecodeError as error:
        what = f"is not JSON ({error.msg}, line {error.lineno}). Mend it or get it again from the course."
        return {}, [Problem(DESCRIPTION, None, None, what)]
    except _UnfitError as error:
        return {}, [Problem(DESCRIPTION, None, None, str(error))]
    try:
        resources = {resource["name"]: resource for resource in package["resources"]}
        for resource in resources.values():
            _normalise(resource)
        missing = [name for name in TABLES if name not in resources]
        if missing:
            raise _UnfitError(
                f"does not list {', '.join(missing)}. Every table of the case needs an entry in resources."
            )
        for resource in resources.values():
            _check_keys(resource, resources)
    except (KeyError, TypeError, AttributeError) as error:
        what = (
            f"does not have the shape of a data package ({type(error).__name__}: {error}). See https://datapackage.org."
        )
        return {}, [Problem(DESCRIPTION, None, None, what)]
    except _UnfitError as error:
        return {}, [Problem(DESCRIPTION, None, None, str(error))]
    return resources, []


def _normalise(resource: dict[str, Any]) -> None:
    """Write single keys as lists, as the format allows both, and check that every column can be read."""
    resource["path"] = str(resource["path"])
    schema = resource["schema"]
    schema["primaryKey"] = _listed(schema.get("primaryKey", []))
    for key in schema.get("foreignKeys", ()):
        key["fields"] = _listed(key["fields"])
        key["reference"]["fields"] = _listed(key["reference"]["fields"])
    for field in schema["fields"]:
        try:
            _reader(field)
        except (_UnfitError, re.error) as error:
            raise _UnfitError(f"describes {resource['name']}.{field['name']} wrongly: {error}") from None


def _listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _check_keys(resource: Mapping[str, Any], resources: Mapping[str, Any]) -> None:
    """Raise if a key of the description names a table or a column that the description does not have."""
    pairs = [(resource["name"], resource["schema"]["primaryKey"])]
    for key in resource["schema"].get("foreignKeys", ()):
        target = key["reference"]["resource"] or resource["name"]
        pairs += [(resource["name"], key["fields"]), (target, key["reference"]["fields"])]
    for table, names in pairs:
        if table not in resources:
            raise _UnfitError(f"has a key from {resource['name']} to {table!r}, which it does not list.")
        columns = [field["name"] for field in resources[table]["schema"]["fields"]]
        if unknown := [name for name in names if name not in columns]:
            raise _UnfitError(f"has a key on {table}.{', '.join(unknown)}, which is no column of {table}.")


# --- one table -------------------------------------------------------------------------------------------------------


def _read_table(folder: Path, resource: Mapping[str, Any]) -> tuple[tuple[_Numbered, ...], list[Problem]]:
    """Return the rows with their numbers, and what is wrong with them. A cell in error reads as None."""
    file, schema = resource["path"], resource["schema"]
    names = [field["name"] for field in schema["fields"]]
    problems: list[Problem] = []
    records: list[tuple[int, list[str]]] = []
    try:
        for number, record in enumerate(csv.reader(io.StringIO(_read_text(folder, file), newline=""), strict=True), 1):
            records.append((number, record))
    except _UnfitError as error:
        return (), [Problem(file, None, None, str(error))]
    except csv.Error as error:
        what = f"cannot be read as CSV ({error}). Look for a stray quotation mark."
        return (), [Problem(file, len(records) + 1, None, what)]
    if header := _header_problems(file, names, records[0][1] if records else []):
        return (), header
    body = []
    for number, record in records[1:]:
        if len(record) == len(names):
            body.append((number, record))
        else:
            what = f"has {len(record)} cells instead of {len(names)}. Look for a missing or an unquoted comma."
            problems.append(Problem(file, number, None, what))
    # The header may be in another order than the description: columns go by name.
    columns = {name: [record[place] for _, record in body] for place, name in enumerate(records[0][1])}
    numbers = [number for number, _ in body]
    values = []
    for field in schema["fields"]:
        typed, found = _read_column(field, columns[field["name"]])
        values.append(typed)
        problems += [replace(problem, file=file, row=numbers[place]) for place, problem in found]
    rows = tuple(
        (number, MappingProxyType(dict(zip(names, cells, strict=True))))
        for number, cells in zip(numbers, zip(*values, strict=True), strict=True)
    )
    unique = [[field["name"]] for field in schema["fields"] if field.get("constraints", {}).get("unique")]
    for key in unique if schema["primaryKey"] in unique else [schema["primaryKey"], *unique]:
        problems += _repeated(file, key, rows)
    return rows, problems


def _header_problems(file: str, expected: Sequence[str], header: Sequence[str]) -> list[Problem]:
    if not header:
        return [Problem(file, 1, None, f"is empty. The first row names the columns: {', '.join(expected)}.")]
    problems = [
        Problem(file, 1, name, "is missing. Put the column back; its name may be misspelt.")
        for name in expected
        if name not in header
    ]
    for name in dict.fromkeys(header):
        if name not in expected:
            what = f"is not a column of this table. Remove it, or describe it in {DESCRIPTION}."
            problems.append(Problem(file, 1, name or "(no name)", what))
        elif header.count(name) > 1:
            problems.append(Problem(file, 1, name, "is there more than once. Keep one."))
    return problems


def _read_column(field: Mapping[str, Any], texts: Sequence[str]) -> tuple[list[object], list[tuple[int, Problem]]]:
    """Return the column's values, and its problems by place."""
    read = _reader(field)
    # Columns repeat themselves (1,024 rows, 14 provinces), so each distinct text is read once.
    known: dict[str, object] = {}
    wrong: dict[str, str] = {}
    for text in set(texts):
        try:
            known[text] = read(text)
        except _UnfitError as error:
            known[text], wrong[text] = None, str(error)
    found = [
        (place, Problem("", None, field["name"], wrong[text])) for place, text in enumerate(texts) if text in wrong
    ]
    return [known[text] for text in texts], found


def _repeated(file: str, names: Sequence[str], rows: Sequence[_Numbered]) -> Iterator[Problem]:
    first: dict[tuple[object, ...], int] = {}
    for number, row in rows:
        key = tuple(row[name] for name in names)
        if None in key or not key:
            continue
        if (before := first.setdefault(key, number)) != number:
            what = f"{', '.join(map(_plain, key))!r} is already in row {before}. Each row needs its own."
            yield Problem(file, number, ", ".join(names), what)


def _broken_keys(
    name: str,
    resource: Mapping[str, Any],
    resources: Mapping[str, Any],
    tables: Mapping[str, tuple[_Numbered, ...]],
    problems: Sequence[Problem],
) -> list[Problem]:
    found = []
    for key in resource["schema"].get("foreignKeys", ()):
        target, columns = key["reference"]["resource"] or name, key["reference"]["fields"]
        path = resources[target]["path"]
        # Where the target lost rows or names of its own, that has its own line; blaming each row here would bury it.
        if not tables[target] or any(p.file == path and p.column in (None, *columns) for p in problems):
            continue
        known = {tuple(row[column] for column in columns) for _, row in tables[target]}
        for number, row in tables[name]:
            value = tuple(row[field] for field in key["fields"])
            if None not in value and value not in known:
                what = (
                    f"{', '.join(map(_plain, value))!r} is not in column {', '.join(columns)} of {path}. "
                    "Correct it, or add the row there."
                )
                found.append(Problem(resource["path"], number, ", ".join(key["fields"]), what))
    return found


# --- one cell --------------------------------------------------------------------------------------------------------


def _plain(value: object) -> str:
    return "" if value is None else str(value)


def _whole(text: str) -> int:
    # int() would also take "1_000" and " 7 ", which other readers of the file refuse.
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        raise _UnfitError(f"{text!r} is not a whole number. Write it in digits, without spaces or commas.")
    return int(text)


def _number(text: str) -> float:
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
        raise _UnfitError(f"{text!r} is not a number. Write it in digits, with a point for decimals and no unit.")
    return float(text)


def _day(text: str) -> date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise _UnfitError(f"{text!r} is not a date. Write it as YYYY-MM-DD, such as 2017-12-06.")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _UnfitError(f"{text!r} is not a day of the calendar. Check month and day.") from None


def _yes_or_no(text: str) -> bool:
    if text not in ("true", "false"):
        raise _UnfitError(f"{text!r} is neither true nor false. Write one of the two, in small letters.")
    return text == "true"


_TYPES: Final[Mapping[str, tuple[Callable[[str], Any], str, str]]] = {
    # type of the description -> how a cell is read, the column's dtype, its dtype where cells may be empty
    "string": (str, "object", "object"),
    "integer": (_whole, "int64", "Int64"),
    "number": (_number, "float64", "float64"),
    "boolean": (_yes_or_no, "bool", "boolean"),
    "date": (_day, "datetime64[ns]", "datetime64[ns]"),
}


_RULES: Final = frozenset({"required", "unique", "enum", "pattern", "minimum", "maximum"})


def _dtype(field: Mapping[str, Any]) -> Any:
    _, full, gaps = _TYPES[field["type"]]
    return full if field.get("constraints", {}).get("required") else gaps


def _reader(field: Mapping[str, Any]) -> Callable[[str], object]:
    """Return a function from a cell's text to its value, which raises `_UnfitError` on what the column does not allow.

    Raises
    ------
    _UnfitError, re.error
        If the description itself makes no sense.
    """
    if field["type"] not in _TYPES:
        raise _UnfitError(f"no type {field['type']!r} here. Use one of: {', '.join(_TYPES)}.")
    parse = _TYPES[field["type"]][0]
    rules = field.get("constraints", {})
    if unknown := sorted(set(rules) - _RULES):
        raise _UnfitError(f"no rule {unknown[0]!r} here. Use: {', '.join(sorted(_RULES))}.")
    required, choices = rules.get("required"), rules.get("enum")
    pattern = re.compile(rules["pattern"]) if "pattern" in rules else None
    lowest = parse(str(rules["minimum"])) if "minimum" in rules else None
    highest = parse(str(rules["maximum"])) if "maximum" in rules else None

    def read(text: str) -> object:
        if not text:
            if required:
                raise _UnfitError("is empty. Fill it in: this column needs a value in every row.")
            return None
        value: Any = parse(text)
        if choices is not None and value not in choices:
            raise _UnfitError(f"{text!r} is not one of its values. Use one of: {', '.join(map(str, choices))}.")
        if pattern and not pattern.fullmatch(text):
            raise _UnfitError(f"{text!r} does not have the form {pattern.pattern}.")
        if lowest is not None and value < lowest:
            raise _UnfitError(f"{text} is below {lowest}, the lowest value allowed.")
        if highest is not None and value > highest:
            raise _UnfitError(f"{text} is above {highest}, the highest value allowed.")
        return value

    return read


def _allowed(field: Mapping[str, Any], key: str | None) -> str:
    """Return in words what a column may hold."""
    rules = field.get("constraints", {})
    parts = [f"an {key}" if key and key[0] in "aeiou" else f"a {key}"] if key else []
    if "enum" in rules:
        parts.append(", ".join(map(str, rules["enum"])))
    if "pattern" in rules:
        parts.append(f"the form {rules['pattern']}")
    if "minimum" in rules:
        parts.append(f"from {rules['minimum']}")
    if "maximum" in rules:
        parts.append(f"up to {rules['maximum']}")
    if rules.get("unique"):
        parts.append("no value twice")
    if not rules.get("required"):
        parts.append("may be empty")
    return "; ".join(parts)

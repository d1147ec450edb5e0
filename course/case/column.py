"""One column of a table: how its cells are read and checked, and its dtype in pandas.

A column is described by a field of a Frictionless table schema (https://datapackage.org). Only the types and rules that
the course uses are supported; any other is an error rather than ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final


class UnfitError(ValueError):
    """A value or a description is not allowed. The message says what is wrong and what to do, but not where."""


def _whole(text: str) -> int:
    # int() would also take "1_000" and " 7 ", which other readers of the file refuse.
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        raise UnfitError(f"{text!r} is not a whole number. Write it in digits, without spaces or commas.")
    return int(text)


def _number(text: str) -> float:
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
        raise UnfitError(f"{text!r} is not a number. Write it in digits, with a point for decimals and no unit.")
    return float(text)


def _day(text: str) -> date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise UnfitError(f"{text!r} is not a date. Write it as YYYY-MM-DD, such as 2026-03-02.")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UnfitError(f"{text!r} is not a day of the calendar. Check month and day.") from None


def _yes_or_no(text: str) -> bool:
    # Spreadsheets write TRUE where somebody typed true.
    if text.lower() not in ("true", "false"):
        raise UnfitError(f"{text!r} is neither true nor false. Write one of the two.")
    return text.lower() == "true"


_TYPES: Final[Mapping[str, tuple[Callable[[str], Any], str, str]]] = {
    # type of the description -> how a cell is read, the column's dtype, its dtype where cells may be empty
    "string": (str, "object", "object"),
    "integer": (_whole, "int64", "Int64"),
    "number": (_number, "float64", "float64"),
    "boolean": (_yes_or_no, "bool", "boolean"),
    "date": (_day, "datetime64[ns]", "datetime64[ns]"),
}

_RULES: Final = frozenset({"required", "unique", "enum", "pattern", "minimum", "maximum"})


@dataclass(frozen=True)
class Column:
    """One column of the description; `rules` are its constraints by name, and ``unit`` and ``meaning`` may be empty.

    `categories` says of values that stand for something what it is: each has ``value``, and mostly ``label``.

    Raises
    ------
    UnfitError
        If there is no such type or rule, or the minimum or maximum is not of the type.
    re.error
        If the pattern is not a valid regular expression.
    """

    name: str
    type: str
    unit: str
    meaning: str
    rules: Mapping[str, Any]
    categories: Sequence[Mapping[str, Any]] = ()

    def __post_init__(self) -> None:
        if self.type not in _TYPES:
            raise UnfitError(f"no type {self.type!r} here. Use one of: {', '.join(_TYPES)}.")
        if unknown := sorted(set(self.rules) - _RULES):
            raise UnfitError(f"no rule {unknown[0]!r} here. Use: {', '.join(sorted(_RULES))}.")
        self.reader()

    @property
    def dtype(self) -> Any:
        """The column's dtype in pandas."""
        _, full, gaps = _TYPES[self.type]
        return full if self.rules.get("required") else gaps

    def reader(self) -> Callable[[str], object]:
        """Return a function from a cell's text to its value, or to None where the cell is empty.

        The function raises `UnfitError` on what the column does not allow.
        """
        parse, rules = _TYPES[self.type][0], self.rules
        required, choices = rules.get("required"), rules.get("enum")
        pattern = re.compile(rules["pattern"]) if "pattern" in rules else None
        lowest = parse(str(rules["minimum"])) if "minimum" in rules else None
        highest = parse(str(rules["maximum"])) if "maximum" in rules else None

        def read(text: str) -> object:
            if not text:
                if required:
                    raise UnfitError("is empty. Fill it in: this column needs a value in every row.")
                return None
            value = parse(text)
            if choices is not None and value not in choices:
                raise UnfitError(f"{text!r} is not one of its values. Use one of: {', '.join(map(str, choices))}.")
            if pattern and not pattern.fullmatch(text):
                raise UnfitError(f"{text!r} does not have the form {pattern.pattern}.")
            if lowest is not None and value < lowest:
                raise UnfitError(f"{text} is below {lowest}, the lowest value allowed.")
            if highest is not None and value > highest:
                raise UnfitError(f"{text} is above {highest}, the highest value allowed.")
            return value

        return read

    def allowed(self) -> Iterator[str]:
        """Yield what the column may hold, rule by rule, in words."""
        rules = self.rules
        if "enum" in rules:
            yield ", ".join(map(str, rules["enum"]))
        if "pattern" in rules:
            yield f"the form {rules['pattern']}"
        if "minimum" in rules:
            yield f"from {rules['minimum']}"
        if "maximum" in rules:
            yield f"up to {rules['maximum']}"
        if rules.get("unique"):
            yield "no value twice"
        if not rules.get("required"):
            yield "may be empty"

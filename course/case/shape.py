"""The columns that the tools need in every case. The template for a new case is where they are written down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from course.case import datapackage
from course.case.datapackage import Problem
from course.case.table import Description

TEMPLATE: Final = Path(__file__).with_name("template")
"""A small case that is complete: what ``course new-case`` lays out."""

FIXED: Final = frozenset(
    {
        "claims.kind",
        "statements.set",
        "statements.as_of_precision",
        "quantities.qualifier",
        "quantities.as_of_precision",
        "timeline.date_precision",
    }
)
"""Columns whose values the tools know; every other list of values is the case's own."""


def problems(descriptions: Mapping[str, Description]) -> Iterator[Problem]:
    """Yield what a case's description lacks for the tools: columns, their types, keys, and values that they know."""
    for name, needed in _needed().items():
        described = descriptions[name]
        for key in needed.keys:
            if key not in described.keys and set(key.columns) <= set(described.names):
                target = f"{key.table}.{', '.join(key.target)}"
                yield _problem(f"has no foreign key from {name}.{', '.join(key.columns)} to {target}. Add it.")
        for column in needed.columns:
            place = f"{name}.{column.name}"
            if column.name not in described.names:
                yield _problem(f"describes no column {place}: {column.meaning} Add it here and to {described.file}.")
                continue
            own = described.column(column.name)
            if own.type != column.type:
                yield _problem(f"describes {place} as {own.type}. The tools need {column.type}.")
            if column.rules.get("required") and not own.rules.get("required"):
                yield _problem(f"lets {place} be empty. The tools need a value in every row: make it required.")
            if place in FIXED and not set(own.rules.get("enum", ("",))) <= set(column.rules["enum"]):
                allowed = ", ".join(column.rules["enum"])
                yield _problem(f"allows other values in {place} than the tools know. Use as its enum: {allowed}.")


def _problem(what: str) -> Problem:
    return Problem(datapackage.DESCRIPTION, None, None, what)


@cache
def _needed() -> Mapping[str, Description]:
    return {name: table.description for name, table in datapackage.read(TEMPLATE).tables.items()}

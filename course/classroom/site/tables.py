"""The parts of pages that are made from the course's tables: the data dictionary and the glossary, as Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from course.case import datapackage
from course.case.table import Table


def dictionary(folder: Path, place: str) -> str:
    """Return what every table of a folder holds and where it is from, one section for each table.

    `place` is where its files are on the site.
    """
    described = json.loads((folder / datapackage.DESCRIPTION).read_text(encoding="utf-8"))["resources"]
    tables = datapackage.read(folder).tables
    return "\n".join(_section(resource, tables[resource["name"]], place) for resource in described)


def _section(resource: Mapping[str, Any], table: Table, place: str) -> str:
    description = table.description
    rows = [
        f"| `{column.name}` | {column.type} | {plain(unit)} | {plain(meaning)} | {plain(allowed)} |"
        for column, unit, meaning, allowed in zip(
            description.columns, *(table.columns()[name] for name in ("unit", "meaning", "allowed")), strict=True
        )
    ]
    return "\n".join(
        [
            f"## {plain(resource['title'])}",
            "",
            f"`{description.name}` · [{description.file}]({place}/{description.file}) · {len(table.rows):,} rows, "
            f"told apart by {', '.join(f'`{name}`' for name in description.primary)}",
            "",
            plain(resource["description"]),
            "",
            "| column | type | unit | meaning | allowed |",
            "|---|---|---|---|---|",
            *rows,
            "",
            "From:",
            "",
            *(f"- {_named(source)}" for source in description.sources),
            "",
            "Licence: " + "; ".join(map(_named, description.licences)),
            "",
        ]
    )


def glossary(folder: Path, lessons: Mapping[str, str]) -> str:
    """Return every word of the glossary with its meaning, the lesson that gives it and what to see beside it.

    Parameters
    ----------
    folder : pathlib.Path
        The one with the course's own tables.
    lessons : mapping of str to str
        Number of a lesson to its page.
    """
    lines = ["```{glossary}"]
    for row in datapackage.read(folder).tables["glossary"].rows:
        lesson = str(row["lesson"])
        lines += [str(row["term"]), f"  {plain(str(row['meaning']))}", ""]
        beside = [f"Lesson [{lesson}]({lessons[lesson]})." if lesson in lessons else f"Lesson {lesson}."]
        if row["see"]:
            beside.append(f"See also {{term}}`{row['see']}`.")
        lines += [f"  {' '.join(beside)}", ""]
    return "\n".join([*lines, "```", ""])


def plain(text: str) -> str:
    """Return text so that Markdown shows it as it is."""
    return re.sub(r"([\\`*_{}\[\]<>|#$~])", r"\\\1", text)


def _named(what: Mapping[str, str]) -> str:
    title = plain(what["title"])
    return f"[{title}]({what['path']})" if "path" in what else title

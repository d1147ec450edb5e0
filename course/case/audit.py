"""``python -m course.case.audit [CASE]``: how well the rows of a case are confirmed, table by table.

A row counts as *ours* if its source is the course itself or the author of the case, and as *the article's* if it only
restates a paragraph; the rest stands on outside pages and needs an address. `confirmed_by` is how many independent
publishers were found in stored public text, by somebody who did not build the row: docs/confirmations.csv has what they
found, row by row.

A row is *computed* if its locator names a table of the case, such as “table strikes_daily”: it is a sum that any reader
can do again, and that no other publisher states. It stays among the rows from outside, because the table is somebody
else's; the share of rows confirmed by two publishers is printed with and without it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from course.case.case import Case
from course.case.table import Row

OURS: Final = ("course", "me")
"""Who speaks for a case: the course for its own, and the author of any other."""

ARTICLE: Final = "¶"
"""How the locator of a row begins that restates a paragraph of the article."""
NAMED_TABLE: Final = re.compile(r"\btable (\w+)")
"""How the locator of a row that is computed names the table it is computed from."""


@dataclass(frozen=True, slots=True)
class TableAudit:
    """What the audit counts in one table, or in all of them.

    Parameters
    ----------
    table : str
    rows : int
        All rows.
    ours, article : int
        Rows of the course's own wording or arithmetic, and rows that restate a paragraph of the article.
    outside : int
        All others.
    with_address : int
        Of those outside, how many have an address.
    by_two, by_one, by_none : int
        Of those outside, by how many publishers they are confirmed.
    computed : int
        Of those outside, how many are computed from a table of the case and confirmed by fewer than two.
    """

    table: str
    rows: int
    ours: int
    article: int
    outside: int
    with_address: int
    by_two: int
    by_one: int
    by_none: int
    computed: int


def audit(case: Case) -> tuple[TableAudit, ...]:
    """Count the rows of every table that says how well its rows are confirmed; the last entry is the sum."""
    tables = {name: case.rows(name) for name in case.tables}
    audited = {name: rows for name, rows in tables.items() if rows and "confirmed_by" in rows[0]}
    everything = [row for rows in audited.values() for row in rows]
    return (*(_count(name, rows, case) for name, rows in audited.items()), _count("all", everything, case))


def computed_from(row: Row, case: Case) -> str:
    """Return the table of the case that a row is computed from, or an empty string."""
    named = NAMED_TABLE.search(str(row["locator"]))
    return named[1] if named and named[1] in case.tables else ""


def unconfirmed(case: Case) -> Iterator[tuple[str, Row]]:
    """Yield the table and the row of everything outside that nobody has confirmed, or that has no address."""
    for name in case.tables:
        for row in case.rows(name):
            if "confirmed_by" in row and _is_outside(row) and (not row["confirmed_by"] or not row["address"]):
                yield name, row


def _count(table: str, rows: Sequence[Row], case: Case) -> TableAudit:
    outside = [row for row in rows if _is_outside(row)]
    confirmed = [row["confirmed_by"] for row in outside]
    return TableAudit(
        table=table,
        rows=len(rows),
        ours=sum(_is_ours(row) for row in rows),
        article=sum(_is_articles(row) for row in rows),
        outside=len(outside),
        with_address=sum(bool(row["address"]) for row in outside),
        by_two=confirmed.count(2),
        by_one=confirmed.count(1),
        by_none=confirmed.count(0),
        computed=sum(row["confirmed_by"] != 2 and bool(computed_from(row, case)) for row in outside),
    )


def _shares(everything: TableAudit) -> Iterator[str]:
    """Yield in words which share of the rows from outside two publishers confirm, all of them and the stated ones."""
    outside, by_two, computed = everything.outside, everything.by_two, everything.computed
    if not outside:
        return
    yield f"Confirmed by two publishers: {by_two} of {outside} rows from outside ({by_two / outside:.1%})."
    if stated := outside - computed if computed else 0:
        yield f"Without the {computed} computed from tables of the case: {by_two} of {stated} ({by_two / stated:.1%})."
        yield f"By two publishers or computed: {by_two + computed} of {outside} ({(by_two + computed) / outside:.1%})."


def _is_ours(row: Row) -> bool:
    return row["source"] in OURS


def _is_articles(row: Row) -> bool:
    """Return whether a row restates the article and nothing else."""
    return str(row["locator"]).startswith(ARTICLE) and ";" not in str(row["locator"])


def _is_outside(row: Row) -> bool:
    return not _is_ours(row) and not _is_articles(row)


def main(folder: str | None = None) -> None:
    """Print the table of the audit, the shares confirmed by two, and every row that is not confirmed."""
    case = Case.load(folder)
    headings = ("table", "rows", "ours", "article", "outside", "address", "by two", "by one", "by none", "computed")
    counts = audit(case)
    lines = [headings, *(tuple(str(getattr(line, name)) for name in TableAudit.__slots__) for line in counts)]
    for line in lines:
        print(f"{line[0]:12}" + "".join(f"{cell:>9}" for cell in line[1:]))  # noqa: T201
    for share in _shares(counts[-1]):
        print(share)  # noqa: T201
    for name, row in unconfirmed(case):
        print(f"{name} {row['id']}: {row['locator']}")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)

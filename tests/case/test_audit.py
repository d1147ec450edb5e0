"""The audit of a case: how many rows are confirmed, by how many publishers."""

from __future__ import annotations

import pytest

from course.case import Case
from course.case.audit import audit, main, unconfirmed

CASE = Case.load()


def test_every_row_is_counted_once_and_confirmed_by_two_one_or_none() -> None:
    *tables, everything = audit(CASE)
    for line in (*tables, everything):
        assert line.rows == line.ours + line.article + line.outside
        assert line.outside == line.by_two + line.by_one + line.by_none
        assert line.with_address <= line.outside
        assert line.computed <= line.by_one
    assert everything.rows == sum(line.rows for line in tables)


def test_nearly_every_row_from_outside_has_an_address() -> None:
    everything = audit(CASE)[-1]
    assert everything.with_address >= 0.95 * everything.outside
    assert everything.by_none <= 1


def test_five_rows_in_six_are_confirmed_by_two_publishers() -> None:
    """Computed rows count as neither confirmed nor missing: the share is kept with them and without them."""
    everything = audit(CASE)[-1]
    assert everything.by_two >= 0.83 * everything.outside
    assert everything.by_two >= 0.889 * (everything.outside - everything.computed)


def test_what_is_confirmed_says_where() -> None:
    for name in ("claims", "sources", "statements", "quantities", "timeline"):
        for row in CASE.rows(name):
            assert row["address"] or not row["confirmed_by"], row["id"]


def test_the_command_prints_the_table_and_names_what_is_not_confirmed(capsys: pytest.CaptureFixture[str]) -> None:
    main()
    printed = capsys.readouterr().out
    assert printed.startswith("table ")
    everything = audit(CASE)[-1]
    assert f"{everything.outside}" in printed.splitlines()[len(audit(CASE))]
    assert f"{everything.by_two} of {everything.outside} rows from outside (" in printed
    assert f"{everything.by_two} of {everything.outside - everything.computed} (" in printed
    for name, row in unconfirmed(CASE):
        assert f"{name} {row['id']}:" in printed

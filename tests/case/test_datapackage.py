"""A folder of tables that breaks its description is refused, with every problem named by file, row and column."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from course.case import Case, CaseError

DATA = Path(__file__).resolve().parents[2] / "data" / "case-2017"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def edit(path: Path, change: Callable[[list[list[str]]], object]) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def put(table: str, row: int, column: str, text: str) -> Callable[[Path], None]:
    """Return a change that writes `text` into a cell; `row` as a spreadsheet counts."""

    def change(folder: Path) -> None:
        def write(rows: list[list[str]]) -> None:
            rows[row - 1][rows[0].index(column)] = text

        edit(folder / f"{table}.csv", write)

    return change


def refusal(folder: Path) -> CaseError:
    with pytest.raises(CaseError) as caught:
        Case.load(folder)
    return caught.value


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (put("statements", 3, "said_on", "11 Dec"), "statements.csv, row 3, column said_on: '11 Dec' is not a date."),
        (put("statements", 3, "said_on", "2017-02-30"), "row 3, column said_on: '2017-02-30' is not a day"),
        (put("statements", 3, "paragraph", "two"), "row 3, column paragraph: 'two' is not a whole number."),
        (put("statements", 3, "paragraph", "35"), "row 3, column paragraph: 35 is above 34"),
        (put("statements", 3, "paragraph", "0"), "row 3, column paragraph: 0 is below 1"),
        (put("statements", 3, "sourced", "yes"), "row 3, column sourced: 'yes' is neither true nor false."),
        (
            put("statements", 3, "scope", "Libya"),
            "'Libya' is not one of its values. Use one of: Syria, Iraq, Iraq+Syria",
        ),
        (put("statements", 3, "content", ""), "row 3, column content: is empty. Fill it in"),
        (put("statements", 3, "id", "T02"), "statements.csv, row 3, column id: 'T02' does not have the form"),
        (put("statements", 3, "id", "S01"), "row 3, column id: 'S01' is already in row 2. Each row needs its own."),
        (
            put("statements", 3, "speaker", "nobody"),
            "row 3, column speaker: 'nobody' is not in column id of sources.csv.",
        ),
        (put("statements", 3, "repeats", "S99"), "row 3, column repeats: 'S99' is not in column id of statements.csv."),
        (put("quantities", 2, "value", "34,000"), "quantities.csv, row 2, column value: '34,000' is not a number."),
        (put("quantities", 2, "value", "nan"), "quantities.csv, row 2, column value: 'nan' is not a number."),
        (put("events_weekly", 1025, "source", "gdelt"), "events_weekly.csv, row 1025, column source: 'gdelt'"),
    ],
)
def test_a_wrong_cell_is_named(copy: Path, change: Callable[[Path], None], line: str) -> None:
    change(copy)
    assert line in str(refusal(copy))


def test_a_repeated_key_of_several_columns_is_named(copy: Path) -> None:
    edit(copy / "events_weekly.csv", lambda rows: rows.append(rows[1]))
    columns, values = "week_start, governorate, fought_with", "2017-01-05, Aleppo, Syrian government"
    assert f"row 1026, column {columns}: '{values}' is already in row 2." in str(refusal(copy))


def test_a_missing_file_is_named(copy: Path) -> None:
    (copy / "timeline.csv").unlink()
    assert f"timeline.csv: is missing from {copy}." in str(refusal(copy))


def test_a_missing_file_does_not_blame_the_rows_that_point_to_it(copy: Path) -> None:
    (copy / "sources.csv").unlink()
    assert [problem.file for problem in refusal(copy).problems] == ["sources.csv"]


def test_a_file_that_is_not_utf_8_is_named(copy: Path) -> None:
    text = (copy / "claims.csv").read_text(encoding="utf-8")
    (copy / "claims.csv").write_bytes(text.encode("cp1252", errors="replace"))
    assert "claims.csv: is not UTF-8 text (line 2). Save it again" in str(refusal(copy))


def test_a_byte_order_mark_from_a_spreadsheet_does_no_harm(copy: Path) -> None:
    text = (copy / "claims.csv").read_text(encoding="utf-8")
    (copy / "claims.csv").write_text(text, encoding="utf-8-sig")
    assert Case.load(copy).row("claims", "C01")["speaker"] == "russian-mod"


def test_columns_may_stand_in_another_order(copy: Path) -> None:
    def reverse(rows: list[list[str]]) -> None:
        for row in rows:
            row.reverse()

    edit(copy / "claims.csv", reverse)
    assert Case.load(copy).rows("claims") == Case.load().rows("claims")


def test_missing_extra_and_repeated_columns_are_named(copy: Path) -> None:
    edit(copy / "claims.csv", lambda rows: rows[0].__setitem__(rows[0].index("hedge"), "hedges"))
    edit(copy / "origins.csv", lambda rows: rows[0].__setitem__(0, "name"))
    message = str(refusal(copy))
    assert "claims.csv, row 1, column hedge: is missing." in message
    assert "claims.csv, row 1, column hedges: is not a column of this table." in message
    assert "origins.csv, row 1, column name: is there more than once." in message


def test_an_empty_file_is_named(copy: Path) -> None:
    (copy / "origins.csv").write_text("", encoding="utf-8")
    assert "origins.csv, row 1: is empty. The first row names the columns: id, name" in str(refusal(copy))


def test_a_short_row_is_named(copy: Path) -> None:
    edit(copy / "origins.csv", lambda rows: rows[11].pop())
    assert "origins.csv, row 12: has 7 cells instead of 8." in str(refusal(copy))


def test_a_stray_quotation_mark_is_named(copy: Path) -> None:
    with (copy / "origins.csv").open("a", encoding="utf-8") as file:
        file.write('x,"open\n')
    assert "origins.csv, row 18: cannot be read as CSV" in str(refusal(copy))


def test_a_row_that_cannot_be_read_does_not_blame_the_rows_that_point_to_it(copy: Path) -> None:
    put("sources", 2, "id", "")(copy)
    assert [(problem.file, problem.row, problem.column) for problem in refusal(copy).problems] == [
        ("sources.csv", 2, "id")
    ]


def test_all_problems_are_found_and_ten_are_spelt_out(copy: Path) -> None:
    def spoil(rows: list[list[str]]) -> None:
        for row in rows[1:13]:
            row[rows[0].index("events")] = "many"

    edit(copy / "events_weekly.csv", spoil)
    put("claims", 2, "absolute", "no")(copy)
    error = refusal(copy)
    assert len(error.problems) == 13
    assert str(error).startswith("The case cannot be used: 13 problems.\n- claims.csv, row 2, column absolute: 'no'")
    assert str(error).count("\n- ") == 11
    assert str(error).endswith("- and 3 more.")
    assert (error.problems[1].file, error.problems[1].row, error.problems[1].column) == (
        "events_weekly.csv",
        2,
        "events",
    )


def description() -> dict[str, Any]:
    package: dict[str, Any] = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
    return package


def describe(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    package = description()
    change(package)
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda package: package.pop("resources"), "does not have the shape of a data package"),
        (lambda package: package["resources"].pop(0), "does not list claims."),
        (lambda package: package["resources"][0].pop("schema"), "does not have the shape of a data package"),
        (
            lambda package: package["resources"][0]["schema"]["fields"][1].update(type="day"),
            "describes claims.said_on wrongly: no type 'day' here. Use one of: string, integer",
        ),
        (
            lambda package: package["resources"][0]["schema"]["fields"][1].update(constraints={"maxLength": 3}),
            "describes claims.said_on wrongly: no rule 'maxLength' here.",
        ),
        (
            lambda package: package["resources"][0]["schema"]["fields"][0].update(constraints={"pattern": "("}),
            "describes claims.id wrongly: ",
        ),
        (
            lambda package: package["resources"][0]["schema"].update(primaryKey="key"),
            "has a key on claims.key, which is no column of claims.",
        ),
        (
            lambda package: package["resources"][0]["schema"]["foreignKeys"][0]["reference"].update(resource="people"),
            "has a key from claims to 'people', which it does not list.",
        ),
    ],
)
def test_a_wrong_description_is_named(copy: Path, change: Callable[[dict[str, Any]], object], line: str) -> None:
    describe(copy, change)
    assert f"- datapackage.json: {line}" in str(refusal(copy))


def test_a_description_that_is_not_json_is_named(copy: Path) -> None:
    path = copy / "datapackage.json"
    path.write_text(path.read_text(encoding="utf-8")[:5000], encoding="utf-8")
    assert "datapackage.json: is not JSON" in str(refusal(copy))


def test_a_folder_without_a_case_is_named(tmp_path: Path) -> None:
    error = refusal(tmp_path)
    assert str(error) == (
        "The case cannot be used: 1 problem.\n"
        f"- datapackage.json: is missing from {tmp_path}. Put it back, from a copy or from the course."
    )


def test_a_foreign_key_may_be_written_as_a_single_name(copy: Path) -> None:
    def simplify(package: dict[str, Any]) -> None:
        for key in package["resources"][0]["schema"]["foreignKeys"]:
            key["fields"] = key["fields"][0]
            key["reference"]["fields"] = key["reference"]["fields"][0]

    describe(copy, simplify)
    assert Case.load(copy).rows("claims") == Case.load().rows("claims")

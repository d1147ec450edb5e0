"""`check`, `doctor` and `grade` read a notebook in the same way, whatever form another program gave it."""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.checks.notebook import UnreadableError, dump, parse, read, repair_form, repair_ids
from course.checks.runner import check as run_checks
from course.checks.runner import prepare
from course.classroom.doctor.inspection import check as inspect
from course.classroom.doctor.release_catalogue import ReleaseCatalogue
from course.classroom.gradebook.submission_check import check_submission

ROOT = Path(__file__).resolve().parents[2]
NAME = "01-the-claim"

Notebook = dict[str, Any]


def first(notebook: Notebook, kind: str) -> dict[str, Any]:
    return next(cell for cell in notebook["cells"] if cell["cell_type"] == kind)


def outputs_in_markdown(notebook: Notebook) -> None:
    first(notebook, "markdown")["outputs"] = []


def empty_kernelspec(notebook: Notebook) -> None:
    notebook["metadata"]["kernelspec"] = {}


def count_as_text(notebook: Notebook) -> None:
    first(notebook, "code")["execution_count"] = "3"


def transient_output(notebook: Notebook) -> None:
    output = {"output_type": "display_data", "data": {"text/plain": "1"}, "metadata": {}, "transient": {}}
    first(notebook, "code")["outputs"] = [output, {"output_type": "stream", "text": None}]


def ids_before_their_time(notebook: Notebook) -> None:
    notebook["nbformat_minor"] = 4


def tags_as_text(notebook: Notebook) -> None:
    first(notebook, "markdown")["metadata"]["tags"] = "remove-cell"


def no_metadata(notebook: Notebook) -> None:
    del notebook["metadata"]
    del first(notebook, "markdown")["metadata"]


def no_source(notebook: Notebook) -> None:
    first(notebook, "markdown")["source"] = None


def same_ids(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["id"] = "same"


FORMS: tuple[Callable[[Notebook], None], ...] = (
    outputs_in_markdown,
    empty_kernelspec,
    count_as_text,
    transient_output,
    ids_before_their_time,
    tags_as_text,
    no_metadata,
    no_source,
    same_ids,
)


@pytest.fixture
def exercise(tmp_path: Path) -> Path:
    ignore = shutil.ignore_patterns("ledger*")
    return Path(shutil.copytree(ROOT / "exercises" / NAME, tmp_path / NAME, ignore=ignore)) / f"{NAME}.ipynb"


def is_valid(notebook: Notebook) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nbformat.validate(nbformat.from_dict(notebook))  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("spoil", FORMS)
def test_every_form_is_read_by_doctor_and_grade_alike_and_repaired_for_good(
    exercise: Path, spoil: Callable[[Notebook], None]
) -> None:
    notebook = json.loads(exercise.read_text(encoding="utf-8"))
    spoil(notebook)
    exercise.write_text(json.dumps(notebook), encoding="utf-8")
    repaired, corrections = read(exercise)
    is_valid(repaired)
    assert corrections
    assert check_submission(exercise.parent, {NAME: {}}).notebooks == 1
    inspection = inspect(exercise, ReleaseCatalogue((ROOT / "exercises",)), fix=True)
    assert inspection.is_well
    assert {item.code for item in inspection.repaired} <= {"malformed", "ids", "format"}
    assert read(exercise)[1] == []
    is_valid(json.loads(exercise.read_text(encoding="utf-8")))


def test_what_jupyter_does_not_accept_is_checked_all_the_same(exercise: Path) -> None:
    before = run_checks(exercise)
    notebook = json.loads(exercise.read_text(encoding="utf-8"))
    for spoil in FORMS:
        if spoil not in (no_source, no_metadata):
            spoil(notebook)
    exercise.write_text(json.dumps(notebook), encoding="utf-8-sig")
    assert run_checks(exercise) == before


def test_a_notebook_of_nbformat_3_is_brought_up_to_date(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "input": "1 + 1", "language": "python", "outputs": [], "metadata": {}}
    old = {"worksheets": [{"cells": [cell]}], "metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0}
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps(old), encoding="utf-8")
    notebook, corrections = read(path)
    assert [cell["source"] for cell in notebook["cells"]] == ["1 + 1"]
    assert [correction.message for correction in corrections] == ["its format (“3”) was read as 4.5."]
    is_valid(notebook)


def test_only_a_complete_notebook_is_read_unless_the_rest_is_to_be_saved(exercise: Path) -> None:
    raw = exercise.read_bytes()
    with pytest.raises(UnreadableError, match="is cut off"):
        parse(raw[:-300])
    notebook, (correction,) = parse(raw[:-300], salvage=True)
    assert (correction.code, len(notebook["cells"]) > 10) == ("cut off", True)
    notebook, (correction,) = parse(raw + b"\n<p>Saved by a mail program</p>")
    assert (correction.code, notebook) == ("trailing", json.loads(raw))


def test_what_macos_writes_beside_a_notebook_is_no_second_one(exercise: Path) -> None:
    (exercise.parent / f"._{NAME}.ipynb").write_bytes(b"\x00\x05\x16\x07")
    with prepare(exercise.parent) as prepared:
        assert prepared.notebook == exercise


def test_half_an_emoji_is_written_so_that_it_can_be_read_again(tmp_path: Path) -> None:
    notebook, _ = repair_form({"cells": [{"cell_type": "code", "source": "'\ud83d'\n1", "id": "a"}]})
    path = tmp_path / "half.ipynb"
    path.write_bytes(dump(notebook))
    assert read(path) == (notebook, [])


names = st.sampled_from(
    [
        "cell_type",
        "source",
        "metadata",
        "id",
        "outputs",
        "output_type",
        "data",
        "text",
        "tags",
        "execution_count",
        "name",
    ]
)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["code", "stream", "raw", "error"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=15,
)


@settings(max_examples=100)
@given(cells=st.lists(values, max_size=4), rest=st.dictionaries(st.sampled_from(["metadata", "nbformat", "x"]), values))
def test_whatever_is_in_a_notebook_its_form_is_valid_afterwards_and_repaired_only_once(
    cells: list[Any], rest: dict[str, Any]
) -> None:
    notebook, _ = repair_form({"cells": cells, **rest})
    repair_ids(notebook["cells"])
    is_valid(notebook)
    assert repair_form(notebook) == (notebook, [])
    assert repair_ids(notebook["cells"]) == []

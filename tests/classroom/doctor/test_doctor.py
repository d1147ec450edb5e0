"""The doctor finds what keeps an exercise from being graded, mends what is safe, and never loses an answer."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.nbgraderformat import MetadataValidator

from course.classroom.doctor.inspection import DoctorError, Inspection, as_json, check, check_all, describe, notebooks
from course.classroom.doctor.release_catalogue import ReleaseCatalogue
from course.classroom.doctor.repair import repair_notebook
from tests.gradebook import ROOT, Course, sample

Notebook = dict[str, Any]
Cell = dict[str, Any]
CATALOGUE = ReleaseCatalogue((ROOT / "exercises",))
WEIGHING = ROOT / "exercises" / "06-weighing"


def read(path: Path) -> Notebook:
    notebook: Notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


RELEASED = read(WEIGHING / "06-weighing.ipynb")


def marks(cell: Cell) -> dict[str, Any]:
    own: dict[str, Any] = cell["metadata"].get("nbgrader", {})
    return own


def named(notebook: Notebook, name: str) -> Cell:
    return next(cell for cell in notebook["cells"] if marks(cell).get("grade_id") == name)


def answered() -> Notebook:
    """The exercise with an answer of two lines in every answer cell."""
    notebook = deepcopy(RELEASED)
    for cell in notebook["cells"]:
        if marks(cell).get("solution"):
            name = marks(cell)["grade_id"]
            cell["source"] = (
                f"first_of_{name} = 'mine, line one'\nsecond_of_{name} = 'mine, line two'"
                if cell["cell_type"] == "code"
                else f"My words on {name} begin here.\n\nAnd they end there, {name}."
            )
    return notebook


ANSWERS = {marks(cell)["grade_id"]: cell["source"] for cell in answered()["cells"] if marks(cell).get("solution")}


def lay_out(folder: Path, notebook: Notebook, *, ledger: bool = True) -> Path:
    """Write an exercise's folder, as a learner has it."""
    place = folder / "06-weighing"
    place.mkdir(exist_ok=True)
    path = place / "06-weighing.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    (place / "exercise.json").write_bytes((WEIGHING / "exercise.json").read_bytes())
    if ledger:
        (place / "ledger.json").write_text('{"schema": 1, "answers": [{"key": "a", "value": 1}]}')
    return path


def codes(seen: Inspection) -> set[str]:
    return {diagnosis.code for diagnosis in seen.diagnoses}


# --- damage ----------------------------------------------------------------------------------------------------------
# Each returns what the doctor may call it.


def graded(notebook: Notebook, chance: random.Random, *, answer: bool | None = None) -> Cell:
    cells = [cell for cell in notebook["cells"] if marks(cell) and answer in (None, marks(cell)["solution"])]
    return chance.choice(cells)


def delete_given(notebook: Notebook, chance: random.Random) -> set[str]:
    notebook["cells"].remove(graded(notebook, chance, answer=False))
    return {"deleted"}


def duplicate(notebook: Notebook, chance: random.Random) -> set[str]:
    cell = graded(notebook, chance)
    copy = deepcopy(cell) | {"id": f"copy-{chance.randrange(10**6)}"}
    if marks(cell)["solution"] and chance.random() < 0.5:
        copy["source"] += "\n" + ("later = 'thought'" if cell["cell_type"] == "code" else "A later thought.")
    notebook["cells"].insert(chance.randrange(len(notebook["cells"]) + 1), copy)
    return {"duplicated", "split"}


def split(notebook: Notebook, chance: random.Random) -> set[str]:
    cell = graded(notebook, chance)
    at = chance.randrange(1, max(2, len(cell["source"])))
    rest = deepcopy(cell) | {"id": f"rest-{chance.randrange(10**6)}", "source": cell["source"][at:].strip("\n")}
    cell["source"] = cell["source"][:at].strip("\n")
    notebook["cells"].insert(notebook["cells"].index(cell) + 1, rest)
    return {"split", "duplicated", "edited"}


def merge(notebook: Notebook, chance: random.Random) -> set[str]:
    pairs = [
        pair
        for pair in zip(notebook["cells"], notebook["cells"][1:], strict=False)
        if marks(pair[0]).get("solution") and marks(pair[1]) and not marks(pair[1])["solution"]
    ]
    if not pairs:
        return set()
    first, second = chance.choice(pairs)
    kept, gone = (first, second) if chance.random() < 0.5 else (second, first)
    kept["source"] = first["source"] + "\n\n" + second["source"]
    notebook["cells"].remove(gone)
    return {"merged"}


def retype(notebook: Notebook, chance: random.Random) -> set[str]:
    cell = graded(notebook, chance)
    if cell["cell_type"] == "code":
        cell["cell_type"] = chance.choice(["markdown", "raw"])
        del cell["outputs"], cell["execution_count"]
    else:
        cell |= {"cell_type": "code", "outputs": [], "execution_count": None}
    return {"retyped"}


def move(notebook: Notebook, chance: random.Random) -> set[str]:
    cells = notebook["cells"]
    cell = graded(notebook, chance)
    before = [id(other) for other in cells if marks(other)]
    cells.remove(cell)
    cells.insert(chance.randrange(len(cells) + 1), cell)
    return {"reordered"} if [id(other) for other in cells if marks(other)] != before else set()


def rename(notebook: Notebook, chance: random.Random) -> set[str]:
    marks(graded(notebook, chance))["grade_id"] = f"mine-{chance.randrange(10**6)}"
    return {"renamed"}


def unmark(notebook: Notebook, chance: random.Random) -> set[str]:
    cell = graded(notebook, chance)
    cell["metadata"] = {}
    return {"renamed"}


def edit_given(notebook: Notebook, chance: random.Random) -> set[str]:
    cell = graded(notebook, chance, answer=False)
    cell["source"] = chance.choice(["print('hello')\n" + cell["source"], cell["source"][:-5], "x = 1"])
    return {"edited"}


def change_points(notebook: Notebook, chance: random.Random) -> set[str]:
    own = marks(graded(notebook, chance))
    own |= chance.choice([{"points": 100}, {"locked": not own["locked"]}, {"schema_version": 2}])
    return {"metadata"}


def lose_ids(notebook: Notebook, _: random.Random) -> set[str]:
    for cell in notebook["cells"]:
        cell.pop("id", None)
    return {"ids"}


def print_much(notebook: Notebook, chance: random.Random) -> set[str]:
    code = chance.choice([cell for cell in notebook["cells"] if cell["cell_type"] == "code"])
    code["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 2**21}]
    return {"outputs"}


def end_lines_as_windows_does(notebook: Notebook, _: random.Random) -> set[str]:
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].replace("\n", "\r\n")
    return {"line-ends"}


def paste_foreign(notebook: Notebook, chance: random.Random) -> set[str]:
    cell = deepcopy(named(read(ROOT / "exercises/01-the-claim/01-the-claim.ipynb"), "q12"))
    cell |= {"id": f"pasted-{chance.randrange(10**6)}"}
    marks(cell)["grade_id"] = "q99"
    notebook["cells"].insert(chance.randrange(len(notebook["cells"]) + 1), cell)
    return {"foreign"}


CHANCE = st.integers(0, 10**6).map(random.Random)
Damage = Callable[[Notebook, random.Random], set[str]]
DAMAGES: Mapping[str, Damage] = {
    damage.__name__: damage
    for damage in (
        delete_given,
        duplicate,
        split,
        merge,
        retype,
        move,
        rename,
        unmark,
        edit_given,
        change_points,
        lose_ids,
        print_much,
        end_lines_as_windows_does,
        paste_foreign,
    )
}


def all_lines(notebook: Notebook) -> set[str]:
    return {line.strip() for cell in notebook["cells"] for line in "".join(cell["source"]).splitlines() if line.strip()}


def is_gradeable(notebook: Notebook) -> None:
    """Hold it against nbgrader's own rules, and every marked cell against the exercise."""
    node = nbformat.from_dict(deepcopy(notebook))  # type: ignore[no-untyped-call]
    nbformat.validate(node)
    MetadataValidator().validate_nb(node)
    there = [cell for cell in notebook["cells"] if marks(cell)]
    released = [cell for cell in RELEASED["cells"] if marks(cell)]
    assert [marks(cell) for cell in there] == [marks(cell) for cell in released]
    assert [cell["cell_type"] for cell in there] == [cell["cell_type"] for cell in released]
    for mine, theirs in zip(there, released, strict=True):
        if not marks(theirs)["solution"]:
            assert "".join(mine["source"]) == theirs["source"]


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@settings(max_examples=8)
@given(chance=CHANCE)
def test_damage_is_found_and_mended_and_no_answer_is_lost(damage: Damage, chance: random.Random) -> None:
    notebook = answered()
    expected = damage(notebook, chance)
    given_lines = all_lines(notebook)
    with tempfile.TemporaryDirectory() as folder:
        path = lay_out(Path(folder), notebook)
        before = path.read_bytes()
        seen = check(path, CATALOGUE)
        assert path.read_bytes() == before
        assert (not expected and seen.is_well) or codes(seen) & expected, seen
        mended = check(path, CATALOGUE, fix=True)
        assert mended.is_well, mended
        if expected:
            assert mended.aside
            assert mended.aside.read_bytes() == before
        repaired = read(path)
    is_gradeable(repaired)
    answers = {line for line in given_lines if "mine" in line or "My words" in line or "thought" in line}
    assert answers <= all_lines(repaired)
    for name, text in ANSWERS.items():
        if damage not in (split, duplicate):
            assert named(repaired, name)["source"] == text


@settings(max_examples=40)
@given(st.lists(st.sampled_from(sorted(DAMAGES)), min_size=2, max_size=5), CHANCE)
def test_much_damage_at_once_leaves_it_gradeable_and_keeps_every_line_of_an_answer(
    names: list[str], chance: random.Random
) -> None:
    notebook = answered()
    for name in names:
        DAMAGES[name](notebook, chance)
    repaired, _ = repair_notebook(notebook, RELEASED)
    is_gradeable(repaired)
    written = "\n".join(cell["source"] for cell in notebook["cells"]).replace("\r", "")
    kept = all_lines(repaired)
    for text in ANSWERS.values():
        for line in text.splitlines():
            if line and line in written.splitlines():
                assert line in kept
    assert repair_notebook(repaired, RELEASED) == (repaired, [])


@settings(max_examples=25)
@given(at=st.floats(0.02, 0.98))
def test_a_file_that_was_cut_off_is_completed_and_keeps_what_was_in_it(at: float) -> None:
    whole = json.dumps(answered(), indent=1)
    raw = whole[: int(len(whole) * at)].encode()
    with tempfile.TemporaryDirectory() as folder:
        path = lay_out(Path(folder), answered())
        path.write_bytes(raw)
        seen = check(path, CATALOGUE)
        assert "broken" in codes(seen)
        check(path, CATALOGUE, fix=True)
        repaired = read(path)
    is_gradeable(repaired)
    # A line counts as kept where its end is in the file, as JSON writes it.
    wanted = [line for text in ANSWERS.values() for line in text.splitlines() if f"{line}\\n".encode() in raw]
    assert set(filter(None, wanted)) <= all_lines(repaired)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["cell_type", "source", "metadata", "nbgrader", "grade_id", "grade", "id", "outputs", "points"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60)
@given(st.lists(json_values, max_size=5), json_values, st.booleans())
def test_whatever_stands_in_a_file_the_doctor_does_not_stumble(cells: list[Any], metadata: Any, known: bool) -> None:
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    repaired, _ = repair_notebook(notebook, RELEASED if known else None)
    if known:
        is_gradeable(json.loads(json.dumps(repaired)))


# --- single cases ----------------------------------------------------------------------------------------------------


@pytest.fixture
def exercise(tmp_path: Path) -> Path:
    return lay_out(tmp_path, answered())


def change(path: Path, alter: Callable[[Notebook], object]) -> None:
    notebook = read(path)
    alter(notebook)
    path.write_text(json.dumps(notebook), encoding="utf-8")


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "exercises").iterdir() if path.is_dir()))
def test_every_exercise_as_it_is_handed_out_is_well(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    for item in (ROOT / "exercises" / name).glob(f"{name}.ipynb"), (ROOT / "exercises" / name).glob("exercise.json"):
        for path in item:
            (folder / path.name).write_bytes(path.read_bytes())
    seen = check(folder / f"{name}.ipynb", CATALOGUE)
    assert seen == Inspection(folder / f"{name}.ipynb", name, ())
    assert list(describe(seen)) == [f"{seen.path}: no problems found."]


def test_an_exercise_with_answers_is_well_and_fixing_it_touches_nothing(exercise: Path) -> None:
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in exercise.parent.iterdir()}
    assert check(exercise, CATALOGUE, fix=True).is_well
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in exercise.parent.iterdir()} == before


def test_a_deleted_answer_cell_comes_back_empty_and_a_person_is_told_to_look(exercise: Path) -> None:
    change(exercise, lambda notebook: notebook["cells"].remove(named(notebook, "q3")))
    mended = check(exercise, CATALOGUE, fix=True)
    assert "your code here" in named(read(exercise), "q3")["source"]
    assert any("Check whether your answer is in another cell" in diagnosis.repair for diagnosis in mended.repaired)


def test_prose_typed_into_a_new_cell_after_the_answer_cell_was_deleted_is_the_answer(exercise: Path) -> None:
    def retell(notebook: Notebook) -> None:
        at = notebook["cells"].index(named(notebook, "q10"))
        notebook["cells"][at] = {"cell_type": "markdown", "id": "own", "metadata": {}, "source": "Typed anew."}

    change(exercise, retell)
    check(exercise, CATALOGUE, fix=True)
    assert named(read(exercise), "q10")["source"] == "Typed anew."


def test_an_import_added_to_a_locked_cell_still_runs_before_what_needs_it(exercise: Path) -> None:
    def add(notebook: Notebook) -> None:
        named(notebook, "setup")["source"] += "\nimport statistics"

    change(exercise, add)
    check(exercise, CATALOGUE, fix=True)
    cells = read(exercise)["cells"]
    after = cells[cells.index(named({"cells": cells}, "setup")) + 1]
    assert (after["cell_type"], after["source"], after["metadata"]) == ("code", "import statistics", {})


def test_an_answer_typed_into_a_check_is_kept_below_it_for_the_marker_to_see(exercise: Path) -> None:
    def type_over(notebook: Notebook) -> None:
        named(notebook, "q1-check")["source"] = "s12_low = 0.21  # my answer"

    change(exercise, type_over)
    check(exercise, CATALOGUE, fix=True)
    assert "s12_low = 0.21  # my answer" in all_lines(read(exercise))


def test_half_a_function_in_each_of_two_cells_becomes_one_function(exercise: Path) -> None:
    def cut(notebook: Notebook) -> None:
        cell = named(notebook, "q2")
        rest = deepcopy(cell) | {"id": "rest", "source": "    return 10 * q"}
        cell["source"] = "def weight(q, strength_db):"
        notebook["cells"].insert(notebook["cells"].index(cell) + 1, rest)

    change(exercise, cut)
    assert "was split" in " ".join(describe(check(exercise, CATALOGUE)))
    check(exercise, CATALOGUE, fix=True)
    assert named(read(exercise), "q2")["source"] == "def weight(q, strength_db):\n    return 10 * q"


def test_an_untouched_copy_below_an_answer_does_not_take_its_place(exercise: Path) -> None:
    def copy(notebook: Notebook) -> None:
        cell = deepcopy(named(RELEASED, "q2")) | {"id": "copy"}
        notebook["cells"].insert(notebook["cells"].index(named(notebook, "q2")) + 1, cell)

    change(exercise, copy)
    check(exercise, CATALOGUE, fix=True)
    repaired = read(exercise)
    assert [cell["source"] for cell in repaired["cells"]] == [cell["source"] for cell in answered()["cells"]]


def test_another_version_of_the_exercise_is_no_fault_of_the_learners(tmp_path: Path) -> None:
    """Handed out with an older text: its own checksum says that nobody has changed it since."""
    from nbgrader.utils import compute_checksum

    notebook = answered()
    cell = named(notebook, "q1-check")
    cell["source"] = "pass  # as it was last year"
    node = nbformat.from_dict(cell)  # type: ignore[no-untyped-call]
    marks(cell)["checksum"] = compute_checksum(node)
    seen = check(lay_out(tmp_path, notebook), CATALOGUE)
    assert codes(seen) == {"version"}
    assert "You have done nothing wrong." in seen.diagnoses[0].advice


@pytest.mark.parametrize(
    "name",
    [
        "06-weighing (1).ipynb",
        "06-weighing-Copy1.ipynb",
        "06-weighing.ipynb.txt",
        "homework.ipynb",
        "06-Weighing.IPYNB",
    ],
)
def test_a_wrong_name_is_put_right(exercise: Path, name: str) -> None:
    wrong = exercise.with_name(name)
    exercise.rename(wrong)
    assert codes(check(wrong, CATALOGUE)) == {"name"}
    mended = check(wrong, CATALOGUE, fix=True)
    assert (mended.path, mended.is_well) == (exercise, True)
    assert sorted(path.name for path in exercise.parent.iterdir()) == [
        "06-weighing.ipynb",
        "exercise.json",
        "ledger.json",
    ]


def test_of_two_notebooks_none_is_renamed_over_the_other_and_the_one_with_answers_is_pointed_out(
    exercise: Path,
) -> None:
    copy = exercise.with_name("06-weighing-Copy1.ipynb")
    exercise.rename(copy)
    exercise.write_text(json.dumps(RELEASED))
    before = {path: path.read_bytes() for path in exercise.parent.iterdir()}
    (seen,) = check_all([exercise.parent], fix=True)
    assert codes(seen) == {"copy"}
    assert "“06-weighing-Copy1.ipynb” has answers" in seen.diagnoses[0].message
    assert codes(check(copy, CATALOGUE, fix=True)) == {"name"}
    assert {path: path.read_bytes() for path in exercise.parent.iterdir()} == before


def test_an_original_kept_aside_is_never_overwritten(exercise: Path) -> None:
    kept = []
    for text in ("one", "two"):
        change(exercise, lambda notebook, text=text: named(notebook, "setup").update(source=text))  # type: ignore[misc]
        kept.append(exercise.read_bytes())
        check(exercise, CATALOGUE, fix=True)
    assert exercise.with_name("06-weighing.before-doctor.ipynb").read_bytes() == kept[0]
    assert exercise.with_name("06-weighing.before-doctor-2.ipynb").read_bytes() == kept[1]
    assert notebooks(exercise.parent) == [exercise]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><title>Log in</title>", "a web page"),
        (b"PK\x03\x04", "ZIP"),
        (b'{"worksheets": []}', "before 2015"),
        (b"[" * 10_000, "nested too deeply"),
        (b'{"cells": [\n<<<<<<< HEAD\n', "Git has written two versions"),
        (b'{"cells": 3}', "no list of cells"),
    ],
)
def test_a_file_that_is_no_notebook_is_named_for_what_it_is_and_left_alone(
    exercise: Path, raw: bytes, message: str
) -> None:
    exercise.write_bytes(raw)
    seen = check(exercise, CATALOGUE, fix=True)
    assert codes(seen) == {"broken"}
    assert message in seen.diagnoses[0].message
    assert exercise.read_bytes() == raw


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_file_saved_by_notepad_is_written_as_nbgrader_reads_it(exercise: Path, encoding: str) -> None:
    exercise.write_text(json.dumps(answered()), encoding=encoding)
    assert codes(check(exercise, CATALOGUE)) == {"encoding"}
    assert check(exercise, CATALOGUE, fix=True).is_well
    assert [cell["source"] for cell in read(exercise)["cells"]] == [cell["source"] for cell in answered()["cells"]]


def test_line_ends_between_cells_are_what_jupyter_writes_on_windows_and_nothing_to_mend(exercise: Path) -> None:
    exercise.write_bytes(json.dumps(answered(), indent=1).replace("\n", "\r\n").encode())
    assert check(exercise, CATALOGUE).diagnoses == ()


def test_a_newer_state_that_jupyter_saved_is_pointed_out(exercise: Path) -> None:
    folder = exercise.parent / ".ipynb_checkpoints"
    folder.mkdir()
    checkpoint = folder / "06-weighing-checkpoint.ipynb"
    checkpoint.write_text(json.dumps(answered()))
    os.utime(checkpoint, (exercise.stat().st_mtime + 60,) * 2)
    assert check(exercise, CATALOGUE).is_well
    change(exercise, lambda notebook: named(notebook, "q10").update(source="An older text."))
    os.utime(checkpoint, (exercise.stat().st_mtime + 60,) * 2)
    assert codes(check(exercise, CATALOGUE, fix=True)) == {"unsaved"}


def test_an_exercise_in_the_folder_of_another_one_is_pointed_out(exercise: Path) -> None:
    other = exercise.parent.with_name("02-the-sources")
    exercise.parent.rename(other)
    assert codes(check(other / exercise.name, CATALOGUE)) == {"folder"}


def test_a_link_is_not_followed(exercise: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "somebody-elses.ipynb"
    exercise.rename(elsewhere)
    exercise.symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    seen = check(exercise, CATALOGUE, fix=True)
    assert "a link to another place" in seen.diagnoses[0].message
    assert elsewhere.read_bytes() == before


def test_a_notebook_nested_too_deeply_to_be_copied_is_left_alone(exercise: Path) -> None:
    raw = json.dumps(answered())[:-1] + ', "x": ' + "[" * 900 + "]" * 900 + "}"
    exercise.write_text(raw)
    assert codes(check(exercise, CATALOGUE, fix=True)) == {"broken"}
    assert exercise.read_text() == raw


# --- the ledger ------------------------------------------------------------------------------------------------------


def test_a_missing_ledger_is_asked_for_only_where_something_was_done_and_not_copied(tmp_path: Path) -> None:
    path = lay_out(tmp_path, answered(), ledger=False)
    assert codes(check(path, CATALOGUE)) == {"ledger"}
    assert not check(path, CATALOGUE).is_well
    change(path, lambda notebook: named(notebook, "q7").update(source='board.judge("S09", reliability="C")'))
    assert check(path, CATALOGUE).is_well
    path.write_text(json.dumps(RELEASED))
    assert check(path, CATALOGUE).diagnoses == ()


def test_a_frozen_copy_is_enough_and_said_to_count(tmp_path: Path) -> None:
    path = lay_out(tmp_path, answered(), ledger=False)
    frozen = 'frozen = r"""\n{"schema": 1, "answers": []}\n"""'
    change(path, lambda notebook: named(notebook, "q7").update(source=frozen))
    seen = check(path, CATALOGUE)
    assert seen.is_well
    assert "The copy in the notebook counts." in seen.diagnoses[0].message
    change(path, lambda notebook: named(notebook, "q7").update(source=frozen.replace("answers", "answer")))
    assert "frozen" in codes(check(path, CATALOGUE))


def test_a_ledger_with_another_name_gets_its_own_back(exercise: Path) -> None:
    ledger = exercise.with_name("ledger.json")
    before = ledger.read_bytes()
    ledger.rename(exercise.with_name("ledger (1).json"))
    assert codes(check(exercise, CATALOGUE)) == {"ledger"}
    assert check(exercise, CATALOGUE, fix=True).is_well
    assert ledger.read_bytes() == before


def test_a_damaged_ledger_is_read_as_far_as_it_goes_and_kept_aside(exercise: Path) -> None:
    ledger = exercise.with_name("ledger.json")
    ledger.write_text(ledger.read_text()[:-2])
    before = ledger.read_text()
    assert codes(check(exercise, CATALOGUE)) == {"ledger"}
    assert check(exercise, CATALOGUE, fix=True).is_well
    assert json.loads(ledger.read_text())["answers"][0]["key"] == "a"
    assert [path.read_text() for path in exercise.parent.glob("ledger.kept-aside-*")] == [before]


def test_an_exercise_without_a_tool_needs_no_ledger(tmp_path: Path) -> None:
    name = "05-the-independent-record"
    folder = tmp_path / name
    folder.mkdir()
    notebook = read(ROOT / "exercises" / name / f"{name}.ipynb")
    for cell in notebook["cells"]:
        if marks(cell).get("solution"):
            cell["source"] = "answer = 1"
    (folder / f"{name}.ipynb").write_text(json.dumps(notebook))
    assert check(folder / f"{name}.ipynb", CATALOGUE).is_well


# --- without the exercise --------------------------------------------------------------------------------------------


def test_without_the_exercise_what_the_notebook_itself_shows_is_found(exercise: Path) -> None:
    def damage(notebook: Notebook) -> None:
        named(notebook, "setup")["source"] += "\nx = 1"
        copy = deepcopy(named(notebook, "q10")) | {"id": "copy", "source": "Another version."}
        notebook["cells"].insert(notebook["cells"].index(named(notebook, "q10")) + 1, copy)
        named(notebook, "q2").update(cell_type="markdown")
        del named(notebook, "q2")["outputs"], named(notebook, "q2")["execution_count"]

    change(exercise, damage)
    nothing = ReleaseCatalogue(())
    assert codes(check(exercise, nothing)) == {"edited", "split", "retyped"}
    mended = check(exercise, nothing, fix=True)
    assert codes(mended) == {"edited"}
    repaired = read(exercise)
    assert named(repaired, "q10")["source"] == f"{ANSWERS['q10']}\n\nAnother version."
    assert named(repaired, "q2") == named(answered(), "q2")


def test_a_lesson_or_a_solution_is_not_taken_for_an_exercise(tmp_path: Path) -> None:
    lesson = tmp_path / "06-weighing.ipynb"
    lesson.write_bytes((ROOT / "notebooks" / "06-weighing.ipynb").read_bytes())
    with pytest.raises(DoctorError, match="is not an exercise"):
        check(lesson, CATALOGUE, fix=True)
    lesson.write_bytes((ROOT / "solutions" / "06-weighing" / "06-weighing.ipynb").read_bytes())
    with pytest.raises(DoctorError, match="is a solution"):
        check(lesson, CATALOGUE, fix=True)


# --- as it is typed ---------------------------------------------------------------------------------------------------


def course_doctor(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sysconfig.get_path("scripts")) / "course"), "doctor", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_command_looks_at_this_folder_and_its_exit_code_says_how_it_went(exercise: Path) -> None:
    done = course_doctor(exercise.parent)
    assert (done.returncode, done.stdout) == (0, "06-weighing.ipynb: no problems found.\n")
    change(exercise, lambda notebook: notebook["cells"].remove(named(notebook, "q1-check")))
    done = course_doctor(exercise.parent)
    assert done.returncode == 1
    assert "PROBLEM The check of “Question 1 · What chance does a rating leave?” is missing." in done.stdout
    assert "course doctor --fix: Restores it as it was handed out." in done.stdout
    (entry,) = json.loads(course_doctor(exercise.parents[1], "--json", "--fix").stdout)
    assert (entry["well"], entry["mended"][0]["code"]) == (True, "deleted")
    assert Path(entry["aside"]).name == "06-weighing.before-doctor.ipynb"
    empty = exercise.parents[1] / "empty"
    empty.mkdir()
    done = course_doctor(empty)
    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no notebook in" in done.stderr


def test_a_learner_who_works_in_a_checkout_is_held_against_what_nbgrader_makes_of_the_solution() -> None:
    assert ReleaseCatalogue.near(ROOT).release("06-weighing", WEIGHING / "06-weighing.ipynb") is None
    repaired = ReleaseCatalogue.near(ROOT).of(RELEASED, WEIGHING / "06-weighing.ipynb")
    assert repaired
    assert [marks(cell).get("checksum") for cell in repaired.notebook["cells"]] == [
        marks(cell).get("checksum") for cell in RELEASED["cells"]
    ]


def test_looking_at_an_exercise_loads_nothing_heavy() -> None:
    heavy = "{'nbgrader', 'nbformat', 'pandas', 'rich', 'IPython', 'anywidget'}"
    code = f"import sys, course.classroom.doctor.inspection; print({heavy} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "set()\n"


# --- a class ---------------------------------------------------------------------------------------------------------

pytestmark = pytest.mark.filterwarnings(
    # nbgrader 0.9.6 reads submissions it has not added to its session yet; SQLAlchemy 2 warns, the result is right.
    "ignore::sqlalchemy.exc.SAWarning"
)

RIGHT = {
    "share-lost": "share_lost = 27.76",
    "repeats": "repeats = {'S03', 'S02'}",
    "sentence": "The second loss is taken from what the first one left.",
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    folder = tmp_path_factory.mktemp("doctor")
    return Course(folder / "course", sample(folder))


def lose_a_check(notebook: Notebook) -> None:
    notebook["cells"].remove(named(notebook, "repeats-check"))


def copy_an_answer_with_its_name(notebook: Notebook) -> None:
    copy = deepcopy(named(notebook, "share-lost")) | {"id": "copy", "source": "share_lost = ...\n"}
    notebook["cells"].insert(0, copy)


def paste_a_cell_of_another_exercise(notebook: Notebook) -> None:
    cell = deepcopy(named(notebook, "share-lost-check")) | {"id": "other"}
    marks(cell)["grade_id"] = "other"
    notebook["cells"].append(cell)


def turn_answers_round(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        if marks(cell):
            kind = "markdown" if cell["cell_type"] == "code" else "code"
            cell["cell_type"] = kind
            if kind == "code":
                cell.update(outputs=[], execution_count=None)
            else:
                del cell["outputs"], cell["execution_count"]


def take_the_points_away(notebook: Notebook) -> None:
    del marks(named(notebook, "share-lost-check"))["points"]


def put_the_check_first(notebook: Notebook) -> None:
    check = named(notebook, "share-lost-check")
    notebook["cells"].remove(check)
    notebook["cells"].insert(0, check)


BROKEN: Mapping[str, tuple[Callable[[Notebook], None], ...]] = {
    "anna": (lose_a_check, paste_a_cell_of_another_exercise),
    "ben": (turn_answers_round, take_the_points_away),
    "carl": (copy_an_answer_with_its_name, put_the_check_first),
}


@pytest.mark.nbgrader
def test_after_the_doctor_nbgrader_gives_damaged_hand_ins_every_point_they_earned(course: Course) -> None:
    for student, damages in BROKEN.items():
        course.hand_in(student, RIGHT)
        for damage in damages:
            change(course.folder / "submitted" / student / "sample" / "sample.ipynb", damage)
    wrong = course.folder / "submitted" / "anna" / "sample" / "sample.ipynb"
    wrong.rename(wrong.with_name("sample (1).ipynb"))
    seen = list(check_all([course.folder], submitted="sample", fix=True))
    assert [inspection.path.parents[1].name for inspection in seen] == list(BROKEN)
    assert all(inspection.is_well and inspection.repaired for inspection in seen), seen
    for student, graded in course.grade(*BROKEN, feedback=False).items():
        assert graded.scores == {"share-lost-check": 2, "repeats-check": 1}, student
        assert graded.waiting == {"sentence"}, student


@pytest.mark.nbgrader
def test_one_hopeless_hand_in_does_not_keep_the_others_from_being_looked_at(course: Course) -> None:
    for student in ("xeno", "zoe"):
        course.hand_in(student, RIGHT)
    (course.folder / "submitted" / "xeno" / "sample" / "sample.ipynb").write_bytes(b"PK\x03\x04")
    (course.folder / "submitted" / "yan" / "sample").mkdir(parents=True)
    (course.folder / "submitted" / "will").mkdir()
    (course.folder / "submitted" / "will" / "sample").symlink_to(course.folder / "submitted" / "zoe" / "sample")
    seen = {
        inspection.path.parents[1].name if inspection.path.is_file() else inspection.path.parent.name: inspection
        for inspection in check_all([course.folder], submitted="sample")
    }
    assert (codes(seen["xeno"]), codes(seen["yan"]), seen["zoe"].is_well) == ({"broken"}, {"broken"}, True)
    assert "a link to another place" in seen["will"].diagnoses[0].message
    entries = json.loads(as_json(seen.values()))
    assert {entry["well"] for entry in entries} == {True, False}
    with pytest.raises(DoctorError, match="Nothing was handed in for other"):
        list(check_all([course.folder], submitted="other"))

"""HypothesisMatrix's plain face, and the messages its view sends."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course import HypothesisMatrix, Ledger
from course.case import Case
from course.ledger.judgement import Judgement
from course.methods.hypotheses import MARKS

SUBJECT = Case.load().subject
COMPETING, ROWS, TELLING = SUBJECT.competing, SUBJECT.rows, SUBJECT.start_with["matrix"]


@pytest.fixture
def matrix() -> HypothesisMatrix:
    return HypothesisMatrix(statements=["S08", "S09", "X01"], ledger=Ledger())


def fill(matrix: HypothesisMatrix, statement: str, marks: str) -> None:
    """Mark F, U, T and H in this order."""
    for row, mark in zip(COMPETING, marks.split(), strict=True):
        matrix.mark(row, statement, mark)


def view_sends(matrix: HypothesisMatrix, kind: str, **values: Any) -> None:
    matrix._receive(matrix, {"type": kind, **values, "view": "a view", "number": 1}, [])


def state_of(matrix: HypothesisMatrix) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(json.dumps(matrix.get_state()["state"]))
    return {name: part for name, part in state.items() if name != "handled"}


# --- marks --------------------------------------------------------------------------------------------------------


def test_a_new_matrix_has_the_rivals_in_rows_and_nothing_filled() -> None:
    new = HypothesisMatrix(ledger=Ledger())
    assert new.rows == COMPETING
    assert new.statements == TELLING
    assert new.table().shape == (4, len(TELLING))
    assert new.table().isna().all(axis=None)
    assert repr(new).startswith("0 of 8 statements tell the rows apart. No ranking yet")


def test_a_mark_is_kept_under_its_own_key_and_cleared_again(matrix: HypothesisMatrix) -> None:
    matrix.mark("F", "S09", "II")
    assert matrix.ledger.answers["matrix/F/S09"] == "II"
    assert matrix.table().loc["F", "S09"] == "II"
    matrix.clear("F", "S09")
    assert matrix.table().isna().all(axis=None)
    matrix.clear("F", "S09")  # an empty cell stays empty


def test_marks_come_back_from_the_file(tmp_path: Path) -> None:
    first = HypothesisMatrix(ledger=Ledger.open(tmp_path / "ledger.json"))
    first.mark("F", "S09", "II")
    first.add("S16")
    first.show(rows=["F", "T", "A"])
    again = HypothesisMatrix(ledger=Ledger.open(tmp_path / "ledger.json"))
    assert again.rows == ("F", "T", "A")
    assert again.statements == (*TELLING, "S16")
    assert again.marks == {("F", "S09"): "II"}


def test_a_statement_taken_out_keeps_its_marks(matrix: HypothesisMatrix) -> None:
    fill(matrix, "S09", "II C C C")
    matrix.remove("S09")
    assert matrix.statements == ("S08", "X01")
    assert repr(matrix).endswith("0 of 8 cells are filled.")
    matrix.add("S09")
    assert list(matrix.table()["S09"]) == ["II", "C", "C", "C"]


def test_adding_what_is_there_changes_nothing(matrix: HypothesisMatrix) -> None:
    matrix.add("S09")
    assert matrix.statements == ("S08", "S09", "X01")


def test_merging_two_ledgers_merges_the_matrices_cell_by_cell(matrix: HypothesisMatrix) -> None:
    other = HypothesisMatrix(ledger=Ledger())
    matrix.mark("F", "S09", "II")
    other.mark("T", "S09", "C")
    matrix.ledger.merge(other.ledger)
    assert matrix.marks == {("F", "S09"): "II", ("T", "S09"): "C"}


# --- results ------------------------------------------------------------------------------------------------------


def test_results_say_what_discriminates_and_what_speaks_against_each_row(matrix: HypothesisMatrix) -> None:
    fill(matrix, "S09", "II C C CC")
    fill(matrix, "S08", "CC CC CC I")
    fill(matrix, "X01", "C CC CC II")
    telling = matrix.discriminating().set_index("statement")
    assert list(telling["steps"]) == [4, 4, 3]
    assert telling["discriminates"].all()
    against = matrix.inconsistency().set_index("row")
    assert list(against["inconsistency"]) == [2, 0, 0, 3]
    # Rudskoi and Gerasimov speak for one command.
    assert list(against["origins_once"]) == [2, 0, 0, 2]


def test_the_warnings_name_the_trials_that_found_no_gain(matrix: HypothesisMatrix) -> None:
    assert "a little less accurate than others in one trial (Mandel et al. 2018)" in matrix.warnings[0]
    assert "fitted together no better (Karvetski & Mandel 2020)" in matrix.warnings[0]
    assert matrix.get_state()["fixed"]["warnings"] == list(matrix.warnings)


def test_an_origin_the_learner_has_named_counts(matrix: HypothesisMatrix) -> None:
    fill(matrix, "S08", "CC CC CC I")
    fill(matrix, "X01", "C CC CC II")
    matrix.ledger.judge(Judgement("X01", "F", origin="his own maps"))
    assert matrix.inconsistency().set_index("row").loc["H", "origins_once"] == 3


def test_counts_that_cannot_be_compared_are_empty_and_not_zero(matrix: HypothesisMatrix) -> None:
    matrix.show(rows=ROWS)
    matrix.mark("F", "S09", "II")
    against = matrix.inconsistency().set_index("row")
    assert against.loc["F", "inconsistency"] == 2
    assert against[["compared", "origins_once"]].isna().all(axis=None)
    assert matrix.discriminating()["steps"].isna().all()


def test_what_does_not_hang_together_is_found(matrix: HypothesisMatrix) -> None:
    matrix.add("X03")
    fill(matrix, "X03", "C N II C")
    assert [finding.code for finding in matrix.findings] == ["against-nesting", "after-clock"]


# --- mistakes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (lambda m: m.mark("Z", "S09", "I"), "There is no row 'Z'. Use one of: F, U, T, H, A, W."),
        (lambda m: m.mark("F", "S99", "I"), "statements has no id 'S99'. Use one of: S01, "),
        (lambda m: m.mark("F", "S09", "IV"), "There is no mark 'IV'. Use one of: CC (very consistent), "),
        (lambda m: m.mark("F", "S09", ""), "There is no mark ''. Use one of: CC (very consistent), "),
        (lambda m: m.mark("A", "S09", "I"), "does not show row A. It shows F, U, T, H; to add it, use show(rows=["),
        (lambda m: m.mark("F", "S16", "I"), "does not show S16. It shows S08, S09, X01; to add it, use add('S16')."),
        (lambda m: m.clear("F", "S16"), "does not show S16."),
        (lambda m: m.add("S99"), "statements has no id 'S99'. Use one of: S01, "),
        (lambda m: m.remove("S16"), "does not show S16."),
        (lambda m: m.show(rows=["F", "A"]), "at least two of the rows F, U, T, H"),
        (lambda m: m.show(statements=[]), "at least one statement"),
    ],
)
def test_a_mistake_is_named_with_what_there_is_and_changes_nothing(
    matrix: HypothesisMatrix, mistake: Any, message: str
) -> None:
    before = matrix.ledger.dumps()
    with pytest.raises(ValueError, match=re.escape(message)):
        mistake(matrix)
    assert matrix.ledger.dumps() == before


@pytest.mark.parametrize("arguments", [{"rows": ["F", "Q"]}, {"rows": ["F"]}, {"statements": ["S99"]}])
def test_a_matrix_that_cannot_be_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"no row 'Q'|at least two|no id 'S99'"):
        HypothesisMatrix(ledger=Ledger(), **arguments)


anything = st.recursive(
    st.none() | st.integers() | st.text(max_size=3) | st.sampled_from([*MARKS, *ROWS, "S09"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["rows", "statements"]), inner),
    max_leaves=6,
)


@given(settings=anything, mark=anything)
def test_whatever_another_version_left_in_the_ledger_the_matrix_opens(settings: object, mark: object) -> None:
    ledger = Ledger()
    ledger.answer("matrix/settings", settings)
    ledger.answer("matrix/F/S09", mark)
    matrix = HypothesisMatrix(ledger=ledger)
    assert len(set(matrix.rows).intersection(COMPETING)) > 1
    assert matrix.statements
    assert set(matrix.marks.values()) <= set(MARKS)
    assert " ".join(state_of(matrix)["summary"]) == repr(matrix)


# --- the view -----------------------------------------------------------------------------------------------------


def test_the_views_messages_do_what_the_plain_methods_do(matrix: HypothesisMatrix) -> None:
    other = HypothesisMatrix(statements=["S08", "S09", "X01"], ledger=Ledger())
    for kind, values in (
        ("mark", {"row": "F", "statement": "S09", "mark": "II"}),
        ("mark", {"row": "T", "statement": "S09", "mark": "C"}),
        ("mark", {"row": "T", "statement": "S09", "mark": ""}),
        ("add", {"statement": "S16"}),
        ("remove", {"statement": "S08"}),
        ("show", {"rows": ["F", "T", "W"]}),
    ):
        view_sends(other, kind, **values)
    matrix.mark("F", "S09", "II")
    matrix.mark("T", "S09", "C")
    matrix.clear("T", "S09")
    matrix.add("S16")
    matrix.remove("S08")
    matrix.show(rows=["F", "T", "W"])
    assert state_of(other) == state_of(matrix)


def test_what_the_view_may_not_send_is_refused_and_changes_nothing(
    matrix: HypothesisMatrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(matrix, "send", sent.append)
    view_sends(matrix, "mark", row="F", statement="S09", mark="IV")
    view_sends(matrix, "show", rows=["F"])
    assert [message["message"][:30] for message in sent if message["type"] == "refused"] == [
        "There is no mark 'IV'. Use one",
        "Show at least two of the rows ",
    ]
    assert matrix.marks == {}
    assert matrix.rows == COMPETING


def test_two_matrices_on_one_ledger_stay_in_step(matrix: HypothesisMatrix) -> None:
    other = HypothesisMatrix(ledger=matrix.ledger)
    view_sends(other, "mark", row="F", statement="S09", mark="II")
    view_sends(other, "add", statement="S10")
    assert state_of(matrix) == state_of(other)
    assert matrix.table().loc["F", "S09"] == "II"


def test_a_cell_shown_has_a_mark_or_is_empty_in_the_state(matrix: HypothesisMatrix) -> None:
    matrix.mark("F", "S09", "II")
    state = state_of(matrix)
    assert state["marks"].pop("F/S09") == "II"
    assert set(state["marks"].values()) == {""}
    assert [row[1:] for row in state["inconsistency"]] == [["1 of 3", "2", "–", "–"], *[["0 of 3", "0", "–", "–"]] * 3]


def test_the_view_sees_at_a_glance_what_a_statement_does(matrix: HypothesisMatrix) -> None:
    fill(matrix, "S08", "C C C C")
    fill(matrix, "S09", "II C C CC")
    matrix.mark("F", "X01", "C")
    matrix.mark("H", "X01", "I")
    columns = state_of(matrix)["columns"]
    assert {name: column[2:] for name, column in columns.items()} == {
        "S08": [0, "not at all", False],
        "S09": [4, "clearly", True],
        "X01": [2, "somewhat, so far", False],
    }
    matrix.clear("F", "X01")
    assert state_of(matrix)["columns"]["X01"][2:] == [None, "–", False]


def test_what_speaks_against_a_row_stands_beside_it_once_it_can_be_compared(matrix: HypothesisMatrix) -> None:
    matrix.mark("H", "S08", "I")
    assert state_of(matrix)["against"] == [[row, "–", 0] for row in COMPETING]
    fill(matrix, "S09", "II C C I")
    assert state_of(matrix)["against"] == [["F", "2", 1], ["U", "0", 0], ["T", "0", 0], ["H", "1", 0.5]]


def test_the_name_above_a_statement_is_not_said_twice(matrix: HypothesisMatrix) -> None:
    gists = {statement["id"]: statement["gist"] for statement in matrix.get_state()["fixed"]["statements"]}
    assert gists["S30"] == "More than 3,000 IS fighters remain in Iraq and Syria together."
    assert gists["S08"].startswith("At a briefing, General Rudskoi")


def test_messages_that_overtake_each_other_are_all_answered(matrix: HypothesisMatrix) -> None:
    """As they may while a kernel is connected to again: the view waits until its highest number has been handled."""
    for number, (row, mark) in ((1, ("F", "II")), (4, ("H", "CC")), (2, ("U", "C")), (3, ("T", "C"))):
        message = {"type": "mark", "row": row, "statement": "S09", "mark": mark, "view": "a view", "number": number}
        matrix._receive(matrix, message, [])
    assert matrix.get_state()["state"]["handled"] == {"a view": 4}
    assert [matrix.ledger.answers[f"matrix/{row}/S09"] for row in "FUTH"] == ["II", "C", "C", "CC"]

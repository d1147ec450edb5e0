"""What the matrix of competing hypotheses promises, whoever fills it in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.case import Case
from course.ledger.judgement import Judgement
from course.methods.hypotheses import (
    INCONSISTENCY,
    MARKS,
    Marks,
    against_nesting,
    check_mark,
    check_row,
    check_rows,
    columns,
    describe,
    known_later,
    origins_of,
    ranking,
    row_scores,
)

SUBJECT = Case.load().subject
COMPETING, ROWS, TELLING = SUBJECT.competing, SUBJECT.rows, SUBJECT.start_with["matrix"]
STATEMENTS = ("S08", "S09", "S10", "S11", "X01")
ORIGINS = {"S08": "moscow", "X01": "moscow", "S09": "abrahms", "S10": "abrahms"}
FACTS = {str(row["id"]): row for row in Case.load().rows("statements")}
NAMES = {str(row["id"]): str(row["name"]) for row in Case.load().rows("origins")}

rows_shown = st.lists(st.sampled_from(ROWS), unique=True)
matrices = st.dictionaries(st.tuples(st.sampled_from(ROWS), st.sampled_from(STATEMENTS)), st.sampled_from(tuple(MARKS)))
full_matrices = st.fixed_dictionaries(
    {(row, statement): st.sampled_from(tuple(MARKS)) for row in ROWS for statement in STATEMENTS}
)


def column(**marks: str) -> dict[tuple[str, str], str]:
    return {(row, "S09"): mark for row, mark in marks.items()}


# --- for every matrix -------------------------------------------------------------------------------------------


@given(matrices | full_matrices, st.permutations(COMPETING), st.permutations(STATEMENTS))
def test_the_order_of_rows_and_statements_does_not_matter(marks: Marks, rows: list[str], statements: list[str]) -> None:
    assert set(columns(marks, rows, statements)) == set(columns(marks, COMPETING, STATEMENTS))
    here, there = row_scores(marks, rows, statements, ORIGINS), row_scores(marks, COMPETING, STATEMENTS, ORIGINS)
    assert set(here) == set(there)
    for once in (False, True):
        assert ranking(here, origins_once=once) == ranking(there, origins_once=once)


@given(matrices | full_matrices, st.fixed_dictionaries({row: st.sampled_from(("CC", "C", "N")) for row in COMPETING}))
def test_a_statement_that_fits_everything_never_changes_the_ranking(marks: Marks, fitting: dict[str, str]) -> None:
    more = {**marks, **{(row, "S12"): mark for row, mark in fitting.items()}}
    assert columns(more, COMPETING, ["S12"])[0].fits_everything
    before = row_scores(marks, COMPETING, STATEMENTS, ORIGINS)
    after = row_scores(more, COMPETING, (*STATEMENTS, "S12"), ORIGINS)
    for once in (False, True):
        assert ranking(after, origins_once=once) == ranking(before, origins_once=once)


@given(matrices | full_matrices, rows_shown, st.dictionaries(st.sampled_from(STATEMENTS), st.sampled_from("xyz")))
def test_counting_origins_once_never_raises_a_count(marks: Marks, rows: list[str], origins: dict[str, str]) -> None:
    for standing in row_scores(marks, rows, STATEMENTS, origins):
        if standing.compared is not None and standing.origins_once is not None:
            assert 0 <= standing.origins_once <= standing.compared <= standing.inconsistency


@given(full_matrices)
def test_where_every_statement_has_an_origin_of_its_own_both_counts_are_the_same(marks: Marks) -> None:
    for standing in row_scores(marks, COMPETING, STATEMENTS, {}):
        assert standing.origins_once == standing.compared == standing.inconsistency


@given(matrices, st.sampled_from(STATEMENTS), st.sampled_from(COMPETING))
def test_a_statement_with_a_gap_ranks_nothing(marks: Marks, statement: str, row: str) -> None:
    """A gap never passes for a fit: the ranking is the same as without the statement."""
    gap = {cell: mark for cell, mark in marks.items() if cell != (row, statement)}
    rest = [entry for entry in STATEMENTS if entry != statement]
    with_it, without = (row_scores(gap, COMPETING, some, ORIGINS) for some in (STATEMENTS, rest))
    assert ranking(with_it) == ranking(without)


@given(rows_shown, st.lists(st.sampled_from(STATEMENTS), unique=True))
def test_an_empty_matrix_ranks_nothing(rows: list[str], statements: list[str]) -> None:
    summaries, standing = columns({}, rows, statements), row_scores({}, rows, statements, ORIGINS)
    assert ranking(standing) == ranking(standing, origins_once=True) == ()
    assert not any(entry.discriminates or entry.fits_everything for entry in summaries)
    assert "No ranking yet" in describe(summaries, standing)


@given(full_matrices)
def test_a_statement_discriminates_exactly_where_its_marks_differ(marks: Marks) -> None:
    for entry in columns(marks, COMPETING, STATEMENTS):
        given_marks = {marks[row, entry.statement] for row in COMPETING}
        assert entry.discriminates == (len(given_marks) > 1)
        assert entry.fits_everything == given_marks.isdisjoint(INCONSISTENCY)


@given(matrices)
def test_rows_that_ask_another_question_are_counted_but_not_compared(marks: Marks) -> None:
    with_them, without = (row_scores(marks, rows, STATEMENTS, ORIGINS) for rows in (ROWS, COMPETING))
    assert with_them[: len(COMPETING)] == without
    assert all(entry.compared is None and entry.origins_once is None for entry in with_them[len(COMPETING) :])
    assert [entry.steps for entry in columns(marks, ROWS, STATEMENTS)] == [
        entry.steps for entry in columns(marks, COMPETING, STATEMENTS)
    ]


# --- in words -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ({}, "not enough marks yet"),
        ({"F": "II", "A": "C"}, "not enough marks yet"),
        ({"F": "C", "U": "C"}, "no difference so far"),
        ({"F": "II", "T": "I"}, "tells the rows apart by 1 step so far"),
        ({"F": "II", "U": "C", "T": "C", "H": "CC"}, "tells the rows apart by 4 steps"),
        ({"F": "C", "U": "C", "T": "C", "H": "C"}, "speaks against no row: tells nothing between them"),
        ({"F": "N", "U": "C", "T": "C", "H": "CC"}, "speaks against no row, fits some better by 2 steps"),
        ({"F": "I", "U": "I", "T": "I", "H": "I"}, "the same in every row: tells nothing between them"),
    ],
)
def test_what_a_statement_does_is_said_in_words(marks: dict[str, str], expected: str) -> None:
    assert columns(column(**marks), ROWS, ["S09"])[0].words == expected


def summary_of(marks: Marks, statements: tuple[str, ...] = STATEMENTS, rows: tuple[str, ...] = COMPETING) -> str:
    return describe(columns(marks, rows, statements), row_scores(marks, rows, statements, ORIGINS))


def test_the_result_names_the_least_inconsistent_rows_and_what_they_rest_on() -> None:
    assert summary_of(column(F="II", U="C", T="C", H="C")) == (
        "1 of 5 statements tells the rows apart. Least inconsistent over the 1 statement marked in every row: U, T and "
        "H. 4 of 20 cells are filled."
    )


def test_the_result_says_when_counting_origins_once_changes_who_comes_first() -> None:
    marks = {
        **{(row, entry): "I" if row == "H" else "C" for row in COMPETING for entry in ("S08", "X01")},
        **{(row, "S09"): "II" if row == "F" else "C" for row in COMPETING},
        **{(row, "S11"): "I" if row in ("U", "T") else "C" for row in COMPETING},
    }
    text = summary_of(marks)
    assert "Least inconsistent over the 4 statements marked in every row: U and T." in text
    assert "With each origin counted once: U, T and H." in text


def test_a_tie_is_no_ranking() -> None:
    assert "No ranking: as much speaks against one row as against another" in summary_of(
        column(F="I", U="I", T="I", H="I")
    )


# --- what does not hang together ----------------------------------------------------------------------------------


def test_what_rules_out_a_reading_cannot_fit_one_that_implies_it() -> None:
    (finding,) = against_nesting(column(F="C", T="II"), COMPETING, ["S09"])
    assert (finding.code, finding.statements) == ("against-nesting", ("S09",))
    assert finding.message == (
        "S09 is very inconsistent with T and consistent with F. If F were true, T would be true too, so what rules out "
        "T rules out F. Look at both marks again."
    )


@pytest.mark.parametrize(
    "marks",
    [
        {"F": "II", "T": "CC"},
        {"F": "I", "T": "II"},
        {"F": "CC", "T": "I"},
        {"F": "N", "T": "II"},
        {"H": "II", "F": "CC"},
    ],
)
def test_nobody_is_told_off_for_an_opinion(marks: dict[str, str]) -> None:
    assert list(against_nesting(column(**marks), COMPETING, ["S09"])) == []


def test_rows_out_of_sight_are_not_held_against_anyone() -> None:
    assert list(against_nesting(column(F="C", T="II"), ("F", "H"), ["S09"])) == []


def test_what_became_known_later_is_named_with_its_date() -> None:
    (finding,) = known_later(["S09", "X03"], FACTS)
    assert finding.statements == ("X03",)
    assert "became known on 23 May 2018" in finding.message


# --- origins ------------------------------------------------------------------------------------------------------


def test_an_origin_is_the_learners_own_before_the_registers() -> None:
    def origin(judgements: list[Judgement], answers: dict[str, object]) -> str:
        return origins_of(FACTS, NAMES, judgements, answers)["S09"]

    early = Judgement("S09", "F", origin="a phone call", updated="2026-01-01T00:00:00Z")
    late = Judgement("S09", "T", origin="  Another   call ", updated="2026-01-02T00:00:00Z")
    blank = Judgement("S09", "U", updated="2026-01-03T00:00:00Z")
    assert origin([], {}) == "max abrahms"
    assert origin([late, early, blank], {}) == "another call"
    assert origin([late], {"item/S09": {"origin": "U.S. government"}}) == "u.s. government"
    assert origin([], {"item/S09": {"origin": "us-government"}}) == "u.s. government"


@pytest.mark.parametrize("value", [None, "us-government", 3, [], {}, {"origin": 7}, {"origin": " "}])
def test_what_another_version_left_in_the_ledger_does_no_harm(value: object) -> None:
    assert origins_of(FACTS, NAMES, [], {"item/S09": value})["S09"] == "max abrahms"


# --- the words there are ------------------------------------------------------------------------------------------


def test_the_marks_are_the_scales_own() -> None:
    rows = Case.load().rows("scales")
    assert {row["code"]: row["label"] for row in rows if row["method"] == "competing-hypotheses"} == MARKS


def test_every_reading_of_the_case_is_a_row_and_the_rival_is_not_a_reading() -> None:
    readings = {str(row["id"]) for row in Case.load().rows("readings")}
    assert set(ROWS) - readings == {"H"}
    assert readings < set(ROWS)


def test_what_the_matrix_starts_with_was_known_then_and_shares_origins() -> None:
    assert list(known_later(TELLING, FACTS)) == []
    assert len({FACTS[entry]["origin"] for entry in TELLING}) < len(TELLING)


def test_a_mistake_is_named_with_what_there_is() -> None:
    with pytest.raises(ValueError, match=r"no mark 'III'\. Use one of: CC \(very consistent\), .*II \(very incons"):
        check_mark("III")
    with pytest.raises(ValueError, match=r"no row 'Z'\. Use one of: F, U, T, H, A, W"):
        check_row("Z")
    with pytest.raises(ValueError, match="at least two of the rows F, U, T, H"):
        check_rows(["F", "A", "W"])
    assert check_rows(["A", "T", "F", "T"]) == ("F", "T", "A")

"""A code for the room: it brings every rating back, holds no words, and a wrong letter is noticed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.case import Case, shipped_cases
from course.ledger import Judgement
from course.methods.room_code import NUMBERS, RoomCodeError, decode, encode, find_codes, without_words
from course.weighing import weigh_all
from tests.strategies import judgements

NUMBER = st.integers(0, NUMBERS - 1)
CASES = shipped_cases()


@cache
def statements(case: Case) -> tuple[str, ...]:
    return tuple(str(row["id"]) for row in case.rows("statements"))


@st.composite
def rated(draw: st.DrawFn, max_size: int = 12) -> tuple[Case, list[Judgement]]:
    """Judgements of one case, some of them incomplete, with reasons and shared origins."""
    case = draw(st.sampled_from(CASES))
    drawn = draw(st.lists(judgements(complete=False), max_size=max_size))
    chosen = [
        replace(
            judgement,
            statement=draw(st.sampled_from(statements(case))),
            reading=draw(st.sampled_from(list(case.subject.readings))),
        )
        for judgement in drawn
    ]
    return case, list({judgement.key: judgement for judgement in chosen}.values())


@given(rated(), NUMBER)
def test_a_code_brings_every_rating_back(board: tuple[Case, list[Judgement]], number: int) -> None:
    case, own = board
    shared = decode(encode(own, case, number), CASES)
    assert shared.number == number
    assert shared.case == case.subject.name
    assert shared.judgements == without_words(own)


@given(rated(), NUMBER)
def test_the_ratings_of_a_code_weigh_as_those_in_the_ledger(board: tuple[Case, list[Judgement]], number: int) -> None:
    case, own = board
    back = decode(encode(own, case, number), CASES).judgements
    for reading in case.subject.readings:
        ours = weigh_all(own, reading, subject=case.subject)
        theirs = weigh_all(back, reading, subject=case.subject)
        assert theirs.odds_db == pytest.approx(ours.odds_db)
        assert theirs.weights == pytest.approx(ours.weights)


@given(rated(), NUMBER)
def test_a_code_has_no_words_of_the_learner(board: tuple[Case, list[Judgement]], number: int) -> None:
    case, own = board
    secret = [replace(judgement, reason="Ana Pérez", origin="my uncle", updated="2026-01-01") for judgement in own]
    shared = decode(encode(secret, case, number), CASES)
    assert {judgement.reason + judgement.updated for judgement in shared.judgements} <= {""}
    assert {judgement.origin for judgement in shared.judgements} <= {"", "origin 1"}
    # Free words change nothing, however they are written.
    louder = [replace(judgement, reason="!", origin=" MY  uncle ") for judgement in own]
    assert encode(louder, case, number) == encode(secret, case, number)


@given(rated(), NUMBER, st.data())
def test_a_wrong_letter_is_noticed(board: tuple[Case, list[Judgement]], number: int, data: st.DataObject) -> None:
    code = encode(board[1], board[0], number)
    letters = [place for place, letter in enumerate(code) if place > 3 and letter != "-"]
    place = data.draw(st.sampled_from(letters))
    wrong = data.draw(
        st.sampled_from([letter for letter in "0123456789ABCDEFGHJKMNPQRSTVWXYZ" if letter != code[place]])
    )
    with pytest.raises(RoomCodeError, match="wrong or missing"):
        decode(code[:place] + wrong + code[place + 1 :], CASES)


@given(rated(), NUMBER)
def test_a_code_may_be_typed_in_small_letters_with_spaces_and_mistaken_signs(
    board: tuple[Case, list[Judgement]], number: int
) -> None:
    code = encode(board[1], board[0], number)
    typed = code[:4] + code[4:].replace("1", "l").replace("0", "o")
    assert decode(f" {typed.lower().replace('-', ' - ')}\n", CASES) == decode(code, CASES)


@given(st.lists(st.tuples(rated(max_size=4), NUMBER), max_size=5))
def test_codes_are_found_in_a_chat(boards: list[tuple[tuple[Case, list[Judgement]], int]]) -> None:
    codes = [encode(own, case, number) for (case, own), number in boards]
    chat = "".join(f"10:4{place} Ana Pérez: {code}\nthanks, CF1 or CF-1?\n" for place, code in enumerate(codes))
    assert list(find_codes(chat)) == codes
    wrapped = chat.replace("-", "-\n  ")
    assert ["".join(code.split()) for code in find_codes(wrapped)] == codes


@given(st.text(max_size=80))
def test_nothing_else_is_taken_for_a_code(text: str) -> None:
    with pytest.raises(RoomCodeError):
        decode(text, CASES)
    with pytest.raises(RoomCodeError):
        decode(f"CF1-{text}", CASES)


def test_a_code_that_was_made_by_hand_is_refused() -> None:
    case = CASES[0]
    twice = Judgement("S09", "F", "B", 2, "direct", "slight for")
    code = encode([twice, twice], case, 1)
    with pytest.raises(RoomCodeError, match="something else"):
        decode(code, CASES)


def test_what_the_case_does_not_have_is_left_out() -> None:
    own = [Judgement("Ana Pérez", "F", "B"), Judgement("S09", "Q", "B"), Judgement("S09", "F", "B")]
    shared = decode(encode(own, CASES[0], 1), CASES)
    assert [judgement.key for judgement in shared.judgements] == [("F", "S09")]


def test_a_board_of_six_statements_takes_less_than_a_line() -> None:
    own = [Judgement(name, "F", "B", 2, "direct", "strong against", "IHS") for name in statements(CASES[0])[:6]]
    assert len(encode(own, CASES[0], NUMBERS - 1)) <= 60

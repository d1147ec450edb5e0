"""What a learner shows the room: one call shows it, and one call stops it."""

from __future__ import annotations

from pathlib import Path

import pytest

from course import Judgement, Ledger, RoomCode
from course.case import Case, shipped_cases
from course.ledger import CaseLedger
from course.methods.room_code import decode


def rated() -> Ledger:
    ledger = Ledger()
    ledger.judge(Judgement("S09", "F", "B", 2, "direct", "decisive against", "Abrahms", "He says some remain."))
    return ledger


def test_one_call_shows_the_code_and_everything_in_it() -> None:
    room = RoomCode(rated())
    shown = repr(room)
    assert room.code in shown
    assert "1 rating" in shown
    assert "RoomCode().hide()" in shown
    assert room.table().iloc[0].tolist() == ["S09", "F", "B", 2, "direct", "decisive against", "unknown", ""]
    assert "Abrahms" not in shown + room.table().to_csv()


def test_a_second_code_has_the_number_of_the_first() -> None:
    ledger = rated()
    first = decode(RoomCode(ledger).code, shipped_cases())
    ledger.judge(Judgement("S09", "F", "E", 5, "direct", "decisive against"))
    second = decode(RoomCode(Ledger.loads(ledger.dumps())).code, shipped_cases())
    assert first.number == second.number
    assert first.judgements != second.judgements


def test_opting_out_is_one_call_and_can_be_undone() -> None:
    room = RoomCode(rated())
    assert not room.hide().takes_part
    assert room.code == ""
    assert repr(room).startswith("You do not take part.")
    assert room.take_part().code


def test_before_anything_is_rated_there_is_no_code() -> None:
    ledger = Ledger()
    room = RoomCode(ledger)
    assert room.code == ""
    assert repr(room).startswith("You have not rated anything yet")
    assert not ledger.answers


def test_a_number_that_somebody_changed_is_made_anew() -> None:
    ledger = rated()
    ledger.answer("room/number", "Ana")
    assert decode(RoomCode(ledger).code, shipped_cases()).number >= 0


def test_another_case_has_a_code_of_its_own() -> None:
    case: Case = shipped_cases()[1]
    reading, statement = next(iter(case.subject.readings)), str(case.rows("statements")[0]["id"])
    whole = rated()
    CaseLedger(whole, case.subject.name).judge(Judgement(statement, reading, "A"))
    shared = decode(RoomCode(whole, case).code, shipped_cases())
    assert shared.case == case.subject.name
    assert [judgement.key for judgement in shared.judgements] == [(reading, statement)]


def test_the_ledger_beside_the_notebook_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Ledger.open().judge(Judgement("S09", "F", "B"))
    assert RoomCode().code == RoomCode().code != ""

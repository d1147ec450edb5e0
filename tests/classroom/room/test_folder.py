"""The room reads what is in a folder: the newest ratings of each person, whatever else somebody puts there."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from course.case import default_case
from course.classroom.room import folder as reader
from course.classroom.room.folder import LedgerFolder
from course.classroom.room.tally import Participant, view
from tests.classroom.room.people import judgement, ledger


def read(folder: Path) -> dict[str, Participant]:
    return {participant.key: participant for participant in LedgerFolder(folder).read()[0]}


def test_everybody_with_a_ledger_or_a_folder_is_in_the_room(tmp_path: Path) -> None:
    ledger(tmp_path / "ana" / "notebooks", judgement("S09"))
    ledger(tmp_path / "ben" / "exercises" / "06-weighing", judgement("S06"))
    (tmp_path / "cy").mkdir()
    shutil.move(ledger(tmp_path / "dee", judgement("S09")), tmp_path / "dee.json")
    (tmp_path / "dee").rmdir()
    (tmp_path / ".ipynb_checkpoints").mkdir()
    people = read(tmp_path)
    assert {key: len(person.judgements) for key, person in people.items()} == {
        "ana": 1,
        "ben": 1,
        "cy": 0,
        "dee.json": 1,
    }


def test_several_ledgers_of_one_person_count_once_with_the_newest_rating(tmp_path: Path) -> None:
    ledger(tmp_path / "ana" / "06-weighing", judgement("S09", grade="E"), judgement("S06"))
    ledger(tmp_path / "ana" / "notebooks", judgement("S09", grade="A"))
    rated = {rating.statement: rating.reliability for rating in read(tmp_path)["ana"].judgements}
    assert rated == {"S09": "A", "S06": "B"}


def test_a_workshop_is_read_as_the_hub_keeps_it(tmp_path: Path) -> None:
    ledger(tmp_path / "learners" / "maria" / "notebooks", judgement("S09"))
    (tmp_path / "hub").mkdir()
    (tmp_path / "people").mkdir()
    people = {"maria": {"first_name": "María", "last_name": "López"}}
    (tmp_path / "people" / "people.json").write_text(json.dumps(people), encoding="utf-8")
    assert [(person.name, len(person.judgements)) for person in read(tmp_path).values()] == [("María López", 1)]


def test_only_changed_files_are_opened_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    plain = reader._open

    def counted(path: Path, name: str, parent: int | None) -> BinaryIO | None:
        opened.append(path.parent.name)
        return plain(path, name, parent)

    monkeypatch.setattr(reader, "_open", counted)
    monkeypatch.setattr(reader, "PATIENCE", 0)
    ledger(tmp_path / "ana", judgement("S09"))
    ledger(tmp_path / "ben", judgement("S09"))
    ledgers = LedgerFolder(tmp_path)
    ledgers.read()
    ledger(tmp_path / "ben", judgement("S06"))
    participants, _ = ledgers.read()
    assert [len(person.judgements) for person in participants] == [1, 2]
    assert opened == ["ana", "ben", "ben"]


def test_opting_out_is_respected_from_the_next_reading_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "PATIENCE", 0)
    ledger(tmp_path / "ana" / "notebooks", judgement("S09"))
    ledgers = LedgerFolder(tmp_path)
    ledgers.read()
    # In whichever of their ledgers they say so.
    ledger(tmp_path / "ana" / "06-weighing", judgement("S06"), hidden=True)
    (ana,) = ledgers.read()[0]
    assert ana.hidden
    assert ana.judgements == ()
    ledger(tmp_path / "ana" / "06-weighing", hidden=False)
    assert len(ledgers.read()[0][0].judgements) == 2


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:200])


def binary(path: Path) -> None:
    path.write_bytes(os.urandom(3000))


def nested(path: Path) -> None:
    path.write_text('{"schema": 1, "answers": [' + "[" * 200_000, encoding="utf-8")


def slow_to_recover(path: Path) -> None:
    path.write_bytes(b'{"schema": 1, "judgements": [' * 8_000)


def unfit(path: Path) -> None:
    path.write_bytes(b'{"schema": 1, "judgements": [' + b",".join([b'{"a": ' * 300 + b"1" + b"}" * 300] * 90) + b"]}")


def large(path: Path) -> None:
    path.write_bytes(b'{"schema": 1, "judgements": [' + b" " * 600_000 + b"]}")


def link(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.parents[1] / "ana" / "ledger.json")


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def wrong_ratings(path: Path) -> None:
    values = json.loads(path.read_text(encoding="utf-8"))
    values["judgements"][0]["reliability"] = "<script>"
    path.write_text(json.dumps(values), encoding="utf-8")


@pytest.mark.parametrize(
    "damage",
    [truncated, binary, nested, slow_to_recover, unfit, large, link, pipe, device, wrong_ratings],
    ids=lambda f: f.__name__,
)
def test_a_damaged_or_hostile_ledger_changes_nothing_but_its_own_row(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    case = default_case()
    for name in ("ana", "ben", "eve"):
        ledger(tmp_path / name, judgement("S09"))
    without = view([person for key, person in read(tmp_path).items() if key != "eve"], case, "F", "since")
    damage(tmp_path / "eve" / "ledger.json")
    people = read(tmp_path)
    assert not people["eve"].readable
    assert people["eve"].judgements == ()
    with_eve = view(people.values(), case, "F", "since")
    assert with_eve.standings == {"rated": 2, "not begun": 0, "hidden": 0, "unreadable": 1}
    assert (with_eve.pooled, with_eve.weights, with_eve.questions) == (
        without.pooled,
        without.weights,
        without.questions,
    )


def test_what_nobody_asks_for_in_a_ledger_is_left_out(tmp_path: Path) -> None:
    case = default_case()
    ledger(tmp_path / "eve", judgement("<b>Eve</b>"), judgement("other-case/S09"), judgement("S09"))
    room = view(read(tmp_path).values(), case, "F", "since")
    assert dict(room.started) == {"S09": 1}


def test_a_ledger_changed_by_hand_counts_as_it_stands(tmp_path: Path) -> None:
    path = ledger(tmp_path / "ana", judgement("S09"))
    path.write_text(path.read_text(encoding="utf-8").replace('"B"', '"C"'), encoding="utf-8")
    assert [rating.reliability for rating in read(tmp_path)["ana"].judgements] == ["C"]


def test_the_copy_of_a_damaged_ledger_is_no_ledger(tmp_path: Path) -> None:
    path = ledger(tmp_path / "ana", judgement("S09"))
    (path.parent / "ledger.kept-aside-20261201T000000Z.json").write_text("{", encoding="utf-8")
    assert read(tmp_path)["ana"].readable


def test_a_ledger_that_takes_long_is_not_read_again_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "PATIENCE", 1_000_000)
    ledger(tmp_path / "eve", judgement("S09"))
    ledgers = LedgerFolder(tmp_path)
    ledgers.read()
    ledger(tmp_path / "eve", judgement("S06"))
    assert len(ledgers.read()[0][0].judgements) == 1


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        LedgerFolder(tmp_path / "nowhere").read()

"""What the room is shown: counts as they are, and the numbers of ``course report``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from course.case import default_case
from course.classroom.gradebook.marks import Assignment, MarkedSubmission
from course.classroom.report import findings
from course.classroom.report.load import AssignmentResults, StudentWork
from course.classroom.room.folder import LedgerFolder
from course.classroom.room.session import RoomSession
from course.classroom.room.tally import Participant, questions, view
from course.ledger import Judgement, Ledger
from course.publishing.room import RoomCode
from course.weighing.pooling import pool
from tests.classroom.room.people import judgement, ledger, random_board

CASE = default_case()


def room(count: int = 12) -> list[Participant]:
    return [Participant(f"p{seed}", f"p{seed}", tuple(random_board(seed))) for seed in range(count)]


def test_each_answer_is_counted() -> None:
    tally = {part.question: part for part in view(room(), CASE, "F", "since", "S09").questions}
    rated = [own for person in room() for own in person.judgements if own.statement == "S09"]
    assert {answer: count for answer, count in tally["reliability"].answers.items() if count} == Counter(
        own.reliability for own in rated
    )
    assert tally["bearing"].answered == tally["interest"].answered == len(rated)
    assert list(tally["reliability"].answers) == list("ABCDEF")


def test_what_is_not_rated_is_no_answer() -> None:
    begun = Judgement("S09", "F", reliability="B")
    tally = {part.question: part for part in questions([begun, Judgement("S09", "F")])}
    assert {question: part.answered for question, part in tally.items()} == {
        "reliability": 1,
        "credibility": 0,
        "directness": 0,
        "bearing": 0,
        "interest": 1,
    }


def test_the_middle_half_leaves_out_what_cannot_be_judged() -> None:
    tally = questions(judgement("S09", grade=grade) for grade in "ABBCCDEFF")[0]
    assert tally.middle == ("B", "D")
    assert questions([judgement("S09", grade="F")])[0].middle is None


def test_who_has_not_begun_is_counted() -> None:
    people = [
        *room(3),
        Participant("new", "new"),
        Participant("empty", "empty", (Judgement("S09", "F"),)),
        Participant("out", "out", hidden=True),
        Participant("bad", "bad", readable=False),
    ]
    assert view(people, CASE, "F", "since").standings == {"rated": 3, "not begun": 2, "hidden": 1, "unreadable": 1}


def test_the_statement_that_splits_the_room_comes_first() -> None:
    people = [
        Participant(str(place), "", (judgement("S06", "slight against"), judgement("S09", strength)))
        for place, strength in enumerate(["decisive for", "decisive against", "decisive for", "decisive against"])
    ]
    seen = view(people, CASE, "F", "since")
    assert [weights.statement for weights in seen.weights] == ["S09", "S06"]
    assert seen.weights[0].split
    assert seen.statement == "S09"


@pytest.mark.parametrize("clock", ["then", "since"])
def test_pooled_numbers_are_those_of_the_report(clock: str) -> None:
    people = room(20)
    results = _results({person.key: person.judgements for person in people})
    by_learner = findings.judgements(results, CASE)["F"]
    known = findings.known_by(by_learner, CASE, CASE.subject.clocks[clock])
    seen = view(people, CASE, "F", clock)
    assert seen.pooled == pool(known, "F", subject=CASE.subject)
    assert seen.weights == findings.statement_weights(known)


def _results(ledgers: dict[str, tuple[Judgement, ...]]) -> AssignmentResults:
    """Return the results of an assignment for which only ledgers were handed in."""
    submission = MarkedSubmission(graded=True)
    works = {student: StudentWork(submission, judgements=own) for student, own in ledgers.items()}
    assignment = Assignment("06-weighing", (), dict.fromkeys(works, submission))
    return AssignmentResults(assignment, {}, {}, works, ())


def test_a_room_is_the_same_from_folders_and_from_codes(tmp_path: Path) -> None:
    codes = []
    for seed in range(15):
        path = ledger(tmp_path / "ledgers" / f"learner-{seed}", *random_board(seed))
        codes.append(RoomCode(Ledger.open(path)).code)
    (tmp_path / "pasted").mkdir()
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "chat.txt").write_text("\n".join(f"Ana: {code}" for code in codes), encoding="utf-8")

    sessions = {name: RoomSession(tmp_path / name, CASE) for name in ("ledgers", "pasted", "texts")}
    assert sessions["pasted"].paste("\n".join(codes)) == "15 new codes imported."
    seen = {}
    for name, session in sessions.items():
        session.refresh()
        seen[name] = view(session.participants, CASE, "F", "since")
    for other in ("pasted", "texts"):
        ours, theirs = seen["ledgers"], seen[other]
        assert theirs.standings == ours.standings
        assert theirs.weights == ours.weights
        assert theirs.questions == ours.questions
        assert theirs.pooled is not None
        assert ours.pooled is not None
        assert theirs.pooled.words == ours.pooled.words
        assert theirs.pooled.posterior == pytest.approx(ours.pooled.posterior)
        assert theirs.pooled.agreement == pytest.approx(ours.pooled.agreement)


def test_a_second_code_replaces_the_first_and_a_damaged_one_is_named(tmp_path: Path) -> None:
    session = RoomSession(tmp_path, CASE)
    own = Ledger()
    own.judge(judgement("S09", grade="A"))
    first = RoomCode(own).code
    own.judge(judgement("S09", grade="E"))
    second = RoomCode(own).code
    assert session.paste(f"{first}\n{first}") == "1 new code imported."
    assert session.paste(second) == "1 earlier code replaced."
    assert [rated.reliability for person in session.participants for rated in person.judgements] == ["E"]
    wrong = second[:-1] + ("0" if second[-1] != "0" else "2")
    assert session.paste(wrong) == (
        f"No code was imported. 1 code could not be read; the first begins with {wrong[:15]}. Ask for it again."
    )
    assert session.paste("Hello") == (
        "No code was imported. Codes begin with CF1-. Paste the whole text that you were sent."
    )


def test_a_folder_reads_the_same_twice(tmp_path: Path) -> None:
    ledger(tmp_path / "ana", *random_board(1))
    ledgers = LedgerFolder(tmp_path)
    assert ledgers.read() == ledgers.read()

"""What the report finds in a class's ratings, apart from its page."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from course.case import shipped_cases
from course.classroom.report import findings
from course.classroom.report.load import AssignmentResults
from course.ledger.judgement import Judgement


def test_ratings_are_reported_by_case_under_the_cases_own_names() -> None:
    rated = ("S09", "F"), ("S09", "Z"), ("X99", "F"), ("defeated/T09", "T"), ("defeated/S09", "F")
    judgements = tuple(Judgement(statement, reading, bearing="none") for statement, reading in rated)
    results = cast("AssignmentResults", SimpleNamespace(graded={"ada": SimpleNamespace(judgements=judgements)}))
    by_case = [
        {reading: [judgement.statement for judgement in own["ada"]] for reading, own in by_reading.items()}
        for by_reading in (findings.judgements(results, case) for case in shipped_cases())
    ]
    assert by_case == [{"F": ["S09"]}, {"T": ["T09"]}]


def test_what_became_known_later_is_left_out_by_the_cases_clock() -> None:
    case = shipped_cases()[1]
    by_learner = {"ada": tuple(Judgement(name, "T", bearing="none") for name in ("T09", "T20"))}
    (known,) = findings.known_by(by_learner, case, case.subject.known_until).values()
    assert [judgement.statement for judgement in known] == ["T09"]

"""What one expert's ratings of the case amount to: the table of docs/instructor/weighing.md is what the model gives.

``python -m tests.weighing.test_reference`` prints its lines, without the sentences.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from course.case import Case
from course.ledger.judgement import Judgement
from course.weighing import confidence, weigh_all, word
from course.weighing.coherence import Facts, coherence
from course.weighing.explain import percent, percent_range

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "instructor" / "weighing.md"
CASE = Case.load()
FACTS: Facts = {str(row["id"]): row for row in CASE.rows("statements")}


def reference() -> tuple[Judgement, ...]:
    """Return the expert's ratings, with the origins of the case."""
    names = {row["id"]: str(row["name"]) for row in CASE.rows("origins")}
    with (ROOT / "solutions" / "reference_judgements.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        Judgement(
            row["statement"],
            row["reading"],
            row["reliability"] or None,
            int(row["credibility"]) if row["credibility"] else None,
            row["directness"] or None,
            row["bearing"],
            origin=names[FACTS[row["statement"]]["origin"]],
            interest=row["interest"] or "unknown",
            reason=row["reason"],
        )
        for row in rows
    )


def lines() -> Iterator[str]:
    """Yield the beginning of each line of the table: reading, clock, chance left, word, basis."""
    for reading in "TUF":
        for clock, day in Case.load().subject.clocks.items():
            counted = [judgement for judgement in reference() if FACTS[judgement.statement]["known_from"] <= day]
            weighing = weigh_all(counted, reading)
            left = weighing.posterior
            amount = f"{percent(left.point)} ({percent_range(left)})"
            basis = confidence(weighing, counted).level
            yield f"| {reading} | {clock} | {amount} | {word(left.point)} | {basis} |"


def test_the_page_prints_what_the_model_gives() -> None:
    printed = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    for line in lines():
        reading, clock = line.split("|")[1:3]
        (row,) = (row for row in printed if row.startswith(f"|{reading}|{clock}|"))
        assert row.startswith(line)
        sentence = row.removeprefix(line).strip(" |")
        assert sentence.endswith("."), "a sentence that an editor could print"
        assert sentence.count(".") == 1


def test_the_ratings_hang_together_and_are_complete() -> None:
    judgements = reference()
    assert all(judgement.complete for judgement in judgements)
    for reading in sorted({judgement.reading for judgement in judgements}):
        assert coherence([judgement for judgement in judgements if judgement.reading == reading], FACTS) == ()


def test_ground_was_very_unlikely_to_be_gone_then_and_almost_certainly_was_not_as_is_known_since() -> None:
    then, since = (line.split("|")[4].strip() for line in lines() if line.startswith("| T |"))
    assert (then, since) == ("very unlikely", "almost no chance")


def test_no_single_origin_carries_what_is_known_since() -> None:
    of_t = [judgement for judgement in reference() if judgement.reading == "T"]
    for origin in {judgement.origin for judgement in of_t}:
        rest = weigh_all([judgement for judgement in of_t if judgement.origin != origin], "T")
        assert word(rest.posterior.point) == "almost no chance", origin


if __name__ == "__main__":
    print("\n".join(lines()))  # noqa: T201

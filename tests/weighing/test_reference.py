"""What one expert's ratings of the case amount to: the table of docs/instructor/weighing.md is what the model gives.

``python -m tests.weighing.test_reference`` prints its lines, without the sentences.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from course.case import Case
from course.ledger.judgement import Judgement
from course.methods.chronology import CLOCKS
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
        for clock, day in CLOCKS.items():
            counted = [made for made in reference() if FACTS[made.statement]["known_from"] <= day]
            weighing = weigh_all(counted, reading)
            left = weighing.posterior
            amount = f"{percent(left.point)} ({percent_range(left)})"
            basis = confidence(weighing, counted).level
            yield f"| {reading} | {clock} | {amount} | {word(left.point)} | {basis} |"


def test_the_page_prints_what_the_model_gives() -> None:
    printed = PAGE.read_text(encoding="utf-8").splitlines()
    for line in lines():
        (found,) = (one for one in printed if one.startswith(line[:8]) and one.split("|")[2].strip() in CLOCKS)
        assert found.startswith(line), found
        sentence = found.removeprefix(line).strip(" |")
        assert sentence.endswith("."), f"a sentence for an editor: {found}"
        assert sentence.count(".") <= 2


def test_the_ratings_hang_together_and_are_complete() -> None:
    made = reference()
    assert all(one.complete for one in made)
    for reading in sorted({one.reading for one in made}):
        assert coherence([one for one in made if one.reading == reading], FACTS) == ()


def test_ground_was_very_unlikely_to_be_gone_then_and_almost_certainly_was_not_as_is_known_since() -> None:
    then, since = (line.split("|")[4].strip() for line in lines() if line.startswith("| T |"))
    assert (then, since) == ("very unlikely", "almost no chance")


def test_no_single_origin_carries_what_is_known_since() -> None:
    of_t = [made for made in reference() if made.reading == "T"]
    for origin in {made.origin for made in of_t}:
        assert word(weigh_all([made for made in of_t if made.origin != origin], "T").posterior.point) == (
            "almost no chance"
        )


if __name__ == "__main__":
    print("\n".join(lines()))  # noqa: T201

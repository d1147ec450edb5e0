"""The trial of the rubrics: the figures in the marking guide are those of the marks that lie beside it."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "instructor"


def weighted_kappa(pairs: list[tuple[int, int]]) -> float:
    """Return Cohen's kappa with quadratic weights."""
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    seen = sum((a - b) ** 2 for a, b in pairs)
    by_chance = sum((a - b) ** 2 * first[a] * second[b] for a in first for b in second) / len(pairs)
    return 1 - seen / by_chance


def test_the_guide_prints_the_agreement_of_the_two_markers() -> None:
    with (GUIDE / "marking-trial.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    pairs = [(int(row["first_marker"]), int(row["second_marker"])) for row in rows]
    assert all(max(pair) <= int(row["marks"]) for pair, row in zip(pairs, rows, strict=True))
    same = sum(a == b for a, b in pairs)
    near = sum(abs(a - b) <= 1 for a, b in pairs)
    text = (GUIDE / "marking.md").read_text(encoding="utf-8")
    for line in (
        f"| | {len(pairs)} answers |",
        f"| same mark | {same} ({same / len(pairs):.0%}) |".replace("%", " %"),
        f"| within one mark | {near} ({near / len(pairs):.0%}) |".replace("%", " %"),
        f"| quadratic-weighted kappa | {weighted_kappa(pairs):.2f} |",
    ):
        assert line in text, line

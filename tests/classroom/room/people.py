"""People in a room: their ledgers as files, in a folder or in one for each of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from course.ledger import Judgement, Ledger
from course.ledger.judgement import BEARINGS

STATEMENTS = ("S06", "S09", "X06")


def judgement(statement: str, strength: str = "strong against", grade: str = "B", origin: str = "") -> Judgement:
    """Return a complete judgement of reading F."""
    return Judgement(
        statement, "F", grade, 2, "direct", strength, origin, "A reason of their own.", interest="no stake"
    )


def ledger(folder: Path, *judgements: Judgement, hidden: bool | None = None) -> Path:
    """Write these judgements into the ledger in a folder, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    opened = Ledger.open(folder / "ledger.json")
    for rated in judgements:
        opened.judge(rated, save=False)
    if hidden is not None:
        opened.answer("room/hidden", hidden, save=False)
    opened.save()
    return folder / "ledger.json"


def random_board(seed: int, statements: Sequence[str] = STATEMENTS) -> list[Judgement]:
    """Return what somebody rates, the same for each seed."""
    draw = random.Random(seed)
    return [
        judgement(statement, draw.choice(BEARINGS), draw.choice("ABCDEF"), draw.choice(("", "IHS", "Abrahms")))
        for statement in statements
        if draw.random() < 0.9
    ]

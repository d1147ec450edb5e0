"""What a learner shows the room: the code of their ratings, everything that is in it, and whether they take part."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from course.case import Case, default_case
from course.ledger import Ledger
from course.ledger.judgement import Judgement
from course.methods.room_code import ANSWERS, HIDDEN, NUMBER, NUMBERS, encode, of_case, without_words
from course.wording import number_of

if TYPE_CHECKING:
    import pandas as pd


class RoomCode:
    """Your ratings for the room: the code to send, what it holds, and whether you take part.

    Parameters
    ----------
    ledger : Ledger, optional
        Default: ``ledger.json`` beside the notebook.
    case : Case, optional
        Default: the case the course ships.

    Examples
    --------
    >>> ledger = Ledger()
    >>> _ = ledger.judge(Judgement("S09", "F", "B", 2, "direct", "decisive against", reason="He says some remain."))
    >>> room = RoomCode(ledger)
    >>> room.code[:4], room.table()["statement"].tolist()
    ('CF1-', ['S09'])
    >>> room.hide()
    You do not take part. The instructor's board leaves your ledger out, and there is no code. To take part again: \
RoomCode().take_part()
    """

    def __init__(self, ledger: Ledger | None = None, case: Case | None = None) -> None:
        self._case = case or default_case()
        self._ledger = Ledger.open() if ledger is None else ledger

    @property
    def takes_part(self) -> bool:
        """Whether the room's board may count this ledger."""
        return self._ledger.answers.get(HIDDEN) is not True

    @property
    def judgements(self) -> tuple[Judgement, ...]:
        """The ratings as the code holds them."""
        return without_words(of_case(self._ledger.judgements(), self._case))

    @property
    def code(self) -> str:
        """The code to send; empty if you do not take part or have not rated anything yet."""
        judgements = self.judgements
        if not self.takes_part or not judgements:
            return ""
        number = self._ledger.answers.get(NUMBER)
        if type(number) is not int or not 0 <= number < NUMBERS:
            number = secrets.randbelow(NUMBERS)
            self._ledger.answer(NUMBER, number)
        return encode(judgements, self._case, number)

    def hide(self) -> RoomCode:
        """Stop taking part: your ledger is left out of the board, and there is no code."""
        self._ledger.answer(HIDDEN, True)
        return self

    def take_part(self) -> RoomCode:
        """Take part again."""
        self._ledger.answer(HIDDEN, False)
        return self

    def table(self) -> pd.DataFrame:
        """Return everything the code says about you: one row for each rating. Your reasons are not in it."""
        import pandas as pd

        columns = ["statement", "reading", *ANSWERS, "origin"]
        rows = [[getattr(judgement, name) for name in columns] for judgement in self.judgements]
        return pd.DataFrame(rows, columns=columns).astype({"credibility": "Int64"})

    def __repr__(self) -> str:
        if not self.takes_part:
            return (
                "You do not take part. The instructor's board leaves your ledger out, and there is no code. "
                "To take part again: RoomCode().take_part()"
            )
        if not self.code:
            return "You have not rated anything yet, so there is no code. Rate a statement and run this again."
        return (
            f"Your code, with {number_of(len(self.judgements), 'rating')}. Send all of it to your instructor:\n\n"
            f"{self.code}\n\n"
            "It holds your ratings and a random number, but no name and no reasons. The board shows how many people "
            "gave each answer.\nTo see what is in it: RoomCode().table(). To stop taking part: RoomCode().hide()"
        )

"""The part of a ledger that belongs to one case.

Cases call their statements and sources by the same short names. So that one file can hold the work on several, an entry
of any case but the course's own is kept under the case's name, a slash, and its name there: ``other-case/S09``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course.ledger.judgement import Judgement

if TYPE_CHECKING:
    from course.ledger.ledger import Ledger


class CaseLedger:
    """What a ledger holds of one case, under the names that the case uses. Every change goes into the whole ledger.

    Parameters
    ----------
    whole : Ledger
        The ledger, which may hold the work on other cases too.
    name : str
        The case's name.

    Examples
    --------
    >>> from course.ledger import Ledger
    >>> whole = Ledger()
    >>> part = CaseLedger(whole, "other-case")
    >>> part.answer("claim/wording", "On 1 May the mayor said …")
    >>> dict(part.answers), list(whole.answers)
    ({'claim/wording': 'On 1 May the mayor said …'}, ['other-case/claim/wording'])
    """

    def __init__(self, whole: Ledger, name: str) -> None:
        self.whole = whole
        self._prefix = f"{name}/"

    @property
    def path(self) -> Path | None:
        """The file of the whole ledger, or None for one in memory."""
        return self.whole.path

    @property
    def kept(self) -> bool:
        """Whether changes are saved to disk."""
        return self.whole.kept

    @property
    def messages(self) -> tuple[str, ...]:
        """What the learner should know about the whole ledger."""
        return self.whole.messages

    @property
    def answers(self) -> Mapping[str, Any]:
        """The answers of the case, as of now."""
        return _AnswersOfCase(self.whole.answers, self._prefix)

    def judgements(self, reading: str | None = None) -> tuple[Judgement, ...]:
        """Return the judgements of one of the case's readings, or of all, sorted by reading and statement."""
        return tuple(
            replace(judgement, statement=judgement.statement.removeprefix(self._prefix))
            for judgement in self.whole.judgements(reading)
            if judgement.statement.startswith(self._prefix)
        )

    def judge(self, judgement: Judgement, *, save: bool = True) -> Judgement:
        """Insert or replace a judgement; return it with its time."""
        stamped = self.whole.judge(replace(judgement, statement=self._prefix + judgement.statement), save=save)
        return replace(judgement, updated=stamped.updated)

    def withdraw(self, statement: str, reading: str, *, save: bool = True) -> None:
        """Withdraw a judgement.

        Raises
        ------
        LedgerError
            If there is no such judgement.
        """
        self.whole.withdraw(self._prefix + statement, reading, save=save)

    def answer(self, key: str, value: Any, *, save: bool = True) -> None:
        """Insert or replace the answer called `key`.

        Raises
        ------
        LedgerError
            If the value is not made of JSON's types.
        """
        self.whole.answer(self._prefix + key, value, save=save)

    def save(self) -> bool:
        """Save the whole ledger, and return whether its file is up to date."""
        return self.whole.save()

    def refresh(self) -> bool:
        """Read what was written elsewhere; return whether that changed anything."""
        return self.whole.refresh()

    def on_change(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call `callback` after every change of the whole ledger; return a function that unsubscribes it."""
        return self.whole.on_change(callback)

    def dumps(self) -> str:
        """Return the whole ledger as JSON text."""
        return self.whole.dumps()

    def __repr__(self) -> str:
        return f"{self.whole!r} for {self._prefix.removesuffix('/')}"


class _AnswersOfCase(Mapping[str, Any]):
    """The answers whose keys begin with the prefix, without it. Each is parsed only when it is asked for."""

    def __init__(self, answers: Mapping[str, Any], prefix: str) -> None:
        self._answers = answers
        self._prefix = prefix

    def __getitem__(self, name: str) -> Any:
        return self._answers[self._prefix + name]

    def __iter__(self) -> Iterator[str]:
        return (key.removeprefix(self._prefix) for key in self._answers if key.startswith(self._prefix))

    def __len__(self) -> int:
        return sum(1 for _ in self)

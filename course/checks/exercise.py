"""An exercise's hints and rubrics, and the ratings that are handed in with it.

Hints and rubrics are data, in `exercise.json` beside the notebook. Learner and marker see the same rubric, because both
see the output of the same cell.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from course.checks.expect import NotAnswered, NotYet
from course.files import beside_notebook
from course.ledger import CaseLedger, Ledger
from course.ledger.judgement import Judgement
from course.weighing.coherence import Incoherence
from course.wording import listed, number_of

if TYPE_CHECKING:
    from IPython.display import Markdown

FILE: Final = "exercise.json"
LEDGER: Final = "ledger.json"
LENGTH_MARGIN: Final = 0.2
"""By what part of it a prose answer may miss the length asked for before that costs a mark."""


def hint(question: str, number: int = 1, *, folder: Path | str | None = None) -> None:
    """Show one hint, and record in the ledger that it was opened. Hints never cost marks.

    Hints open in order. Opening a hint again shows it and changes nothing.

    Parameters
    ----------
    question : str
        Such as ``"Q3"``.
    number : int
        1 is a nudge, 2 is the method, 3 is nearly the answer.
    folder : path, optional
        The exercise's folder. Default: the notebook's.

    Raises
    ------
    FileNotFoundError
        If `exercise.json` is not in the folder.
    """
    exercise = _read_exercise(folder)
    hints = exercise["hints"].get(question)
    if hints is None:
        _say(f"There are no hints for {question!r}. There are for: {', '.join(exercise['hints'])}.")
        return
    if number not in range(1, len(hints) + 1):
        _say(f"{question} has hints 1 to {len(hints)}, and no hint {number!r}.")
        return
    ledger, key = Ledger.open(beside_notebook(LEDGER, folder)), f"{exercise['exercise']}/{question}"
    if number > 1 and (key, number - 1) not in ledger.hints:
        _say(f'One at a time: try hint("{question}", {number - 1}) first.')
        return
    ledger.open_hint(key, number)
    _say(f"{question}, hint {number} of {len(hints)}: {hints[number - 1]}")


def rubric(question: str, *, folder: Path | str | None = None) -> Markdown:
    """Return a prose question's rubric as a table: the marks, what earns them, and an answer that shows it.

    Where the rubric names the length asked for, the rules of marking and the time it takes stand below the table.

    Raises
    ------
    KeyError
        If the question has no rubric.
    FileNotFoundError
        If `exercise.json` is not in the folder.
    """
    from IPython.display import Markdown

    rubric = _read_exercise(folder)["rubrics"][question]
    rows = [f"| {level['marks']} | {level['earned']} | {level['anchor']} |" for level in rubric["levels"]]
    table = "\n".join(["| marks | the answer | for example |", "|---|---|---|", *rows])
    rules = f"\n\n{_marking_rules(rubric['words'], rubric['minutes'])}" if "words" in rubric else ""
    return Markdown(f"{rubric['about']}\n\n{table}{rules}")  # type: ignore[no-untyped-call]


def _marking_rules(words: tuple[int, int], minutes: int) -> str:
    """Return the one rule for levels and the one for length, as docs/instructor/marking.md has them."""
    fewest, most = words
    return (
        "Each line from 1 on earns one mark if the answer meets it, whichever others it meets. What the line for 0 "
        f"names earns no marks at all. Length: {fewest} to {most} words; one mark less below "
        f"{round(fewest * (1 - LENGTH_MARGIN))} or above {round(most * (1 + LENGTH_MARGIN))}. "
        f"Time: about {minutes} minutes."
    )


def handed_in(frozen: str | None, *, folder: Path | str | None = None) -> Ledger:
    """Return the ratings that count, as a ledger in memory, and print where they come from.

    The copy frozen into the notebook (`frozen`, which ``board.freeze()`` wrote) counts first, because the learner froze
    it on purpose and it survives when the notebook is handed in alone. Without one, the ledger in the folder counts.
    The result is empty if nothing was handed in; changing it changes neither the file nor the frozen copy.
    """
    opened = Ledger.open(beside_notebook(LEDGER, folder))
    copy = Ledger.loads(frozen) if isinstance(frozen, str) else Ledger()
    for message in (*opened.messages, *(f"In the frozen copy in this notebook: {text}" for text in copy.messages)):
        _say(message)
    kept = Ledger.loads(opened.dumps())
    if copy.judgements():
        differing = _without_times(copy) ^ _without_times(kept) if kept.judgements() else set()
        others = sorted({judgement.statement for judgement in differing})
        _say(f"What counts: {_count(copy)} from the frozen copy in this notebook.")
        if others:
            _say(
                f"{LEDGER} says something else about {', '.join(others)}. The frozen copy counts. If you mean the "
                "ledger, write board.freeze() in the cell of the frozen copy, in place of what is there, and run it."
            )
        return copy
    if kept.judgements():
        _say(f"What counts: {_count(kept)} from {LEDGER} in this folder.")
        return kept
    # Not everything that is handed in is a rating: doubts on the timeline and the desk's verdict are answers.
    for ledger, place in ((copy, "the frozen copy in this notebook"), (kept, f"{LEDGER} in this folder")):
        if ledger.entries:
            _say(f"There are no ratings yet. What counts: {_count(ledger)} from {place}.")
            return ledger
    _say(f"There are no ratings yet: no frozen copy in this notebook, and no {LEDGER} with ratings in this folder.")
    return Ledger()


def expect_coherent(
    label: str,
    ledger: Ledger | CaseLedger,
    reading: str,
    needed: Iterable[str],
    *rules: Callable[[Sequence[Judgement]], Iterable[Incoherence]],
) -> None:
    """Check that a learner's ratings are complete and coherent, and never whether they agree with ours.

    Parameters
    ----------
    label : str
        The name of this check in messages.
    ledger : Ledger
        As `handed_in` returns it.
    reading : str
        The reading whose judgements are checked.
    needed : iterable of str
        Statements that must be rated, so that the rules have something to check.
    rules : callables
        Functions from complete judgements to incoherences, such as those of `course.weighing.coherence`.

    Raises
    ------
    NotAnswered
        If nothing is rated for the reading.
    NotYet
        If a needed statement is not fully rated, or a rule reports something.
    """
    rated = {judgement.statement: judgement for judgement in ledger.judgements(reading)}
    if not rated:
        if others := sorted({judgement.reading for judgement in ledger.judgements()}):
            raise NotAnswered(
                f"No ratings for reading {reading} yet, only for {', '.join(others)}. Turn the board to {reading}."
            )
        raise NotAnswered(
            f"No ratings for reading {reading} yet: no frozen copy in this notebook, and no {LEDGER} with ratings "
            "beside it. Rate on the board, then run the cells below it again."
        )
    lacking = [
        f"{statement} ({', '.join(rated[statement].missing)})" if statement in rated else statement
        for statement in needed
        if statement not in rated or not rated[statement].complete
    ]
    if lacking:
        raise NotYet(f"{label}: still to rate for reading {reading}: {', '.join(lacking)}.")
    complete = [judgement for judgement in rated.values() if judgement.complete]
    if messages := [incoherence.message for rule in rules for incoherence in rule(complete)]:
        raise NotYet(" ".join(messages))
    _say(f"{label}: as far as this check can see, it fits together.")


def _read_exercise(folder: Path | str | None) -> Any:
    try:
        return json.loads(beside_notebook(FILE, folder).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FileNotFoundError(
            f"{FILE} is not in this folder. It comes with the exercise: open the notebook where the two lie together."
        ) from None


def _without_times(ledger: Ledger) -> set[Judgement]:
    """Return the judgements without their times, which differ between a frozen copy and its ledger."""
    return {replace(judgement, updated="") for judgement in ledger.judgements()}


def _count(ledger: Ledger) -> str:
    numbers = {"rating": len(ledger.judgements()), "answer": len(ledger.answers)}
    return listed([number_of(number, name) for name, number in numbers.items() if number])


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")

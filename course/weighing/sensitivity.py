"""What would change our mind: repeat the weighing with one thing different.

Pure functions on judgements. They do not say which judgement is right, but which ones the verdict depends on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from course.case import Subject
from course.ledger.judgement import Judgement
from course.weighing.model import (
    Interval,
    Weighing,
    chance,
    decibans,
    hardly_knows,
    is_refutation,
    origin_of,
    weigh,
    weigh_all,
    word,
)
from course.weighing.pooling import SCALES

PRIORS: Final = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)

# The unknown is not on the ordered scales: leaving it is one step, whatever the new rating is.
_UNKNOWN: Final = {"reliability": "F", "credibility": 6, "interest": "unknown"}


@dataclass(frozen=True, slots=True)
class Change:
    """The weighing with one thing different.

    Parameters
    ----------
    label : str
        What is different.
    steps : int
        How many steps on a scale; 1 for leaving an origin out or for another prior.
    total : Interval
        In dB.
    posterior : Interval
        Chance of the reading, 0 to 1.
    word : str
        The ICD 203 word at the posterior's point.
    crosses : bool
        Whether that is another word than before.
    """

    label: str
    steps: int
    total: Interval
    posterior: Interval
    word: str
    crosses: bool


def _change(label: str, steps: int, before: Weighing, after: Weighing) -> Change:
    now = word(after.posterior.point)
    return Change(label, steps, after.total, after.posterior, now, now != word(before.posterior.point))


def leave_one_origin_out(
    judgements: Iterable[Judgement], reading: str, prior: float = 0.5, subject: Subject | None = None
) -> tuple[Change, ...]:
    """Weigh again without each origin in turn; the one that moves the total most comes first.

    Examples
    --------
    >>> abrahms = Judgement("S09", "F", "B", 2, "direct", "strong against", origin="Abrahms")
    >>> [(change.label, change.word) for change in leave_one_origin_out([abrahms], "F")]
    [('without Abrahms', 'roughly even chance')]
    """
    judgements = tuple(judgements)
    base = weigh_all(judgements, reading, prior, subject)
    names = {
        origin_of(judgement): " ".join(judgement.origin.split()) or judgement.statement
        for judgement in sorted(judgements, key=lambda judgement: judgement.statement, reverse=True)
        if judgement.reading == reading and judgement.complete and judgement.side
    }
    changes = [
        _change(f"without {name}", 1, base, weigh_all(others, reading, prior, subject))
        for key, name in names.items()
        for others in [[judgement for judgement in judgements if origin_of(judgement) != key]]
    ]
    return tuple(sorted(changes, key=lambda change: (-abs(change.total.point - base.total.point), change.label)))


def one_reliability_step(
    judgements: Iterable[Judgement], reading: str, prior: float = 0.5, subject: Subject | None = None
) -> tuple[Change, ...]:
    """Weigh again with the reliability of each judgement that carries weight one step up and one step down.

    F is not stepped because it means unknown; its range already shows in every interval.

    Examples
    --------
    >>> abrahms = Judgement("S09", "F", "B", 2, "direct", "strong against", origin="Abrahms")
    >>> [change.label for change in one_reliability_step([abrahms], "F")]
    ['S09 reliability B → A', 'S09 reliability B → C']
    """
    judgements = tuple(judgements)
    base = weigh_all(judgements, reading, prior, subject)
    return tuple(
        _change(f"{before.statement} reliability {before.reliability} → {after.reliability}", steps, base, again)
        for before, after, name, steps in _single_steps(judgements, reading)
        if name == "reliability" and steps == 1 and before.reliability != _UNKNOWN["reliability"]
        for again in [weigh_all(_swap(judgements, before, after), reading, prior, subject)]
    )


def prior_sweep(
    judgements: Iterable[Judgement],
    reading: str,
    prior: float = 0.5,
    subject: Subject | None = None,
    priors: Sequence[float] = PRIORS,
) -> tuple[Change, ...]:
    """Weigh again from other starting points, by default from 1 % to 99 %.

    Examples
    --------
    >>> [change.word for change in prior_sweep([], "F", priors=(0.01, 0.5, 0.99))]
    ['almost no chance', 'roughly even chance', 'almost certain']
    """
    judgements = tuple(judgements)
    base = weigh_all(judgements, reading, prior, subject)
    return tuple(
        _change(f"starting from {100 * start:g} %", 1, base, weigh_all(judgements, reading, start, subject))
        for start in priors
    )


def smallest_changes(
    judgements: Iterable[Judgement], reading: str, prior: float = 0.5, subject: Subject | None = None
) -> tuple[Change, ...]:
    """Return the smallest changes that lead to another word: what would change your mind.

    Tried are every step on one scale of one judgement, and leaving out one origin, which counts as one step. So does
    leaving F, 6 or an unknown interest, whatever is then found out; going there is not tried. Returned are all that
    cross with the fewest steps, the furthest-reaching first; none where no single change is enough.

    Examples
    --------
    >>> one = Judgement("S09", "F", "C", 3, "direct", "moderate against", origin="Abrahms", interest="no stake")
    >>> [change.label for change in smallest_changes([one], "F")]
    ['without Abrahms', 'S09 bearing moderate against → slight against']
    """
    judgements = tuple(judgements)
    base = weigh_all(judgements, reading, prior, subject)
    crossing = [change for change in leave_one_origin_out(judgements, reading, prior, subject) if change.crosses]
    here, start, points = word(base.posterior.point), decibans(prior), _points_by_origin(judgements, reading)
    left = base.ceiling.point
    # Most single steps stay inside the word; stepping outwards, we stop at the first distance that crosses.
    steps = sorted(_single_steps(judgements, reading), key=lambda step: step[3])
    for before, after, name, distance in steps:
        if crossing and distance > crossing[0].steps:
            break
        # Mostly a step moves only its own origin: weighing everything again is worth it only where that crosses.
        if not any(is_refutation(judgement) or hardly_knows(judgement) for judgement in (before, after)):
            own = points[origin_of(before)]
            changed = own | {after.statement: weigh(after).point}
            moved = _origin_total(changed.values()) - _origin_total(own.values())
            if word(min(chance(start + base.total.point + moved), left)) == here:
                continue
        again = weigh_all(_swap(judgements, before, after), reading, prior, subject)
        label = f"{before.statement} {name} {getattr(before, name)} → {getattr(after, name)}"
        change = _change(label, distance, base, again)
        if change.crosses:
            crossing.append(change)
    return tuple(sorted(crossing, key=lambda change: (-abs(change.total.point - base.total.point), change.label)))


def prior_that_crosses(weighing: Weighing) -> float | None:
    """Return the prior nearest to the present one, from 1 % to 99 % in steps of 1 %, at which the word changes.

    It is a chance (0 to 1), and the lower one where two are equally near; None if no prior changes the word.

    Examples
    --------
    >>> prior_that_crosses(weigh_all([], "F"))
    0.44
    """
    here = word(weighing.posterior.point)
    left = weighing.ceiling.point
    # Rounded, so that the last digit of a float does not decide between two that are as near.
    percents = sorted(range(1, 100), key=lambda percent: (round(abs(percent - 100 * weighing.prior), 9), percent))
    for percent in percents:
        shifted = chance(weighing.total.point + decibans(percent / 100))
        if word(min(shifted, left)) != here:
            return percent / 100
    return None


def _origin_total(points: Iterable[float]) -> float:
    """Return what one origin adds in dB: its strongest point for and its strongest point against."""
    points = (0.0, *points)
    return max(points) + min(points)


def _points_by_origin(judgements: Iterable[Judgement], reading: str) -> dict[str, dict[str, float]]:
    points: dict[str, dict[str, float]] = {}
    for judgement in judgements:
        if judgement.reading == reading and judgement.complete:
            points.setdefault(origin_of(judgement), {})[judgement.statement] = weigh(judgement).point
    return points


def _swap(judgements: Iterable[Judgement], before: Judgement, after: Judgement) -> Iterator[Judgement]:
    return (after if judgement is before else judgement for judgement in judgements)


def _single_steps(judgements: Iterable[Judgement], reading: str) -> Iterator[tuple[Judgement, Judgement, str, int]]:
    """Yield (judgement, its changed copy, the scale's name, the number of steps) for every change of one rating.

    For a statement with the bearing "none", only another bearing makes a difference, and only if the rest is rated.
    """
    for judgement in judgements:
        if judgement.reading != reading or None in (getattr(judgement, name) for name in SCALES):
            continue
        for name in SCALES if judgement.side else ("bearing",):
            scale, now = SCALES[name], getattr(judgement, name)
            for place, value in enumerate(scale):
                if value != now:
                    steps = 1 if now == _UNKNOWN.get(name) else abs(place - scale.index(now))
                    changed: dict[str, Any] = {name: value}
                    yield judgement, replace(judgement, **changed), name, steps

"""A class together: many learners' judgements pooled, with their disagreement shown beside the answer.

In a trial with analysts, making each one's judgements coherent and then averaging them cut error by 61 %, where filling
in a matrix of competing hypotheses brought nothing (Mandel et al. 2018). So the pooled answer is worth showing, and the
spread beside it is worth more: learners who read the same page share its gaps, and no pooling mends that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Final

from course.case import Subject
from course.ledger.judgement import BEARINGS, CREDIBILITY, DIRECTNESS, INTERESTS, RELIABILITY, Judgement
from course.weighing.model import Interval, chance, weigh_all, word

SCALES: Final[Mapping[str, tuple[str | int, ...]]] = {
    # F and 6 mean "cannot be judged", and an interest may be unknown. None has a place in the order, so each counts as
    # not rated.
    "reliability": tuple(RELIABILITY)[:-1],
    "credibility": tuple(CREDIBILITY)[:-1],
    "directness": tuple(DIRECTNESS),
    "bearing": BEARINGS,
    "interest": tuple(INTERESTS)[:-1],
}
"""Each scale's values in order: for Krippendorff's α at the ordinal level, and for single steps in `sensitivity`."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """What a class makes of one reading.

    Parameters
    ----------
    learners : int
        How many have at least one complete judgement of the reading.
    posterior : float
        Chance, 0 to 1, at the median of the learners' log-odds.
    spread : Interval
        First quartile, median and third quartile of the learners' posteriors, 0 to 1.
    word : str
        The ICD 203 word at the posterior.
    words : mapping of str to int
        How many learners arrive at each word.
    agreement : mapping of str to float or None
        Krippendorff's α for each of `SCALES`: 1 is full agreement, 0 is chance. None where it has no value: fewer than
        two learners rated a statement in common, or all used one grade throughout.
    """

    learners: int
    posterior: float
    spread: Interval
    word: str
    words: Mapping[str, int]
    agreement: Mapping[str, float | None]


def pool(
    by_learner: Mapping[str, Iterable[Judgement]], reading: str, prior: float = 0.5, subject: Subject | None = None
) -> Pooled:
    """Pool a class by the median of the learners' log-odds, which no single extreme learner can move far.

    Parameters
    ----------
    by_learner : mapping of str to iterable of Judgement
        One entry per learner.
    reading : str
    prior : float
        Chance of the reading before the evidence, the same for all.
    subject : Subject, optional
        What the case is about. Default: that of the course's own case.

    Raises
    ------
    ValueError
        If no learner has a complete judgement of the reading.

    Examples
    --------
    >>> def rated(strength):
    ...     return [Judgement("S09", "F", "B", 2, "direct", f"{strength} against", interest="no stake")]
    >>> pool({"Ada": rated("slight"), "Ben": rated("strong"), "Cy": rated("decisive")}, "F").word
    'unlikely'
    """
    rated = {
        learner: [judgement for judgement in judgements if judgement.reading == reading and judgement.complete]
        for learner, judgements in by_learner.items()
    }
    rated = {learner: judgements for learner, judgements in rated.items() if judgements}
    if not rated:
        raise ValueError(f"nobody has a complete judgement of reading {reading} yet, so there is nothing to pool.")
    odds = sorted(weigh_all(judgements, reading, prior, subject).odds_db for judgements in rated.values())
    middle = median(odds)
    first, _, third = quantiles(odds, n=4, method="inclusive") if len(odds) > 1 else (middle,) * 3
    words = [word(chance(learner_odds)) for learner_odds in odds]
    return Pooled(
        learners=len(rated),
        posterior=chance(middle),
        spread=Interval(chance(first), chance(middle), chance(third)),
        word=word(chance(middle)),
        words={name: words.count(name) for name in dict.fromkeys(words)},
        agreement={scale: agreement(rated, scale) for scale in SCALES},
    )


def agreement(by_learner: Mapping[str, Iterable[Judgement]], scale: str) -> float | None:
    """Return Krippendorff's α (ordinal) over the statements two or more learners rated, or None where it has no value.

    Computed by the `krippendorff` package (Castro). α does not distinguish disagreement from rarity: where nearly all
    ratings are the same grade, a single different one drives it down.

    Raises
    ------
    ValueError
        If there is no such scale; the message names them.

    Examples
    --------
    >>> same = [Judgement(s, "F", "B", 2, "direct", b) for s, b in (("S09", "strong against"), ("S10", "slight for"))]
    >>> agreement({"Ada": same, "Ben": same}, "bearing")
    1.0
    """
    if scale not in SCALES:
        raise ValueError(f"{scale!r} is not a scale with an order. Use one of: {', '.join(SCALES)}.")
    order: dict[object, int] = {value: place for place, value in enumerate(SCALES[scale])}
    ratings = [
        {
            judgement.key: order[getattr(judgement, scale)]
            for judgement in judgements
            if getattr(judgement, scale) in order
        }
        for judgements in by_learner.values()
    ]
    units = sorted({key for rating in ratings for key in rating})
    shared = [unit for unit in units if sum(unit in rating for rating in ratings) > 1]
    if len({rating[unit] for rating in ratings for unit in shared if unit in rating}) < 2:
        return None
    # Imported here because it loads numpy, which a learner who only rates never needs.
    import krippendorff

    table = [[rating.get(unit, float("nan")) for unit in shared] for rating in ratings]
    return float(
        krippendorff.alpha(reliability_data=table, level_of_measurement="ordinal", value_domain=list(order.values()))
    )

"""Explain how each number on screen was computed, so that a learner can follow it with a pencil.

Pure functions from judgements and weighings to short texts. All widgets use these texts.
"""

from __future__ import annotations

from functools import lru_cache

from course.ledger.judgement import Judgement
from course.weighing.model import (
    CREDIBILITY_CHANCE,
    DIRECTNESS_SHARE,
    RELIABILITY_CHANCE,
    STRENGTH_DB,
    Confidence,
    Contribution,
    Interval,
    Weighing,
    chance_informative,
    decibans,
    readiness,
    weigh,
)

NBSP = "\u00a0"
"""No-break space, which keeps a number and its unit on one line."""


def db(value: float) -> str:
    r"""Return decibans with their sign and one decimal.

    Examples
    --------
    >>> db(-3.04), db(0.01), db(12)
    ('−3.0\xa0dB', '0.0\xa0dB', '+12.0\xa0dB')
    """
    rounded = round(value, 1)
    sign = "−" if rounded < 0 else "+" if rounded > 0 else ""
    return f"{sign}{abs(rounded):.1f}{NBSP}dB"


def db_range(interval: Interval) -> str:
    """Return an interval in decibans: the point, then the bounds.

    Examples
    --------
    >>> db_range(Interval(-4, -3, 0)).replace(NBSP, " ")
    '−3.0 dB (−4.0 to 0.0)'
    """
    low, high = (db(bound).removesuffix(f"{NBSP}dB") for bound in (interval.low, interval.high))
    return f"{db(interval.point)} ({low} to {high})"


def percent(chance: float) -> str:
    r"""Return a chance from 0 to 1 in whole percent, and never as 0 % or 100 %.

    Examples
    --------
    >>> percent(0.204), percent(0.001), percent(0.999)
    ('20\xa0%', 'under 1\xa0%', 'over 99\xa0%')
    """
    if chance < 0.01:
        return f"under 1{NBSP}%"
    return f"over 99{NBSP}%" if chance > 0.99 else f"{chance * 100:.0f}{NBSP}%"


def alpha(value: float | None) -> str:
    """Return Krippendorff's α with two decimals; None, where it has no value, in words.

    Examples
    --------
    >>> alpha(-0.021), alpha(None)
    ('−0.02', 'no value')
    """
    return "no value" if value is None else f"{value:.2f}".replace("-", "−")


def percent_range(interval: Interval) -> str:
    """Return an interval of chances in whole percent.

    Examples
    --------
    >>> percent_range(Interval(0.05, 0.1, 0.2)).replace(NBSP, " ")
    '5 % to 20 %'
    """
    low, high = percent(interval.low), percent(interval.high)
    return low if low == high else f"{low} to {high}"


@lru_cache(maxsize=1024)  # a board asks for all its statements whenever one changes
def weight_of(judgement: Judgement) -> str:
    """Say how a judgement's weight follows from its ratings, or what is still missing."""
    if not judgement.complete:
        return f"No weight yet. Still to rate: {', '.join(judgement.missing)}."
    if judgement.side is None:
        return "You rated that it does not bear on this reading, so it weighs nothing."
    letter, number, how_direct = str(judgement.reliability), int(judgement.credibility or 0), str(judgement.directness)
    q = chance_informative(letter, number, how_direct)
    full = STRENGTH_DB[str(judgement.strength)]
    unknown = letter == "F" or number == 6
    ready = readiness(judgement.interest, full)
    return (
        f"Chance that the source knows: source {letter} {_span(RELIABILITY_CHANCE[letter])} × "
        f"item {number} {_span(CREDIBILITY_CHANCE[number])} × {how_direct} {DIRECTNESS_SHARE[how_direct]:g} "
        f"= {_span(q)}. If it does not know, would it say so anyway? {_INTEREST_WORDS[judgement.interest]}: "
        f"{_span(ready)} as readily. {str(judgement.strength).capitalize()} is {full:g} dB, a likelihood ratio of "
        f"{10 ** (full / 10):.3g}; at these chances it leaves {db_range(weigh(judgement))}."
        + (" F or 6 means unknown, not false: that is why the range is so wide." if unknown else "")
    )


_INTEREST_WORDS = {
    "against interest": "Hardly, it goes against its interest",
    "no stake": "Perhaps, it has no stake",
    "serves interest": "Yes, it serves its interest",
    "unknown": "Unknown, so anything from hardly to yes",
}


def standing_of(statement: str, contributions: tuple[Contribution, ...]) -> str:
    """Say whether a statement stands for its origin or is already counted with a stronger one."""
    for contribution in contributions:
        first, *others = contribution.statements
        if statement == first:
            also = f", with {', '.join(others)} already counted" if others else ""
            return f"stands for {contribution.origin}{also}"
        if statement in others:
            return f"already counted with {first} ({contribution.origin})"
    return ""


def posterior_of(weighing: Weighing) -> str:
    """Say how the chance follows from the prior, the total and, where they decide, the counter-examples."""
    if not weighing.is_rated:
        return "No statement is fully rated yet, so there is no chance to show."
    start = decibans(weighing.prior)
    text = (
        f"A starting chance of {percent(weighing.prior)} is {db(start)}. The origins add {db_range(weighing.total)}. "
        f"Together that is {db(start + weighing.total.point)}, or a chance of {percent(weighing.summed.point)} "
        f"({percent_range(weighing.summed)})."
    )
    if weighing.is_capped:
        text += (
            f" The counter-examples leave the reading at most {percent(weighing.posterior.point)}, so that is the "
            "chance shown: one good counter-example is enough against “none”, however much speaks for it."
        )
    return text


def refutation_of(weighing: Weighing) -> str:
    """Say what the counter-examples amount to, and whether they or the sum decide."""
    if weighing.refutation is None:
        return "This reading does not say “none”, so no single counter-example settles it."
    if weighing.refutation.high == 0:
        return "You have rated no direct, strong or decisive statement against it, so no counter-example counts yet."
    text = (
        f"The chance that at least one independent counter-example is right is {percent(weighing.refutation.point)} "
        f"({percent_range(weighing.refutation)}). This reading says “none”, so one is enough."
    )
    if weighing.is_capped:
        return (
            f"{text} The sum alone would leave the reading {percent(weighing.summed.point)}; the counter-examples "
            f"leave it at most {percent(weighing.posterior.point)}, and that counts. However many statements show a "
            "decline, they cannot outvote one good counter-example."
        )
    return f"{text} The sum gives a lower chance here ({percent(weighing.summed.point)}), so the sum counts."


def confidence_of(confidence: Confidence) -> str:
    """Say how good the basis is. ICD 203 keeps this apart from the likelihood, so it is a separate sentence."""
    because = f": {'; '.join(confidence.reasons)}" if confidence.reasons else ""
    return f"Confidence in this basis is {confidence.level}{because}."


def _span(interval: Interval) -> str:
    low, high = f"{interval.low:.2g}", f"{interval.high:.2g}"
    return low if low == high else f"{low}–{high}"

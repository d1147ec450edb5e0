"""Turn judgements into weights: how far the evidence moves us, and how certain that is.

Pure functions, no I/O, standard library only. A weight is measured in decibans (dB), ten times the base-ten logarithm
of a likelihood ratio, as I. J. Good and Alan Turing used it: 10 dB multiplies a reading's odds by ten, 3 dB by about
two. Every weight is an `Interval`, because no one knows exactly how far to trust a source.

Limits of the model: weights may be added only for evidence that is independent given the truth, so each origin counts
once; its numbers look more precise than the ratings they come from; and people who rate by hand tend to move too little
and to read weak evidence backwards (Martire et al. 2013).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import isfinite, log10, prod
from typing import Final

from course.ledger.judgement import READINGS, Judgement


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its bounds, ``low <= point <= high``, all in one unit.

    Raises
    ------
    ValueError
        If the three are not finite and in order.

    Examples
    --------
    >>> Interval(1, 2, 4) + Interval(0, 1, 1)
    Interval(low=1, point=3, high=5)
    >>> -Interval(1, 2, 4)
    Interval(low=-4, point=-2, high=-1)
    """

    low: float
    point: float
    high: float

    def __post_init__(self) -> None:
        if not (isfinite(self.low) and isfinite(self.high) and self.low <= self.point <= self.high):
            raise ValueError(f"an interval needs low <= point <= high, all finite, not {self!r}")

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.point + other.point, self.high + other.high)

    def __neg__(self) -> Interval:
        # Subtracted from 0, because a negated 0.0 would show as −0.0.
        return Interval(0 - self.high, 0 - self.point, 0 - self.low)

    def __str__(self) -> str:
        return f"{self.point:.1f} ({self.low:.1f} to {self.high:.1f})"

    def map(self, rising: Callable[[float], float]) -> Interval:
        """Apply a non-decreasing function, such as a change of unit."""
        return Interval(rising(self.low), rising(self.point), rising(self.high))


NOTHING: Final = Interval(0.0, 0.0, 0.0)

_KNOWN: Final = (Interval(0.9, 0.95, 1), Interval(0.7, 0.8, 0.9), Interval(0.5, 0.6, 0.7), Interval(0.3, 0.4, 0.5))
_GRADES: Final = (*_KNOWN, Interval(0.0, 0.15, 0.3), Interval(0.0, 0.5, 1.0))

RELIABILITY_CHANCE: Final = dict(zip("ABCDEF", _GRADES, strict=True))
"""Chance that a source with this grade reports what happened: the course's own convention. F (unknown) is 0 to 1."""

CREDIBILITY_CHANCE: Final = dict(zip(range(1, 7), _GRADES, strict=True))
"""Chance that an item with this grade is right: the course's own convention. 6 (unknown) is 0 to 1."""

DIRECTNESS_SHARE: Final = {"direct": 1.0, "partly": 0.6, "indirect": 0.3}
"""The share of that chance that remains when place, time or measure does not match: the course's own convention."""

STRENGTH_DB: Final = {"decisive": 20.0, "strong": 10.0, "moderate": 5.0, "slight": 2.0}
"""Decibans on Good's scale: a likelihood ratio of 100, 10, about 3 and about 1.6."""

UNIVERSAL: Final = frozenset("TUF")
"""Readings that say *none*: one good counter-example is enough against them."""

REFUTING: Final = frozenset({"decisive", "strong"})
"""Strengths at which a direct statement against a universal reading counts as a counter-example."""

WORDS: Final = (
    ("almost no chance", 0.01, 0.05),
    ("very unlikely", 0.05, 0.20),
    ("unlikely", 0.20, 0.45),
    ("roughly even chance", 0.45, 0.55),
    ("likely", 0.55, 0.80),
    ("very likely", 0.80, 0.95),
    ("almost certain", 0.95, 0.99),
)
"""Words and ranges of Intelligence Community Directive 203 (2015)."""

WORD_ORDER: Final = {name: place for place, (name, _, _) in enumerate(WORDS)}


def chance_informative(reliability: str, credibility: int, directness: str) -> Interval:
    """Return q, the chance (0 to 1) that an item tells us anything about the reading.

    q is the source's chance times the item's, times the share that directness leaves. The Admiralty code asks for two
    separate grades because people otherwise rate on the diagonal: in one study 87 % of 1,400 reports (Baker 1968). The
    product treats them as independent, as the code intends; where they are not, doubt is counted twice.

    Examples
    --------
    >>> chance_informative("A", 1, "direct").high
    1.0
    >>> chance_informative("F", 1, "direct")  # unknown, so anything from nothing to everything
    Interval(low=0.0, point=0.475, high=1.0)
    """
    source, item = RELIABILITY_CHANCE[reliability], CREDIBILITY_CHANCE[credibility]
    share = DIRECTNESS_SHARE[directness]
    return Interval(source.low * item.low * share, source.point * item.point * share, source.high * item.high * share)


def strength_through_doubt(q: float, strength_db: float) -> float:
    """Return the decibans (0 or more) that remain of a strength when the item is informative only with chance q.

    The likelihood ratio is the mixture q·LR + (1 − q)·1, so doubt pulls towards "tells us nothing" and never past it.

    Examples
    --------
    >>> strength_through_doubt(1.0, 10.0)
    10.0
    >>> round(strength_through_doubt(0.5, 20.0), 1)
    17.0
    >>> strength_through_doubt(0.0, 20.0)
    0.0
    """
    return 10 * log10(q * 10 ** (strength_db / 10) + (1 - q))


@cache  # 36 grades × 3 × 8 bearings: a small table, looked up thousands of times in a sensitivity run
def _weight(reliability: str, credibility: int, directness: str, side: str, strength: str) -> Interval:
    q = chance_informative(reliability, credibility, directness)
    weight = q.map(lambda chance: strength_through_doubt(chance, STRENGTH_DB[strength]))
    return weight if side == "for" else -weight


def weigh(judgement: Judgement) -> Interval:
    """Return one judgement's weight in dB, positive for the reading and negative against it.

    The weight of evidence is Good's (1950, with Turing); `strength_through_doubt` describes the mixture.

    Raises
    ------
    ValueError
        If the judgement is not complete; the message names what is missing.

    Examples
    --------
    >>> weigh(Judgement("S09", "F", "B", 2, "direct", "decisive against")).map(lambda db: round(db, 1))
    Interval(low=-19.1, point=-18.1, high=-16.9)
    """
    if not judgement.complete:
        raise ValueError(f"{judgement.statement} is not weighed yet: rate its {', '.join(judgement.missing)} first.")
    if judgement.side is None:
        return NOTHING
    return _weight(
        str(judgement.reliability),
        int(judgement.credibility or 0),
        str(judgement.directness),
        judgement.side,
        str(judgement.strength),
    )


def origin_of(judgement: Judgement) -> str:
    """Return the key by which origins are compared, without case and extra spaces; without an origin, the statement."""
    return " ".join(judgement.origin.split()).casefold() or judgement.statement.casefold()


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one origin adds on one side.

    Parameters
    ----------
    origin : str
        The origin as the learner wrote it, or the statement's identifier where none is given.
    side : str
        ``"for"`` or ``"against"``.
    weight : Interval
        In dB: the strongest of the origin's items on this side.
    statements : tuple of str
        Strongest first. The first one counts; the others are already counted with it.
    """

    origin: str
    side: str
    weight: Interval
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Weighing:
    """What the judgements of one reading amount to.

    Parameters
    ----------
    reading : str
    prior : float
        Chance of the reading before any evidence, 0 to 1.
    weights : mapping of str to Interval
        Each complete judgement's own weight in dB, by statement, before origins are counted once.
    contributions : tuple of Contribution
        What counts, one for each origin and side, heaviest first.
    incomplete : tuple of str
        Statements that are not fully rated. They have no weight yet.
    total : Interval
        In dB, without the prior.
    posterior : Interval
        Chance of the reading, 0 to 1.
    refutation : Interval or None
        For a universal reading: chance (0 to 1) that at least one counter-example is right. None for the others.
    """

    reading: str
    prior: float
    weights: Mapping[str, Interval]
    contributions: tuple[Contribution, ...]
    incomplete: tuple[str, ...]
    total: Interval
    posterior: Interval
    refutation: Interval | None

    @property
    def words(self) -> tuple[str, str]:
        """The ICD 203 words at both ends of the posterior, the lower first."""
        return word(self.posterior.low), word(self.posterior.high)

    @property
    def phrase(self) -> str:
        """The posterior in words: one word, or two with *to* between them."""
        low, high = self.words
        return low if low == high else f"{low} to {high}"

    @property
    def origins(self) -> int:
        """How many origins carry weight."""
        return len({contribution.origin.casefold() for contribution in self.contributions})

    @property
    def sum_misleads(self) -> bool:
        """Whether the sum leaves a universal reading more room than its counter-examples do."""
        return self.refutation is not None and self.posterior.point > 1 - self.refutation.point


def weigh_all(judgements: Iterable[Judgement], reading: str, prior: float = 0.5) -> Weighing:
    """Weigh all judgements of one reading together, in any order.

    An origin counts once: only its strongest item on each side counts, because people trust repetition as if it were
    corroboration (Yousif et al. 2019). "Strongest" is taken bound by bound, so that an origin's interval covers what
    its strongest item can be. The bounds of the total add up as if all doubt fell on one side at once, so they are
    outer bounds, wider than a statistician's interval.

    Parameters
    ----------
    judgements : iterable of Judgement
        Those of other readings are ignored.
    reading : str
        One of `course.ledger.judgement.READINGS`.
    prior : float
        Chance of the reading before the evidence, above 0 and below 1.

    Raises
    ------
    ValueError
        If there is no such reading, the prior is not between 0 and 1, or a statement is judged twice for the reading.

    Examples
    --------
    Three reports of one briefing weigh as much as one:

    >>> three = [Judgement(s, "F", "B", 2, "direct", "strong against", origin="the briefing") for s in ("a", "b", "c")]
    >>> weigh_all(three, "F").total == weigh_all(three[:1], "F").total
    True
    >>> weigh_all(three, "F").phrase
    'very unlikely'
    """
    if reading not in READINGS:
        raise ValueError(f"there is no reading {reading!r}. Use one of: {', '.join(READINGS)}.")
    prior_db = decibans(prior)
    of_reading = sorted((j for j in judgements if j.reading == reading), key=lambda j: j.statement)
    if twice := {a.statement for a, b in pairwise(of_reading) if a.statement == b.statement}:
        raise ValueError(f"{', '.join(sorted(twice))} is judged more than once for reading {reading}; keep one.")
    complete = [judgement for judgement in of_reading if judgement.complete]
    weights = {judgement.statement: weigh(judgement) for judgement in complete}
    contributions = _count_origins_once(complete, weights)
    total = sum((contribution.weight for contribution in contributions), NOTHING)
    return Weighing(
        reading=reading,
        prior=prior,
        weights=weights,
        contributions=contributions,
        incomplete=tuple(judgement.statement for judgement in of_reading if judgement.statement not in weights),
        total=total,
        posterior=total.map(lambda db: chance(prior_db + db)),
        refutation=refutation_chance(complete) if reading in UNIVERSAL else None,
    )


def _count_origins_once(complete: list[Judgement], weights: Mapping[str, Interval]) -> tuple[Contribution, ...]:
    groups: dict[tuple[str, str], list[Judgement]] = {}
    for judgement in complete:
        if judgement.side:
            groups.setdefault((origin_of(judgement), judgement.side), []).append(judgement)
    contributions = []
    for (_, side), group in groups.items():
        strongest_first = sorted(group, key=lambda j: (-abs(weights[j.statement].point), j.statement))
        sizes = [weights[j.statement] if side == "for" else -weights[j.statement] for j in strongest_first]
        size = _largest(sizes)
        first = strongest_first[0]
        contributions.append(
            Contribution(
                origin=" ".join(first.origin.split()) or first.statement,
                side=side,
                weight=size if side == "for" else -size,
                statements=tuple(judgement.statement for judgement in strongest_first),
            )
        )
    return tuple(sorted(contributions, key=lambda c: (-abs(c.weight.point), c.origin.casefold(), c.side)))


def _largest(intervals: Iterable[Interval]) -> Interval:
    """Return the largest value of each bound."""
    return Interval(*map(max, zip(*((i.low, i.point, i.high) for i in intervals), strict=True)))


def refutation_chance(judgements: Iterable[Judgement]) -> Interval:
    """Return the chance (0 to 1) that at least one independent, direct refutation is right: 1 − Π(1 − q).

    It counts complete judgements against the reading that are direct and strong or decisive, each origin once with its
    best. A single counter-example refutes a reading that says *none*, however much speaks for it, so this chance is
    shown beside the sum. Its limits: origins that look independent may share a root; a strong statement, if right,
    counts as a full refutation; and the prior and everything that speaks for the reading are left out.

    Parameters
    ----------
    judgements : iterable of Judgement
        All of one reading.

    Examples
    --------
    >>> two = [Judgement(s, "F", "C", 3, "direct", "decisive against") for s in ("S09", "S11")]
    >>> round(refutation_chance(two).point, 2)  # each 0.36
    0.59
    """
    best: dict[str, Interval] = {}
    for judgement in judgements:
        if judgement.complete and _is_refutation(judgement):
            q = chance_informative(str(judgement.reliability), int(judgement.credibility or 0), "direct")
            best[origin_of(judgement)] = _largest([q, best.get(origin_of(judgement), q)])
    # Sorted, so that the last digit does not depend on the order of the judgements.
    chances = sorted(best.values(), key=lambda q: (q.low, q.point, q.high))
    return Interval(*(1 - prod(1 - getattr(q, bound) for q in chances) for bound in ("low", "point", "high")))


def _is_refutation(judgement: Judgement) -> bool:
    return judgement.side == "against" and judgement.directness == "direct" and judgement.strength in REFUTING


def decibans(probability: float) -> float:
    """Return a chance (above 0, below 1) as log-odds in dB.

    Raises
    ------
    ValueError
        If the chance is not above 0 and below 1, because no evidence could move such a belief.

    Examples
    --------
    >>> decibans(0.5)
    0.0
    >>> round(decibans(0.95), 1)
    12.8
    """
    if not 0 < probability < 1:
        raise ValueError(f"a chance to start from lies above 0 and below 1, not at {probability!r}; try 0.5.")
    return 10 * log10(probability / (1 - probability))


def chance(db: float) -> float:
    """Return log-odds in dB as a chance, 0 to 1.

    Examples
    --------
    >>> chance(0)
    0.5
    >>> round(chance(20), 2)
    0.99
    """
    # Capped, so that no weight overflows a float. p / (1 + p) would not overflow, but rounding can make it fall by a
    # last digit where db rises, and then an interval's bounds would be in the wrong order.
    return 1 / (1 + 10 ** min(-db / 10, 300))


def word(probability: float) -> str:
    """Return the ICD 203 word for a chance, 0 to 1.

    In the directive neighbouring words share an edge; here the edge belongs to the more cautious word, the one nearer
    to even. The directive has no word below 1 % or above 99 %; the outermost words are used there.

    Raises
    ------
    ValueError
        If the chance is not between 0 and 1.

    Examples
    --------
    >>> word(0.80), word(0.81), word(0.20), word(0.001)
    ('likely', 'very likely', 'unlikely', 'almost no chance')
    """
    if not 0 <= probability <= 1:
        raise ValueError(f"a chance lies between 0 and 1, not at {probability!r}.")
    p = round(probability, 9)  # so that an edge computed through logarithms is still the edge
    if p <= 0.5:
        return next(name for name, _, high in WORDS if p < high)
    return next(name for name, low, _ in reversed(WORDS) if p > low)


@dataclass(frozen=True, slots=True)
class Confidence:
    """How good the basis is: ``"low"``, ``"moderate"`` or ``"high"``, and why. Not the same as likelihood."""

    level: str
    reasons: tuple[str, ...]


def confidence(weighing: Weighing, judgements: Iterable[Judgement]) -> Confidence:
    """Rate how good the basis of a weighing is, apart from how likely the reading is.

    ICD 203 (2015) keeps confidence and likelihood apart and forbids both in one sentence. It gives no formula; this one
    is the course's own. There are four flaws: fewer than three independent origins with weight; a posterior that spans
    more than two words; no direct statement; and more than half of the statements resting on an unknown (F or 6). No
    flaw is high confidence, one is moderate, more is low. Only the statement that counts for each origin is considered,
    so repeating a briefing does not improve the basis.

    Examples
    --------
    >>> confidence(weigh_all([], "F"), []).level
    'low'
    """
    stands = {contribution.statements[0] for contribution in weighing.contributions}
    weighty = [j for j in judgements if j.reading == weighing.reading and j.statement in stands]
    unknown = [judgement for judgement in weighty if judgement.reliability == "F" or judgement.credibility == 6]
    low, high = (WORD_ORDER[name] for name in weighing.words)
    reasons = []
    if weighing.origins < 3:
        reasons.append(f"independent origins that carry weight: {weighing.origins}")
    if high - low > 1:
        reasons.append(f"the interval runs from {weighing.words[0]} to {weighing.words[1]}")
    if not any(judgement.directness == "direct" for judgement in weighty):
        reasons.append("nothing that carries weight is direct")
    if len(unknown) * 2 > len(weighty):
        reasons.append("more than half rests on sources or items that cannot be judged")
    return Confidence(("high", "moderate")[len(reasons)] if len(reasons) < 2 else "low", tuple(reasons))

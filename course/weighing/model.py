"""Turn judgements into weights: how far the evidence moves us, and how certain that is.

Pure functions, no I/O, standard library only. A weight is measured in decibans (dB), ten times the base-ten logarithm
of a likelihood ratio, as I. J. Good and Alan Turing used it: 10 dB multiplies a reading's odds by ten, 3 dB by about
two. Every weight is an `Interval`, because no one knows exactly how far to trust a source.

What this model cannot do: weights may be added only for evidence that is independent given the truth, so each origin
counts once; its figures look more precise than the ratings they come from; and people who rate by hand tend to move too
little, and some take weak evidence for a thing as evidence against it (Martire et al. 2013). The figures behind the
grades, `READINESS` and `HARDLY_KNOWS` are the course's own conventions; docs/instructor/weighing.md says what happens
if you change them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import isfinite, log10, prod
from typing import Final

from course.case import Subject, default_case
from course.ledger.judgement import SIDES, Judgement


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

    @property
    def complement(self) -> Interval:
        """The interval of chances left by this one: 1 − each bound, the other way round."""
        return Interval(1 - self.high, 1 - self.point, 1 - self.low)

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

READINESS: Final[Mapping[str, tuple[float, float, float]]] = {
    "against interest": (0.0, 0.1, 0.2),
    "no stake": (0.2, 0.5, 0.8),
    "serves interest": (0.8, 1.0, 1.0),
    "unknown": (0.0, 0.5, 1.0),
}
"""How readily a source would say so *without* knowing (low, point, high), as a share of how readily one says so that
knows it to be so. 1 is: it would say so either way. In use a value never falls below 1 / L, which is how readily one
says so that knows better. The course's own convention. The point of *no stake*, a half, is Jeffrey's rule (1965) at
even odds as the likelihood ratio grows: what is left of the reading is (1 − q) / 2."""

HARDLY_KNOWS: Final = 0.1
"""Items below this chance of knowing count together as one origin on each side: doubtful company makes nobody reliable.
The course's own convention."""

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

EVEN: Final = "roughly even chance"

NOT_RATED: Final = "not rated yet"
"""What is said instead of a word while nothing is fully rated."""

_LEAST_CHANCE: Final = 1e-30
"""What is left where a float has no room for less."""

WORD_ORDER: Final = {name: place for place, (name, _, _) in enumerate(WORDS)}


def chance_informative(reliability: str, credibility: int, directness: str) -> Interval:
    """Return q, the chance (0 to 1) that the source of an item knows what the item would tell us about the reading.

    q is the source's chance times the item's, times the share that directness leaves. The Admiralty code asks for two
    separate grades because they easily become one: 87 % of over 1,400 reports lay on the diagonal (Baker 1968). The
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


def readiness(interest: str, strength_db: float) -> Interval:
    """Return t, how readily a source with this interest would say so without knowing: from 1 / L to 1.

    L is the likelihood ratio of the strength. See `READINESS`.

    Examples
    --------
    >>> readiness("against interest", 20.0)
    Interval(low=0.01, point=0.1, high=0.2)
    >>> readiness("no stake", 2.0).low == readiness("against interest", 2.0).high  # a slight bearing leaves little room
    True
    """
    least = 10 ** (-strength_db / 10)
    low, point, high = READINESS[interest]
    return Interval(max(low, least), max(point, least), max(high, least))


def weight_through_doubt(q: float, strength_db: float, t: float) -> float:
    """Return the decibans (0 or more) that a statement weighs when its source knows only with chance q.

    A source that knows says so when it is so, and 1 / L times as often when it is not. A source that does not know says
    so with readiness t in both cases, and so tells us nothing. Mixed, the likelihood ratio (Good 1950) is::

        (q + (1 − q)·t) / (q / L + (1 − q)·t)

    With q = 1 it is L, with q = 0 it is 1.

    Parameters
    ----------
    q : float
        The chance that the source knows, 0 to 1.
    strength_db : float
        10·log10 L, see `STRENGTH_DB`.
    t : float
        See `readiness`; above 0 and at most 1.

    Examples
    --------
    >>> round(weight_through_doubt(1.0, 10.0, 0.5), 1)
    10.0
    >>> round(weight_through_doubt(0.5, 20.0, 1.0), 1)  # it would say so anyway
    3.0
    >>> weight_through_doubt(0.0, 20.0, 0.5)
    0.0
    """
    ignorant = (1 - q) * t
    return 10 * log10((q + ignorant) / (q * 10 ** (-strength_db / 10) + ignorant))


@cache  # a small table, asked for thousands of times in a sensitivity run
def _weight(
    reliability: str, credibility: int, directness: str, *, side: str, strength: str, interest: str
) -> Interval:
    q, strength_db = chance_informative(reliability, credibility, directness), STRENGTH_DB[strength]
    t = readiness(interest, strength_db)
    # The least favourable ends go together, and so do the most favourable ones: outer bounds.
    pairs = ((q.low, t.high), (q.point, t.point), (q.high, t.low))
    weight = Interval(*(weight_through_doubt(known, strength_db, ready) for known, ready in pairs))
    return weight if side == "for" else -weight


def weigh(judgement: Judgement) -> Interval:
    """Return one judgement's weight in dB, positive for the reading and negative against it.

    Weight of evidence is Good's (1950, with Turing); how doubt and interest enter is described at
    `weight_through_doubt`.

    Raises
    ------
    ValueError
        If the judgement is not complete; the message names what is missing.

    Examples
    --------
    >>> weigh(Judgement("S09", "F", "B", 2, "direct", "decisive against", interest="no stake")).map(round)
    Interval(low=-13, point=-6, high=-3)
    """
    if not judgement.complete:
        raise ValueError(f"{judgement.statement} is not weighed yet: rate its {', '.join(judgement.missing)} first.")
    if judgement.side is None:
        return NOTHING
    return _weight(
        str(judgement.reliability),
        int(judgement.credibility or 0),
        str(judgement.directness),
        side=judgement.side,
        strength=str(judgement.strength),
        interest=judgement.interest,
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
        Strongest first. The first one stands; the others are already counted with it. Origins that hardly know
        anything (`HARDLY_KNOWS`) share one contribution.
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
    summed : Interval
        Chance of the reading by the sum of the weights alone, 0 to 1.
    refutation : Interval or None
        For a universal reading: chance (0 to 1) that at least one counter-example is right. None for the others.
    """

    reading: str
    prior: float
    weights: Mapping[str, Interval]
    contributions: tuple[Contribution, ...]
    incomplete: tuple[str, ...]
    total: Interval
    summed: Interval
    refutation: Interval | None

    @property
    def posterior(self) -> Interval:
        """Chance of the reading, 0 to 1: the sum's, and never more than the counter-examples leave.

        A reading that says *none* falls to one good counter-example, however much speaks for it.
        """
        point = min(self.summed.point, self.ceiling.point)
        return Interval(min(self.summed.low, point), point, min(self.summed.high, self.ceiling.high))

    @property
    def ceiling(self) -> Interval:
        """The most that the counter-examples leave the reading, 0 to 1; everything where it does not say *none*."""
        return (self.refutation or NOTHING).complement

    @property
    def odds_db(self) -> float:
        """The point of the posterior as log-odds in dB."""
        summed = decibans(self.prior) + self.total.point
        left = self.ceiling.point
        return summed if left == 1 else min(summed, decibans(max(left, _LEAST_CHANCE)))

    @property
    def is_rated(self) -> bool:
        """Whether at least one statement is fully rated."""
        return bool(self.weights)

    @property
    def words(self) -> tuple[str, str]:
        """The ICD 203 words at both ends of the posterior, the lower first."""
        return word(self.posterior.low), word(self.posterior.high)

    @property
    def phrase(self) -> str:
        """The posterior in words: one word, or two with *to* between them; *not rated yet* where nothing is."""
        if not self.is_rated:
            return NOT_RATED
        low, high = self.words
        return low if low == high else f"{low} to {high}"

    @property
    def origins(self) -> int:
        """How many origins carry weight."""
        return len({contribution.origin.casefold() for contribution in self.contributions})

    @property
    def is_capped(self) -> bool:
        """Whether the counter-examples leave a universal reading less than the sum does."""
        return self.posterior.point < self.summed.point


def weigh_all(
    judgements: Iterable[Judgement], reading: str, prior: float = 0.5, subject: Subject | None = None
) -> Weighing:
    """Weigh all judgements of one reading together, in any order.

    An origin counts once: within it the strongest item on each side stands. Repetition is trusted like corroboration
    (Yousif et al. 2019), and it is not. "Strongest" is taken bound by bound, so that an origin's interval is what the
    strongest of its items can be. The bounds of the total add up as if all doubt fell on one side at once, so they are
    outer bounds and wider than a statistician's interval. Origins that hardly know anything (`HARDLY_KNOWS`) count
    together as one.

    Parameters
    ----------
    judgements : iterable of Judgement
        Those of other readings are ignored.
    reading : str
        A reading of the case.
    prior : float
        Chance of the reading before the evidence, above 0 and below 1.
    subject : Subject, optional
        What the case is about; it says which readings are universal. Default: that of the course's own case.

    Raises
    ------
    ValueError
        If there is no such reading, the prior is not between 0 and 1, or a statement is judged twice for the reading.

    Examples
    --------
    Three reports of one briefing weigh as much as one:

    >>> reports = [Judgement(s, "F", "B", 2, "direct", "strong against", origin="the briefing") for s in "abc"]
    >>> weigh_all(reports, "F").total == weigh_all(reports[:1], "F").total
    True
    >>> weigh_all(reports, "F").phrase
    'very unlikely to unlikely'
    >>> weigh_all([], "F").phrase
    'not rated yet'
    """
    subject = subject or default_case().subject
    subject.check_reading(reading)
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
        summed=total.map(lambda db: chance(prior_db + db)),
        refutation=refutation_chance(complete) if reading in subject.universal else None,
    )


def _count_origins_once(complete: list[Judgement], weights: Mapping[str, Interval]) -> tuple[Contribution, ...]:
    sided = ((side, [judgement for judgement in complete if judgement.side == side]) for side in SIDES)
    contributions = []
    for side, group in ((side, group) for side, of_side in sided for group in _by_origin(of_side)):
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


def _by_origin(judgements: Iterable[Judgement]) -> list[list[Judgement]]:
    """Group complete judgements by origin; the origins of which nothing is likely to know make one group together."""
    by_origin: dict[str, list[Judgement]] = {}
    for judgement in judgements:
        by_origin.setdefault(origin_of(judgement), []).append(judgement)
    groups: list[list[Judgement]] = []
    doubtful: list[Judgement] = []
    for group in by_origin.values():
        if all(map(hardly_knows, group)):
            doubtful += group
        else:
            groups.append(group)
    return [*groups, doubtful] if doubtful else groups


def hardly_knows(judgement: Judgement) -> bool:
    """Return whether a complete judgement's source is too unlikely to know to count as an origin of its own."""
    return judgement.complete and judgement.side is not None and _chance_of_knowing(judgement).point < HARDLY_KNOWS


def _chance_of_knowing(judgement: Judgement) -> Interval:
    return chance_informative(str(judgement.reliability), int(judgement.credibility or 0), str(judgement.directness))


def refutation_chance(judgements: Iterable[Judgement]) -> Interval:
    """Return the chance (0 to 1) that at least one independent, direct refutation is right: 1 − Π(1 − q).

    Counted are complete judgements against the reading that are direct and strong or decisive, each origin once with
    its best. A reading that says *none* falls to one of them, however much speaks for it, so `Weighing.posterior` never
    leaves the reading more than this does. It fails where origins that look independent share a root; and it takes a
    strong statement, if right, for a refutation in full, and leaves the prior and what speaks for the reading aside.

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
    refuting = [judgement for judgement in judgements if judgement.complete and is_refutation(judgement)]
    best = [_largest(map(_chance_of_knowing, group)) for group in _by_origin(refuting)]
    # Sorted, so that the last digit does not depend on the order of the judgements.
    best.sort(key=lambda q: (q.low, q.point, q.high))
    return Interval(*(1 - prod(1 - getattr(q, end) for q in best) for end in ("low", "point", "high")))


def is_refutation(judgement: Judgement) -> bool:
    """Return whether a judgement can stand as a counter-example against a reading that says *none*."""
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


SOLID: Final = (frozenset("ABC"), frozenset((1, 2, 3)))
"""Grades of a source and of an item that a basis may rest on: fairly reliable and possibly true, or better."""

SOLID_ORIGINS: Final = 3
"""As many independent solid origins a basis needs for full marks."""


def confidence(weighing: Weighing, judgements: Iterable[Judgement]) -> Confidence:
    """Rate how good the basis of a weighing is, apart from how likely the reading is.

    ICD 203 (2015) keeps confidence and likelihood apart and forbids both in one sentence. It gives no formula; this one
    is the course's own. An origin is *solid* if the statement that stands for it has a source graded A to C and an item
    graded 1 to 3. Without two solid origins the basis is low. Otherwise one mark goes off for fewer than three (how
    independent), one if none of them is direct (how direct), one if more than half of them have no origin named (how
    traceable), and one for a posterior that spreads over more than two words. No mark off is high, one is moderate,
    more is low. So neither repetition nor bad sources make a basis better.

    Examples
    --------
    >>> confidence(weigh_all([], "F"), []).level
    'low'
    """
    stands = {contribution.statements[0] for contribution in weighing.contributions}
    solid = [
        judgement
        for judgement in judgements
        if judgement.reading == weighing.reading
        and judgement.statement in stands
        and judgement.reliability in SOLID[0]
        and judgement.credibility in SOLID[1]
    ]
    independent = len({origin_of(judgement) for judgement in solid})
    low, high = (WORD_ORDER[name] for name in weighing.words)
    reasons = []
    if independent < SOLID_ORIGINS:
        reasons.append(f"independent origins that are at least fairly reliable and possibly true: {independent}")
    if not any(judgement.directness == "direct" for judgement in solid):
        reasons.append("none of them is direct")
    if sum(not judgement.origin.strip() for judgement in solid) * 2 > len(solid):
        reasons.append("for more than half of them you have not named where the knowledge comes from")
    if high - low > 1:
        reasons.append(f"the interval runs from {weighing.words[0]} to {weighing.words[1]}")
    level = "low" if independent < 2 or len(reasons) > 1 else ("high", "moderate")[len(reasons)]
    return Confidence(level, tuple(reasons))

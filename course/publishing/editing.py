"""What an editor would strike out: live checks of a verdict's words against its own evidence.

They check the wording and whether the parts fit together, never which side the verdict takes. All are plain searches
for English words, and when in doubt they stay silent. Words in quotation marks are somebody else's, so they are not
checked, and neither is a sentence that attributes its words to someone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from course.case import Subject, default_case
from course.publishing.verdict import Basis, Ruling, Verdict
from course.weighing import WORD_ORDER, WORDS, origin_of
from course.weighing.coherence import after_clock, word_outside
from course.weighing.model import EVEN
from course.wording import format_day, listed

HEADLINE_CHARACTERS: Final = 90
"""About what a phone shows of a headline before it cuts it off."""

SUMMARY_WORDS: Final = 60

FEWEST_CITATIONS: Final = 2

_QUOTED: Final = re.compile(
    r"“[^”]*”|„[^“”]*[“”]|«[^»]*»|\"[^\"]*\""
    # An apostrophe inside a word neither opens nor closes a quotation.
    r"|(?<!\w)[‘'](?:[^'‘’]|['’](?=\w))+['’](?!\w)"
)
_SENTENCE_END: Final = re.compile(
    r"(?<![A-Z]\.)(?<!\bNo\.)(?<!\bGen\.)(?<!\bDec\.)(?<!\bNov\.)(?<!\bOct\.)(?<=[.!?…])[”\"’')\]]*\s+|\n+"
)
_WORD: Final = re.compile(r"\w")

# Who speaks, so that the words after it are theirs.
_SAID: Final = re.compile(
    r"\b(?:according to|said|says?|saying|told|tells?|reportedly|reported|claims|claimed|claiming|claim (?:that|of|by)|"
    r"announc\w+|declar\w+|assert\w*|insist\w*|argu(?:ed?|es|ing)|alleg\w+|den(?:y|ies|ied)|stated|states that|wrote|"
    r"writes|estimat\w+|quot(?:es?|ed|ing)|cit(?:es?|ed|ing)|called|calls)\b",
    re.I,
)
_RECORDED: Final = re.compile(r"\b(?:reports?|records?|recorded|counts?|counted|found|finds?)\b", re.I)

# "Not all", "nearly all", "did not destroy all", "unlikely that all": the opposite of an absolute.
_TAKEN_BACK: Final = re.compile(
    r"(?:\b(?:not|cannot|hardly|scarcely|barely|rarely|nearly|almost|virtually|practically|far from|short of|without|"
    r"(?:un)?likely|chance|may|might|could|if|whether|nobody|nothing|no|nor|neither|never)|n['’]t)\s+(?:\w+\s+){0,3}$",
    re.I,
)
_ABSOLUTE: Final = re.compile(
    r"\b(?:(?<!at )(?<!above )(?<!after )(?<!first of )all(?! but\b)(?! along\b)(?! the same\b)(?!-)|"
    r"every(?:one|body|thing|where)?|always|never|none|nobody|nothing|nowhere|completely|entirely|totally|fully|wholly|utterly|absolutely|"
    r"not a single|without exception|"
    r"no(?= \w)(?! (?:longer|more than|fewer than|less than|later than|earlier than|doubt|matter|sooner)\b))\b",
    re.I,
)
_CERTAIN: Final = re.compile(
    r"\b(?:proves?|proved(?! (?:premature|short|hard|difficult)\b)|proven|(?<!burden of )proof|clearly|obviously|"
    r"undoubtedly|unquestionably|undeniabl[ey]|indisputabl[ey]|certainly|definitely|of course|"
    r"without (?:a |any )?doubt|no doubt|beyond (?:an?y? |all )?(?:reasonable )?doubt|"
    r"the truth is|the fact is|everyone knows|"
    r"(?:is|are|was|were) (?:an? (?:\w+ )?(?:lie|hoax|fake)|lies)|lied|liars?|fake news|"
    # "the king's lie", "his latest lie", "the lie that", and not "interests lie elsewhere" or "the lie of the land".
    r"(?:\w+['’]s|his|her|their) (?:own |new |old |big |biggest |first |last |latest |deliberate )?lies?|"
    r"(?:(?:the|a|this) lie|(?:the|these|those) lies)(?= (?:about|that)\b))\b",
    re.I,
)
_INTENT: Final = re.compile(r"\b(?:lie|lies|lied|liars?|hoax|fake|fake news)$", re.I)

_LIKELIHOOD: Final = re.compile(
    r"\b(?:" + "|".join(name for name, _, _ in WORDS) + r"|almost certainly|probabl[ey]|probability)\b", re.I
)
_CONFIDENCE: Final = re.compile(
    r"\b(?:(?:low|moderate|medium|high|great|little|some|full|more|less|our|my|with) confidence|"
    r"confidence (?:is|in|that|level)|confident(?:ly)?)\b",
    re.I,
)

_MONTHS: Final = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_YEAR: Final = r"(?:19|20)\d\d\b(?![,.]\d)(?!\s*(?:%|per ?cent\b))"
_DATES: Final = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?:\s*[–-]\s*\d{{1,2}})? {_MONTHS}(?: \d{{4}})?|"
    rf"\b{_MONTHS} \d{{1,2}}\b(?:,? \d{{4}}\b)?|\b{_YEAR}s?|\b\d{{1,2}}:\d\d\b"
)
_NUMBER: Final = re.compile(
    r"(?<![\w.,/:¶–-])(?<![Rr]esolution )\d+(?:[,\u00a0\u202f ]\d{3})*(?:\.\d+)?"
    r"(?:\s*(?:[–-]|to|or|and)\s*\d+(?:[,.]\d+)*)?(?![\w/:]|st\b|nd\b|rd\b|th\b)"
    r"(?P<share>\s*(?:%|per ?cent\b))?"
    r"(?!\s+(?:statements?|sources?|origins?|paragraphs?|readings?|hours?|days?|weeks?|months?|years?)\b)"
)
_TIME: Final = re.compile(
    rf"\b{_YEAR}|\b{_MONTHS}|\b(?:today|yesterday|(?:that|the same|this) (?:day|week|month|year)|at the time|"
    r"(?:days?|weeks?|months?|years?) (?:later|earlier|after|before))\b"
)
_OF_WHAT: Final = re.compile(r"\b(?:of|fewer|more|less|lower|higher|down|up|fell|fallen|rose|dropp?e?d?|cut)\b", re.I)
_WHOLE_YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b")
_IDENTIFIER: Final = re.compile(r"\b\w+\b")


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing an editor would ask about.

    Parameters
    ----------
    code : str
        ``absolute``, ``certainty``, ``number``, ``two-scales``, ``too-long``, ``no-grounds``, ``word-outside``,
        ``label-word``, ``after-clock``, ``no-difference``, ``too-few``, ``one-origin`` or ``not-judged``.
    where : str
        ``headline``, ``summary``, ``then``, ``since`` or ``citations``.
    message : str
        What it is and what to do.
    """

    code: str
    where: str
    message: str


def remarks(verdict: Verdict, basis: Basis) -> tuple[Remark, ...]:
    """Return everything to look at again, from the headline down to the citations.

    None of it keeps a verdict from being published: that is the editor's decision.
    """
    cited = basis.cited(verdict)
    direct = any(judgement.complete and judgement.side and judgement.directness == "direct" for judgement in cited)
    collected = [*too_long(verdict)]
    for where, text in (("headline", verdict.headline), ("summary", verdict.summary)):
        collected += [*([] if direct else absolutes(text, where)), *certainties(text, where)]
        collected += numbers(text, where, basis.subject)
        collected += two_scales(text, where)
    for clock, ruling in verdict.rulings.items():
        collected += [*grounds(ruling, clock), *two_scales(ruling.because, clock), *outside(ruling, clock, basis)]
        collected += label_against_word(ruling, clock, basis.subject)
    return (*collected, *after_then(verdict, basis), *difference(verdict, basis), *citations(verdict, basis))


def characters(headline: str) -> int:
    """Return the length of a headline."""
    return len(headline.strip())


def words(summary: str) -> int:
    """Return the number of words of a summary. A dash or a sign that stands alone is none.

    Examples
    --------
    >>> words("Down 97 % – yet not gone.")
    5
    """
    return sum(bool(_WORD.search(part)) for part in summary.split())


def too_long(verdict: Verdict) -> Iterator[Remark]:
    """Yield remarks on a headline or a summary over its length."""
    if (length := characters(verdict.headline)) > HEADLINE_CHARACTERS:
        yield Remark(
            "too-long",
            "headline",
            f"The headline has {length} characters; a phone shows about {HEADLINE_CHARACTERS}. Cut what the summary "
            "says anyway.",
        )
    if (length := words(verdict.summary)) > SUMMARY_WORDS:
        yield Remark(
            "too-long",
            "summary",
            f"The summary has {length} words; keep to {SUMMARY_WORDS}. Keep the claim, the verdict and the best "
            "reason; the rest is in the evidence.",
        )


def absolutes(text: str, where: str) -> Iterator[Remark]:
    """Yield a remark on absolute words of our own, such as *all* or *never*.

    Words that are taken back ("not all", "nearly all") are fine.
    """
    for sentence, _ in _sentences(text):
        if _SAID.search(sentence) or _RECORDED.search(sentence):
            continue
        if phrases := _standing(_ABSOLUTE, sentence):
            yield Remark(
                "absolute",
                where,
                f"{_quoted(phrases)} in the {where}: one counter-example would make it wrong, and nothing you cite is "
                "rated direct. Say how far the evidence reaches, say who says so, or cite direct evidence.",
            )


def certainties(text: str, where: str) -> Iterator[Remark]:
    """Yield a remark on words that call something settled and do not say who says so."""
    for sentence, _ in _sentences(text):
        if _SAID.search(sentence):
            continue
        phrases = _standing(_CERTAIN, sentence)
        if any(_INTENT.search(phrase) for phrase in phrases):
            yield Remark(
                "certainty",
                where,
                f"{_quoted(phrases)} in the {where}: that is about what somebody knew and meant. Unless your evidence "
                "shows that, write that the claim was wrong, and what shows it.",
            )
        elif phrases:
            yield Remark(
                "certainty",
                where,
                f"{_quoted(phrases)} in the {where} calls settled what is contested. Say who says so (“according to "
                "…”), or what shows it, and let the reader judge.",
            )


def numbers(text: str, where: str, subject: Subject | None = None) -> Iterator[Remark]:
    """Yield a remark on numbers that do not say of what, for which place and as of when.

    Place and time may stand in a sentence before; dates and counts of our own statements are no such numbers.
    `subject` gives the words for places; by default it is that of the course's own case.
    """
    places = (subject or default_case().subject).region_words
    for sentence, so_far in _sentences(text):
        without_dates = _DATES.sub(lambda date: " " * len(date[0]), sentence)
        for number in _NUMBER.finditer(without_dates):
            missing = [
                question
                for question, is_missing in (
                    ("of what", number["share"] and not _OF_WHAT.search(sentence)),
                    ("for which place", places and not places.search(so_far)),
                    ("as of when", not _TIME.search(so_far)),
                )
                if is_missing
            ]
            if missing:
                yield Remark(
                    "number",
                    where,
                    f"“{number[0].strip()}” in the {where} does not say {listed(missing)}. Add it, or leave the number "
                    "out.",
                )


def two_scales(text: str, where: str) -> Iterator[Remark]:
    """Yield a remark where likelihood and confidence stand in one sentence, which ICD 203 forbids."""
    place = f"the {where}" if where in ("headline", "summary") else f"the grounds for “{where}”"
    for sentence, _ in _sentences(text):
        likelihood, confidence = _LIKELIHOOD.search(sentence), _CONFIDENCE.search(sentence)
        if likelihood and confidence and not _SAID.search(sentence):
            yield Remark(
                "two-scales",
                where,
                f"“{likelihood[0]}” and “{confidence[0]}” stand in one sentence in {place}. One is how likely the "
                "claim is, the other how good your evidence is; readers mix them up. Make it two sentences.",
            )


def grounds(ruling: Ruling, clock: str) -> Iterator[Remark]:
    """Yield a remark on a ruling without grounds."""
    if (ruling.rating or ruling.likelihood or ruling.confidence) and words(ruling.because) < 2:
        yield Remark(
            "no-grounds", clock, f"The verdict “{clock}” gives no grounds. Say in a sentence what it rests on."
        )


def outside(ruling: Ruling, clock: str, basis: Basis) -> Iterator[Remark]:
    """Yield a remark where a ruling's word lies outside what the learner's own judgements amount to at that clock.

    Where no judgement carries weight yet there is nothing to lie outside of.
    """
    weighing = basis.weighings[clock]
    if ruling.likelihood and weighing.contributions:
        for finding in word_outside(ruling.likelihood, weighing):
            yield Remark(finding.code, clock, f"{basis.subject.verdict_titles[clock]}: {finding.message}")


# What a label says about the claim. Half True, Not Enough Evidence and the like go with any word.
_TRUE_LABELS: Final = {"True": True, "Supported": True, "Mostly True": False}
_FALSE_LABELS: Final = {"False": True, "Pants on Fire": True, "Refuted": True, "Mostly False": False}


def label_against_word(ruling: Ruling, clock: str, subject: Subject | None = None) -> Iterator[Remark]:
    """Yield a remark where a ruling's label contradicts its likelihood word.

    *Mostly True* contradicts every word below even, *True* also “roughly even chance”; the false side likewise.
    """
    if ruling.rating not in _TRUE_LABELS | _FALSE_LABELS or not ruling.likelihood:
        return
    place = WORD_ORDER[ruling.likelihood] - WORD_ORDER[EVEN]
    if ruling.rating in _FALSE_LABELS:
        place = -place
    if place < 0 or (place == 0 and (_TRUE_LABELS | _FALSE_LABELS)[ruling.rating]):
        title = (subject or default_case().subject).verdict_titles[clock]
        yield Remark(
            "label-word",
            clock,
            f"{title}: the label “{ruling.rating}” and the word “{ruling.likelihood}” contradict each other. "
            "The word says how likely the claim is to be true. Change the one that is not what you mean.",
        )


def after_then(verdict: Verdict, basis: Basis) -> Iterator[Remark]:
    """Yield remarks on evidence in the verdict "then" that nobody had then.

    That is a later statement named in its grounds, or a later year named there. A later statement that is cited serves
    "since"; while that verdict is not given yet, the remark is that it is wanted.
    """
    if verdict.then == Ruling():
        return
    ours, known_until = _masked(verdict.then.because), basis.subject.known_until
    used = set(_IDENTIFIER.findall(ours))
    judged = [basis.judgements[statement] for statement in sorted(used) if statement in basis.judgements]
    for finding in after_clock(judged, basis.facts, known_until):
        yield Remark(finding.code, "then", finding.message)
    for year in sorted(year for year in set(_WHOLE_YEAR.findall(ours)) if int(year) > known_until.year):
        yield Remark(
            "after-clock",
            "then",
            f"The grounds for “then” speak of {year}. What happened later cannot count in a verdict on what was known "
            f"by {format_day(known_until)}: move it to “since”.",
        )
    later = [
        statement for statement in verdict.citations if statement in basis.judgements and basis.known_later(statement)
    ]
    if later and verdict.since == Ruling():
        yield Remark(
            "after-clock",
            "since",
            f"You cite {listed(later)}, known only after {format_day(known_until)}. That can count for “since” "
            "alone, and this verdict is still open: give it, or take the citation out.",
        )


def difference(verdict: Verdict, basis: Basis) -> Iterator[Remark]:
    """Yield a remark where the two rulings differ and no evidence between them is named."""
    then, since = verdict.then, verdict.since
    if Ruling() in (then, since):
        return
    changed = [name for name in ("rating", "likelihood", "confidence") if getattr(then, name) != getattr(since, name)]
    if changed and not any(basis.known_later(statement) for statement in verdict.citations):
        yield Remark(
            "no-difference",
            "since",
            f"Your two verdicts differ ({', '.join(changed)}), and nothing you cite became known between them. Cite "
            "what changed the picture, or give one verdict twice.",
        )
    elif then.because and then.because.casefold() == since.because.casefold():
        yield Remark(
            "no-difference",
            "since",
            "Both verdicts give the same grounds, word for word. Say under “since” what has become known after "
            f"{format_day(basis.subject.known_until)}, or that nothing has.",
        )


def citations(verdict: Verdict, basis: Basis) -> Iterator[Remark]:
    """Yield remarks on too few citations, on one origin behind all of them, and on those never judged."""
    cited = basis.cited(verdict)
    has_begun = bool(verdict.headline or verdict.summary or verdict.then != Ruling() or verdict.since != Ruling())
    if has_begun and len(cited) < FEWEST_CITATIONS:
        yield Remark(
            "too-few",
            "citations",
            f"Statements cited: {len(cited)}. Cite at least {FEWEST_CITATIONS}, so that a reader can follow you from "
            "the evidence to the verdict.",
        )
    elif cited and len({origin_of(judgement) for judgement in cited}) == 1:
        yield Remark(
            "one-origin",
            "citations",
            f"All you cite has one origin in your ledger ({cited[0].origin or cited[0].statement}). However often it "
            "is said, it is known once: look for somebody who knows it another way.",
        )
    if strangers := [statement for statement in verdict.citations if statement not in basis.judgements]:
        yield Remark(
            "not-judged",
            "citations",
            f"You cite {', '.join(strangers)} and have not judged it for reading {verdict.reading}. Judge it on the "
            "evidence board, or take it out.",
        )


def _masked(text: str) -> str:
    """Return the text with what stands in quotation marks blanked out, every other letter in its place."""
    return _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)


def _sentences(text: str) -> Iterator[tuple[str, str]]:
    """Yield each sentence with quotations blanked out, and with it the whole text up to its end, quotations and all."""
    ours, start = _masked(text), 0
    for end in [*(match.end() for match in _SENTENCE_END.finditer(ours)), len(ours)]:
        if ours[start:end].strip():
            yield ours[start:end], text[:end]
        start = end


def _standing(pattern: re.Pattern[str], sentence: str) -> list[str]:
    """Return what the pattern finds, once each, except where the words before it take it back."""
    matches = [match for match in pattern.finditer(sentence) if not _TAKEN_BACK.search(sentence[: match.start()])]
    return list(dict.fromkeys(match[0].casefold() for match in matches))


def _quoted(phrases: list[str]) -> str:
    return listed([f"“{phrase}”" for phrase in phrases])

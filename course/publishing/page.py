"""The verdict as a page: one HTML file that needs no network and no script, reads on a phone and prints.

Whatever a learner wrote is escaped. Machines find the same verdict in it as a ClaimReview.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from course import files
from course.case import Case, Subject
from course.ledger.judgement import CREDIBILITY, RELIABILITY, Judgement
from course.publishing.claimreview import PublishError, claim_review
from course.publishing.verdict import SCALES, Basis, Ruling, Verdict
from course.weighing import WORDS, Contribution, Interval, explain
from course.wording import format_day
from course.wording.pages import render

if TYPE_CHECKING:
    from course.charts import Figure

PAGE, REVIEW = "verdict.html", "verdict.json"

NO_CORRECTIONS: Final = "None so far. If something here is wrong, tell the author: it will be put right and said here."


def page(verdict: Verdict, basis: Basis, case: Case, *, with_charts: bool = True) -> str:
    """Return the verdict as one self-contained HTML page, with its ClaimReview inside.

    Parameters
    ----------
    with_charts : bool
        Whether to draw how the weights add up at each clock, see `pictures_of`. That takes a second or two.

    Raises
    ------
    PublishError
        If something a reader needs is missing; the message names all of it.
    """
    if missing := gaps(verdict, basis):
        raise PublishError("The page cannot be published yet.\n" + "\n".join(f"- {message}" for message in missing))
    review = claim_review(verdict, case)
    return _document(verdict, basis, case, pictures_of(basis) if with_charts else (), review)


def draft(verdict: Verdict, basis: Basis, case: Case) -> str:
    """Return the page as far as it has come, marked as a draft: without pictures, and nothing in it for machines."""
    return _document(verdict, basis, case)


def gaps(verdict: Verdict, basis: Basis) -> tuple[str, ...]:
    """Return what a reader needs and does not get yet, each with what to do."""
    wanted = [
        (verdict.headline, "The headline is missing. Write it with desk.write(headline=…)."),
        (verdict.summary, "The summary is missing. Write it with desk.write(summary=…)."),
        *(part for clock, ruling in verdict.rulings.items() for part in _wanted_of(clock, ruling, verdict.scale)),
        (basis.cited(verdict), "No evidence is cited. Cite what you have judged with desk.cite(…)."),
    ]
    return tuple(message for part, message in wanted if not part)


def _wanted_of(clock: str, ruling: Ruling, scale: str) -> Iterator[tuple[str, str]]:
    if scale != "prose":
        yield ruling.rating, f"The rating “{clock}” is missing. Give it with desk.rate({clock!r}, rating=…)."
    yield ruling.because, f"The grounds “{clock}” are missing. Give them with desk.rate({clock!r}, because=…)."


def pictures_of(basis: Basis) -> list[tuple[str, str]]:
    """Return how the weights add up at each clock, as SVG with its description; one picture where both are alike.

    There is none where nothing carries weight, or where vl-convert is not installed, as in a browser-only notebook.
    """
    drawn = {}
    for clock, weighing in basis.weighings.items():
        if weighing.contributions and weighing.contributions not in drawn:
            drawn[weighing.contributions] = (clock, weighing.prior)
    try:
        # Where both clocks weigh the same, the picture stands for both.
        alone = len(drawn) == 1 and len({weighing.contributions for weighing in basis.weighings.values()}) == 1
        return [
            _picture(contributions, prior, "" if alone else f"{basis.subject.verdict_titles[clock]}: ")
            for contributions, (clock, prior) in drawn.items()
        ]
    except ImportError:
        return []


def chart(contributions: Sequence[Contribution], prior: float) -> Figure:
    """Return how weights add up, as a chart."""
    import pandas as pd

    from course import charts

    rows = [
        (f"{part.origin} ({part.side})", part.weight.low, part.weight.point, part.weight.high) for part in contributions
    ]
    return charts.accumulated_weight(pd.DataFrame(rows, columns=["label", "low", "point", "high"]), prior)


@lru_cache(maxsize=8)  # drawing takes a second or two, and mostly only words change between two pages
def _picture(contributions: tuple[Contribution, ...], prior: float, before: str) -> tuple[str, str]:
    figure = chart(contributions, prior)
    return figure.svg(), f"{before}{figure.title}. {figure.description}"


def export(folder: Path | str, text: str, review: Mapping[str, Any], *, overwrite: bool = False) -> tuple[Path, Path]:
    """Write the page and the ClaimReview into a folder, each whole or not at all, and return both paths.

    Raises
    ------
    PublishError
        If there is no such folder, a file has one of the names already and `overwrite` is False, or the disk refuses.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise PublishError(f"There is no folder {str(folder)!r}. Make it first, or name another.")
    contents = {folder / PAGE: text, folder / REVIEW: json.dumps(review, ensure_ascii=False, indent=2) + "\n"}
    taken = [path.name for path in contents if path.exists()]
    if taken and not overwrite:
        raise PublishError(
            f"{' and '.join(taken)} {'is' if len(taken) == 1 else 'are'} there already, and nothing was written. Move "
            "or rename what is there, name another folder, or say that it may be replaced (overwrite=True)."
        )
    for path, content in contents.items():
        try:
            files.write(path, content.encode())
        except OSError as error:
            raise PublishError(f"{path.name} cannot be written: {error.strerror or error}.") from None
    saved, beside = contents
    return saved, beside


def _document(
    verdict: Verdict,
    basis: Basis,
    case: Case,
    pictures: Sequence[tuple[str, str]] = (),
    review: Mapping[str, Any] | None = None,
) -> str:
    """Return the page; without a ClaimReview it is a draft."""
    return render(
        __package__,
        "verdict.html.j2",
        verdict=verdict,
        title=verdict.headline or "No headline yet",
        review=review,
        # A reader of the draft needs to know what is missing, and the editor how to add it.
        missing=[f"{message.partition('. ')[0]}." for message in gaps(verdict, basis)],
        titles=basis.subject.verdict_titles,
        scale=SCALES[verdict.scale],
        claim=_claim(verdict, case),
        likelihoods=_scale(verdict, basis.subject),
        words=[(name, _range(low, high)) for name, low, high in WORDS],
        evidence=[_evidence(judgement, basis, case) for judgement in basis.cited(verdict)],
        pictures=pictures,
        sources=_sources(verdict, basis, case),
        subject=basis.subject,
        # The article passes on most of what is cited, so the page says who pays for it.
        outlet=case.row("sources", basis.subject.outlet) if basis.subject.outlet else None,
        no_corrections=NO_CORRECTIONS,
    )


def _claim(verdict: Verdict, case: Case) -> list[tuple[str, str]]:
    """Return what was claimed, by whom and when, as terms and their descriptions; an empty one is not shown."""
    claim = verdict.claim
    return [
        ("The claim, in our words", claim.wording),
        ("Who made it", claim.speaker),
        ("As whose words", claim.attributed_to if claim.attributed_to != claim.speaker else ""),
        ("When", format_day(claim.said_on) if claim.said_on else "Day not known"),
        ("Where it is found", claim.appearance),
        ("A limit the speaker set", claim.hedge),
        ("Read as", str(case.row("readings", verdict.reading)["text"])),
    ]


def _evidence(judgement: Judgement, basis: Basis, case: Case) -> dict[str, Any]:
    """Return the row of a cited statement in the table of evidence."""
    row = basis.facts[judgement.statement]
    speaker = case.row("sources", str(row["speaker"]))
    quoted = f" In the speaker’s words: “{row['quoted']}”." if row["quoted"] else ""
    later = "; too late for the first verdict" if basis.known_later(judgement.statement) else ""
    weighing = basis.weighings["since"]
    weight = weighing.weights.get(judgement.statement)
    counts = explain.standing_of(judgement.statement, weighing.contributions)
    return {
        "statement": judgement.statement,
        "speaker": speaker["name"],
        "content": f"{row['content']}{quoted}",
        "known": f"{format_day(row['known_from'])}{later}",
        "rated": rated(judgement),
        "reason": judgement.reason or "No reason given.",
        "weight": f"{explain.db_range(weight)}{f': {counts}' if counts else ''}" if weight else "Not weighed.",
        "bar": _bar(weight, weighing.weights.values()) if weight else None,
    }


def _range(low: float, high: float) -> str:
    """Return the chances that a word stands for, open at either end of the scale."""
    if low == WORDS[0][1]:
        return f"under {high:.0%}"
    return f"over {low:.0%}" if high == WORDS[-1][2] else f"{low:.0%}–{high:.0%}"


def _bar(weight: Interval, others: Iterable[Interval]) -> dict[str, Any]:
    """Return where a weight's bar and its doubt lie, in percent of a width on which all weights fit; zero is at 50."""
    reach = max(10.0, *(abs(bound) for other in others for bound in (other.low, other.high)))
    low, point, high = (round(50 + 50 * db / reach, 1) for db in (weight.low, weight.point, weight.high))
    side = "for" if weight.point > 0 else "against"
    return {"side": side, "start": min(point, 50), "width": round(abs(point - 50), 1), "low": low, "high": high}


def _scale(verdict: Verdict, subject: Subject) -> list[dict[str, Any]]:
    """Return for each ruling with a likelihood its clock and, word by word, whether this is the one."""
    return [
        {
            "clock": subject.verdict_titles[clock],
            "word": ruling.likelihood,
            "here": [name == ruling.likelihood for name, _, _ in WORDS],
        }
        for clock, ruling in verdict.rulings.items()
        if ruling.likelihood
    ]


def rated(judgement: Judgement) -> str:
    """Describe how a statement was rated, in the words of the scales."""
    parts = [
        judgement.reliability and f"Source {judgement.reliability}: {RELIABILITY[judgement.reliability]}.",
        judgement.credibility and f"Item {judgement.credibility}: {CREDIBILITY[judgement.credibility]}.",
        judgement.directness and f"{judgement.directness.capitalize()}.",
        judgement.bearing and f"Bearing on the claim: {judgement.bearing}.",
    ]
    return " ".join(part for part in parts if part) or "Not rated."


def _sources(verdict: Verdict, basis: Basis, case: Case) -> list[tuple[Mapping[str, Any], list[str]]]:
    """Return each source once, with where each of its cited statements is found."""
    locators: dict[str, list[str]] = {}
    for judgement in basis.cited(verdict):
        row = basis.facts[judgement.statement]
        locators.setdefault(str(row["speaker"]), []).append(f"{judgement.statement}: {basis.subject.found_at(row)}.")
    return [(case.row("sources", name), places) for name, places in locators.items()]

"""ClaimReview: the verdict as data for machines, in the format of schema.org (https://schema.org/ClaimReview).

Google took it out of its search results in mid-2025; it remains the format in which fact-checks are exchanged, and a
good exercise in saying exactly what was checked, by whom and when.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from course.case import Case, Subject
from course.publishing.verdict import SCALES, Verdict

SCHEMA: Final = Path(__file__).with_name("claimreview.schema.json")

_RATE: Final = "Rate it with desk.rate('since', rating=…), or write a headline if your scale is prose."

_FIELDS: Final = {
    "claimReviewed": ("the claim in words", "Write the wording to be checked in lesson 01, with ClaimTracer."),
    "url": (
        "the address where the page will be published",
        "Give a whole web address, such as desk.write(url='https://example.org/verdict.html').",
    ),
    "reviewRating": ("the rating", _RATE),
    "reviewRating.alternateName": ("the rating in words", _RATE),
    "reviewRating.ratingValue": ("the rating in numbers", "It is a whole number from 1 (false) to 5 (true)."),
    "reviewRating.worstRating": ("the lowest number of the scale", "It is 1, and stands beside ratingValue."),
    "reviewRating.bestRating": ("the highest number of the scale", "It is 5, and stands beside ratingValue."),
    "author": ("who checked", "Give a name with desk.write(author=…), or leave the author out."),
    "author.name": ("who checked", "Give a name with desk.write(author=…), or leave the author out."),
    "datePublished": ("the day of the check", "Write it as 2026-03-02, with desk.write(checked_on=…)."),
    "itemReviewed.author": ("who made the claim", "Pick a wording whose speaker is known, with desk.check(claim=…)."),
    "itemReviewed.datePublished": ("the day of the claim", "Write it as 2026-03-02, or leave it out."),
    "itemReviewed.appearance": ("where the claim appeared", "Name the publication and the place in it."),
}
"""Fields by their place: what each is, and what to do where it is missing or wrong."""


class PublishError(ValueError):
    """Something cannot be published as it is. The message names each field in plain words and what to do."""


def claim_review(verdict: Verdict, case: Case) -> dict[str, Any]:
    """Return the verdict as JSON-LD.

    The format has room for one rating, so it is the one on what is known today; `ratingExplanation` gives both. The
    rating's word stands in `alternateName`. A number from 1 (false) to 5 (true) is added on the True–False scale only,
    with Pants on Fire as 1. AVeriTeC's labels and prose have none: "Not Enough Evidence" is not halfway between false
    and true, and a number would say so. The format does not ask for one. In prose the headline stands for the rating.

    The claim's author is whoever gave it in this wording. Where that is a report, the one reported on is not put down
    as its author, because that is how a wording nobody said gets a famous name.

    Raises
    ------
    PublishError
        If a field the format requires is missing, or one is not what it should be.
    """
    claim, label = verdict.claim, verdict.headline if verdict.scale == "prose" else verdict.since.rating
    somebody = "Person" if claim.by_person else "Organization"
    document = {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": verdict.url,
        "claimReviewed": claim.wording,
        "datePublished": verdict.checked_on.isoformat(),
        "author": {"@type": "Person", "name": verdict.author} if verdict.author else None,
        "reviewRating": {
            "@type": "Rating",
            "alternateName": label,
            **_number(label, verdict.scale, case),
            "ratingExplanation": _explanation(verdict, case.subject),
        },
        "itemReviewed": {
            "@type": "Claim",
            "author": {"@type": somebody, "name": claim.speaker},
            "datePublished": claim.said_on.isoformat() if claim.said_on else None,
            "appearance": {"@type": "CreativeWork", "name": claim.appearance},
        },
    }
    review = _without_gaps(document)
    check(review)
    return review


def check(document: Mapping[str, Any]) -> None:
    """Refuse a ClaimReview that is not one, against the course's own JSON Schema (`SCHEMA`).

    Raises
    ------
    PublishError
        The message names every field concerned in plain words and says what to do. A check that is dated before the
        claim it checks is refused, too.
    """
    if faults := list(dict.fromkeys(_faults(document))):
        raise PublishError("The ClaimReview cannot be published yet.\n" + "\n".join(f"- {fault}" for fault in faults))


def _faults(document: Mapping[str, Any]) -> Iterator[str]:
    from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

    for error in Draft202012Validator(_schema()).iter_errors(document):
        place = ".".join(map(str, error.absolute_path))
        if error.validator in ("required", "dependentRequired"):
            wanted = error.validator_value
            if error.validator == "dependentRequired":
                wanted = [name for given, names in wanted.items() if given in error.instance for name in names]
            for name in wanted:
                if name not in error.instance:
                    yield _fault(f"{place}.{name}".lstrip("."), "is missing")
        elif error.validator == "additionalProperties":
            known = error.schema["properties"]
            for name in error.instance:
                if name not in known:
                    yield f"{name!r} is no field of {place or 'a ClaimReview'}. Its fields: {', '.join(known)}."
        else:
            yield _fault(place, f"cannot be {json.dumps(error.instance, ensure_ascii=False)}")
    yield from _in_the_wrong_order(document)


def _in_the_wrong_order(document: Mapping[str, Any]) -> Iterator[str]:
    item = document.get("itemReviewed")
    checked = document.get("datePublished")
    claimed = item.get("datePublished") if isinstance(item, Mapping) else None
    # Days are written as 2026-03-02, so text in order is time in order.
    if isinstance(checked, str) and isinstance(claimed, str) and checked < claimed:
        yield _fault("datePublished", f"is {checked}, before the day of the claim, {claimed}")


def _fault(place: str, what: str) -> str:
    plain, to_do = _FIELDS.get(place, ("", f"Compare it with {SCHEMA.name}."))
    return f"{place or 'the whole'}{f' ({plain})' if plain else ''} {what}. {to_do}"


def _number(label: str, scale: str, case: Case) -> dict[str, int]:
    """Return the rating as a number with its bounds, or nothing where the scale is no line from false to true."""
    if scale != "politifact" or not label:
        return {}
    rows = [row for row in case.rows("scales") if row["method"] == "claimreview-rating"]
    steps = {str(row["label"]).casefold(): int(str(row["code"])) for row in rows}
    worst, best = min(steps.values()), max(steps.values())
    # Pants on Fire is false and ridiculous besides; there is no number below false.
    return {"ratingValue": steps.get(label.casefold(), worst), "worstRating": worst, "bestRating": best}


def _explanation(verdict: Verdict, subject: Subject) -> str:
    """Give both rulings, each in a sentence; likelihood and confidence are left to the page."""
    sentences = []
    for clock, ruling in verdict.rulings.items():
        parts = [part.rstrip(".") for part in (ruling.rating, " ".join(ruling.because.split())) if part]
        if parts:
            sentences.append(f"{subject.verdict_titles[clock]}: {'. '.join(parts)}.")
    scale = "" if verdict.scale == "prose" else f" Scale: {SCALES[verdict.scale]}."
    return f"{' '.join(sentences)}{scale}".strip()


def _without_gaps(value: dict[str, Any]) -> dict[str, Any]:
    """Leave out what was not given, so that it is missing and not empty."""
    parts = {name: _without_gaps(part) if isinstance(part, dict) else part for name, part in value.items()}
    return {name: part for name, part in parts.items() if part not in (None, "", {})}


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return schema

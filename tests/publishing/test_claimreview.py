"""What the ClaimReview promises: the fields the format asks for, honest numbers, and no bad one ever gets out."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from course.publishing.claimreview import PublishError, check, claim_review
from course.publishing.verdict import read
from tests.verdicts import BLANK, CASE, SINCE, SOUND


def test_it_has_what_the_format_requires_and_recommends() -> None:
    document = claim_review(replace(SOUND, author="Ada Editor"), CASE)
    fields = {str(row["code"]) for row in CASE.rows("scales") if row["method"] == "claimreview-property"}
    assert fields <= document.keys()
    assert document["datePublished"] == "2026-03-02"
    assert document["author"] == {"@type": "Person", "name": "Ada Editor"}
    assert document["itemReviewed"]["datePublished"] == "2017-12-06"
    assert "¶5" in document["itemReviewed"]["appearance"]["name"]


@pytest.mark.parametrize(
    ("label", "number"),
    [("True", 5), ("Mostly True", 4), ("Half True", 3), ("Mostly False", 2), ("False", 1), ("Pants on Fire", 1)],
)
def test_true_to_false_has_a_word_and_a_number(label: str, number: int) -> None:
    rating = claim_review(replace(SOUND, since=replace(SINCE, rating=label)), CASE)["reviewRating"]
    assert rating["alternateName"] == label
    assert (rating["ratingValue"], rating["worstRating"], rating["bestRating"]) == (number, 1, 5)


@pytest.mark.parametrize("label", ["Refuted", "Not Enough Evidence", "Conflicting Evidence/Cherrypicking"])
def test_a_label_that_is_no_step_from_false_to_true_gets_no_number(label: str) -> None:
    verdict = replace(SOUND, scale="averitec", since=replace(SINCE, rating=label))
    rating = claim_review(verdict, CASE)["reviewRating"]
    assert rating["alternateName"] == label
    assert not {"ratingValue", "worstRating", "bestRating"} & rating.keys()


def test_in_prose_the_headline_is_the_rating_and_there_is_no_number() -> None:
    rating = claim_review(replace(SOUND, scale="prose", since=replace(SINCE, rating="")), CASE)["reviewRating"]
    assert rating["alternateName"] == SOUND.headline
    assert "ratingValue" not in rating


def test_both_verdicts_are_in_the_explanation() -> None:
    explanation = claim_review(SOUND, CASE)["reviewRating"]["ratingExplanation"]
    assert "Known by 11 December 2017: Mostly False." in explanation
    assert "Known today: False." in explanation


def test_a_report_is_not_put_under_the_name_of_the_man_it_reports_on() -> None:
    assert claim_review(SOUND, CASE)["itemReviewed"]["author"] == {"@type": "Organization", "name": "Interfax"}
    spoken = replace(SOUND, claim=read({"verdict/claim": "C04"}, CASE, SOUND.checked_on).claim)
    assert claim_review(spoken, CASE)["itemReviewed"]["author"] == {"@type": "Person", "name": "Valery Gerasimov"}


def test_what_was_not_given_and_need_not_be_is_left_out() -> None:
    undated = read({"verdict/claim": "C10"}, CASE, SOUND.checked_on).claim
    document = claim_review(replace(SOUND, claim=undated), CASE)
    assert "author" not in document
    assert "datePublished" not in document["itemReviewed"]


def test_an_empty_verdict_is_refused_with_every_field_named() -> None:
    with pytest.raises(PublishError) as refused:
        claim_review(BLANK, CASE)
    message = str(refused.value)
    assert "url (the address where the page will be published) is missing" in message
    assert "reviewRating.alternateName (the rating in words) is missing" in message
    assert "desk.write(url=" in message


@pytest.mark.parametrize(
    "url",
    [
        "example.org/verdict.html",
        "javascript:alert(1)",
        "file:///home/verdict.html",
        "https://here",
        'https://a.b/"><b',
    ],
)
def test_an_address_is_a_whole_web_address(url: str) -> None:
    with pytest.raises(PublishError, match="the address where the page will be published"):
        claim_review(replace(SOUND, url=url), CASE)


def test_a_claim_without_words_is_refused() -> None:
    with pytest.raises(PublishError, match="the claim in words"):
        claim_review(replace(SOUND, claim=replace(SOUND.claim, wording=" ")), CASE)


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("@type",), "Review", "@type"),
        (("claimReviewed",), None, "the claim in words"),
        (("datePublished",), "2 March 2026", "the day of the check"),
        (("datePublished",), "2026-13-01", "the day of the check"),
        (("reviewRating",), "False", "the rating"),
        (("reviewRating", "alternateName"), "", "the rating in words"),
        (("reviewRating", "ratingValue"), 7, "the rating in numbers"),
        (("reviewRating", "bestRating"), None, "the highest number"),
        (("itemReviewed", "author"), {"@type": "Robot", "name": "R2"}, "itemReviewed.author.@type"),
        (("claimreviewed",), "twice", "no field of a ClaimReview"),
        (("reviewRating", "stars"), 5, "no field of reviewRating"),
    ],
)
def test_a_bad_document_is_refused_with_its_field(path: tuple[str, ...], value: Any, named: str) -> None:
    document = deepcopy(claim_review(SOUND, CASE))
    part = document
    for name in path[:-1]:
        part = part[name]
    if value is None:
        del part[path[-1]]
    else:
        part[path[-1]] = value
    with pytest.raises(PublishError, match=named):
        check(document)


def test_a_check_cannot_be_older_than_its_claim_and_may_be_of_the_same_day() -> None:
    document = claim_review(SOUND, CASE)
    document["datePublished"] = document["itemReviewed"]["datePublished"]
    check(document)
    document["datePublished"] = "2017-12-05"
    with pytest.raises(PublishError, match=r"the day of the check.* is 2017-12-05, before the day of the claim"):
        check(document)


def test_fields_that_schema_org_has_for_people_and_claims_are_allowed() -> None:
    document = claim_review(SOUND, CASE) | {"inLanguage": "en", "sameAs": "https://example.org/copy.html"}
    document["itemReviewed"]["author"] |= {"jobTitle": "Chief", "sameAs": ["https://example.org/who", "https://a.org"]}
    check(document)
    with pytest.raises(PublishError, match=r"'jobtitle' is no field of itemReviewed\.author"):
        check(
            document | {"itemReviewed": {"@type": "Claim", "author": {"@type": "Person", "name": "A", "jobtitle": "B"}}}
        )

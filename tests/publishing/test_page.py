"""What the page promises: everything a reader needs, nothing from the network, and no word that can break out of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.publishing.claimreview import PublishError, claim_review
from course.publishing.page import NO_CORRECTIONS, PAGE, REVIEW, draft, export, gaps, page, pictures_of
from course.publishing.verdict import Ruling, Verdict
from course.weighing import WORDS
from tests.verdicts import BLANK, CASE, JUDGED, SOUND, judged, rests_on

VOID = {"meta", "link", "br"}
PAYLOAD = "</script></title></style><script>alert(1)</script><img src=x onerror=alert(1)>\"' --> <!-- &lt;b&gt;"


class Page(HTMLParser):
    """A page taken apart: its tags, the text in each kind of tag, and whether all are closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(html)
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts.setdefault(self._open[-1], []).append(data)

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]

    @property
    def review(self) -> Any:
        return json.loads("".join(self.texts["script"]))


def html_of(verdict: Verdict = SOUND, *, with_charts: bool = False) -> str:
    return page(verdict, rests_on(verdict), CASE, with_charts=with_charts)


def test_a_reader_finds_the_verdicts_the_claim_and_the_evidence() -> None:
    html = html_of(replace(SOUND, author="Ada Editor", corrections="3 March 2026: a date was wrong."))
    for words in (
        SOUND.headline,
        "Ada Editor",
        "2 March 2026",
        "Known by 11 December 2017",
        "Mostly False",
        "Known today",
        "almost no chance",
        "Putin is reported to declare the whole country free of IS.",
        "Interfax",
        "no Islamic State fighter was left in Syria",
        "Abrahms",
        "¶9",
        "tass.com/defense/1005723",
        "Source B: Usually reliable.",
        "Seen there.",
        "−9",
        "23 May 2018; too late for the first verdict",
        "3 March 2026: a date was wrong.",
    ):
        assert words in html, words


def test_who_pays_for_the_article_is_said() -> None:
    assert "Polygraph.info is paid by: U.S. government" in html_of()


def test_what_the_weights_are_not_is_said() -> None:
    assert "they are not measurements" in html_of()


def test_without_corrections_the_line_says_so_and_without_a_name_there_is_no_by_line() -> None:
    html = html_of()
    assert NO_CORRECTIONS in html
    assert '<p class="byline">Checked on' in html


def test_likelihood_and_confidence_never_share_a_sentence() -> None:
    for text in Page(html_of()).texts["p"]:
        for sentence in text.split(". "):
            assert not ("How likely" in sentence and "Confidence" in sentence)


def test_headings_come_in_order_and_tables_have_headers() -> None:
    parsed = Page(html_of())
    levels = [int(tag[1]) for tag, _ in parsed.tags if tag in ("h1", "h2", "h3")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert [attributes["scope"] for attributes in parsed.named("th")].count("row") == len(SOUND.citations)
    assert parsed.named("html") == [{"lang": "en-GB"}]
    assert "caption" in parsed.texts


def test_nothing_is_fetched_and_nothing_runs() -> None:
    parsed = Page(html_of())
    assert parsed.named("script") == [{"type": "application/ld+json"}]
    assert [attributes["rel"] for attributes in parsed.named("link")] == ["canonical"]
    for tag, attributes in parsed.tags:
        assert tag not in ("img", "iframe", "object", "embed", "form", "a")
        assert not {"src", "style", "srcset"} & attributes.keys()
        assert not [name for name in attributes if name.startswith("on")]
    assert "url(" not in html_of()
    assert "@import" not in html_of()


def test_a_service_that_shares_the_page_finds_its_title_and_description() -> None:
    parsed = Page(html_of(replace(SOUND, summary=PAYLOAD + " and more" * 60)))
    shared = {meta.get("property") or meta.get("name"): meta["content"] for meta in parsed.named("meta")[1:]}
    assert shared["og:title"] == SOUND.headline
    assert shared["og:url"] == SOUND.url
    assert shared["description"] == shared["og:description"]
    assert len(shared["description"] or "") <= 210
    assert "og:title" not in draft(SOUND, rests_on(SOUND), CASE)


def test_both_likelihoods_stand_on_one_scale_of_the_seven_words() -> None:
    html = html_of()
    scale = html.partition('<div class="likelihoods"')[2].partition("</div>")[0]
    lanes = [re.findall(r"<li( class=\"here\")?>", lane) for lane in scale.split("<ol>")[1:]]
    marked = [[bool(here) for here in lane[:7]].index(True) for lane in lanes]
    assert [WORDS[place][0] for place in marked] == [SOUND.then.likelihood, SOUND.since.likelihood]
    assert all(f"{name} <small>" in scale for name, _, _ in WORDS)
    assert "under 5%" in scale
    assert "over 95%" in scale
    without = replace(SOUND, then=replace(SOUND.then, likelihood=""), since=replace(SOUND.since, likelihood=""))
    assert '<div class="likelihoods"' not in html_of(without)


def test_a_bar_lies_on_the_side_of_its_weight() -> None:
    html = page(SOUND, rests_on(SOUND, (*JUDGED[:2], judged("X03", "decisive for"))), CASE, with_charts=False)
    bars = re.findall(r'<rect class="(\w+)" x="([\d.]+)%" y="3" width="([\d.]+)%"', html)
    assert [side for side, _, _ in bars] == ["against", "against", "for"]
    for side, start, width in bars:
        assert float(start) == 50 if side == "for" else float(start) + float(width) == pytest.approx(50)


def test_the_claimreview_inside_is_the_one_exported() -> None:
    assert Page(html_of()).review == claim_review(SOUND, CASE)


@pytest.mark.parametrize("part", ["headline", "summary", "author", "corrections"])
def test_what_a_learner_writes_stays_text(part: str) -> None:
    written: dict[str, Any] = {part: PAYLOAD}
    verdict = replace(SOUND, scale="prose", **written)
    html = html_of(verdict)
    parsed = Page(html)
    assert len(parsed.named("script")) == 1
    assert not parsed.named("img")
    assert "alert(1)" in html


def test_reasons_grounds_and_the_claim_stay_text_too() -> None:
    verdict = replace(
        SOUND, claim=replace(SOUND.claim, wording=PAYLOAD), since=Ruling("False", "", "", PAYLOAD), then=SOUND.then
    )
    evidence = rests_on(verdict, (*JUDGED[:2], replace(judged("X03"), reason=PAYLOAD, origin=PAYLOAD)))
    parsed = Page(page(verdict, evidence, CASE, with_charts=True))
    assert len(parsed.named("script")) == 1
    assert not parsed.named("img")
    assert parsed.review["claimReviewed"] == PAYLOAD
    assert PAYLOAD in "".join(parsed.texts["td"])


@given(st.text(alphabet="</script>!-\"'&;\u2028 x", max_size=80).filter(str.strip))
def test_no_headline_breaks_the_page(text: str) -> None:
    verdict = replace(SOUND, headline=text, scale="prose")
    parsed = Page(html_of(verdict))
    assert "".join(parsed.texts["h1"]) == text
    assert parsed.review["reviewRating"]["alternateName"] == text


def test_what_a_reader_would_miss_is_named_before_anything_is_published() -> None:
    with pytest.raises(PublishError) as refused:
        html_of(BLANK)
    for words in ("headline is missing", "rating “then” is missing", "grounds “since” are missing", "desk.cite("):
        assert words in str(refused.value)
    assert gaps(SOUND, rests_on(SOUND)) == ()


def test_prose_needs_no_rating() -> None:
    verdict = replace(SOUND, scale="prose", then=replace(SOUND.then, rating=""), since=replace(SOUND.since, rating=""))
    assert 'class="rating"' not in html_of(verdict)


def test_a_draft_shows_what_there_is_and_offers_machines_nothing() -> None:
    html = draft(BLANK, rests_on(BLANK), CASE)
    assert "A draft, not published." in html
    assert "The headline is missing." in html
    assert not Page(html).named("script")


def test_pictures_have_a_name_and_a_description() -> None:
    first, second = pictures_of(rests_on(SOUND))
    html = html_of(with_charts=True)
    for svg, words in (first, second):
        assert "<title>" in svg
        assert 'role="img"' in svg
        assert words.split(".")[0] in html
        assert svg in html
    assert first[1].startswith("Known by 11 December 2017: ")
    assert second[1].startswith("Known today: ")
    assert Page(html).named("script") == [{"type": "application/ld+json"}]


def test_no_weight_no_picture() -> None:
    assert pictures_of(rests_on(SOUND, ())) == []


def test_export_writes_both_files_and_leaves_nothing_else(tmp_path: Path) -> None:
    saved, review = export(tmp_path, html_of(), claim_review(SOUND, CASE))
    assert saved.read_text(encoding="utf-8") == html_of()
    assert json.loads(review.read_text(encoding="utf-8")) == claim_review(SOUND, CASE)
    assert sorted(path.name for path in tmp_path.iterdir()) == [PAGE, REVIEW]


def test_export_never_replaces_silently(tmp_path: Path) -> None:
    mine = tmp_path / REVIEW
    mine.write_text("mine")
    with pytest.raises(PublishError, match=rf"{REVIEW} is there already.*overwrite=True"):
        export(tmp_path, "page", {})
    assert mine.read_text() == "mine"
    assert not (tmp_path / PAGE).exists()
    export(tmp_path, "page", {}, overwrite=True)
    assert json.loads(mine.read_text()) == {}


def test_export_needs_a_folder(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="no folder"):
        export(tmp_path / "nowhere", "page", {})


def test_a_disk_that_refuses_is_named(tmp_path: Path) -> None:
    (tmp_path / PAGE).mkdir()
    with pytest.raises(PublishError, match=f"{PAGE} cannot be written"):
        export(tmp_path, "page", {}, overwrite=True)

"""What VerdictDesk does beyond the promises of every widget: a preview, downloads, and files beside the notebook."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from course.publishing.page import PAGE, REVIEW
from course.publishing.page import page as verdict_page
from tests.browser.lab import Lab
from tests.browser.views import check_reachable
from tests.verdicts import CASE, JUDGED, SINCE, SOUND, THEN, rests_on

pytestmark = pytest.mark.browser

JUDGE = "\n".join(
    (
        "from course import Judgement, Ledger, VerdictDesk",
        "ledger = Ledger.open()",
        *(f"ledger.judge({given!r})" for given in JUDGED),
        "desk = VerdictDesk(ledger=ledger)",
    )
)
RATE = "\n".join(
    f"desk.rate({clock!r}, rating={given.rating!r}, likelihood={given.likelihood!r}, because={given.because!r})"
    for clock, given in (("then", THEN), ("since", SINCE))
)
WRITE = f"desk.write(headline={SOUND.headline!r}, summary={SOUND.summary!r}, url={SOUND.url!r})\ndesk"


@pytest.fixture
def desk(lab: Lab) -> Locator:
    """A desk with everything but its citations."""
    lab.open(lab.write("desk/tool.ipynb", (JUDGE, RATE, WRITE)))
    lab.run_all()
    view = lab.page.locator(".cf-verdict")
    expect(view).to_be_visible()
    return view


def test_from_the_evidence_to_the_published_page(desk: Locator, lab: Lab, tmp_path: Path) -> None:
    desk.get_by_text("Preview of the page").click()
    preview = desk.frame_locator("iframe")
    expect(preview.get_by_role("heading", level=1)).to_have_text(SOUND.headline)
    expect(preview.get_by_text("No evidence is cited.")).to_be_visible()

    # Refused, and said why, until there is evidence.
    desk.get_by_role("button", name="Download the page").click()
    expect(desk.get_by_role("alert")).to_contain_text("No evidence is cited")

    evidence = desk.get_by_role("group", name="Evidence cited")
    expect(evidence.get_by_role("checkbox")).to_have_count(len(JUDGED))
    expect(evidence.get_by_label("X03")).to_have_accessible_name(re.compile(r"\(known only since 23 May 2018\)$"))
    for judgement in JUDGED:
        evidence.get_by_label(judgement.statement).check()
    expect(preview.get_by_role("row", name="X03")).to_be_visible()

    with lab.page.expect_download(timeout=60_000) as page_file:
        desk.get_by_role("button", name="Download the page").click()
    assert page_file.value.suggested_filename == PAGE
    page_file.value.save_as(tmp_path / PAGE)
    assert SOUND.headline in (tmp_path / PAGE).read_text(encoding="utf-8")
    with lab.page.expect_download(timeout=60_000) as review_file:
        desk.get_by_role("button", name="Download the ClaimReview").click()
    assert json.loads(Path(review_file.value.path()).read_text(encoding="utf-8"))["@type"] == "ClaimReview"

    save = desk.get_by_role("button", name="Save both")
    save.click()
    expect(desk.get_by_text("Saved beside your notebook")).to_be_visible(timeout=60_000)
    assert {PAGE, REVIEW} <= {path.name for path in (lab.root / "desk").iterdir()}
    save.click()
    expect(desk.get_by_role("alert")).to_contain_text("nothing was written", timeout=60_000)


def test_the_page_is_for_everyone(page: Page, tmp_path: Path) -> None:
    """On a phone, on a desk and on paper; nothing is fetched, or the page of these tests would complain."""
    file = tmp_path / PAGE
    file.write_text(verdict_page(SOUND, rests_on(SOUND), CASE), encoding="utf-8")
    page.goto(file.as_uri())
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (320, 390, 900, 1000):
            page.set_viewport_size({"width": width, "height": 900})
            check_reachable(page.locator("body"))
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)", "paper is white"
    page.set_viewport_size({"width": 660, "height": 900})
    check_reachable(page.locator("body"))
    assert page.locator(".wide").first.evaluate("node => node.scrollWidth <= node.clientWidth")

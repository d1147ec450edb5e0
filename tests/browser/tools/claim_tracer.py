"""ClaimTracer: two wordings are compared, the absolute is marked with a reason, and the wording to check is written."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from course.ledger import Ledger
from tests.browser.tools import Tool

BECAUSE = "dd The limit is gone. xz"
WORDING = "On 6 December 2017 Interfax reported that Putin called Syria free of all IS fighters."


def change(tracer: Locator) -> None:
    tracer.get_by_label("Wording", exact=True).select_option("C10")
    tracer.get_by_label("Put beside it").select_option("C04")
    tracer.get_by_label("It came in with").select_option("C06")
    tracer.get_by_label("Because").fill(BECAUSE)
    tracer.get_by_label("The wording to be checked").fill(WORDING)


def shows(tracer: Locator) -> None:
    expect(tracer.get_by_label("Wording", exact=True)).to_have_value("C10")
    expect(tracer.get_by_label("Put beside it")).to_have_value("C04")
    expect(tracer.get_by_label("It came in with")).to_have_value("C06")
    expect(tracer.get_by_label("Because")).to_have_value(BECAUSE)
    expect(tracer.get_by_label("The wording to be checked")).to_have_value(WORDING)
    expect(tracer.locator("del")).to_contain_text(["Valery Gerasimov", "Valery Gerasimov", "ground", "none left"])
    expect(tracer.get_by_text("From C04 to C10:")).to_be_visible()
    expect(tracer.get_by_text("Under the name of Vladimir Putin it is the first")).to_be_visible()
    expect(tracer.get_by_text("Nothing missing")).to_be_visible()
    expect(tracer.get_by_text("You marked C06.")).to_be_visible()
    expect(tracer.locator(".cf-chip:visible", has_text="marked")).to_have_count(1)
    expect(tracer.locator("li:has(> svg .cf-node-marked)")).to_contain_text("C06 · Interfax")


def kept(ledger: Ledger) -> bool:
    return {
        "claim/settings": {"before": "C04", "after": "C10"},
        "claim/entered": "C06",
        "claim/because": BECAUSE,
        "claim/wording": WORDING,
    }.items() <= ledger.answers.items()


TOOL = Tool(
    name="ClaimTracer",
    root=".cf-tracer",
    change=change,
    shows=shows,
    keys=(
        ("Compare two wordings|Wording", "End"),
        ("Compare two wordings|Put beside it", "text:c04"),
        ("Where the absolute entered|It came in with", "ArrowDown " * 6),
        ("Where the absolute entered|Because", f"text:{BECAUSE}"),
        ("Write what is to be checked|The wording to be checked", f"text:{WORDING}"),
    ),
    plain=f"tool.compare('C04', 'C10'); tool.mark('C06', because={BECAUSE!r}); tool.write({WORDING!r})",
    kept=kept,
    repaint=(".cf-fields select", ("C04", "C06"), ".cf-tracer"),
)

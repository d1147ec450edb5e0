"""HypothesisMatrix: Abrahms's statement is marked for every row."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from course.ledger import Ledger
from course.methods.hypotheses import MARKS
from tests.browser.tools import Tool

MARKED = {"F": "II", "U": "C", "T": "C", "H": "CC"}


def cell(matrix: Locator, row: str, statement: str) -> Locator:
    """Return the select of one cell."""
    return matrix.get_by_label(f"{row}, {statement}", exact=True)


def change(matrix: Locator) -> None:
    for row, mark in MARKED.items():
        cell(matrix, row, "S09").select_option(label=f"{mark}: {MARKS[mark]}")


def shows(matrix: Locator) -> None:
    for row, mark in MARKED.items():
        expect(cell(matrix, row, "S09")).to_have_value(mark)
    expect(matrix.locator(".cf-lead")).to_have_text(
        "1 of 8 statements tells the rows apart. Least inconsistent over the 1 statement marked in every row: U, T and "
        "H. 4 of 32 cells are filled."
    )
    expect(matrix.get_by_role("group", name="What speaks against each row").get_by_role("row").nth(1)).to_have_text(
        "F1 of 8222"
    )


def kept(ledger: Ledger) -> bool:
    return all(ledger.answers.get(f"matrix/{row}/S09") == mark for row, mark in MARKED.items())


TOOL = Tool(
    name="HypothesisMatrix",
    root=".cf-matrix",
    change=change,
    shows=shows,
    keys=(
        ("F, S08", "ArrowRight"),
        ("F, S09", "End"),
        ("U, S09", "ArrowDown ArrowDown"),
        ("T, S09", "c c"),
        ("H, S09", "c"),
    ),
    plain="\n".join(f"tool.mark({row!r}, 'S09', {mark!r})" for row, mark in MARKED.items()),
    kept=kept,
    repaint=('select[aria-label="F, S09"]', ("II", "C"), ".cf-totals"),
    whole="rows=['F', 'U', 'T', 'H', 'A', 'W'], statements=[f'S{n:02}' for n in range(1, 38)]",
)

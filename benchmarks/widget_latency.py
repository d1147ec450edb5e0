"""From a choice in a card to new totals and chart on the screen: EvidenceBoard against plain ipywidgets.

Both boards have the same 20 statements and the same model, each in a notebook of its own in one real JupyterLab, with
the settings of ``course lab``, under Chromium. A sample chooses another bearing in one card and ends when the frame in
which totals and chart have both changed is painted; the boards take turns. Printed are medians with their spread, and
the ratio. Also printed: how long a board takes from running its cell to its first picture.

Run it with ``make bench`` or ``python benchmarks/widget_latency.py``.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.conftest import SWITCHES  # noqa: E402
from tests.browser.lab import Lab, LabServer, lab_server  # noqa: E402

STATEMENTS = [
    f"S{number:02d}" for number in (2, 3, 5, 8, 9, 10, 11, 12, 13, 16, 19, 20, 22, 24, 25, 26, 27, 28, 30, 31)
]
TURNS = 6
SAMPLES_A_TURN = 8

SETUP = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from course import EvidenceBoard, Ledger
from benchmarks.plain_board import plain_board
statements = {STATEMENTS!r}
ledger = Ledger.open()
board = EvidenceBoard("F", statements=statements, ledger=ledger)
for statement in statements:
    board.judge(statement, reliability="C", credibility=3, directness="partly", bearing="moderate for",
                origin=f"origin of {{statement}}", because="a reason of some words")
"""

# Chooses the other of two bearings in one card, and resolves two frames after totals and chart have both changed.
SAMPLE = """
async ({ card, totals, chart, place }) => {
  const control = [...document.querySelectorAll(card)][place].querySelectorAll('select')[3];
  // ipywidgets writes its options with no-break spaces.
  const text = (option) => option.text.replaceAll('\u00a0', ' ');
  const other = text(control.selectedOptions[0]) === 'decisive against' ? 'strong for' : 'decisive against';
  const wanted = [...control.options].find((option) => text(option) === other);
  const changed = (selector) => new Promise((resolve) => {
    const node = document.querySelector(selector);
    const watch = new MutationObserver(() => { watch.disconnect(); resolve(); });
    watch.observe(node, { childList: true, subtree: true, characterData: true, attributes: true });
  });
  const both = Promise.all([changed(totals), changed(chart)]);
  const start = performance.now();
  control.value = wanted.value;
  control.dispatchEvent(new Event('change', { bubbles: true }));
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error('no repaint within 10 s')), 10000));
  await Promise.race([both, late]);
  // A task of the highest priority, posted in an animation frame, runs as soon as that frame has been painted.
  await new Promise((resolve) => requestAnimationFrame(() => {
    scheduler.postTask(resolve, { priority: 'user-blocking' });
  }));
  return performance.now() - start;
}
"""

# Starts the cell and resolves when the board can be seen with its picture drawn.
FIRST_VIEW = """
async ({ card, chart }) => {
  const start = performance.now();
  await jupyterapp.commands.execute('notebook:move-cursor-down');
  const ran = jupyterapp.commands.execute('notebook:run-cell');
  while (!(document.querySelector(card) && document.querySelector(chart)?.querySelector('svg *, canvas'))) {
    await new Promise(requestAnimationFrame);
  }
  const shown = performance.now() - start;
  await ran;
  return shown;
}
"""


@dataclass
class Side:
    """One way to build the board, and what was measured of it."""

    name: str
    show: str
    card: str
    totals: str
    chart: str
    samples: list[float] = field(default_factory=list)
    first_view: float = 0.0

    def open(self, browser: Browser, server: LabServer) -> Page:
        """Open a notebook with this board, and measure its first view."""
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        lab = Lab(page, server)
        folder = self.name.replace(" ", "-")
        lab.open(lab.write(f"{folder}/{folder}.ipynb", [SETUP, self.show]))
        page.evaluate("() => jupyterapp.commands.execute('notebook:run-cell')")
        lab.wait_until_idle()
        page.wait_for_timeout(1000)
        self.first_view = page.evaluate(FIRST_VIEW, {"card": self.card, "chart": self.chart})
        lab.wait_until_idle()
        page.wait_for_timeout(1000)
        return page

    def sample(self, page: Page, place: int) -> float:
        """Change one card and return the milliseconds until it was seen."""
        selectors = {"card": self.card, "totals": self.totals, "chart": self.chart, "place": place}
        took: float = page.evaluate(SAMPLE, selectors)
        page.wait_for_timeout(60)
        return took


def main() -> None:
    """Measure both boards in turns and print the ratios."""
    ours = Side("EvidenceBoard", "board", ".cf-card", ".cf-totals [role=status]", ".cf-totals svg:last-of-type")
    plain = Side(
        "plain ipywidgets, Altair chart",
        "plain_board(statements, ledger)",
        ".plain-card",
        ".plain-totals",
        ".plain-chart",
    )
    lean = Side(
        "plain ipywidgets, SVG in HTML",
        "plain_board(statements, ledger, altair=False)",
        ".plain-card",
        ".plain-totals",
        ".plain-chart",
    )
    sides = (ours, plain, lean)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright, lab_server(Path(home)) as server:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=SWITCHES)
        pages = [side.open(browser, server) for side in sides]
        for turn in range(TURNS + 1):
            for side, page in zip(sides, pages, strict=True):
                page.bring_to_front()
                took = [side.sample(page, (turn * SAMPLES_A_TURN + one) % 20) for one in range(SAMPLES_A_TURN)]
                if turn:  # the first turn warms everything up
                    side.samples += took
        browser.close()

    table = Table(title=f"From choice to repaint, 20 cards, {TURNS * SAMPLES_A_TURN} samples each")
    for heading in ("board", "median ms", "quartiles ms", "slowest ms", "ratio", "first view ms"):
        table.add_column(heading, justify="left" if heading == "board" else "right")
    median = statistics.median(ours.samples)
    for side in sides:
        first, middle, third = statistics.quantiles(side.samples, n=4)
        table.add_row(
            side.name,
            f"{middle:.1f}",
            f"{first:.1f}–{third:.1f}",
            f"{max(side.samples):.1f}",
            f"{middle / median:.1f}",
            f"{side.first_view:.0f}",
        )
    console = Console()
    console.print(table)
    console.print(
        f"EvidenceBoard: {median:.1f} ms from choice to repaint, {statistics.median(plain.samples) / median:.1f} times "
        f"faster than plain ipywidgets with a chart, {statistics.median(lean.samples) / median:.1f} times faster than "
        "with a picture made in Python. The machine is shared, so figures differ from run to run."
    )


if __name__ == "__main__":
    main()

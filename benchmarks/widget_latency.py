"""From a choice to its result on the screen: every widget, and a board of plain ipywidgets to compare them with.

All stand in one real JupyterLab with the settings of ``course lab``, under Chromium, each in a notebook of its own.
EvidenceBoard and the plain boards have the same 20 statements and the same model; a sample there chooses another
bearing in one card and ends when the frame in which totals and chart have both changed is painted. For the other
widgets `tests/browser/tools` says what is changed and what has to follow. The boards take turns. Printed are medians
with their spread, and ratios; also how long each takes from running its cell to its first picture, with the most it
can show.

Run it with ``make bench`` or ``python benchmarks/widget_latency.py``.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.lab import Lab, LabServer, lab_server  # noqa: E402
from tests.browser.tools import tools  # noqa: E402
from tests.conftest import SWITCHES  # noqa: E402

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

# Puts the other of two values into one control (or clicks it, if there are none), and resolves when the frame in which
# everything watched has changed is painted. A control may be a group of radios. "card >> control" opens a folded card
# before.
SAMPLE = """
async ({ control: selector, values, watched, place }) => {
  const [outer, inner] = selector.split(' >> ');
  const controls = document.querySelectorAll(outer);
  let control = controls[place % controls.length];
  if (inner) {
    control.open = true;
    await new Promise((resolve) => setTimeout(resolve, 100));
    control = control.querySelector(inner);
  }
  // ipywidgets writes its options with no-break spaces.
  const plain = (text) => text.replaceAll('\u00a0', ' ');
  const radio = control.querySelector('input[type=radio]:checked');
  const now = plain(control.selectedOptions?.[0]?.text ?? radio?.value ?? control.value ?? "");
  const other = values.find((value) => value !== now && value !== control.value);
  const option = [...(control.options ?? [])].find((option) => [plain(option.text), option.value].includes(other));
  const changed = (selector) => new Promise((resolve) => {
    const node = document.querySelector(selector);
    const watch = new MutationObserver(() => { watch.disconnect(); resolve(); });
    watch.observe(node, { childList: true, subtree: true, characterData: true, attributes: true });
  });
  const all = Promise.all(watched.map(changed));
  const start = performance.now();
  if (other === undefined) control.click();
  else if (control.matches('fieldset')) control.querySelector(`input[value="${other}"]`).click();
  else {
    control.value = option ? option.value : other;
    control.dispatchEvent(new Event('input', { bubbles: true }));
    control.dispatchEvent(new Event('change', { bubbles: true }));
  }
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error('no repaint within 10 s')), 10000));
  await Promise.race([all, late]);
  // A task of the highest priority, posted in an animation frame, runs as soon as that frame has been painted.
  await new Promise((resolve) => requestAnimationFrame(() => {
    scheduler.postTask(resolve, { priority: 'user-blocking' });
  }));
  return performance.now() - start;
}
"""

# Starts the cell and resolves when the last thing watched can be seen, with a picture where there is one.
FIRST_VIEW = """
async ({ shown, picture }) => {
  const start = performance.now();
  await jupyterapp.commands.execute('notebook:move-cursor-down');
  const ran = jupyterapp.commands.execute('notebook:run-cell');
  const there = () => {
    const node = document.querySelector(shown);
    return node && node.getClientRects().length && (!picture || node.querySelector('svg *, canvas, .cf-bar'));
  };
  while (!there()) await new Promise(requestAnimationFrame);
  const took = performance.now() - start;
  await ran;
  return took;
}
"""


@dataclass
class Side:
    """One widget or one way to build it, what is changed in it, and what was measured.

    Parameters
    ----------
    name : str
        What the table calls it.
    setup, show : str
        The code of its two cells; the second shows it.
    control : str
        Selector of the control that is operated.
    values : tuple of str
        The two values (or options' texts) a control takes in turn; none for a button.
    watched : tuple of str
        Selectors of what has to change.
    whole : str
        What shows the most of it, if that is not what is usually shown; only its first view is measured.
    each : bool
        Whether all controls of this selector are operated one after the other, and not only the first.
    picture : bool
        Whether its first view is complete only with a picture in the last of them.
    """

    name: str
    setup: str
    show: str
    control: str
    values: tuple[str, ...]
    watched: tuple[str, ...]
    whole: str = ""
    each: bool = False
    picture: bool = False
    samples: list[float] = field(default_factory=list)
    first_view: float = 0.0

    def open(self, browser: Browser, server: LabServer) -> Page:
        """Open a notebook with it, and measure its first view, with the most it can show."""
        if self.whole:
            page, self.first_view = self._show(self.whole, browser, server)
            page.close()
            server.stop_kernels()
            return self._show(self.show, browser, server)[0]
        page, self.first_view = self._show(self.show, browser, server)
        return page

    def _show(self, cell: str, browser: Browser, server: LabServer) -> tuple[Page, float]:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        lab = Lab(page, server)
        folder = self.name.replace(" ", "-")
        lab.open(lab.write(f"{folder}/{folder}.ipynb", [self.setup, cell]))
        page.evaluate("() => jupyterapp.commands.execute('notebook:run-cell')")
        lab.wait_until_idle()
        page.wait_for_timeout(1000)
        took: float = page.evaluate(FIRST_VIEW, {"shown": self.watched[-1], "picture": self.picture})
        lab.wait_until_idle()
        page.wait_for_timeout(1000)
        return page, took

    def sample(self, page: Page, place: int) -> float:
        """Change one control and return the milliseconds until it was seen."""
        place = place if self.each else 0
        asked = {"control": self.control, "values": self.values, "watched": self.watched, "place": place}
        try:
            took: float = page.evaluate(SAMPLE, asked)
        except PlaywrightError as error:
            raise RuntimeError(f"{self.name}: {error.message}") from None
        page.wait_for_timeout(60)
        return took


BEARINGS = ("decisive against", "strong for")
OURS = Side(
    "EvidenceBoard, 20 cards",
    SETUP,
    "board",
    "details.cf-card >> .cf-bearing",
    BEARINGS,
    (".cf-result [role=status]", ".cf-origins"),
    each=True,
    picture=True,
)
PLAIN, LEAN = (
    Side(
        name,
        SETUP,
        f"plain_board(statements, ledger, altair={altair})",
        ".plain-card > :nth-child(5) select",
        BEARINGS,
        (".plain-totals", ".plain-chart"),
        each=True,
        picture=True,
    )
    for name, altair in (("plain ipywidgets, Altair chart", True), ("plain ipywidgets, SVG in HTML", False))
)


def every_tool() -> list[Side]:
    """Return every widget, as `tests/browser/tools` describes it."""
    sides = []
    for tool in tools():
        whole = f"{tool.name}({tool.whole})" if tool.whole else ""
        control, values, watched = tool.repaint
        sides.append(
            Side(tool.name, f"from course import {tool.name}", f"{tool.name}()", control, values, (watched,), whole)
        )
    return sides


def measure(sides: Sequence[Side], browser: Browser, server: LabServer) -> None:
    """Open each in a page of its own and let them take turns."""
    pages = [side.open(browser, server) for side in sides]
    for turn in range(TURNS + 1):
        for side, page in zip(sides, pages, strict=True):
            page.bring_to_front()
            took = [side.sample(page, turn * SAMPLES_A_TURN + number) for number in range(SAMPLES_A_TURN)]
            if turn:  # the first turn warms everything up
                side.samples += took
    for page in pages:
        page.close()


def main() -> None:
    """Measure the boards in turns and then every widget by itself, and print the ratios."""
    boards, widgets = (OURS, PLAIN, LEAN), every_tool()
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright, lab_server(Path(home)) as server:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=SWITCHES)
        for group in (boards, *((tool,) for tool in widgets)):
            measure(group, browser, server)
            server.stop_kernels()
        browser.close()

    table = Table(title=f"From choice to repaint, {TURNS * SAMPLES_A_TURN} samples each")
    for heading in ("widget", "median ms", "quartiles ms", "slowest ms", "plain board / this", "first view ms"):
        table.add_column(heading, justify="left" if heading == "widget" else "right")
    plain = statistics.median(PLAIN.samples)
    for side in (*boards, *widgets):
        first, middle, third = statistics.quantiles(side.samples, n=4)
        table.add_row(
            side.name,
            f"{middle:.1f}",
            f"{first:.1f}–{third:.1f}",
            f"{max(side.samples):.1f}",
            f"{plain / middle:.1f}",
            f"{side.first_view:.0f}",
        )
    console = Console(width=100)
    console.print(table)
    median = statistics.median(OURS.samples)
    console.print(
        f"EvidenceBoard with 20 cards: {median:.1f} ms from choice to repaint, {plain / median:.1f} times faster than "
        f"plain ipywidgets with a chart, {statistics.median(LEAN.samples) / median:.1f} times faster than with a "
        "picture made in Python. The machine is shared, so figures differ from run to run."
    )


if __name__ == "__main__":
    main()

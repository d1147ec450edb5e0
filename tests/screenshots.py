"""Make the pictures of docs/pictures/ by driving a real JupyterLab: ``python -m tests.screenshots``.

Take them anew after a change of how a tool looks. Each is printed with its description, for the page that shows it.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

from tests.browser.lab import Lab, lab_server
from tests.conftest import SWITCHES

FOLDER: Final = Path(__file__).resolve().parents[1] / "docs" / "pictures"
LARGEST_BYTES: Final = 150_000

BOARD: Final = """\
from course import EvidenceBoard

board = EvidenceBoard("F", ["S09", "S11", "S08", "S30", "X02", "X11"], clock="since")
board.judge("S11", reliability="C", credibility=3, directness="direct", bearing="strong against",
            interest="serves interest", origin="U.S. government", because="It says that not all are gone.")
board.judge("S08", reliability="D", credibility=4, directness="direct", bearing="moderate for",
            interest="serves interest", origin="Russian command", because="The same command confirms itself.")
board.judge("S09", reliability="B", credibility=2, directness="direct", bearing="decisive against",
            interest="no stake", origin="Max Abrahms", because="He studies them and says that some remain.")
"""


@dataclass(frozen=True)
class Picture:
    """One picture.

    Parameters
    ----------
    name : str
        Of its file, without the ending.
    description : str
        What it shows, for those who do not see it.
    cells : tuple of str
        The notebook's cells. The last one shows the tool.
    tool : str
        CSS selector of the tool's view.
    height : int
        In pixels, at most the window's.
    theme : str
        ``"light"`` or ``"dark"``.
    click : str
        Selector of what is opened in it first.
    """

    name: str
    description: str
    cells: tuple[str, ...]
    tool: str
    height: int
    theme: str = "light"
    click: str = ""

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return FOLDER / f"{self.name}.png"


PICTURES: Final = (
    Picture(
        "claim-tracer",
        "ClaimTracer in a notebook: wordings of the claim in order of time, each beside the line that leads to it, "
        "with what has changed since the one it follows. Two of them are being compared.",
        ("from course import ClaimTracer", "tracer = ClaimTracer()\ntracer.compare('C05', 'C06')\ntracer"),
        ".cf-tracer",
        1039,
    ),
    Picture(
        "evidence-board",
        "EvidenceBoard in a notebook: above, the word and the chance for the reading “no fighter was left” on a scale "
        "of seven words; below, a line for each statement, one of them open with its questions; beside them, what each "
        "origin adds.",
        (BOARD, "board"),
        ".cf-board",
        830,
        click=".cf-list summary >> nth=0",
    ),
    Picture(
        "timeline",
        "Timeline in a notebook, in the dark theme: the days around the claim as columns, a lane for each origin, and "
        "in them what happened and what was said. The clock stands at 6 December 2017; what could not be known by "
        "then has a dashed outline.",
        (
            "from course import Timeline\n\ntimeline = Timeline()",
            "timeline.set_clock('2017-12-06')\ntimeline",
        ),
        ".cf-timeline",
        900,
        "dark",
    ),
)


def take(lab: Lab, picture: Picture) -> bytes:
    """Return a picture of the notebook around the tool, as much of it as the picture is to be high."""
    lab.open(lab.write(f"{picture.name}.ipynb", picture.cells))
    lab.page.evaluate("() => jupyterapp.shell.collapseLeft()")
    lab.theme(picture.theme)
    lab.run_all()
    tool = lab.page.locator(picture.tool).first
    tool.wait_for()
    if picture.click:
        tool.locator(picture.click).click()
    tool.evaluate("view => view.closest('.jp-Cell').scrollIntoView({ block: 'start' })")
    # What is drawn last, fonts and the tool's own picture, has settled once nothing has moved for two frames.
    lab.page.evaluate("() => document.fonts.ready.then(() => new Promise(done => setTimeout(done, 500)))")
    panel = lab.page.locator(".jp-NotebookPanel:visible").bounding_box()
    assert panel is not None, "the notebook is open"
    return lab.page.screenshot(clip={**panel, "height": min(panel["height"], picture.height)})


def main() -> int:
    """Take every picture. Returns the exit code: 1 if one is too large."""
    FOLDER.mkdir(exist_ok=True)
    large = []
    with tempfile.TemporaryDirectory() as home, lab_server(Path(home)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=SWITCHES)
        page = browser.new_page(viewport={"width": 1000, "height": 1300}, reduced_motion="reduce")
        for picture in PICTURES:
            taken = take(Lab(page, server), picture)
            server.stop_kernels()
            if len(taken) > LARGEST_BYTES:
                large.append(picture.name)
            picture.path.write_bytes(taken)
            where = picture.path.relative_to(FOLDER.parents[1])
            sys.stdout.write(f"{len(taken) / 1000:.0f} kB\n![{picture.description}]({where})\n")
        browser.close()
    if large:
        sys.stderr.write(f"Larger than {LARGEST_BYTES / 1000:.0f} kB: {', '.join(large)}\n")
    return 1 if large else 0


if __name__ == "__main__":
    sys.exit(main())

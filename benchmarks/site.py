"""How long somebody waits who has nothing but a browser, and how much it loads.

The course's site against plain JupyterLite with the same Python, in turns: a first visit with an empty browser, and one
more with the same browser. Measured are the seconds until the lesson can be read and until its first cell has been
run, the processor's seconds of the whole browser up to then, and the bytes the server sent. A web server that
compresses, as most do, sends fewer; on the next visit Chromium asks again for Pyodide's largest file, as it does where
its store is in memory. The course loads numpy and pandas before the first cell; plain JupyterLite has neither.

Run it with ``make bench`` or ``python benchmarks/site.py``.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import psutil
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from course.classroom.lite.build import KERNEL_PLUGIN, build  # noqa: E402
from tests.conftest import SWITCHES  # noqa: E402

TURNS = 2
# Playwright's own way to refuse addresses would also switch off what a browser keeps for the next visit.
NO_NETWORK = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
PATIENCE_MS = 600_000
FIRST_CELL = ".jp-CodeCell .jp-OutputArea-output"

PLAIN = ("ipykernel", "comm", "pyodide-kernel", "jedi", "ipython", "micropip", "piplite")
"""What JupyterLite's Python itself needs; Pyodide adds what they depend on."""


@dataclass(frozen=True)
class Visit:
    """What one visit took: seconds to read, to the first cell, of the processor; bytes."""

    read: float
    ran: float
    processor: float
    sent: int


class Counting(SimpleHTTPRequestHandler):
    """Serve a folder and count the bytes."""

    sent: ClassVar[list[int]] = []

    def handle(self) -> None:
        """Answer; a browser that leaves does not wait for what it had asked for."""
        with suppress(BrokenPipeError, ConnectionResetError):
            super().handle()

    def copyfile(self, source: Any, outputfile: Any) -> None:
        """Send a file."""
        content = source.read()
        self.sent.append(len(content))
        outputfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing of each request."""


@contextmanager
def served(site: Path) -> Iterator[str]:
    """Serve a site on this machine until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Counting, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def make_plain(site: Path, plain: Path) -> None:
    """Copy the site and take from it what is the course's: its packages, and what is done before the first cell."""
    shutil.copytree(site, plain)
    settings = plain / "jupyter-lite.json"
    config = json.loads(settings.read_text(encoding="utf-8"))
    options = config["jupyter-config-data"]["litePluginSettings"][KERNEL_PLUGIN]["loadPyodideOptions"]
    options["packages"] = list(PLAIN)
    del options["env"]
    settings.write_text(json.dumps(config), encoding="utf-8")


def processor_seconds() -> float:
    """Return the processor's seconds of all that this process has started and that still runs: the browser."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def visit(context: BrowserContext, address: str) -> Visit:
    """Open the site, run the first cell of the lesson it opens with, and say what it took."""
    page = context.new_page()
    before, begun = processor_seconds(), time.perf_counter()
    Counting.sent.clear()
    page.goto(address)
    page.locator(".jp-RenderedMarkdown h1").first.wait_for(timeout=PATIENCE_MS)
    read = time.perf_counter() - begun
    page.locator(".jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Shift+Enter")
    page.locator(FIRST_CELL).first.wait_for(timeout=PATIENCE_MS)
    ran = time.perf_counter() - begun
    result = Visit(read, ran, processor_seconds() - before, sum(Counting.sent))
    page.close()
    return result


def measure(browser: Browser, site: Path) -> tuple[Visit, Visit]:
    """Visit a site with an empty browser, and again with the same one."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    with served(site) as address:
        visits = visit(context, address), visit(context, address)
    context.close()
    return visits


def main() -> None:
    """Measure both sides in turns and print the medians."""
    with TemporaryDirectory() as name, sync_playwright() as playwright:
        sides = {"the course": Path(name) / "course", "plain JupyterLite": Path(name) / "plain"}
        build(ROOT, sides["the course"])
        make_plain(*sides.values())
        figures: dict[str, list[tuple[Visit, Visit]]] = {side: [] for side in sides}
        for _ in range(TURNS):
            for side, site in sides.items():
                # A browser of its own, so that nothing stays in its memory from the visit before.
                browser = playwright.chromium.launch(
                    executable_path=shutil.which("chromium"), args=[*SWITCHES, NO_NETWORK]
                )
                figures[side].append(measure(browser, site))
                browser.close()
    table = Table(title=f"In the browser alone: medians of {TURNS}", title_justify="left")
    table.add_column("", no_wrap=True)
    for heading in ("lesson can be read, s", "first cell has run, s", "processor, s", "MB sent"):
        table.add_column(heading, justify="right")
    ran: dict[tuple[str, str], float] = {}
    for number, which in enumerate(("first visit", "next visit")):
        for side, visits in figures.items():
            taken = [pair[number] for pair in visits]
            ran[side, which] = statistics.median(visit.processor for visit in taken)
            table.add_row(
                f"{which}, {side}",
                *(
                    f"{statistics.median(getattr(visit, part) for visit in taken):.1f}"
                    for part in ("read", "ran", "processor")
                ),
                f"{statistics.median(visit.sent for visit in taken) / 1e6:.1f}",
            )
    console = Console(width=120)
    console.print(table, soft_wrap=True)
    ratio = ran["the course", "first visit"] / ran["plain JupyterLite", "first visit"]
    console.print(
        f"Up to the first cell the course takes {ratio:.2f} times the processor's seconds of plain JupyterLite."
    )


if __name__ == "__main__":
    main()

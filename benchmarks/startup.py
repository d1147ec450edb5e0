"""How long a learner waits: for the first lesson, for an import, for the first chart.

Each is measured against what it is built on, in one run and in turns, so that a busy machine slows all sides alike:
``course lab`` against bare JupyterLab with the same notebook, ``import course`` against Python itself and against
pandas with Altair and anywidget, and the first chart of lesson 00 against a bare Altair chart of the same table.
Printed are medians, quartiles and ratios. Nothing asks the network.

Run it with ``make bench`` or ``python benchmarks/startup.py``.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from queue import Empty
from tempfile import TemporaryDirectory
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.lab import QUIET, is_outside  # noqa: E402
from tests.conftest import SWITCHES  # noqa: E402

LESSON = ROOT / "notebooks" / "00-start-here.ipynb"
LAB_TURNS, IMPORT_TURNS, CHART_TURNS = 5, 15, 7
PATIENCE_SECONDS = 120

IMPORTS = {
    "import course": "import course",
    "Python alone": "pass",
    "from course import Case, Ledger": "from course import Case, Ledger",
    "import pandas, altair, anywidget": "import pandas, altair, anywidget",
}

BARE_CHART = f"""
import altair as alt
import pandas as pd
alt.renderers.enable("mimetype")
events = pd.read_csv({str(ROOT / "data" / "case-2017" / "events_weekly.csv")!r})
alt.Chart(events).mark_bar().encode(x="week_start:T", y="sum(events):Q")
"""

# What Jupyter's server tells a kernel whose notebook is open in a browser.
OPEN_IN_BROWSER: dict[str, str] = {"JPY_SESSION_NAME": LESSON.name}

Figures = list[tuple[float, ...]]


def in_turns(sides: Mapping[str, Callable[[], tuple[float, ...]]], turns: int) -> dict[str, Figures]:
    """Measure all sides again and again; the first turn, which fills the disk's cache, does not count."""
    figures: dict[str, Figures] = {name: [] for name in sides}
    for turn in range(turns + 1):
        for name, measure in sides.items():
            took = measure()
            if turn:
                figures[name].append(took)
    return figures


@contextmanager
def clean_home() -> Iterator[tuple[Path, dict[str, str]]]:
    """Make an empty home, and an environment in which nothing of the person's own Jupyter is read or changed."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:
        home = Path(name)
        settings = home / ".jupyter/lab/user-settings/@jupyterlab/apputils-extension"
        settings.mkdir(parents=True)
        (settings / "notification.jupyterlab-settings").write_text(json.dumps(QUIET), encoding="utf-8")
        (home / "notebooks").mkdir()
        shutil.copy(LESSON, home / "notebooks")
        own = {key: value for key, value in os.environ.items() if not key.startswith(("JUPYTER", "JPY", "XDG"))}
        yield home, {**own, "HOME": name}


def lab_seconds(browser: Browser, command: Sequence[str], path: str) -> tuple[float, float]:
    """Start JupyterLab; return the seconds until it answered, and until the lesson's title was seen at `path`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    address = f"http://127.0.0.1:{port}"
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.route(is_outside, lambda route: route.abort())
    page = context.new_page()
    with clean_home() as (home, environment), (home / "log").open("w+b") as log:
        start = time.perf_counter()
        process = subprocess.Popen(
            [*command, port], cwd=home, env={**environment, "JUPYTER_TOKEN": "startup"}, stdout=log, stderr=log
        )
        try:
            while not answers(f"{address}/api"):
                if process.poll() is not None or time.perf_counter() - start > PATIENCE_SECONDS:
                    log.seek(0)
                    raise RuntimeError(
                        f"JupyterLab did not start ({process.poll()}). Its log:\n{log.read().decode()[-4000:]}"
                    )
                time.sleep(0.02)
            up = time.perf_counter() - start
            page.goto(f"{address}{path}?token=startup")
            page.locator(".jp-RenderedMarkdown h1").first.wait_for(timeout=PATIENCE_SECONDS * 1000)
            shown = time.perf_counter() - start
        finally:
            context.close()
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    return up, shown


def answers(address: str) -> bool:
    """Whether a server answers there."""
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def import_seconds(code: str) -> tuple[float]:
    """Return how long Python takes from its start to its end with this code."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return (time.perf_counter() - start,)


def chart_seconds(cells: Sequence[str], environment: Mapping[str, str]) -> tuple[float, float, float]:
    """Run cells in a new kernel until one shows a chart.

    Returns
    -------
    tuple of float
        Seconds until the chart arrived: from asking for the kernel, from running the first cell in the kernel that is
        ready, from running the chart's own cell.
    """
    with clean_home() as (home, own):
        manager = KernelManager()
        asked = time.perf_counter()
        manager.start_kernel(
            cwd=str(home), env={**own, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        client = manager.blocking_client()
        try:
            client.start_channels()
            until_ready(client)
            ready = time.perf_counter()
            for cell in cells:
                arrived: list[float] = []

                def hear(message: dict[str, Any], arrived: list[float] = arrived) -> None:
                    if any("vegalite" in kind for kind in message["content"].get("data", ())):
                        arrived.append(time.perf_counter())

                begun = time.perf_counter()
                client.execute_interactive(cell, output_hook=hear, timeout=PATIENCE_SECONDS)
                if arrived:
                    return arrived[0] - asked, arrived[0] - ready, arrived[0] - begun
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    raise RuntimeError(f"No cell of {LESSON.name} shows a chart.")


def until_ready(client: BlockingKernelClient) -> None:
    """Ask until the kernel answers on both channels, without the pause that the client's own wait adds."""
    deadline = time.perf_counter() + PATIENCE_SECONDS
    while time.perf_counter() < deadline:
        client.kernel_info()
        try:
            client.get_shell_msg(timeout=5)
            client.get_iopub_msg(timeout=0.1)
        except Empty:
            continue
        return
    raise RuntimeError("The kernel did not start.")


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Return the median, and the quartiles in brackets."""
    first, middle, third = (f"{value:.{digits}f}" for value in statistics.quantiles(values, n=4))
    return f"{middle} ({first}–{third})"


def table(title: str, *headings: str) -> Table:
    """Make a table with names on the left and numbers on the right."""
    table = Table(title=title, title_justify="left")
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="right" if place else "left")
    return table


def medians(figures: Figures) -> list[float]:
    """Return the median of each thing measured."""
    return [statistics.median(column) for column in zip(*figures, strict=True)]


def measure_lab(console: Console) -> None:
    """Compare ``course lab`` with bare JupyterLab."""
    course = [str(Path(sys.executable).with_name("course")), "lab", "--no-browser", "--port"]
    bare = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--port"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=SWITCHES)
        figures = in_turns(
            {
                "course lab": partial(lab_seconds, browser, course, "/"),
                "bare JupyterLab": partial(lab_seconds, browser, bare, f"/lab/tree/notebooks/{LESSON.name}"),
            },
            LAB_TURNS,
        )
        browser.close()
    shown = table(
        f"Seconds from the command, {LAB_TURNS} starts each: median (quartiles)",
        *("", "server answers", "lesson 00 is seen", "ratio"),
    )
    for name, took in figures.items():
        up, seen = zip(*took, strict=True)
        ratio = medians(figures["course lab"])[1] / statistics.median(seen)
        shown.add_row(name, spread(up), spread(seen), f"{ratio:.2f}")
    console.print(shown, "")


def measure_imports(console: Console) -> None:
    """Compare ``import course`` with Python itself, and with what charts and widgets need."""
    figures = in_turns({name: partial(import_seconds, code) for name, code in IMPORTS.items()}, IMPORT_TURNS)
    (course,), (python,) = medians(figures["import course"]), medians(figures["Python alone"])
    shown = table(
        f"Milliseconds from start to end of a process, {IMPORT_TURNS} each: median (quartiles)",
        *("", "whole process", "more than Python", "ratio"),
    )
    for name, took in figures.items():
        milliseconds = [1000 * seconds for (seconds,) in took]
        median = statistics.median(milliseconds)
        shown.add_row(name, spread(milliseconds, 0), f"{median - 1000 * python:.0f}", f"{1000 * course / median:.2f}")
    console.print(shown)
    added = 1000 * (course - python)
    console.print(f"import course adds {added:.0f} ms to Python's own start (promised: under 100 ms).\n")


def measure_chart(console: Console) -> None:
    """Measure lesson 00's first chart from a cold kernel."""
    lesson = json.loads(LESSON.read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in lesson["cells"] if cell["cell_type"] == "code"]
    ours = "lesson 00 in JupyterLab"
    figures = in_turns(
        {
            ours: partial(chart_seconds, cells, OPEN_IN_BROWSER),
            "lesson 00 in nbconvert": partial(chart_seconds, cells, {}),
            "bare Altair": partial(chart_seconds, [BARE_CHART], OPEN_IN_BROWSER),
        },
        CHART_TURNS,
    )
    shown = table(
        f"Seconds until the first chart is there, {CHART_TURNS} new kernels each: median (quartiles)",
        *("", "from the kernel's start", "from the first cell", "from its own cell", "ratio"),
    )
    for name, took in figures.items():
        ratio = medians(figures[ours])[1] / medians(took)[1]
        shown.add_row(name, *map(spread, zip(*took, strict=True)), f"{ratio:.2f}")
    console.print(shown)
    asked, ready, _ = medians(figures[ours])
    console.print(
        f"Lesson 00's first chart is there {ready:.2f} s after the first cell is run in a new kernel (promised: under "
        f"1.5 s), and {asked:.2f} s after the kernel was asked for, its own start included. In nbconvert the chart "
        "brings a picture along.\n"
    )


def main() -> None:
    """Measure all three and print them."""
    # So that a run that is stopped from outside, too, takes its servers and kernels with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    console = Console()
    measure_lab(console)
    measure_imports(console)
    measure_chart(console)
    console.print(
        "A ratio is the first row against this one: below 1, the first is faster. One turn more was run beforehand, "
        "which does not count. Where a machine is shared, figures differ from run to run; look at the quartiles."
    )


if __name__ == "__main__":
    main()

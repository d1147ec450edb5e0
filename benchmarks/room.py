"""How long a room waits until its board shows a change, and what the board costs.

A class of learners' folders, laid out as in a workshop, and ``course room`` with its page open in Chromium. Learners
change a rating one after the other, then all at once, then one of them writes a hostile ledger as fast as possible
while others go on rating. Printed are the seconds from a change to the page (median, slowest), and the board's
processor time and memory (PSS).

Run it with ``make bench`` or ``python benchmarks/room.py [LEARNERS]``. Nothing asks the network.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from course.classroom.room.folder import LARGEST_BYTES  # noqa: E402
from course.install.workspace import install_files  # noqa: E402
from tests.classroom.room.people import judgement, ledger, random_board  # noqa: E402
from tests.classroom.room.running import running_board  # noqa: E402
from tests.conftest import SWITCHES  # noqa: E402

LEARNERS = 40
CHANGES = 10
IDLE_SECONDS = 10
GRADES = "ABCDEF"
# How many people have rated the source A, and the other grades, on the page.
COUNTS = """() => [...document.querySelectorAll("table")]
  .find((table) => table.caption?.textContent === "Source: how reliable?")
  ?.querySelectorAll(".count:not(.before *)") ?? []"""
HAS_COUNT = f"([place, count]) => [...({COUNTS})()][place]?.textContent === String(count)"


def main() -> None:
    """Measure, and print a table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else LEARNERS
    with TemporaryDirectory() as name, sync_playwright() as playwright:
        folders = [Path(name) / f"learner-{number:02}" for number in range(count)]
        for number, folder in enumerate(folders):
            install_files(folder, "0", ROOT)
            ledger(folder / "notebooks", *random_board(number), judgement("S09", grade="F"))
        with running_board(Path(name)) as board:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=SWITCHES)
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            page.goto(f"{board.address}?statement=S09")
            process = psutil.Process(board.process.pid)
            Console().print(_measured(page, process, folders))
            browser.close()


def _measured(page: Page, board: psutil.Process, folders: Sequence[Path]) -> Table:
    table = Table(title=f"{len(folders)} learners: from a change to the page")
    for head in ("", "median", "slowest", "processor"):
        table.add_column(head, justify="left" if not head else "right")
    _wait(page, "F", len(folders))

    def add(what: str, seconds: Sequence[float], used: float) -> None:
        shown = (f"{statistics.median(seconds):.2f} s", f"{max(seconds):.2f} s") if seconds else ("", "")
        table.add_row(what, *shown, f"{used:.0%} of a core")

    with _processor(board) as used:
        time.sleep(IDLE_SECONDS)
    add("nothing changes", [], used[0])
    with _processor(board) as used:
        seconds = [_change(page, folder, "A", place + 1) for place, folder in enumerate(folders[:CHANGES])]
    add("one after the other", seconds, used[0])
    with _processor(board) as used:
        begun = time.monotonic()
        for folder in folders:
            ledger(folder / "notebooks", judgement("S09", grade="C"))
        _wait(page, "C", len(folders))
    add("all, until the last is shown", [time.monotonic() - begun], used[0])
    with _hostile(folders[-1]), _processor(board) as used:
        time.sleep(2)
        seconds = [_change(page, folder, "D", place + 1) for place, folder in enumerate(folders[:CHANGES])]
    add("beside a hostile ledger", seconds, used[0])
    table.caption = f"The board takes {board.memory_full_info().pss / 2**20:.0f} MiB."
    return table


def _change(page: Page, folder: Path, grade: str, count: int) -> float:
    begun = time.monotonic()
    ledger(folder / "notebooks", judgement("S09", grade=grade))
    _wait(page, grade, count)
    return time.monotonic() - begun


def _wait(page: Page, grade: str, count: int) -> None:
    page.wait_for_function(HAS_COUNT, arg=[GRADES.index(grade), count], polling=20, timeout=120_000)


@contextmanager
def _processor(process: psutil.Process) -> Iterator[list[float]]:
    """Measure the share of a core that a process uses meanwhile."""
    used: list[float] = []
    begun, before = time.monotonic(), sum(process.cpu_times()[:2])
    yield used
    used.append((sum(process.cpu_times()[:2]) - before) / (time.monotonic() - begun))


@contextmanager
def _hostile(folder: Path) -> Iterator[None]:
    """Write the slowest ledger that is still read, as fast as possible."""
    path, stopped = folder / "notebooks" / "ledger.json", threading.Event()
    many = ",".join(f'{{"statement":"S{number}","reading":"F"}}' for number in range(6_500))
    worst = f'{{"schema":1,"judgements":[{many}]}}'.encode()
    assert len(worst) < LARGEST_BYTES

    def write() -> None:
        while not stopped.wait(0.05):
            path.write_bytes(worst)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


if __name__ == "__main__":
    main()

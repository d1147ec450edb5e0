"""What a workshop costs its machine: how long a class waits, and how much memory a learner takes.

A real hub is started, and a class signs up and logs in as browsers do. One learner has the machine alone first; then
the rest logs in at the same moment. Everybody then runs a cell that loads what the lessons load, and draws a chart.
Printed are seconds, alone and together with their ratio, and memory. Memory is what would come free if a process ended:
its own pages, and its share of those that several use (PSS).

As root, learners get system users of their own; otherwise all servers run as one.

Run it with ``make bench`` or ``python benchmarks/hub.py [LEARNERS]``. Nothing asks the network.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.classroom.hub.person import Person  # noqa: E402
from tests.classroom.hub.running import CODE, ONE_USER, OWN_USERS, running_hub  # noqa: E402
from tests.gradebook import sample_checkout  # noqa: E402

LEARNERS = 40
MIB = 2**20
CELL = """
import altair, pandas, course
table = pandas.DataFrame({"day": range(28), "strikes": [day * 7 % 11 for day in range(28)]})
print(len(altair.Chart(table).mark_bar().encode(x="day", y="strikes").to_json()) > 0)
"""


def main() -> None:
    """Measure, and print a table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else LEARNERS
    mode = ONE_USER if OWN_USERS.why_not() else OWN_USERS
    with TemporaryDirectory() as name:
        folder, source = Path(name) / "workshop", sample_checkout(Path(name) / "course")
        with running_hub(folder, source, "--code", CODE, mode=mode) as hub:
            process = psutil.Process(hub.process.pid)
            people = [Person(hub.address, f"learner-{number:02}") for number in range(1, count + 1)]
            Console().print(_measured(process, people, f"{count} learners, {mode}"))


def _measured(hub: psutil.Process, people: Sequence[Person], title: str) -> Table:
    first, rest = people[0], people[1:]
    together = Table(title=title)
    for head in ("", "one alone", "median of the rest", "slowest", "ratio"):
        together.add_column(head, justify="left" if not head else "right")

    def compare(what: str, act: Callable[[Person], None]) -> None:
        alone, many = seconds(act, [first])[0], seconds(act, rest)
        middle = statistics.median(many)
        together.add_row(what, *(f"{value:.1f} s" for value in (alone, middle, max(many))), f"{middle / alone:.1f}")

    compare("sign up", _sign_up)
    before = memory([hub])
    compare("log in until JupyterLab is there", _log_in)
    servers = memory(_servers(hub))
    compare("start a kernel, load pandas and Altair", _kernel)
    kernels = memory(_servers(hub))
    compare("save a notebook", _save)
    everything = memory([hub])

    together.add_section()
    for what, value in (
        ("hub, proxy and culler before anybody is in", before),
        ("a learner's JupyterLab", servers / len(people)),
        ("the same with one kernel at work", kernels / len(people)),
        ("everything", everything),
    ):
        together.add_row(what, f"{value / MIB:,.0f} MiB")
    together.caption = f"{os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB"
    return together


def seconds(act: Callable[[Person], None], people: Sequence[Person]) -> list[float]:
    """Return how long it takes each when all begin at the same moment."""

    def timed(person: Person) -> float:
        began = time.perf_counter()
        act(person)
        return time.perf_counter() - began

    with ThreadPoolExecutor(len(people)) as everybody:
        return list(everybody.map(timed, people))


def memory(processes: Iterable[psutil.Process]) -> int:
    """Return the bytes that would come free if these processes and all they started ended."""
    total = 0
    for process in processes:
        for part in (process, *process.children(recursive=True)):
            total += part.memory_full_info().pss
    return total


def _servers(hub: psutil.Process) -> list[psutil.Process]:
    return [process for process in hub.children(recursive=True) if "jupyterhub.singleuser" in process.cmdline()]


def _sign_up(person: Person) -> None:
    assert "You can log in now" in person.sign_up(CODE)


def _log_in(person: Person) -> None:
    person.log_in()
    person.wait_for_server()


def _kernel(person: Person) -> None:
    assert person.run(CELL, keep=True) == "True"


def _save(person: Person) -> None:
    path = "notebooks/00-start-here.ipynb"
    person.write(path, person.read(path))


if __name__ == "__main__":
    main()

"""What one notebook may use: limits the kernel keeps for each process, and a measure of the whole family of processes.

Address space is no measure of memory (V8, which draws the charts, reserves terabytes and uses megabytes), so the limit
is on data (``RLIMIT_DATA``): Python answers with a MemoryError, and the notebook goes on. What that does not count
(shared memory, page tables, many processes) `measure` does.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Final

_MIB: Final = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What one whole notebook may use.

    Parameters
    ----------
    wall_seconds, cpu_seconds : float
        Time that passes; time that its processors work.
    memory_mib : int
        Memory of all its processes together, beyond what it was started with.
    processes : int
        Processes and threads at the same time.
    file_mib : int
        Size of one file.
    output_kib : int
        What its cells print and show.
    open_files : int
        Files open at the same time, in one process.
    folder_mib, files : int
        Size of everything in its folder, and how many files.
    """

    wall_seconds: float = 300.0
    cpu_seconds: float = 240
    memory_mib: int = 2048
    processes: int = 64
    file_mib: int = 100
    output_kib: int = 10_240
    open_files: int = 256
    folder_mib: int = 500
    files: int = 5_000


@dataclass(frozen=True)
class Use:
    """What a family of processes uses: memory in MiB, and how many processes and threads it has."""

    memory_mib: float
    processes: int


def apply(limits: Limits) -> None:
    """Set what the kernel keeps for this process and those it starts. None can be raised again."""
    import resource

    data = _data_mib(resource.getpagesize()) + limits.memory_mib
    for kind, value in (
        (resource.RLIMIT_CPU, ceil(limits.cpu_seconds)),
        (resource.RLIMIT_DATA, data * _MIB),
        (resource.RLIMIT_FSIZE, limits.file_mib * _MIB),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        _lower(kind, value)
    if hasattr(resource, "RLIMIT_MSGQUEUE"):
        _lower(resource.RLIMIT_MSGQUEUE, 0)


def apply_processes(limits: Limits) -> None:
    """Set how many processes and threads this user may have: for where the user has no other ones."""
    import resource

    _lower(resource.RLIMIT_NPROC, limits.processes)


def is_limited(pid: int, limits: Limits) -> bool:
    """Whether `limits` have been applied to a child of this process, or to what it comes from (Linux)."""
    import resource

    def largest_file(process: int) -> int:
        most = resource.prlimit(process, resource.RLIMIT_FSIZE)[1]
        return sys.maxsize if most == resource.RLIM_INFINITY else most

    try:
        return largest_file(pid) <= limits.file_mib * _MIB < largest_file(0)
    except (ProcessLookupError, PermissionError):
        return False


def _lower(kind: int, value: int) -> None:
    import resource

    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def _data_mib(page: int) -> int:
    """Return how much data this process has already, in MiB: a child of a warm parent has its libraries'."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[5]) * page // _MIB if statm.exists() else 0


def children(pid: int) -> list[int]:
    """Return the processes whose parent is `pid` (Linux)."""
    born: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 (called many times a second)
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as numbers:  # noqa: PTH123
                born += map(int, numbers.read().split())
    return born


def family(pid: int) -> Iterator[int]:
    """Yield a process and all its descendants, parents first (Linux)."""
    waiting = [pid]
    while waiting:
        member = waiting.pop()
        yield member
        waiting += children(member)


def use(pid: int) -> Use:
    """Measure one process (Linux)."""
    kib = threads = 0
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as status:  # noqa: PTH123
            for line in status:
                name, _, value = line.partition(":")
                if name in {"RssAnon", "RssShmem", "VmSwap", "VmPTE"}:
                    kib += int(value.split()[0])
                elif name == "Threads":
                    threads = int(value)
                    break
    except (FileNotFoundError, ProcessLookupError):
        pass
    return Use(kib / 1024, threads)


def measure(pid: int) -> Use:
    """Measure a process and all its descendants (Linux). What they share with their parents counts for each of them."""
    uses = [use(member) for member in family(pid)]
    return Use(sum(one.memory_mib for one in uses), sum(one.processes for one in uses))


def measure_shared(pid: int) -> float:
    """Return the memory of a process and all its descendants in MiB, shared memory counted once (Linux).

    It takes the kernel a millisecond for each process. Where one of them does not let itself be looked at, the answer
    is that of `measure`.
    """
    kib = 0
    for member in family(pid):
        try:
            with open(f"/proc/{member}/smaps_rollup", encoding="ascii", errors="replace") as lines:  # noqa: PTH123
                kib += sum(
                    int(line.split()[1]) for line in lines if line.startswith(("Pss_Anon", "Pss_Shmem", "SwapPss"))
                )
        except (FileNotFoundError, ProcessLookupError):
            continue
        except PermissionError:
            return measure(pid).memory_mib
    return kib / 1024

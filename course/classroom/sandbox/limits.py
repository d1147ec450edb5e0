"""What one notebook may use: resource limits per process, and measurements of its whole process tree.

Address space says little about memory use (V8, which draws the charts, reserves terabytes and uses megabytes), so the
limit is on data (``RLIMIT_DATA``): Python raises a MemoryError, and the notebook goes on. `TreeUsage` covers what that
limit does not count: shared memory, page tables, many processes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from stat import S_ISREG
from typing import Final

if sys.platform != "win32":
    import resource

_MIB: Final = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What one whole notebook may use.

    Parameters
    ----------
    wall_seconds, cpu_seconds : float
        Elapsed time; CPU time.
    memory_mib : int
        Memory of all its processes together in MiB, beyond what it was started with.
    processes : int
        Processes and threads at a time.
    file_mib : int
        Size of one file in MiB.
    output_kib : int
        Size of the cells' outputs in KiB.
    open_files : int
        Open files at a time, in one process.
    folder_mib, files : int
        Size of everything in its folder in MiB, and the number of files.
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
class Usage:
    """What a process or a process tree uses: memory in MiB, the number of processes and threads, and CPU time.

    `cpu_seconds` includes the time of children that ended and were waited for, `own_cpu_seconds` does not.
    """

    memory_mib: float
    processes: int
    cpu_seconds: float
    own_cpu_seconds: float


def apply(limits: Limits) -> None:
    """Set the resource limits of this process and those it starts. They cannot be raised again."""
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
    """Set how many processes and threads this user may have. Only for a user who has no other processes."""
    _lower(resource.RLIMIT_NPROC, limits.processes)


def is_limited(pid: int, limits: Limits) -> bool:
    """Return whether `limits` apply to a child of this process, directly or by inheritance (Linux)."""

    def largest_file(process: int) -> int:
        most = resource.prlimit(process, resource.RLIMIT_FSIZE)[1]
        return sys.maxsize if most == resource.RLIM_INFINITY else most

    try:
        return largest_file(pid) <= limits.file_mib * _MIB < largest_file(0)
    except (ProcessLookupError, PermissionError):
        return False


def _lower(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def _data_mib(page: int) -> int:
    """Return how much data this process already has, in MiB: a forked child inherits that of the libraries."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[5]) * page // _MIB if statm.exists() else 0


def children(pid: int) -> list[int]:
    """Return the processes whose parent is `pid` (Linux).

    `psutil` reads the status of every process on the machine for this; the kernel's own list is much faster.
    """
    pids: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 (called many times a second)
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as numbers:  # noqa: PTH123
                pids += map(int, numbers.read().split())
    return pids


def process_tree(pid: int) -> Iterator[int]:
    """Yield a process and all its descendants, parents first (Linux)."""
    waiting = [pid]
    while waiting:
        member = waiting.pop()
        yield member
        waiting += children(member)


def process_usage(pid: int) -> Usage:
    """Measure one process (Linux)."""
    kib = threads = 0
    ticks = [0]
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as status:  # noqa: PTH123
            for line in status:
                name, _, value = line.partition(":")
                if name in {"RssAnon", "RssShmem", "VmSwap", "VmPTE"}:
                    kib += int(value.split()[0])
                elif name == "Threads":
                    threads = int(value)
                    break
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:  # noqa: PTH123
            # The name in front of ")" can hold anything. User and system time, its own and that of ended children.
            ticks = [int(number) for number in stat.read().rpartition(")")[2].split()[11:15]]
    except (FileNotFoundError, ProcessLookupError):
        pass
    per_second = os.sysconf("SC_CLK_TCK")
    return Usage(kib / 1024, threads, sum(ticks) / per_second, sum(ticks[:2]) / per_second)


class TreeUsage:
    """Measures a process and all its descendants again and again (Linux).

    Memory that they share counts once for each of them. The kernel adds a process's CPU time to its parent's only if
    the parent waits for it, and a parent that ignores SIGCHLD never does. So the last known time of each process counts
    too, after it has gone.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._seen: dict[int, float] = {}

    def measure(self) -> Usage:
        """Return what they use now, and the CPU time of all that there ever were."""
        usages = {member: process_usage(member) for member in process_tree(self._pid)}
        for member, usage in usages.items():
            self._seen[member] = max(usage.own_cpu_seconds, self._seen.get(member, 0.0))
        own = sum(self._seen.values())
        return Usage(
            sum(usage.memory_mib for usage in usages.values()),
            sum(usage.processes for usage in usages.values()),
            max(own, sum(usage.cpu_seconds for usage in usages.values())),
            own,
        )


def unlinked_bytes(pid: int) -> int:
    """Return the size of the files without a name that a process and all its descendants hold (Linux).

    A file that was removed stays on the disk as long as a process has it open or mapped.
    """
    sizes: dict[object, int] = {}
    for member in process_tree(pid):
        with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
            # A thread can have descriptors of its own.
            for thread in os.listdir(f"/proc/{member}/task"):  # noqa: PTH208
                for descriptor in os.scandir(f"/proc/{member}/task/{thread}/fd"):
                    with suppress(OSError):
                        file = descriptor.stat()
                        if S_ISREG(file.st_mode) and not file.st_nlink:
                            sizes[file.st_dev, file.st_ino] = file.st_blocks * 512
            with open(f"/proc/{member}/maps", encoding="utf-8", errors="replace") as maps:  # noqa: PTH123
                for line in maps:
                    if not line.endswith(" (deleted)\n"):
                        continue
                    place, _, offset, device, inode, path = line.split(maxsplit=5)
                    # Memory, which `tree_memory_mib` counts.
                    if path.startswith(("/dev/zero", "/memfd:", "/SYSV")):
                        continue
                    major, minor = (int(number, 16) for number in device.split(":"))
                    start, end = (int(number, 16) for number in place.split("-"))
                    key = os.makedev(major, minor), int(inode)
                    sizes[key] = max(sizes.get(key, 0), int(offset, 16) + end - start)
    return sum(sizes.values())


def descriptors_in_sockets(pid: int) -> int:
    """Return how many open files a process and all its descendants have sent to each other and not received (Linux).

    Such a file is in no process's list of open files. Linux tells their number since 5.9; before that, this is 0.
    """
    number = 0
    for member in process_tree(pid):
        with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
            for descriptor in os.scandir(f"/proc/{member}/fd"):
                with suppress(OSError):
                    if os.readlink(descriptor.path).startswith("socket:"):  # noqa: PTH115
                        with open(f"/proc/{member}/fdinfo/{descriptor.name}", encoding="ascii") as lines:  # noqa: PTH123
                            number += sum(int(line.split()[1]) for line in lines if line.startswith("scm_fds:"))
    return number


def tree_memory_mib(pid: int) -> float:
    """Return the memory of a process and all its descendants in MiB, counting shared memory once (Linux).

    This is the proportional set size without file mappings. It takes the kernel about a millisecond per process. If one
    of the processes does not permit it, what they share counts once for each of them.
    """
    kib = 0
    for member in process_tree(pid):
        try:
            with open(f"/proc/{member}/smaps_rollup", encoding="ascii", errors="replace") as lines:  # noqa: PTH123
                kib += sum(
                    int(line.split()[1]) for line in lines if line.startswith(("Pss_Anon", "Pss_Shmem", "SwapPss"))
                )
        except (FileNotFoundError, ProcessLookupError):
            continue
        except PermissionError:
            return sum(process_usage(other).memory_mib for other in process_tree(pid))
    return kib / 1024

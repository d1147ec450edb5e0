"""The life of a child: forked, put into its layers, watched over, and ended with everything it started."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from course.classroom.sandbox import linux, namespaces, seccomp
from course.classroom.sandbox.enter import close_all_but, enter
from course.classroom.sandbox.layers import NAMESPACES, SECCOMP, IsolationError, Layer
from course.classroom.sandbox.limits import Limits, children, family, is_limited, measure, measure_shared, use
from course.classroom.sandbox.scratch_folder import HOME, excess

# The children that run, to tell them from what they left behind.
_RUNNING: Final[set[int]] = set()


@dataclass(frozen=True)
class ExitStatus:
    """How a child ended.

    Parameters
    ----------
    reason : str
        In words why it was ended; empty if it ended by itself, or because it was told to.
    code : int or None
        Its exit code, if it ended by itself.
    signal : int or None
        The signal that ended it.
    cpu_seconds : float
        What it and the processes it waited for worked.
    memory_mib : float
        The most memory it had at a time, with what it was started with.
    """

    reason: str
    code: int | None
    signal: int | None
    cpu_seconds: float
    memory_mib: float


class SandboxedProcess:
    """A child in its layers. Ask `poll` several times a second: it is what keeps the limits on time, memory and files.

    Parameters
    ----------
    pid : int
        The child, as this process sees it.
    """

    def __init__(self, pid: int, folder: Path, limits: Limits, report: int, *, orphans: bool) -> None:
        self.pid = pid
        self._folder = folder
        self._limits = limits
        self._report = report
        self._orphans = orphans
        _RUNNING.add(pid)
        # The child has this process's libraries in its memory, without having asked for any.
        self._at_start_mib = use(os.getpid()).memory_mib if sys.platform == "linux" else 0.0
        self._started = time.monotonic()
        self._look_again = 0.0
        self._reason = ""
        self._ended: ExitStatus | None = None
        self._trouble = ""

    def poll(self) -> ExitStatus | None:
        """Return how the child ended, or None while it runs. One that uses too much is ended.

        Raises
        ------
        IsolationError
            If the child never ran, because a layer could not be entered.
        """
        if self._ended is None:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                self._finish(status, usage)
            elif (now := time.monotonic()) > self._look_again:
                self._reason = self._excess(now - self._started)
                if self._reason:
                    return self.end()
                # A folder with very many files takes its time. Most of this process's goes elsewhere.
                self._look_again = time.monotonic() + max(0.05, 20 * (time.monotonic() - now))
        return self._answer()

    def end(self) -> ExitStatus:
        """End the child and everything it started, and return how it ended. May be called again.

        Raises
        ------
        IsolationError
            If the child never ran, because a layer could not be entered.
        """
        if self._ended is None:
            _kill_family(self.pid)
            _, status, usage = os.wait4(self.pid, 0)
            self._finish(status, usage, told=True)
        ended = self._answer()
        assert ended is not None
        return ended

    def _answer(self) -> ExitStatus | None:
        if self._trouble:
            raise IsolationError(f"A submission could not be isolated, and was not run: {self._trouble}.")
        return self._ended

    def _excess(self, seconds: float) -> str:
        limits = self._limits
        if seconds > limits.wall_seconds:
            return f"It ran for more than {limits.wall_seconds:g} seconds."
        if sys.platform == "linux":
            used = measure(self.pid)
            if used.processes > limits.processes:
                return f"It started more than {limits.processes} processes."
            # The kernel comes first, with an error that the notebook survives: this is for what it does not count.
            most = self._at_start_mib + limits.memory_mib * 1.1
            if used.memory_mib > most and measure_shared(self.pid) > most:
                return f"It used more than {limits.memory_mib} MiB of memory."
        return excess(self._folder, limits)

    def _finish(self, status: int, usage: Any, *, told: bool = False) -> None:
        _RUNNING.discard(self.pid)
        if self._orphans:
            _end_orphans(self._limits)
        cpu = usage.ru_utime + usage.ru_stime
        killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        # The kernel counts in ticks of its clock where it enforces, and exactly where it reports.
        if not told and killed == signal.SIGKILL and cpu > 0.75 * self._limits.cpu_seconds:
            self._reason = f"It computed for more than {self._limits.cpu_seconds:g} seconds."
        unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
        self._ended = ExitStatus(
            self._reason,
            os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
            killed,
            cpu,
            usage.ru_maxrss / unit,
        )
        with os.fdopen(self._report, "rb") as report:
            self._trouble = report.read().decode(errors="replace")


def _kill_family(pid: int) -> None:
    """Kill a process and all its descendants: stopped first, so that none can start another one meanwhile."""
    for deed in (signal.SIGSTOP, signal.SIGKILL):
        for member in family(pid) if sys.platform == "linux" else (pid,):
            try:
                os.kill(member, deed)
            except ProcessLookupError:
                continue


def _end_orphans(limits: Limits) -> None:
    """End what has left the family of a child that could start processes unseen. Its orphans are this process's.

    They are told from children that this process has for other ends by a limit, which nothing can raise again.
    """
    while orphans := [pid for pid in set(children(os.getpid())) - _RUNNING if is_limited(pid, limits)]:
        for pid in orphans:
            _kill_family(pid)
            os.waitpid(pid, 0)


def start(
    run: Callable[[], None],
    *,
    folder: Path,
    readable: Sequence[Path],
    limits: Limits,
    layers: Sequence[Layer],
    keep: Sequence[int] = (),
    listening: bool = False,
) -> SandboxedProcess:
    """Fork a child, put it into every active layer, and have it `run`. It ends when `run` returns.

    Parameters
    ----------
    run : callable
        What the child does. An error in it is shown on standard error, and ends the child with exit code 1.
    folder : pathlib.Path
        The submission's private folder: where the child stands, and all that it can write to.
    readable : sequence of pathlib.Path
        What it can read besides; usually `readable_by_default`.
    limits : Limits
        What it may use.
    layers : sequence of Layer
        What `probe` found.
    keep : sequence of int
        Open files that it keeps, beside standard output and error. Standard input is empty.
    listening : bool
        Whether it may listen on Unix sockets in its folder, as a Jupyter kernel does.

    Returns
    -------
    SandboxedProcess
        The child, which runs already.

    Raises
    ------
    IsolationError
        If the child cannot be forked. What goes wrong later, `SandboxedProcess.poll` and `SandboxedProcess.end` raise.
    """
    active = frozenset(layer.name for layer in layers if layer.active)
    folder = folder.resolve()
    for name in ("tmp", "root"):
        (folder / HOME / name).mkdir(parents=True, exist_ok=True)
    report, trouble = os.pipe()
    # What all children need alike is found out here, once.
    places = tuple(readable)
    if NAMESPACES in active:
        namespaces.view(places)
    if SECCOMP in active:
        seccomp.prepare(alone=NAMESPACES not in active, listening=listening)
    # Where nothing else ends or forbids them, processes that lose their parent come to this one.
    orphans = sys.platform == "linux" and not active & {NAMESPACES, SECCOMP}
    if orphans:
        linux.adopt_orphans()
    # What waits to be written is the parent's, and must not be written twice.
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        pid = namespaces.fork_inside() if NAMESPACES in active else os.fork()
    except OSError as error:
        os.close(report)
        os.close(trouble)
        raise IsolationError(f"No process for a submission could be made: {error}.") from error
    if pid:
        os.close(trouble)
        return SandboxedProcess(pid, folder, limits, report, orphans=orphans)
    code = 1
    try:
        close_all_but((*keep, trouble))
        enter(active, folder, places, limits, listening=listening)
        if not _is_read(trouble):
            raise IsolationError("the process that started it has ended")
    except BaseException as error:
        os.write(trouble, str(error).encode())
        os._exit(code)
    os.close(trouble)
    try:
        run()
        sys.stdout.flush()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        # Nothing of the parent may go on in the child.
        os._exit(code)


def _is_read(descriptor: int) -> bool:
    """Whether anybody holds the other end of a pipe that can be written to."""
    look = select.poll()
    look.register(descriptor, 0)
    return not look.poll(0)

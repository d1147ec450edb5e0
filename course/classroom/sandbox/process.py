"""A sandboxed child process from start to end: fork it, watch its limits, and kill it with everything it started."""

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
from course.classroom.sandbox.limits import (
    Limits,
    TreeUsage,
    children,
    descriptors_in_sockets,
    is_limited,
    process_tree,
    process_usage,
    tree_memory_mib,
    unlinked_bytes,
)
from course.classroom.sandbox.scratch_folder import HOME, excess

IN_SOCKETS_SECONDS: Final = 1.0
"""How long an open file may be on its way from one process to another."""

# Process IDs of the running children, to tell them from the orphans that they leave behind.
_RUNNING: Final[set[int]] = set()


@dataclass(frozen=True)
class ExitStatus:
    """How a child process ended.

    Parameters
    ----------
    reason : str
        Which limit it exceeded, as a sentence; empty if it exited by itself or was ended on request.
    code : int or None
        Its exit code, if it exited by itself.
    signal : int or None
        The signal that killed it.
    cpu_seconds : float
        CPU time of the child and the processes it waited for.
    memory_mib : float
        Its peak memory in MiB, including what it was started with.
    """

    reason: str
    code: int | None
    signal: int | None
    cpu_seconds: float
    memory_mib: float


class SandboxedProcess:
    """A child process in its layers. Call `poll` several times a second: it enforces time, memory and file limits.

    Parameters
    ----------
    pid : int
        The child's process ID in this process's namespace.
    folder : pathlib.Path
        Its private folder.
    limits : Limits
        What it may use.
    error_pipe : int
        A file descriptor from which to read why the child could not enter its layers.
    orphans : bool
        Whether this process adopts what the child leaves behind, and has to kill it.
    """

    def __init__(self, pid: int, folder: Path, limits: Limits, error_pipe: int, *, orphans: bool) -> None:
        self.pid = pid
        self._folder = folder
        self._limits = limits
        self._error_pipe = error_pipe
        self._orphans = orphans
        _RUNNING.add(pid)
        # The child starts with this process's libraries in its memory; they do not count as its own.
        self._initial_mib = process_usage(os.getpid()).memory_mib if sys.platform == "linux" else 0.0
        self._usage = TreeUsage(pid)
        self._started = time.monotonic()
        self._next_check = 0.0
        self._in_sockets_since: float | None = None
        self._reason = ""
        self._status: ExitStatus | None = None
        self._error = ""

    def poll(self) -> ExitStatus | None:
        """Return how the child ended, or None while it runs. Kill it if it exceeds a limit.

        Raises
        ------
        IsolationError
            If the child never ran, because it could not enter a layer.
        """
        if self._status is None:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                self._finish(status, usage)
            elif (now := time.monotonic()) > self._next_check:
                self._reason = self._excess(now - self._started)
                if self._reason:
                    return self.end()
                # To measure a folder with very many files takes long; spend at most a twentieth of the time on it.
                self._next_check = time.monotonic() + max(0.05, 20 * (time.monotonic() - now))
        return self._result()

    def end(self) -> ExitStatus:
        """Kill the child and everything it started, and return how it ended. May be called again.

        Raises
        ------
        IsolationError
            If the child never ran, because it could not enter a layer.
        """
        if self._status is None:
            _kill_tree(self.pid)
            _, status, usage = os.wait4(self.pid, 0)
            self._finish(status, usage, requested=True)
        result = self._result()
        assert result is not None
        return result

    def _result(self) -> ExitStatus | None:
        if self._error:
            raise IsolationError(f"A submission could not be isolated, and was not run: {self._error}.")
        return self._status

    def _excess(self, seconds: float) -> str:
        limits = self._limits
        if seconds > limits.wall_seconds:
            return f"It ran for more than {limits.wall_seconds:g} seconds."
        if sys.platform == "linux":
            used = self._usage.measure()
            if used.processes > limits.processes:
                return f"It started more than {limits.processes} processes."
            # RLIMIT_DATA acts first, by a MemoryError that the notebook survives; this is for what it does not count.
            most = self._initial_mib + limits.memory_mib * 1.1
            if used.memory_mib > most and tree_memory_mib(self.pid) > most:
                return f"It used more than {limits.memory_mib} MiB of memory."
            if used.cpu_seconds > limits.cpu_seconds:
                return f"It computed for more than {limits.cpu_seconds:g} seconds."
        unlinked = unlinked_bytes(self.pid) if sys.platform == "linux" else 0
        return excess(self._folder, limits, unlinked) or self._kept_in_sockets(seconds)

    def _kept_in_sockets(self, seconds: float) -> str:
        """Say so if open files stay in a socket, where nobody can see how large they are."""
        if sys.platform != "linux" or not descriptors_in_sockets(self.pid):
            self._in_sockets_since = None
        elif self._in_sockets_since is None:
            self._in_sockets_since = seconds
        elif seconds - self._in_sockets_since > IN_SOCKETS_SECONDS:
            return "It kept open files in a socket, where their size does not show."
        return ""

    def _finish(self, status: int, usage: Any, *, requested: bool = False) -> None:
        _RUNNING.discard(self.pid)
        if self._orphans:
            _kill_orphans(self._limits)
        cpu = usage.ru_utime + usage.ru_stime
        killed_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        # The kernel enforces RLIMIT_CPU in clock ticks, but reports exact times.
        if not requested and killed_by == signal.SIGKILL and cpu > 0.75 * self._limits.cpu_seconds:
            self._reason = f"It computed for more than {self._limits.cpu_seconds:g} seconds."
        # ru_maxrss is in bytes on macOS and in KiB elsewhere.
        unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
        self._status = ExitStatus(
            self._reason,
            os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
            killed_by,
            cpu,
            usage.ru_maxrss / unit,
        )
        with os.fdopen(self._error_pipe, "rb") as error:
            self._error = error.read().decode(errors="replace")


def _kill_tree(pid: int) -> None:
    """Kill a process and all its descendants. They are stopped first, so that none can fork in the meantime."""
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for member in process_tree(pid) if sys.platform == "linux" else (pid,):
            try:
                os.kill(member, number)
            except ProcessLookupError:
                continue


def _kill_orphans(limits: Limits) -> None:
    """Kill processes that escaped a child's process tree. This process, as a subreaper, is now their parent.

    A resource limit, which nothing can raise again, tells them from children that this process has for other purposes.
    """
    while orphans := [pid for pid in set(children(os.getpid())) - _RUNNING if is_limited(pid, limits)]:
        for pid in orphans:
            _kill_tree(pid)
            os.waitpid(pid, 0)


def start(
    run: Callable[[], None],
    *,
    folder: Path,
    readable: Sequence[Path],
    limits: Limits,
    layers: Sequence[Layer],
    keep: Sequence[int] = (),
    hidden: Sequence[Path] = (),
    listening: bool = False,
) -> SandboxedProcess:
    """Fork a child process, put it into every active layer, and have it call `run`. It exits when `run` returns.

    Parameters
    ----------
    run : callable
        What the child does. An exception in it is printed on standard error, and the child exits with code 1.
    folder : pathlib.Path
        The submission's private folder: the child's working directory, and the only place it can write to.
    readable : sequence of pathlib.Path
        What else it can read; usually `readable_by_default`.
    limits : Limits
        What it may use.
    layers : sequence of Layer
        What `probe` returned.
    keep : sequence of int
        File descriptors that it keeps, besides standard output and error. Standard input is empty.
    hidden : sequence of Path
        Folders that look empty to it, though they lie in what it can read. That needs namespaces.
    listening : bool
        Whether it may listen on Unix sockets in its folder, as a Jupyter kernel does.

    Returns
    -------
    SandboxedProcess
        The child, which is already running.

    Raises
    ------
    IsolationError
        If the child cannot be forked. Later errors are raised by `SandboxedProcess.poll` and `SandboxedProcess.end`.
    """
    active = frozenset(layer.name for layer in layers if layer.active)
    folder = folder.resolve()
    for name in ("tmp", "root"):
        (folder / HOME / name).mkdir(parents=True, exist_ok=True)
    error_pipe, error_writer = os.pipe()
    # Compute what all children share here, once, and not in each child.
    paths = tuple(readable)
    if NAMESPACES in active:
        namespaces.visible_files(paths)
    if SECCOMP in active:
        seccomp.prepare(alone=NAMESPACES not in active, listening=listening)
    # Neither namespaces nor seccomp end or forbid processes that lose their parent, so this process adopts them.
    orphans = sys.platform == "linux" and not active & {NAMESPACES, SECCOMP}
    if orphans:
        linux.adopt_orphans()
    # Otherwise the child would write what is still in the buffers a second time.
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        pid = namespaces.fork_inside() if NAMESPACES in active else os.fork()
    except OSError as error:
        os.close(error_pipe)
        os.close(error_writer)
        raise IsolationError(f"No process for a submission could be made: {error}.") from error
    if pid:
        os.close(error_writer)
        return SandboxedProcess(pid, folder, limits, error_pipe, orphans=orphans)
    code = 1
    try:
        close_all_but((*keep, error_writer))
        enter(active, folder, paths, limits, hidden=hidden, listening=listening)
        if not _has_reader(error_writer):
            raise IsolationError("the process that started it has ended")
    except BaseException as error:
        os.write(error_writer, str(error).encode())
        os._exit(code)
    os.close(error_writer)
    try:
        run()
        sys.stdout.flush()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        # Skip the parent's exit handlers and finally blocks, which the child inherited.
        os._exit(code)


def _has_reader(descriptor: int) -> bool:
    """Return whether a process still has the reading end of this pipe open."""
    poll = select.poll()
    poll.register(descriptor, 0)
    return not poll.poll(0)

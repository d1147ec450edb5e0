"""The grading process's end of the warm parent, which is started with the first kernel and forks every other."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any, Final

from course.classroom.kernels.chart_renderer import Studio
from course.classroom.sandbox import Layer

LIBRARIES: Final = (
    "numpy",
    "pandas",
    "altair",
    "anywidget",
    "ipywidgets",
    "course.case",
    "course.checks.expect_chart",
    "course.checks.exercise",
    "course.checks.expect",
    "course.ledger",
    "course.weighing",
    "course.widgets",
)
"""What the warm parent imports, where it is installed. Importing it must change nothing outside of it."""

ONE_THREAD: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
"""Numerical libraries would start a pool of threads at import, which no fork survives."""
PATIENCE: Final = 60.0
"""Seconds that the parent may take to import, and a child to take a request."""
LONGEST_ANSWER: Final = 1 << 16


class ForkServerError(RuntimeError):
    """The warm parent cannot do what it is asked. The message says why."""


class ForkServerClient:
    """The grading process's end of the warm parent.

    Parameters
    ----------
    libraries : tuple of str
        What it imports.
    shared : ForkServerClient or None
        That of the process which this one was forked from: it serves this one too, and no other is started.
    """

    def __init__(self, libraries: tuple[str, ...], shared: ForkServerClient | None = None) -> None:
        self.libraries = libraries
        self._lock = threading.Lock()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(PATIENCE)
        self._process: subprocess.Popen[bytes] | None = None
        with theirs:
            if shared is not None:
                # Not answered there, where somebody else may be waiting for an answer, but here.
                socket.send_fds(shared._socket, [json.dumps({"do": "connect"}).encode()], [theirs.fileno()])
            else:
                arguments = [str(theirs.fileno()), json.dumps(libraries)]
                self._process = subprocess.Popen(
                    # Without the current folder on its path: in there may lie a pandas.py.
                    [sys.executable, "-P", "-m", "course.classroom.kernels.fork_server", *arguments],
                    pass_fds=[theirs.fileno()],
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    env={**os.environ, **ONE_THREAD},
                )
        self._about: dict[str, Any] | None = None
        self.studio = Studio(self._start_draughtsman)
        atexit.register(self.close)

    def about(self) -> dict[str, Any]:
        """Return what it said when it was ready: layers, failed imports, threads.

        Raises
        ------
        ForkServerError
            If it never is.
        """
        with self._lock:
            if self._about is None:
                self._about = self._receive()
            return self._about

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers of isolation that this machine has."""
        return tuple(Layer(**layer) for layer in self.about()["layers"])

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        try:
            told = select.select([self._socket], [], [], 0)[0]
            return not told or bool(self._socket.recv(1, socket.MSG_PEEK))
        except OSError:
            return False

    def ask(self, do: str, *descriptors: int, **order: Any) -> dict[str, Any]:
        """Send a request and return the answer.

        Raises
        ------
        ForkServerError
            If it cannot do what it is asked, or has ended.
        """
        self.about()
        with self._lock:
            try:
                socket.send_fds(self._socket, [json.dumps({"do": do, **order}).encode()], descriptors)
            except OSError as error:
                raise ForkServerError(f"The process that starts Python kernels has ended: {error}.") from error
            answer = self._receive()
        if "error" in answer:
            raise ForkServerError(answer["error"])
        return answer

    def _start_draughtsman(self, easel: socket.socket, folder: str) -> Callable[[], None]:
        child = self.ask("start_draughtsman", easel.fileno(), folder=folder)["child"]

        def end() -> None:
            with contextlib.suppress(ForkServerError):
                self.ask("end", child=child)

        return end

    def _receive(self) -> dict[str, Any]:
        try:
            answer = self._socket.recv(LONGEST_ANSWER)
        except OSError as error:
            raise ForkServerError(f"The process that starts Python kernels does not answer: {error}.") from error
        if not answer:
            raise ForkServerError("The process that starts Python kernels has ended; what it said is above.")
        return json.loads(answer)  # type: ignore[no-any-return]

    def close(self) -> None:
        """End it and all its children."""
        atexit.unregister(self.close)
        self.studio.close()
        self._socket.close()
        if self._process is not None:
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


_parents: dict[int, ForkServerClient] = {}
_parents_lock = threading.Lock()


def get_fork_server(libraries: tuple[str, ...] = LIBRARIES) -> ForkServerClient:
    """Return this process's warm parent, which is started if there is none. It takes some seconds to be ready.

    Called before a process is forked, it is shared with that process: workers that are copies of one need but one.
    """
    with _parents_lock:
        parent = _parents.get(os.getpid())
        if parent is None or not parent.runs or parent.libraries != libraries:
            if parent is not None:
                parent.close()
            others = [one for pid, one in _parents.items() if pid != os.getpid()]
            shared = next((one for one in others if one.libraries == libraries and one.runs), None)
            try:
                parent = ForkServerClient(libraries, shared)
            except ConnectionError:  # the one to be shared has just ended
                parent = ForkServerClient(libraries)
            _parents[os.getpid()] = parent
        return parent

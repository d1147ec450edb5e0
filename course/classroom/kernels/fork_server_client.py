"""The grading process's connection to the fork server, which is started when the first kernel is needed."""

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

from course.classroom.kernels.chart_renderer import RendererPool
from course.classroom.sandbox import Layer

LIBRARIES: Final = (
    "numpy",
    "pandas",
    "altair",
    "anywidget",
    "ipywidgets",
    "course.case",
    "course.charts",
    "course.checks.answer_key",
    "course.checks.dates",
    "course.checks.exercise",
    "course.checks.expect",
    "course.checks.expect_chart",
    "course.checks.in_notebook",
    "course.checks.runner",
    "course.ledger",
    "course.methods.progress",
    "course.publishing.claimreview",
    "course.publishing.page",
    "course.weighing",
    "course.weighing.coherence",
    "course.weighing.sensitivity",
    "course.widgets.claim_tracer",
    "course.widgets.evidence_board",
    "course.widgets.hypothesis_matrix",
    "course.widgets.progress",
    "course.widgets.scope_lens",
    "course.widgets.source_cards",
    "course.widgets.timeline",
    "course.widgets.verdict_desk",
)
"""Modules that the fork server imports, if they are installed.

Importing them must have no effects outside of it; for `course.charts` see `course.classroom.kernels.deferred_charts`.
"""

ONE_THREAD: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
"""Keeps numerical libraries from starting a pool of threads, which does not survive a fork."""
TIMEOUT: Final = 60.0
"""Seconds that a child may take to accept a request."""
PATIENCE: Final = 300.0
"""Seconds that the fork server may take to import or to answer. A machine with too much to do takes more than 60."""
LONGEST_REPLY: Final = 1 << 16


class ForkServerError(RuntimeError):
    """The fork server cannot do what was requested. The message says why."""


class ForkServerClient:
    """A connection to a fork server, which it starts.

    Parameters
    ----------
    libraries : tuple of str
        The modules that the fork server imports.
    shared : ForkServerClient or None
        The connection of the process that this one was forked from. Its fork server then serves this process too, and
        no other is started.
    """

    def __init__(self, libraries: tuple[str, ...], shared: ForkServerClient | None = None) -> None:
        self.libraries = libraries
        self._lock = threading.Lock()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(PATIENCE)
        self._process: subprocess.Popen[bytes] | None = None
        with theirs:
            if shared is not None:
                # The reply comes over the new socket: on the shared one, another process may be waiting for its own.
                socket.send_fds(shared._socket, [json.dumps({"command": "connect"}).encode()], [theirs.fileno()])
            else:
                arguments = [str(theirs.fileno()), json.dumps(libraries)]
                self._process = subprocess.Popen(
                    # -P: without the current folder on its path, which may contain a pandas.py.
                    [sys.executable, "-P", "-m", "course.classroom.kernels.fork_server", *arguments],
                    pass_fds=[theirs.fileno()],
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    env={**os.environ, **ONE_THREAD},
                )
        self._about: dict[str, Any] | None = None
        self.renderers = RendererPool(self._start_renderer)
        atexit.register(self.close)

    def about(self) -> dict[str, Any]:
        """Return what the fork server reported when it was ready: layers, failed imports, number of threads.

        Raises
        ------
        ForkServerError
            If it never is ready.
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
        """Whether the fork server is running."""
        try:
            readable = select.select([self._socket], [], [], 0)[0]
            return not readable or bool(self._socket.recv(1, socket.MSG_PEEK))
        except (OSError, ValueError):
            return False

    def ask(self, command: str, *descriptors: int, **options: Any) -> dict[str, Any]:
        """Send a request and return the reply.

        Raises
        ------
        ForkServerError
            If the fork server cannot do what was requested, or has ended.
        """
        self.about()
        with self._lock:
            try:
                socket.send_fds(self._socket, [json.dumps({"command": command, **options}).encode()], descriptors)
            except OSError as error:
                raise ForkServerError(f"The process that starts Python kernels has ended: {error}.") from error
            reply = self._receive()
        if "error" in reply:
            raise ForkServerError(reply["error"])
        return reply

    def _start_renderer(self, channel: socket.socket, folder: str) -> Callable[[], None]:
        child = self.ask("start_renderer", channel.fileno(), folder=folder)["child"]

        def end() -> None:
            with contextlib.suppress(ForkServerError):
                self.ask("end", child=child)

        return end

    def _receive(self) -> dict[str, Any]:
        try:
            reply = self._socket.recv(LONGEST_REPLY)
        except OSError as error:
            # A reply that comes later would be taken for that to the next request.
            self._socket.close()
            raise ForkServerError(f"The process that starts Python kernels does not answer: {error}.") from error
        if not reply:
            raise ForkServerError("The process that starts Python kernels has ended; what it said is above.")
        return json.loads(reply)  # type: ignore[no-any-return]

    def close(self) -> None:
        """End the fork server and all its children."""
        atexit.unregister(self.close)
        self.renderers.close()
        self._socket.close()
        if self._process is not None:
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


# By the ID of the process that uses it; a forked process inherits those of its parent.
_servers: dict[int, ForkServerClient] = {}
_servers_lock = threading.Lock()


def get_fork_server(libraries: tuple[str, ...] = LIBRARIES) -> ForkServerClient:
    """Return this process's fork server; start one if there is none. It takes some seconds to be ready.

    A process that is forked later shares it, so that a pool of forked workers needs only one.
    """
    with _servers_lock:
        server = _servers.get(os.getpid())
        if server is None or not server.runs or server.libraries != libraries:
            if server is not None:
                server.close()
            inherited = [other for pid, other in _servers.items() if pid != os.getpid()]
            shared = next((other for other in inherited if other.libraries == libraries and other.runs), None)
            try:
                server = ForkServerClient(libraries, shared)
            except ConnectionError:  # the inherited one has just ended
                server = ForkServerClient(libraries)
            _servers[os.getpid()] = server
        return server

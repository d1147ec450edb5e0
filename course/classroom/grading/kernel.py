"""nbclient's view of a forked child: a kernel manager and a client that speak over one socket.

The warm parent is started when the first kernel is, once for each grading process.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from pathlib import Path
from queue import Empty
from typing import Any, Final

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.session import Session
from nbclient.exceptions import DeadKernelError
from traitlets import Dict, Instance, List, Type, Unicode

from course.classroom.grading import isolation
from course.classroom.grading.draughtsman import LONGEST, Numbering, Studio, line
from course.classroom.grading.fairness import Role
from course.classroom.grading.folder import HOME
from course.classroom.grading.isolation import Ended, Layer, Limits
from course.classroom.grading.wire import Decoder, Envelope, WireError, encode

LIBRARIES: Final = (
    "numpy",
    "pandas",
    "altair",
    "anywidget",
    "ipywidgets",
    "course.case",
    "course.chart_feedback",
    "course.exercise",
    "course.feedback",
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

SMALL: Final = 1 << 18
"""Bytes up to which a message that nbclient cannot do without is taken whatever was said before."""
NEEDED: Final = frozenset({"status", "execute_input", "execute_reply", "kernel_info_reply", "fairness_reply"})
LEAST: Final = 1 << 10
"""Bytes that every other message counts at least: reading many small ones costs time too."""


class ParentError(RuntimeError):
    """The warm parent cannot do what it is asked. The message says why."""


class WarmParent:
    """The grading process's end of the warm parent.

    Parameters
    ----------
    libraries : tuple of str
        What it imports.
    shared : WarmParent or None
        That of the process which this one was forked from: it serves this one too, and no other is started.
    """

    def __init__(self, libraries: tuple[str, ...], shared: WarmParent | None = None) -> None:
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
                    [sys.executable, "-P", "-m", "course.classroom.grading.parent", *arguments],
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
        ParentError
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
        ParentError
            If it cannot do what it is asked, or has ended.
        """
        self.about()
        with self._lock:
            try:
                socket.send_fds(self._socket, [json.dumps({"do": do, **order}).encode()], descriptors)
            except OSError as error:
                raise ParentError(f"The process that starts Python kernels has ended: {error}.") from error
            answer = self._receive()
        if "error" in answer:
            raise ParentError(answer["error"])
        return answer

    def _start_draughtsman(self, easel: socket.socket, folder: str) -> Callable[[], None]:
        child = self.ask("start_draughtsman", easel.fileno(), folder=folder)["child"]

        def end() -> None:
            with contextlib.suppress(ParentError):
                self.ask("end", child=child)

        return end

    def _receive(self) -> dict[str, Any]:
        try:
            answer = self._socket.recv(LONGEST_ANSWER)
        except OSError as error:
            raise ParentError(f"The process that starts Python kernels does not answer: {error}.") from error
        if not answer:
            raise ParentError("The process that starts Python kernels has ended; what it said is above.")
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


_parents: dict[int, WarmParent] = {}
_parents_lock = threading.Lock()


def warm_parent(libraries: tuple[str, ...] = LIBRARIES) -> WarmParent:
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
                parent = WarmParent(libraries, shared)
            except ConnectionError:  # the one to be shared has just ended
                parent = WarmParent(libraries)
            _parents[os.getpid()] = parent
        return parent


class Channel:
    """One of Jupyter's channels as nbclient uses it."""

    def __init__(self, client: ForkedKernelClient, name: str) -> None:
        self._client, self._name = client, name
        self._waiting: deque[dict[str, Any] | None] = deque()
        self._asked: asyncio.Future[None] | None = None

    def put(self, message: dict[str, Any] | None) -> None:
        """Take a message from the child; None is its end."""
        self._waiting.append(message)
        self._wake()

    def send(self, message: dict[str, Any]) -> None:
        """Send a message to the child."""
        self._client.send(self._name, message)

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """Return the next message. Only one may wait for it.

        Raises
        ------
        queue.Empty
            If none comes within `timeout` seconds.
        nbclient.exceptions.DeadKernelError
            If none will come any more.
        """
        self._client.listen()
        if not self._waiting:
            loop = asyncio.get_running_loop()
            self._asked = loop.create_future()
            alarm = None if timeout is None else loop.call_later(timeout, self._wake)
            try:
                await self._asked
            finally:
                if alarm is not None:
                    alarm.cancel()
        if not self._waiting:
            raise Empty
        message = self._waiting.popleft()
        if message is None:
            self.put(None)
            raise DeadKernelError("Kernel died")
        return message

    def _wake(self) -> None:
        if self._asked is not None and not self._asked.done():
            self._asked.set_result(None)


class Easel:
    """Has the charts of one notebook drawn, while the notebook waits.

    Parameters
    ----------
    pipe : socket.socket
        Where charts come from and pictures go.
    studio : Studio
        Who draws.
    seconds : float
        How long the charts of a notebook may take to draw, in all.
    """

    def __init__(self, pipe: socket.socket, studio: Studio, seconds: float) -> None:
        self._pipe, self._studio, self._left = pipe, studio, seconds
        self._held = bytearray()
        self._numbering = Numbering()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._drawing: asyncio.Task[None] | None = None

    def listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take what comes over the socket, in this event loop."""
        self._loop = loop
        loop.add_reader(self._pipe, self._take)

    def stop_listening(self) -> None:
        """Take no more."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self._pipe)

    def close(self) -> None:
        """Close the socket."""
        self._pipe.close()

    def _take(self) -> None:
        try:
            piece = self._pipe.recv(1 << 18, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        self._held += piece
        if not piece or len(self._held) > LONGEST:
            self.stop_listening()
        elif self._held.endswith(b"\n") and (self._drawing is None or self._drawing.done()):
            asked, self._held = bytes(self._held), bytearray()
            assert self._loop is not None
            self._drawing = self._loop.create_task(self._draw(asked))

    async def _draw(self, asked: bytes) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        if self._left > 0:
            drawn = self._numbering.number(await loop.run_in_executor(None, self._studio.draw, asked))
        else:
            drawn = line({"error": "The charts of this notebook take too long to draw."})
        self._left -= loop.time() - begun
        with contextlib.suppress(OSError):
            await loop.run_in_executor(None, self._pipe.sendall, drawn)


class ForkedKernelClient(AsyncKernelClient):
    """A client over the socket. It takes as much output from a child as the limits allow, and drops the rest."""

    pipe = Instance(socket.socket)

    def __init__(self, manager: ForkedKernelManager, easel: Easel, *, output_bytes: int, **traits: Any) -> None:
        super().__init__(parent=manager, **traits)
        self.manager, self._easel = manager, easel
        self.role: Role = "learner"
        self._channels = {name: Channel(self, name) for name in ("shell", "iopub", "control")}
        self._shell_channel, self._iopub_channel = self._channels["shell"], self._channels["iopub"]
        self._decoder = Decoder(self._wants)
        self._limit = self._left = output_bytes
        self._cut: set[str] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._looking: asyncio.TimerHandle | None = None
        self.ended = asyncio.Event()

    async def try_canary(self, code: str, timeout: float | None, *, whole: bool) -> tuple[str, list[str], int]:
        """Run code that must raise, and ask what has changed in the kernel. The notebook shows nothing of it.

        Parameters
        ----------
        code : str
            The canary.
        timeout : float or None
            Seconds to wait for each answer.
        whole : bool
            Whether it takes the way of a cell through the shell, and everything is looked at anew; otherwise only the
            code runs, which takes a tenth of the time.

        Returns
        -------
        tuple of str, list of str and int
            What it raised, the changes in words, and how many tests have passed by the kernel's own count.

        Raises
        ------
        queue.Empty
            If no answer comes in time.
        nbclient.exceptions.DeadKernelError
            If none will come any more.
        """
        self.role = "canary"
        raised = ""
        if whole:
            asked = self.execute(code, allow_stdin=False, stop_on_error=False)
            raised = str((await self._reply("shell", asked, timeout))["content"].get("evalue"))
        else:
            message = self.session.msg("canary_request", {"code": code})
            asked = message["header"]["msg_id"]
            self.send("shell", message)
        answer = (await self._reply("control", asked, timeout))["content"]
        try:
            changes, passed = [str(change) for change in answer["changes"]], int(answer["passed"])
            return raised if whole else str(answer["raised"]), changes, passed
        except (KeyError, TypeError, ValueError):
            return raised, ["its kernel does not say what has changed"], 0

    async def _reply(self, channel: str, asked: str, timeout: float | None) -> dict[str, Any]:
        while True:
            message = await self._channels[channel].get_msg(timeout)
            if message["parent_header"].get("msg_id") == asked:
                return message

    def send(self, channel: str, message: dict[str, Any]) -> None:
        """Send a message to the child, which may have ended."""
        with contextlib.suppress(OSError):
            self.pipe.sendall(encode(channel, message, self.session.pack, role=self.role))

    def listen(self) -> None:
        """Take what comes over the socket, in the event loop that runs now."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop and not self.ended.is_set():
            self._loop = loop
            loop.add_reader(self.pipe, self._take)
            self._easel.listen(loop)
            self._look_later()

    def _look_later(self) -> None:
        """Look once a second whether the child still runs: a program that it started can keep the socket open."""

        def look() -> None:
            if self.manager.runs():
                self._look_later()
            else:
                self._end()

        if self._loop is not None:
            self._looking = self._loop.call_later(1, look)

    def _end(self) -> None:
        """Let nobody wait any longer. What the child said before is taken first."""
        self._stop_listening()
        if not self.ended.is_set():
            self.ended.set()
            # nbclient waits for output only as long as it waits for a reply.
            self._channels["shell"].put(None)
            self._channels["control"].put(None)

    def _take(self) -> None:
        try:
            # The socket itself waits, because to send may take a moment.
            piece = self.pipe.recv(1 << 18, socket.MSG_DONTWAIT)
            for envelope, message in self._decoder.feed(piece):
                if message is None:
                    self._say_cut(envelope)
                elif channel := self._channels.get(envelope.channel):
                    channel.put(message)
        except BlockingIOError:
            return
        except (OSError, WireError) as error:
            self.log.warning("The kernel sent something else than messages: %s", error)
            piece = b""
        if not piece:
            self._end()

    def _wants(self, envelope: Envelope) -> bool:
        if envelope.kind in NEEDED and envelope.size <= SMALL:
            return True
        cost = max(envelope.size, LEAST)
        wanted = cost <= self._left
        self._left -= cost if wanted else 0
        return wanted

    def _say_cut(self, envelope: Envelope) -> None:
        """Put a word in the place of a message that was not taken: once for each cell, but always for an error."""
        words = f"Output stopped here: a notebook may show {self._limit >> 10:,} KiB in all."
        content: dict[str, Any] = {
            "ename": "TooMuchOutput",
            "evalue": words,
            "traceback": [f"\x1b[0;31mTooMuchOutput\x1b[0m: {words}"],
        }
        if envelope.kind == "execute_reply":
            content["status"] = "error"
        elif envelope.kind != "error":
            if envelope.parent in self._cut:
                return
            content = {"name": "stderr", "text": f"\n{words}\n"}
        self._cut.add(envelope.parent)
        kind = envelope.kind if "ename" in content else "stream"
        message = self.session.msg(kind, content)
        message["parent_header"] = {"msg_id": envelope.parent}
        channel = self._channels["shell" if kind == "execute_reply" else "iopub"]
        channel.put(message)

    async def is_alive(self) -> bool:
        """Whether the child runs."""
        return await self.manager.is_alive()

    def start_channels(self, *_: Any, **__: Any) -> None:
        """Have nothing to start."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Have nothing to wait for: a child answers as soon as it is forked."""

    def stop_channels(self) -> None:
        """Stop listening."""
        self._stop_listening()
        self.pipe.close()
        self._easel.close()

    def _stop_listening(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self.pipe)
        if self._looking is not None:
            self._looking.cancel()
        self._easel.stop_listening()


class ForkedKernelManager(AsyncKernelManager):
    """Starts Python kernels by having the warm parent fork them."""

    libraries = List(Unicode(), list(LIBRARIES))
    limits = Instance(Limits, ())
    environment = Dict(help="What a child's environment has besides what isolation gives it.")

    client_factory = Type(ForkedKernelClient)
    _ended: Ended | None = None
    _child: int | None = None

    def _session_default(self) -> Session:
        # Nobody else holds the other end of the socket, so there is nothing to sign; an empty key would be warned of.
        return Session(key=b"unsigned", parent=self)

    @property
    def has_kernel(self) -> bool:
        """Whether a child was started and not ended."""
        return self._child is not None

    async def start_kernel(self, *, cwd: str, **_: Any) -> None:  # type: ignore[override]
        """Fork a child that works in the folder `cwd`.

        Raises
        ------
        ParentError
            If it cannot be forked.
        """
        self._parent = warm_parent(tuple(self.libraries))
        self._pipe, theirs = socket.socketpair()
        self._easel, easel = socket.socketpair()
        self._pipe.settimeout(PATIENCE)
        self._easel.settimeout(PATIENCE)
        with theirs, easel:
            order = {"folder": cwd, "limits": asdict(self.limits), "environment": self.environment}
            self._child = self._parent.ask("start", theirs.fileno(), easel.fileno(), **order)["child"]

    def client(self, **traits: Any) -> ForkedKernelClient:  # type: ignore[override]
        """Return the client of the child."""
        limit = self.limits.output_kib << 10
        easel = Easel(self._easel, self._parent.studio, self.limits.wall_seconds)
        return ForkedKernelClient(self, easel, session=self.session, pipe=self._pipe, output_bytes=limit, **traits)

    def runs(self) -> bool:
        """Whether the child runs."""
        try:
            return self._child is not None and bool(self._parent.ask("look", child=self._child)["runs"])
        except ParentError:
            return False

    async def is_alive(self) -> bool:  # type: ignore[override]
        """Whether the child runs."""
        return self.runs()

    async def wait(self, seconds: float = 1.0) -> bool:
        """Wait a moment for the child to end by itself, as one does that has said its last. Return whether it did."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while runs := await self.is_alive():
            if loop.time() > until:
                break
            await asyncio.sleep(0.01)
        return not runs

    async def interrupt_kernel(self) -> None:  # type: ignore[override]
        """Send the child what Ctrl-C sends."""
        self._parent.ask("interrupt", child=self._child)

    async def shutdown_kernel(self, **_: bool) -> Ended:  # type: ignore[override]
        """End the child and everything that it started, and return how it ended."""
        if self._ended is None:
            self._ended = Ended(**self._parent.ask("end", child=self._child))
            self._child = None
        return self._ended

    async def cleanup_resources(self, **_: bool) -> None:  # type: ignore[override]
        """End the child, if it is still there."""
        if self._child is not None:
            await self.shutdown_kernel()


class WrappedKernelManager(AsyncKernelManager):
    """Starts any other kernel as Jupyter does, inside the layers: it listens on sockets in its own folder."""

    limits = Instance(Limits, ())
    environment = Dict(help="What the kernel's environment has besides what isolation gives it.")

    async def start_kernel(self, *, cwd: str, **options: Any) -> None:  # type: ignore[override]
        """Start the kernel in the folder `cwd`."""
        home = Path(cwd) / HOME
        home.mkdir()
        self.transport, self.ip = "ipc", str(home / "socket")
        self.connection_file = str(home / "connection.json")
        self._folder = Path(cwd)
        await super().start_kernel(cwd=cwd, **options)

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        """Return the command that starts the kernel in its layers."""
        return isolation.wrap(
            super().format_kernel_cmd(extra_arguments),
            folder=self._folder,
            readable=isolation.readable_by_default(),
            limits=self.limits,
            layers=layers_here(),
            environment=self.environment,
        )


@cache
def layers_here() -> tuple[Layer, ...]:
    """Return the layers that this machine has, tried once in this process."""
    return isolation.probe()

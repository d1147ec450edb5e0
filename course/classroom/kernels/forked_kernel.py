"""The kernel that runs one notebook: ipykernel's own, with one socket in the place of ZeroMQ's ports and threads.

Everything that a cell can see of the kernel is ipykernel's: its shell, display hook, display publisher and comms, and
how it runs a cell. Only the transport of messages differs. The kernel is created before the fork and served after it.
"""

from __future__ import annotations

import asyncio
import fcntl
import inspect
import io
import logging
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import ipykernel.zmqshell
from ipykernel.compiler import XCachingCompiler
from ipykernel.ipkernel import IPythonKernel
from ipykernel.zmqshell import ZMQInteractiveShell
from jupyter_client.session import Session
from traitlets import Any as AnyTrait
from traitlets import Type
from traitlets.config import Config

from course.classroom.bridge.answering import Answerer
from course.classroom.kernels.framing import Decoder, encode
from course.classroom.kernels.referee import Referee

LONGEST_STREAM: Final = 1 << 20
"""Characters of printed text in one message."""
CAN_WAIT: Final = frozenset({"status", "execute_input", "execute_result", "error", "execute_reply", "locked_reply"})
"""Message types that others follow at once; sending them together costs half as much."""
LONGEST_WAIT: Final = 1 << 16
"""Bytes that are held back, at most."""
FLUSH_SECONDS: Final = 0.2
"""How long ipykernel buffers printed text before sending it."""


IMPORTS_COURSE: Final = re.compile(r"^\s*(?:from|import)\s+course\b", re.MULTILINE)
"""A cell that imports the course, which then shows tables its own way."""


class PipeSession(Session):
    """A session that sends over the socket. The name of a channel takes the place of its ZeroMQ socket."""

    pipe: socket.socket | None = None
    """Set after the fork; until then nothing is sent."""
    muted: frozenset[str] = frozenset()
    """The types of messages that are not sent now."""
    _buffer = b""
    _lock = threading.RLock()

    def send(  # type: ignore[override]  # noqa: PLR0917 (ipykernel calls it as it calls Session's)
        self,
        stream: str | None,
        msg_or_type: dict[str, Any] | str,
        content: dict[str, Any] | None = None,
        parent: dict[str, Any] | None = None,
        ident: object = None,  # noqa: ARG002
        buffers: Sequence[Any] | None = None,
        track: bool = False,  # noqa: ARG002
        header: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Send a message as ``Session.send`` does."""
        if isinstance(msg_or_type, dict):
            message = msg_or_type
            buffers = buffers or message.get("buffers")
        else:
            message = self.msg(msg_or_type, content=content, parent=parent, header=header, metadata=metadata)
        if stream is not None and self.pipe is not None and message["msg_type"] not in self.muted:
            data = encode(stream, message, self.pack, buffers or ())
            with self._lock:
                self._buffer += data
                if message["msg_type"] not in CAN_WAIT or len(self._buffer) > LONGEST_WAIT:
                    self.flush()
        return message

    def flush(self) -> None:
        """Send the messages that were held back."""
        if self.pipe is not None:
            with self._lock:
                data, self._buffer = self._buffer, b""
                self.pipe.sendall(data)


class Compiler(XCachingCompiler):
    """Names cells as ipykernel does in a kernel of its own, wherever this kernel's temporary folder is."""

    def get_code_name(self, raw_code: str, code: str, number: int) -> str:
        """Return the file name of a cell, which shows in warnings."""
        file = Path(super().get_code_name(raw_code, code, number)).name  # type: ignore[no-untyped-call]
        name = f"/tmp/ipykernel_{os.getpid()}/{file}"
        # No module comes from a cell. With this entry `inspect` need not search all modules for every traceback.
        inspect.modulesbyfile[name] = ""
        return name


class Shell(ZMQInteractiveShell):
    """ipykernel's shell, without the work that it does twice for each cell."""

    transformed: tuple[str, str] | None = None
    """The running cell and its transformed source."""

    def transform_cell(self, raw_cell: str) -> str:
        """Return the transformed source of a cell. Both ipykernel and IPython call this."""
        if self.transformed is None or self.transformed[0] != raw_cell:
            # The fork server has imported it already, in a kernel of its own.
            if "course.case" in sys.modules and IMPORTS_COURSE.search(raw_cell):
                sys.modules["course.case.notebook_table"].use_in_notebook()
            self.transformed = raw_cell, super().transform_cell(raw_cell)  # type: ignore[no-untyped-call]
        return self.transformed[1]

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException | str, stb: list[str]) -> None:
        """Show an error; of a hidden test only that it failed."""
        if self.kernel.referee is not None:
            evalue, stb = self.kernel.referee.mask(evalue, stb)
        super()._showtraceback(etype, evalue, stb)  # type: ignore[no-untyped-call]

    def _format_exception_for_storage(self, exception: BaseException, *_: object) -> dict[str, Any]:
        """Return for ``%notebook`` the traceback that was shown, instead of formatting the error again."""
        shown = self._last_traceback or []
        return {"ename": type(exception).__name__, "evalue": str(exception), "traceback": shown}


class ForkedKernel(IPythonKernel):
    """ipykernel's kernel over one socket."""

    shell_class = Type(Shell)

    shell_stream = AnyTrait("shell")
    control_stream = AnyTrait("control")
    compiler_class = Compiler
    _supports_kernel_subshells = False
    shell: Any
    referee: Referee | None = None
    """What makes it the referee's kernel; None for a learner's."""

    def __init__(self, **traits: Any) -> None:
        self.pipe_session = PipeSession(key=b"unsigned", check_pid=False)
        super().__init__(  # type: ignore[no-untyped-call]
            session=self.pipe_session,
            iopub_socket="iopub",
            log=logging.getLogger(__name__),
            user_ns={},
            config=Config({"HistoryManager": {"hist_file": ":memory:"}}),
            **traits,
        )
        # ipykernel sleeps this long after each cell, to let its threads send.
        self._execute_sleep = 0
        self.io_loop: Any = None
        vars(ipykernel.zmqshell)["system"] = _run_program

    async def serve(self, pipe: socket.socket, bridge: socket.socket | None) -> None:
        """Answer requests until the socket is closed; and, between cells, the referee's over the bridge."""
        from tornado.ioloop import IOLoop

        self.io_loop = IOLoop.current()
        self.shell_channel_thread = SimpleNamespace(parent_thread=threading.main_thread())
        requests: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        decoder, loop = Decoder(), asyncio.get_running_loop()

        def read() -> None:
            chunk = pipe.recv(1 << 16)
            for _, message in decoder.feed(chunk):
                requests.put_nowait(message)
            if not chunk:
                requests.put_nowait(None)

        loop.add_reader(pipe, read)
        if bridge is not None:
            answerer = Answerer(bridge, lambda: self.shell.user_ns)

            def answer() -> None:
                try:
                    with _interruptible():
                        goes_on = answerer.answer()
                except KeyboardInterrupt:
                    goes_on = True
                if not goes_on:
                    loop.remove_reader(bridge)

            loop.add_reader(bridge, answer)
        while (request := await requests.get()) is not None:
            await self.answer(request)

    def _abort_queues(self, subshell_id: str | None = None) -> None:
        """No-op: no request arrives before the previous one is answered."""

    async def answer(self, request: dict[str, Any]) -> None:
        """Handle one request as ``dispatch_shell`` does."""
        if request["msg_type"] == "count_request":
            # The other kernel of this submission has run a cell.
            self.shell.execution_count = int(request["content"]["next"])
            return
        if self.referee is not None and request["msg_type"] == "locked_request":
            with _interruptible():
                self.referee.run_locked(request["content"]["code"])
            self.pipe_session.send("control", "locked_reply", {}, parent=request)
            self.pipe_session.flush()
            return
        self.set_parent([], request)  # type: ignore[no-untyped-call]
        self._publish_status("busy", "shell")  # type: ignore[no-untyped-call]
        if handler := self.shell_handlers.get(request["msg_type"]):
            if self.referee is not None:
                self.referee.begin()
            try:
                with _interruptible():
                    awaitable = handler("shell", [], request)
                    if awaitable is not None:
                        await awaitable
            except KeyboardInterrupt:
                self.log.warning("interrupted outside of a cell")
            finally:
                if self.referee is not None:
                    self.referee.end()
                self.shell.transformed = None
        sys.stdout.flush()
        sys.stderr.flush()
        self._publish_status("idle", "shell")  # type: ignore[no-untyped-call]
        self.pipe_session.flush()


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let an interruption raise KeyboardInterrupt within this context, which it otherwise does not."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


def _run_program(command: str) -> int:
    """Run a shell command as ``!command`` does, but without a pseudoterminal, which the sandbox may not offer."""
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    # Lines end as in a terminal.
    sys.stdout.write(done.stdout.decode(errors="replace").replace("\n", "\r\n"))
    return done.returncode


class Stream(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr`` of a kernel, including what is written to its file descriptor.

    Parameters
    ----------
    kernel : ForkedKernel
        Sends the text.
    name : str
        ``stdout`` or ``stderr``.
    number : int
        The file descriptor (1 or 2).
    file : int
        An empty file in memory. The descriptor is redirected to it, and it is read whenever something is sent. So the
        output of programs that a cell starts is shown, without a thread that reads it.
    """

    encoding = "UTF-8"

    def __init__(self, kernel: ForkedKernel, name: str, number: int, file: int) -> None:
        self._kernel, self.name, self._file = kernel, name, file
        self._text: list[str] = []
        self._length = 0
        self._since = 0.0
        self._parent: dict[str, Any] = {}
        # Every program appends, wherever another one has written.
        fcntl.fcntl(file, fcntl.F_SETFL, os.O_APPEND)
        os.dup2(file, number)
        self._read = 0
        self._nowhere = os.open(os.devnull, os.O_WRONLY)
        self._lock = threading.RLock()

    def fileno(self) -> int:
        """Return a file descriptor whose output does not show in the notebook, as with ipykernel."""
        return self._nowhere

    def isatty(self) -> bool:
        """Return False: it is not a terminal."""
        return False

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, text: str) -> int:
        """Buffer text, to be sent soon.

        Raises
        ------
        TypeError
            If it is not a str.
        """
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        with self._lock:
            self._take_written()
            self._add(text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write several strings."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Send what is buffered."""
        with self._lock:
            self._take_written()
            self._send()

    def _add(self, text: str) -> None:
        parent = self._kernel.get_parent("shell")  # type: ignore[no-untyped-call]
        now = time.monotonic()
        if self._text and (parent is not self._parent or now - self._since >= FLUSH_SECONDS):
            self._send()
        if not self._text:
            self._since, self._parent = now, parent
        self._text.append(text)
        self._length += len(text)
        if self._length >= LONGEST_STREAM:
            self._send()

    def _take_written(self) -> None:
        """Add what was written to the file descriptor."""
        size = os.fstat(self._file).st_size
        while self._read < size:
            written = os.pread(self._file, LONGEST_STREAM, self._read)
            self._read += len(written)
            self._add(written.decode(errors="replace"))

    def _send(self) -> None:
        text, self._text, self._length = "".join(self._text), [], 0
        for start in range(0, len(text), LONGEST_STREAM):
            content = {"name": self.name, "text": text[start : start + LONGEST_STREAM]}
            self._kernel.pipe_session.send("iopub", "stream", content, parent=self._parent)


def serve(
    kernel: ForkedKernel, pipe: socket.socket, printed: Sequence[int], bridge: socket.socket | None = None
) -> None:
    """Serve a kernel that was created before the fork, in the current folder and environment.

    Parameters
    ----------
    kernel : ForkedKernel
        Not used before.
    pipe : socket.socket
        Where requests arrive and replies are sent.
    printed : sequence of int
        Two empty files in memory, for standard output and standard error.
    bridge : socket.socket or None
        Where the referee asks for the notebook's values.
    """
    _get_ready(kernel, pipe, printed)
    # The notebook's folder comes last, so that no file in it replaces an installed module.
    sys.path.append("")
    asyncio.run(kernel.serve(pipe, bridge))


def serve_referee(
    kernel: ForkedKernel, pipe: socket.socket, printed: Sequence[int], bridge: socket.socket, **options: Any
) -> None:
    """Serve a kernel as `serve` does, but as the referee: it runs the instructor's cells, and asks over the bridge.

    Parameters
    ----------
    kernel, pipe, printed
        As for `serve`.
    bridge, **options
        As for `course.classroom.kernels.referee.Referee`.
    """
    _get_ready(kernel, pipe, printed)
    Referee(kernel, bridge, **options)
    asyncio.run(kernel.serve(pipe, None))


def _get_ready(kernel: ForkedKernel, pipe: socket.socket, printed: Sequence[int]) -> None:
    # Otherwise all children would produce the same random numbers.
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    kernel.pipe_session.pipe = pipe
    kernel.shell.init_environment()
    sys.stdout, sys.stderr = Stream(kernel, "stdout", 1, printed[0]), Stream(kernel, "stderr", 2, printed[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)

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
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast

import ipykernel.zmqshell
from ipykernel.compiler import XCachingCompiler
from ipykernel.ipkernel import IPythonKernel
from ipykernel.zmqshell import ZMQInteractiveShell
from jupyter_client.session import Session
from traitlets import Any as AnyTrait
from traitlets import Type
from traitlets.config import Config

from course.classroom.integrity import Baseline, Role, instead
from course.classroom.kernels.framing import Decoder, encode

LONGEST_STREAM: Final = 1 << 20
"""Characters of printed text in one message."""
CAN_WAIT: Final = frozenset({"status", "execute_input", "execute_result", "error", "execute_reply", "integrity_reply"})
"""Message types that others follow at once; sending them together costs half as much."""
LONGEST_WAIT: Final = 1 << 16
"""Bytes that are held back, at most."""
LAST_ERROR: Final = ("last_type", "last_value", "last_traceback", "last_exc")
"""Where `sys` keeps the last error shown."""
FLUSH_SECONDS: Final = 0.2
"""How long ipykernel buffers printed text before sending it."""


class PipeSession(Session):
    """A session that sends over the socket. The name of a channel takes the place of its ZeroMQ socket."""

    pipe: socket.socket | None = None
    """Set after the fork; until then nothing is sent."""
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
        if stream is not None and self.pipe is not None:
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
            self.transformed = raw_cell, super().transform_cell(raw_cell)  # type: ignore[no-untyped-call]
        return self.transformed[1]

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
        self.baseline: Baseline | None = Baseline(self.shell)

    async def serve(self, pipe: socket.socket) -> None:
        """Answer requests until the socket is closed."""
        from tornado.ioloop import IOLoop

        # A cell can reach the kernel object, so the baseline must not be an attribute of it.
        baseline, self.baseline = self.baseline, None
        self.io_loop = IOLoop.current()
        self.shell_channel_thread = SimpleNamespace(parent_thread=threading.main_thread())
        requests: asyncio.Queue[tuple[dict[str, Any] | None, Role]] = asyncio.Queue()
        decoder = Decoder()

        def read() -> None:
            chunk = pipe.recv(1 << 16)
            for envelope, message in decoder.feed(chunk):
                requests.put_nowait((message, cast(Role, envelope.role)))
            if not chunk:
                requests.put_nowait((None, "learner"))

        asyncio.get_running_loop().add_reader(pipe, read)
        while True:
            request, role = await requests.get()
            if request is None:
                break
            await self.answer(request, role, baseline)

    def _abort_queues(self, subshell_id: str | None = None) -> None:
        """No-op: no request arrives before the previous one is answered."""

    async def answer(self, request: dict[str, Any], role: Role = "learner", baseline: Baseline | None = None) -> None:
        """Handle one request as ``dispatch_shell`` does, under the watch of a baseline.

        Parameters
        ----------
        request : dict
            A message. A cell cannot see its content, which may be a hidden test.
        role : str
            Whose code it runs.
        baseline : Baseline or None
            What watches over it.
        """
        self.set_parent([], request | {"content": {}})  # type: ignore[no-untyped-call]
        if request["msg_type"] == "canary_request" and baseline is not None:
            report = {"raised": self._raised_by(request["content"]["code"])} | baseline.report()
            self.pipe_session.send("control", "integrity_reply", report, parent=request)
            self.pipe_session.flush()
            return
        self._publish_status("busy", "shell")  # type: ignore[no-untyped-call]
        if handler := self.shell_handlers.get(request["msg_type"]):
            code = str(request["content"].get("code", ""))
            previous = signal.signal(signal.SIGINT, signal.default_int_handler)
            try:
                watched = baseline.around(role, code) if baseline else nullcontext()
                with watched, self._unseen() if role == "canary" else nullcontext():
                    awaitable = handler("shell", [], request)
                    if awaitable is not None:
                        await awaitable
            except KeyboardInterrupt:
                self.log.warning("interrupted outside of a cell")
            finally:
                signal.signal(signal.SIGINT, previous)
                self.shell.transformed = None
        if role == "canary" and baseline is not None:
            baseline.changes()
            self.pipe_session.send("control", "integrity_reply", baseline.report(), parent=request)
        sys.stdout.flush()
        sys.stderr.flush()
        self._publish_status("idle", "shell")  # type: ignore[no-untyped-call]
        self.pipe_session.flush()

    def _raised_by(self, code: str) -> str:
        """Run a canary without the shell, and return the message of its AssertionError."""
        try:
            exec(compile(code, "<canary>", "exec"), self.shell.user_ns)
        except BaseException as error:  # whatever an answer does when it is used
            return str(error) if type(error) is AssertionError else ""
        return ""

    @contextmanager
    def _unseen(self) -> Iterator[None]:
        """Keep a cell out of the notebook's history, execution count and last error, and show no traceback."""
        shell, history = self.shell, self.shell.history_manager
        count, iopub = shell.execution_count, self.iopub_socket
        last: dict[str, Any] = {name: vars(sys)[name] for name in LAST_ERROR if name in vars(sys)}
        self.iopub_socket = None
        try:
            with instead(history, "store_inputs", _do_nothing), instead(shell, "showtraceback", _do_nothing):
                yield
        finally:
            self.iopub_socket = iopub
            shell.execution_count = count
            vars(sys).update(last)


def _do_nothing(*_: object, **__: object) -> None:
    pass


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


def serve(kernel: ForkedKernel, pipe: socket.socket, printed: Sequence[int]) -> None:
    """Serve a kernel that was created before the fork, in the current folder and environment.

    Parameters
    ----------
    kernel : ForkedKernel
        Not used before.
    pipe : socket.socket
        Where requests arrive and replies are sent.
    printed : sequence of int
        Two empty files in memory, for standard output and standard error.
    """
    # Otherwise all children would produce the same random numbers.
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    kernel.pipe_session.pipe = pipe
    kernel.shell.init_environment()
    # The notebook's folder comes last, so that no file in it replaces an installed module.
    sys.path.append("")
    sys.stdout, sys.stderr = Stream(kernel, "stdout", 1, printed[0]), Stream(kernel, "stderr", 2, printed[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(kernel.serve(pipe))

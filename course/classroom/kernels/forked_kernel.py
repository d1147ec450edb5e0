"""The kernel that runs one notebook: ipykernel's own, with one socket in the place of ZeroMQ's ports and threads.

Everything a cell can see of a kernel is ipykernel's: its shell, its display hook and publisher, its comms, its way to
run a cell. Only how messages leave the process is ours. The kernel is made before the fork and served after it.
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
"""Messages that are followed by others so soon that they go together with them, which costs half as much."""
LONGEST_WAIT: Final = 1 << 16
LAST_ERROR: Final = ("last_type", "last_value", "last_traceback", "last_exc")
"""What `sys` knows of the error shown last."""
FLUSH_SECONDS: Final = 0.2
"""How long ipykernel collects what is printed before it sends it."""


class PipeSession(Session):
    """A session that sends over the socket, to the channel whose name takes the place of a ZeroMQ socket."""

    pipe: socket.socket | None = None
    """Set after the fork; until then nothing is sent."""
    _held = b""
    _one_at_a_time = threading.RLock()

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
            with self._one_at_a_time:
                self._held += data
                if message["msg_type"] not in CAN_WAIT or len(self._held) > LONGEST_WAIT:
                    self.deliver()
        return message

    def deliver(self) -> None:
        """Send what was held back."""
        if self.pipe is not None:
            with self._one_at_a_time:
                held, self._held = self._held, b""
                self.pipe.sendall(held)


class Compiler(XCachingCompiler):
    """Names cells as ipykernel does in a kernel of its own, wherever this one keeps its temporary files."""

    def get_code_name(self, raw_code: str, code: str, number: int) -> str:
        """Return the name under which a cell stands in a warning."""
        file = Path(super().get_code_name(raw_code, code, number)).name  # type: ignore[no-untyped-call]
        name = f"/tmp/ipykernel_{os.getpid()}/{file}"
        # No module was made from a cell. Told so, `inspect` need not look through all of them for every traceback.
        inspect.modulesbyfile[name] = ""
        return name


class Shell(ZMQInteractiveShell):
    """ipykernel's shell, which does nothing twice for a cell."""

    transformed: tuple[str, str] | None = None
    """A cell and what was made of it, while it runs."""

    def transform_cell(self, raw_cell: str) -> str:
        """Return what IPython makes of a cell: ipykernel asks for it, and then IPython itself."""
        if self.transformed is None or self.transformed[0] != raw_cell:
            self.transformed = raw_cell, super().transform_cell(raw_cell)  # type: ignore[no-untyped-call]
        return self.transformed[1]

    def _format_exception_for_storage(self, exception: BaseException, *_: object) -> dict[str, Any]:
        """Keep of an error for ``%notebook`` what was shown, instead of drawing it once more."""
        shown = self._last_traceback or []
        return {"ename": type(exception).__name__, "evalue": str(exception), "traceback": shown}


class Kernel(IPythonKernel):
    """ipykernel's kernel over one socket."""

    shell_class = Type(Shell)

    shell_stream = AnyTrait("shell")
    control_stream = AnyTrait("control")
    compiler_class = Compiler
    _supports_kernel_subshells = False
    shell: Any

    def __init__(self, **traits: Any) -> None:
        self.wire = PipeSession(key=b"unsigned", check_pid=False)
        super().__init__(  # type: ignore[no-untyped-call]
            session=self.wire,
            iopub_socket="iopub",
            log=logging.getLogger(__name__),
            user_ns={},
            config=Config({"HistoryManager": {"hist_file": ":memory:"}}),
            **traits,
        )
        # ipykernel waits so long for its threads after each cell.
        self._execute_sleep = 0
        self.io_loop: Any = None
        vars(ipykernel.zmqshell)["system"] = _run_program
        self.baseline: Baseline | None = Baseline(self.shell)

    async def serve(self, pipe: socket.socket) -> None:
        """Answer what comes over the socket until it says shutdown or ends."""
        from tornado.ioloop import IOLoop

        # A cell reaches the kernel, and what it must not replace is no part of that.
        baseline, self.baseline = self.baseline, None
        self.io_loop = IOLoop.current()
        self.shell_channel_thread = SimpleNamespace(parent_thread=threading.main_thread())
        requests: asyncio.Queue[tuple[dict[str, Any] | None, Role]] = asyncio.Queue()
        decoder = Decoder()

        def read() -> None:
            piece = pipe.recv(1 << 16)
            for envelope, message in decoder.feed(piece):
                requests.put_nowait((message, cast(Role, envelope.role)))
            if not piece:
                requests.put_nowait((None, "learner"))

        asyncio.get_running_loop().add_reader(pipe, read)
        while True:
            request, role = await requests.get()
            if request is None:
                break
            await self.answer(request, role, baseline)

    def _abort_queues(self, subshell_id: str | None = None) -> None:
        """Have nothing to abort: no request comes before the last one is answered."""

    async def answer(self, request: dict[str, Any], role: Role = "learner", baseline: Baseline | None = None) -> None:
        """Handle one request as ``dispatch_shell`` does, and watch over it as over that role's.

        Parameters
        ----------
        request : dict
            A message. A cell does not see what is in it: that may be a hidden test.
        role : str
            Whose code it is.
        baseline : Baseline or None
            What watches over it.
        """
        self.set_parent([], request | {"content": {}})  # type: ignore[no-untyped-call]
        if request["msg_type"] == "canary_request" and baseline is not None:
            found = {"raised": self._raised_by(request["content"]["code"])} | baseline.report()
            self.wire.send("control", "integrity_reply", found, parent=request)
            self.wire.deliver()
            return
        self._publish_status("busy", "shell")  # type: ignore[no-untyped-call]
        if handler := self.shell_handlers.get(request["msg_type"]):
            code = str(request["content"].get("code", ""))
            previous = signal.signal(signal.SIGINT, signal.default_int_handler)
            try:
                watched = baseline.around(role, code) if baseline else nullcontext()
                with watched, self._unseen() if role == "canary" else nullcontext():
                    answered = handler("shell", [], request)
                    if answered is not None:
                        await answered
            except KeyboardInterrupt:
                self.log.warning("interrupted outside of a cell")
            finally:
                signal.signal(signal.SIGINT, previous)
                self.shell.transformed = None
        if role == "canary" and baseline is not None:
            baseline.changes()
            self.wire.send("control", "integrity_reply", baseline.report(), parent=request)
        sys.stdout.flush()
        sys.stderr.flush()
        self._publish_status("idle", "shell")  # type: ignore[no-untyped-call]
        self.wire.deliver()

    def _raised_by(self, code: str) -> str:
        """Run a canary without the shell, and return the word that it raises."""
        try:
            exec(compile(code, "<canary>", "exec"), self.shell.user_ns)
        except BaseException as error:  # whatever an answer does when it is asked
            return str(error) if type(error) is AssertionError else ""
        return ""

    @contextmanager
    def _unseen(self) -> Iterator[None]:
        """Let a cell leave nothing in the notebook's history, count and last error, nor draw its traceback."""
        shell, history = self.shell, self.shell.history_manager
        count, audience = shell.execution_count, self.iopub_socket
        last: dict[str, Any] = {name: vars(sys)[name] for name in LAST_ERROR if name in vars(sys)}
        self.iopub_socket = None
        try:
            with instead(history, "store_inputs", _do_nothing), instead(shell, "showtraceback", _do_nothing):
                yield
        finally:
            self.iopub_socket = audience
            shell.execution_count = count
            vars(sys).update(last)


def _do_nothing(*_: object, **__: object) -> None:
    pass


def _run_program(command: str) -> int:
    """Run a shell command as ``!command`` does, without the terminal that a submission is not given."""
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    # A terminal ends its lines in this way.
    sys.stdout.write(done.stdout.decode(errors="replace").replace("\n", "\r\n"))
    return done.returncode


class Stream(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr`` of a kernel, with what is written to the file descriptor behind it.

    Parameters
    ----------
    kernel : Kernel
        Whose cell prints.
    name : str
        ``stdout`` or ``stderr``.
    number : int
        The file descriptor (1 or 2).
    file : int
        An empty file in memory. The descriptor is led into it, and it is read whenever something is sent: so a program
        that a cell starts is heard without a thread.
    """

    encoding = "UTF-8"

    def __init__(self, kernel: Kernel, name: str, number: int, file: int) -> None:
        self._kernel, self.name, self._file = kernel, name, file
        self._text: list[str] = []
        self._length = 0
        self._since = 0.0
        self._parent: dict[str, Any] = {}
        # Programs write at its end, wherever another one has been.
        fcntl.fcntl(file, fcntl.F_SETFL, os.O_APPEND)
        os.dup2(file, number)
        self._read = 0
        self._nowhere = os.open(os.devnull, os.O_WRONLY)
        self._lock = threading.RLock()

    def fileno(self) -> int:
        """Return a file descriptor that is not shown in the notebook, as ipykernel's is not."""
        return self._nowhere

    def isatty(self) -> bool:
        """Say that nobody types here."""
        return False

    def writable(self) -> bool:
        """Say that it takes text."""
        return True

    def write(self, text: str) -> int:
        """Take text, which is sent soon.

        Raises
        ------
        TypeError
            If it is no text.
        """
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        with self._lock:
            self._take_written()
            self._add(text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Take several texts."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Send what is there."""
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
        """Take over what was written to the file descriptor."""
        size = os.fstat(self._file).st_size
        while self._read < size:
            written = os.pread(self._file, LONGEST_STREAM, self._read)
            self._read += len(written)
            self._add(written.decode(errors="replace"))

    def _send(self) -> None:
        text, self._text, self._length = "".join(self._text), [], 0
        for start in range(0, len(text), LONGEST_STREAM):
            content = {"name": self.name, "text": text[start : start + LONGEST_STREAM]}
            self._kernel.wire.send("iopub", "stream", content, parent=self._parent)


def serve(kernel: Kernel, pipe: socket.socket, printed: Sequence[int]) -> None:
    """Serve a kernel that was made before the fork, in the folder and environment that are current now.

    Parameters
    ----------
    kernel : Kernel
        Not used before.
    pipe : socket.socket
        Where requests come from and answers go.
    printed : sequence of int
        Two empty files in memory, for what is written to standard output and standard error.
    """
    # All children would throw the same dice.
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    kernel.wire.pipe = pipe
    kernel.shell.init_environment()
    # Last of all, so that nothing beside the notebook takes the place of what is installed.
    sys.path.append("")
    sys.stdout, sys.stderr = Stream(kernel, "stdout", 1, printed[0]), Stream(kernel, "stderr", 2, printed[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(kernel.serve(pipe))

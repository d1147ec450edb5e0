"""The client through which nbclient talks to a forked kernel, and the channel over which its charts are rendered."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import Callable
from queue import Empty
from typing import Any, Final

from jupyter_client.asynchronous.client import AsyncKernelClient
from nbclient.exceptions import DeadKernelError
from traitlets import Instance

from course.classroom.kernels.chart_renderer import LONGEST, Numbering, RendererPool, line
from course.classroom.kernels.framing import Decoder, Envelope, FramingError, encode

SMALL: Final = 1 << 18
"""Bytes up to which a message that nbclient needs is accepted, even beyond the output limit."""
NEEDED: Final = frozenset({"status", "execute_input", "execute_reply", "kernel_info_reply", "locked_reply"})
LEAST: Final = 1 << 10
"""Bytes that a message counts at least, because reading many small ones takes time too."""
NOTICE: Final = 1 << 14
"""Bytes that a notice in the place of a dropped message counts."""
NEEDED_BYTES: Final = 64 << 20
"""Bytes of messages that are accepted beyond the output limit, in all. A kernel that sends more is taken for broken."""


class Channel:
    """One of Jupyter's channels, with the methods that nbclient uses."""

    def __init__(self, client: ForkedKernelClient, name: str) -> None:
        self._client, self._name = client, name
        self._waiting: deque[dict[str, Any] | None] = deque()
        self._arrival: asyncio.Future[None] | None = None

    def put(self, message: dict[str, Any] | None) -> None:
        """Add a message from the child; None means that there will be no more."""
        self._waiting.append(message)
        self._wake()

    def send(self, message: dict[str, Any]) -> None:
        """Send a message to the child."""
        self._client.send(self._name, message)

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """Return the next message. Only one caller may wait at a time.

        Raises
        ------
        queue.Empty
            If none arrives within `timeout` seconds.
        nbclient.exceptions.DeadKernelError
            If there will be no more.
        """
        self._client.listen()
        if not self._waiting:
            loop = asyncio.get_running_loop()
            self._arrival = loop.create_future()
            alarm = None if timeout is None else loop.call_later(timeout, self._wake)
            try:
                await self._arrival
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
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)


class ChartChannel:
    """Answers the chart requests of one notebook, which waits for each picture.

    Parameters
    ----------
    pipe : socket.socket
        Where charts arrive and pictures are sent.
    renderers : RendererPool
        What renders them.
    seconds : float
        How long the charts of a notebook may take to render, in all.
    """

    def __init__(self, pipe: socket.socket, renderers: RendererPool, seconds: float) -> None:
        self._pipe, self._renderers, self._seconds_left = pipe, renderers, seconds
        self._buffer = bytearray()
        self._numbering = Numbering()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._rendering: asyncio.Task[None] | None = None

    def listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Read the socket in this event loop."""
        self._loop = loop
        loop.add_reader(self._pipe, self._receive)

    def stop_listening(self) -> None:
        """Stop reading the socket."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self._pipe)

    def close(self) -> None:
        """Close the socket, and stop what is still being rendered."""
        self._pipe.close()
        self._renderers.stop(self)

    def _receive(self) -> None:
        try:
            chunk = self._pipe.recv(1 << 18, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        self._buffer += chunk
        if not chunk or len(self._buffer) > LONGEST:
            self._refuse()
        elif self._buffer.endswith(b"\n") and (self._rendering is None or self._rendering.done()):
            request, self._buffer = bytes(self._buffer), bytearray()
            assert self._loop is not None
            self._rendering = self._loop.create_task(self._reply(request))

    def _refuse(self) -> None:
        """Receive nothing more, and keep nothing that was sent: open files in a socket take up room on the disk."""
        self.stop_listening()
        with contextlib.suppress(OSError):
            self._pipe.shutdown(socket.SHUT_RD)
            while self._pipe.recv(1 << 18, socket.MSG_DONTWAIT):
                pass

    async def _reply(self, request: bytes) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        if self._seconds_left > 0:
            reply = self._numbering.number(await loop.run_in_executor(None, self._renderers.render, request, self))
        else:
            reply = line({"error": "The charts of this notebook take too long to draw."})
        self._seconds_left -= loop.time() - started
        with contextlib.suppress(OSError):
            await loop.run_in_executor(None, self._pipe.sendall, reply)


class ForkedKernelClient(AsyncKernelClient):
    """A kernel client over one socket. It accepts as much output as the limits allow, and drops the rest.

    Parameters
    ----------
    charts : ChartChannel
        Answers the notebook's chart requests.
    runs : callable
        Returns whether the child is running.
    output_bytes : int
        How much output the child may send in all.
    """

    pipe = Instance(socket.socket)

    def __init__(self, charts: ChartChannel, *, runs: Callable[[], bool], output_bytes: int, **traits: Any) -> None:
        super().__init__(**traits)
        self._charts, self._runs = charts, runs
        self._channels = {name: Channel(self, name) for name in ("shell", "iopub", "control")}
        self._shell_channel, self._iopub_channel = self._channels["shell"], self._channels["iopub"]
        self._decoder = Decoder(self._wants)
        self._limit = self._bytes_left = output_bytes
        self._needed_left = NEEDED_BYTES
        self._cut: set[str] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._next_check: asyncio.TimerHandle | None = None
        self.ended = asyncio.Event()

    async def run_locked(self, code: str, timeout: float | None) -> None:
        """Have the referee's kernel run a locked cell that is no check. Nothing of this shows in the notebook.

        Raises
        ------
        queue.Empty
            If it does not end in time.
        nbclient.exceptions.DeadKernelError
            If the kernel has ended.
        """
        message = self.session.msg("locked_request", {"code": code})
        self.send("shell", message)
        await self._reply("control", message["header"]["msg_id"], timeout)

    def count_on(self, number: int) -> None:
        """Let the next cell have this execution count."""
        self.send("shell", self.session.msg("count_request", {"next": number}))

    async def _reply(self, channel: str, request_id: str, timeout: float | None) -> dict[str, Any]:
        while True:
            message = await self._channels[channel].get_msg(timeout)
            if message["parent_header"].get("msg_id") == request_id:
                return message

    def send(self, channel: str, message: dict[str, Any]) -> None:
        """Send a message to the child, which may have ended."""
        with contextlib.suppress(OSError):
            self.pipe.sendall(encode(channel, message, self.session.pack))

    def listen(self) -> None:
        """Read the socket in the running event loop."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop and not self.ended.is_set():
            self._loop = loop
            loop.add_reader(self.pipe, self._receive)
            self._charts.listen(loop)
            self._check_later()

    def _check_later(self) -> None:
        """Check once a second whether the child still runs: a program that it started can keep the socket open."""

        def check() -> None:
            if self._runs():
                self._check_later()
            else:
                self._end()

        if self._loop is not None:
            self._next_check = self._loop.call_later(1, check)

    def _end(self) -> None:
        """Wake everybody who waits for a message. Messages that have already arrived come first."""
        self._stop_listening()
        if not self.ended.is_set():
            self.ended.set()
            # nbclient waits for output only as long as it waits for a reply.
            self._channels["shell"].put(None)
            self._channels["control"].put(None)

    def _receive(self) -> None:
        try:
            # The socket itself is blocking, because sending may have to wait.
            chunk = self.pipe.recv(1 << 18, socket.MSG_DONTWAIT)
            for envelope, message in self._decoder.feed(chunk):
                if message is None:
                    self._replace(envelope)
                elif channel := self._channels.get(envelope.channel):
                    channel.put(message)
        except BlockingIOError:
            return
        except (OSError, FramingError) as error:
            self.log.warning("The kernel sent something else than messages: %s", error)
            chunk = b""
        if not chunk:
            self._end()

    def _wants(self, envelope: Envelope) -> bool:
        cost = max(envelope.size, LEAST)
        if envelope.kind in NEEDED and envelope.size <= SMALL:
            self._spend(cost)
            return True
        wanted = cost <= self._bytes_left
        self._bytes_left -= cost if wanted else 0
        return wanted

    def _spend(self, cost: int) -> None:
        self._needed_left -= cost
        if self._needed_left < 0:
            raise FramingError("more messages than a notebook needs")

    def _replace(self, envelope: Envelope) -> None:
        """Put a notice in the place of a dropped message: once per cell, but always for an error."""
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
        # Who sends the messages chooses what they answer, and so how many notices there are.
        self._spend(NOTICE)
        self._cut.add(envelope.parent)
        kind = envelope.kind if "ename" in content else "stream"
        message = self.session.msg(kind, content)
        message["parent_header"] = {"msg_id": envelope.parent}
        channel = self._channels["shell" if kind == "execute_reply" else "iopub"]
        channel.put(message)

    async def is_alive(self) -> bool:
        """Return whether the child is running."""
        return self._runs()

    def start_channels(self, *_: Any, **__: Any) -> None:
        """No-op: the socket is already connected."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """No-op: a child answers as soon as it is forked."""

    def stop_channels(self) -> None:
        """Stop reading and close the sockets."""
        self._stop_listening()
        self.pipe.close()
        self._charts.close()

    def _stop_listening(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self.pipe)
        if self._next_check is not None:
            self._next_check.cancel()
        self._charts.stop_listening()

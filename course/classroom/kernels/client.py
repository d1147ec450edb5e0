"""nbclient's talk with a forked child, over one socket, and the drawing of its charts over another."""

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

from course.classroom.integrity import Role
from course.classroom.kernels.chart_renderer import LONGEST, Numbering, Studio, line
from course.classroom.kernels.framing import Decoder, Envelope, FramingError, encode

SMALL: Final = 1 << 18
"""Bytes up to which a message that nbclient cannot do without is taken whatever was said before."""
NEEDED: Final = frozenset({"status", "execute_input", "execute_reply", "kernel_info_reply", "integrity_reply"})
LEAST: Final = 1 << 10
"""Bytes that every other message counts at least: reading many small ones costs time too."""


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
    """A client over the socket. It takes as much output from a child as the limits allow, and drops the rest.

    Parameters
    ----------
    easel : Easel
        Who has the notebook's charts drawn.
    runs : callable
        Tells whether the child runs.
    output_bytes : int
        How much output the child may send in all.
    """

    pipe = Instance(socket.socket)

    def __init__(self, easel: Easel, *, runs: Callable[[], bool], output_bytes: int, **traits: Any) -> None:
        super().__init__(**traits)
        self._easel, self._runs = easel, runs
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
            if self._runs():
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
        except (OSError, FramingError) as error:
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
        return self._runs()

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

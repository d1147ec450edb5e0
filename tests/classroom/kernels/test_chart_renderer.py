"""Charts are rendered outside of the notebooks, and no notebook waits for another one's chart."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from course.classroom.kernels.chart_renderer import LONGEST, RendererPool, line
from course.classroom.kernels.client import ChartChannel


class Renderers:
    """Starts renderers that are threads. One that gets the chart “endless” never answers."""

    def __init__(self) -> None:
        self.started = 0
        self.busy = threading.Event()

    def start(self, channel: socket.socket, _: str) -> Callable[[], None]:
        self.started += 1
        own = channel.dup()
        threading.Thread(target=self._serve, args=(own,), daemon=True).start()

        def end() -> None:
            try:
                own.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

        return end

    def _serve(self, channel: socket.socket) -> None:
        with channel, channel.makefile("rb") as requests:
            for request in requests:
                chart = json.loads(request)["arguments"][0]
                if chart == "endless":
                    self.busy.set()
                    channel.recv(1)
                    return
                channel.sendall(line({"text": chart}))
                if chart == "last":
                    return


@pytest.fixture
def renderers() -> Renderers:
    return Renderers()


@pytest.fixture
def pool(renderers: Renderers) -> Iterator[RendererPool]:
    pool = RendererPool(renderers.start)
    yield pool
    pool.close()


def chart(name: str) -> bytes:
    return line({"function": "vegalite_to_svg", "arguments": [name], "options": {}})


def test_one_renderer_serves_one_chart_after_the_other(pool: RendererPool, renderers: Renderers) -> None:
    assert [json.loads(pool.render(chart(name), "ada"))["text"] for name in ("one", "two")] == ["one", "two"]
    assert renderers.started == 1


def test_a_chart_that_is_never_ready_holds_nobody_up_and_ends_with_its_notebook(
    pool: RendererPool, renderers: Renderers
) -> None:
    replies: list[bytes] = []
    attacker = threading.Thread(target=lambda: replies.append(pool.render(chart("endless"), "eve")))
    attacker.start()
    assert renderers.busy.wait(10)
    assert json.loads(pool.render(chart("honest"), "ada")) == {"text": "honest"}
    pool.stop("eve")
    attacker.join(10)
    assert "has ended" in json.loads(replies[0])["error"]
    assert renderers.started == 2


def test_a_renderer_that_has_ended_costs_the_next_chart_nothing(pool: RendererPool) -> None:
    pool.render(chart("last"), "eve")
    assert json.loads(pool.render(chart("honest"), "ada")) == {"text": "honest"}


def test_what_is_too_long_to_be_a_chart_ends_the_channel_and_leaves_nothing_in_it(pool: RendererPool) -> None:
    ours, theirs = socket.socketpair()
    channel = ChartChannel(ours, pool, seconds=5)

    async def receive() -> None:
        channel.listen(asyncio.get_running_loop())
        sent = asyncio.to_thread(theirs.sendall, bytes(2 * LONGEST))
        with pytest.raises(BrokenPipeError):
            await asyncio.wait_for(sent, 30)

    asyncio.run(receive())
    with pytest.raises(BrokenPipeError):
        socket.send_fds(theirs, [b"x"], [0])
    assert ours.recv(1) == b""
    channel.close()
    theirs.close()

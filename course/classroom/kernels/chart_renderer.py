"""Render the charts of all notebooks in one process, because V8 takes a second to start and cannot be forked.

In a child, `RendererProxy` replaces the rendering library (vl-convert): it sends each chart to the grading process,
which has it rendered and returns the picture, so that notebooks notice no difference. The grading process caches
pictures, because charts in given cells are the same for everybody.

A renderer runs in the same layers as a submission. A chart with an expression contains code, and code of one submission
must not affect the next: such a chart gets a renderer of its own, which ends with it.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import re
import socket
import sys
import threading
from base64 import b64decode, b64encode
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any, Final

from course.classroom.sandbox.limits import Limits

LIBRARY: Final = "vl_convert"
RENDERS: Final = ("vegalite_to_svg", "vegalite_to_png")
"""The functions that a renderer runs. Any other function of the library runs in the child itself."""
EXPRESSIONS: Final = frozenset(
    {"calculate", "events", "expr", "filter", "init", "labelExpr", "on", "select", "signal", "test", "update"}
)
"""Keys of a chart specification whose value may be an expression."""
NUMBERED: Final = re.compile(r'(id="|url\(#)(clip|gradient_)(\d+)')
"""The numbered element IDs in an SVG picture."""
LONGEST: Final = 32 << 20
"""Bytes of a chart or a picture, at most."""
BUFFER: Final = 1 << 18
"""Bytes that are read from a socket at once."""
SECONDS: Final = 30.0
"""Time to render one chart, at most."""
LIMITS: Final = Limits(wall_seconds=1e6, cpu_seconds=1e6)
"""The limits of a renderer: those of a notebook, but with no time limit, because one serves all notebooks."""
CACHED: Final = 64 << 20
"""Bytes of pictures that are cached, at most."""
MOST_IDLE: Final = 4
"""Renderers that are kept for the next chart, at most."""


class RendererProxy(ModuleType):
    """Replaces the module vl_convert in a child.

    Parameters
    ----------
    channel : socket.socket
        Where to send charts and receive pictures.
    """

    def __init__(self, channel: socket.socket) -> None:
        super().__init__(LIBRARY)
        self._channel, self._replies = channel, channel.makefile("rb", BUFFER)
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        if name in RENDERS and sys.modules.get(LIBRARY) is self:
            return lambda *arguments, **options: self._render(name, arguments, options)
        return getattr(self._library(), name)

    def _library(self) -> ModuleType:
        """Import and return the library itself, which replaces this module from now on."""
        if sys.modules.get(LIBRARY) is self:
            del sys.modules[LIBRARY]
        return importlib.import_module(LIBRARY)

    def _render(self, name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        try:
            request = line({"function": name, "arguments": arguments, "options": options})
        except (TypeError, ValueError):
            request = None
        if request is None or len(request) > LONGEST:
            return getattr(self._library(), name)(*arguments, **options)
        with self._lock:
            self._channel.sendall(request)
            reply = json.loads(self._replies.readline())
        if "error" in reply:
            raise ValueError(reply["error"])
        return b64decode(reply["bytes"]) if "bytes" in reply else reply["text"]


def serve(channel: socket.socket) -> None:
    """Run a renderer: answer the requests on the socket until it is closed."""
    library = importlib.import_module(LIBRARY)
    for request in channel.makefile("rb", BUFFER):
        call = json.loads(request)
        try:
            picture = getattr(library, call["function"])(*call["arguments"], **call["options"])
        except Exception as error:  # anything can be wrong with a chart; its author sees the message
            reply = {"error": str(error)}
        else:
            reply = {"text": picture} if isinstance(picture, str) else {"bytes": b64encode(picture).decode()}
        channel.sendall(line(reply))


def line(content: Any) -> bytes:
    """Return content as one line of JSON.

    Raises
    ------
    TypeError, ValueError
        If JSON cannot represent it.
    """
    return json.dumps(content, allow_nan=False).encode() + b"\n"


class RendererPool:
    """The renderers of a grading process, and a cache of their pictures.

    No notebook waits for another one's chart: each has a renderer for itself while it renders.

    Parameters
    ----------
    start : callable
        Starts a renderer for a socket, in a folder, and returns a function that ends it.
    """

    def __init__(self, start: Callable[[socket.socket, str], Callable[[], None]]) -> None:
        self._start = start
        self._pictures: OrderedDict[bytes, bytes] = OrderedDict()
        self._size = 0
        self._idle: list[_Renderer] = []
        self._at_work: dict[object, _Renderer] = {}
        # Held for moments only, never while something is rendered.
        self._lock = threading.Lock()

    def render(self, request: bytes, owner: object) -> bytes:
        """Return the picture for a chart, or an error message; request and reply are lines of JSON.

        Parameters
        ----------
        request : bytes
            The chart.
        owner : object
            Whose it is; the next one is asked for when this one has been returned.
        """
        key = hashlib.sha256(request).digest()
        with self._lock:
            if key in self._pictures:
                self._pictures.move_to_end(key)
                return self._pictures[key]
        try:
            picture = self._render(request, owner)
        except (OSError, ValueError, TypeError, KeyError, RuntimeError) as error:
            return line({"error": f"The chart could not be drawn: {error}."})
        with self._lock:
            if key not in self._pictures:
                self._pictures[key] = picture
                self._size += len(picture)
            while self._size > CACHED:
                self._size -= len(self._pictures.popitem(last=False)[1])
        return picture

    def _render(self, request: bytes, owner: object) -> bytes:
        call = json.loads(request)
        if call["function"] not in RENDERS:
            raise ValueError("it is not one of ours to draw")
        # An expression could change the renderer for the chart after it.
        own = any(_expressions(call["arguments"])) or any(_expressions(call["options"]))
        with self._lock:
            renderer = self._idle.pop() if self._idle and not own else None
        if renderer is not None:
            try:
                return self._render_by(renderer, request, owner, keep=True)
            except ConnectionError:
                # Unless this chart's notebook has ended, it is not this one's fault: it has ended since its last chart.
                if renderer.stopped:
                    raise
        return self._render_by(_Renderer(self._start), request, owner, keep=not own)

    def _render_by(self, renderer: _Renderer, request: bytes, owner: object, *, keep: bool) -> bytes:
        picture = None
        try:
            with self._lock:
                self._at_work[owner] = renderer
            picture = renderer.render(request)
        finally:
            with self._lock:
                self._at_work.pop(owner, None)
                keep &= picture is not None and not renderer.stopped and len(self._idle) < MOST_IDLE
                if keep:
                    self._idle.append(renderer)
            if not keep:
                renderer.end()
        return picture

    def stop(self, owner: object) -> None:
        """Stop what is being rendered for this owner."""
        with self._lock:
            renderer = self._at_work.get(owner)
            if renderer is not None:
                renderer.stopped = True
        if renderer is not None:
            renderer.stop()

    def close(self) -> None:
        """End the renderers."""
        with self._lock:
            idle, self._idle = self._idle, []
        for renderer in idle:
            renderer.end()


class _Renderer:
    def __init__(self, start: Callable[[socket.socket, str], Callable[[], None]]) -> None:
        self.stopped = False
        self._folder = TemporaryDirectory(prefix="course-renderer-", ignore_cleanup_errors=True)
        self._channel, theirs = socket.socketpair()
        self._channel.settimeout(SECONDS)
        self._pictures = self._channel.makefile("rb", BUFFER)
        with theirs:
            self._end = start(theirs, self._folder.name)

    def render(self, request: bytes) -> bytes:
        self._channel.sendall(request)
        picture = self._pictures.readline(2 * LONGEST)
        if picture.endswith(b"\n"):
            return picture
        if len(picture) == 2 * LONGEST:
            raise OSError("a picture is too large")
        raise ConnectionError("the process that draws has ended")

    def stop(self) -> None:
        """End the process. Another thread, which waits for its picture, gets an OSError."""
        self._end()

    def end(self) -> None:
        self._pictures.close()
        self._channel.close()
        self._end()
        self._folder.cleanup()


def _expressions(content: Any) -> Iterator[str]:
    """Yield every string in a chart specification that may be an expression."""
    if isinstance(content, Mapping):
        for key, value in content.items():
            if key in EXPRESSIONS and isinstance(value, str | list):
                yield str(value)
            else:
                yield from _expressions(value)
    elif isinstance(content, list):
        for value in content:
            yield from _expressions(value)


class Numbering:
    """Numbers the elements of a notebook's pictures as if one process had rendered them all.

    vl-convert goes on counting from one picture to the next.
    """

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def number(self, picture: bytes) -> bytes:
        """Return a picture, as a line of JSON, with the numbers it would have had."""
        reply = json.loads(picture)
        if not isinstance(text := reply.get("text"), str):
            return picture
        used: dict[str, set[int]] = {}
        for _, name, number in re.findall(NUMBERED, text):
            used.setdefault(name, set()).add(int(number))
        renumbered = {
            (name, str(number)): self._last.get(name, 0) + rank
            for name, numbers in used.items()
            for rank, number in enumerate(sorted(numbers), start=1)
        }
        for name, numbers in used.items():
            self._last[name] = self._last.get(name, 0) + len(numbers)

        def replacement(match: re.Match[str]) -> str:
            return f"{match[1]}{match[2]}{renumbered[match[2], match[3]]}"

        return line({"text": re.sub(NUMBERED, replacement, text)})

"""One process that draws the charts of all notebooks, because to start V8 takes a second and cannot be forked.

In a child, `Borrowed` takes the place of the library that draws (vl-convert): it hands each chart to the grading
process, which has it drawn and gives the picture back, so that a notebook notices nothing. A chart that was drawn
before, as those in given cells are for everybody, is not drawn again.

The draughtsman lives in the same layers as a submission. A chart that holds an expression holds code, and code of one
submission must not live on into the next: for such a chart there is a draughtsman of its own, who ends with it.
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
DRAWS: Final = ("vegalite_to_svg", "vegalite_to_png")
"""What is asked of the draughtsman. Everything else the library does itself, in the child."""
EXPRESSIONS: Final = frozenset(
    {"calculate", "events", "expr", "filter", "init", "labelExpr", "on", "select", "signal", "test", "update"}
)
"""Where in a chart a text may be an expression."""
NUMBERED: Final = re.compile(r'(id="|url\(#)(clip|gradient_)(\d+)')
"""How the parts of a picture are named that have a number."""
LONGEST: Final = 32 << 20
"""Bytes of a chart or a picture."""
SECONDS: Final = 30.0
"""What one chart may take."""
LIMITS: Final = Limits(wall_seconds=1e6, cpu_seconds=1e6)
"""What a draughtsman may use: as a notebook, but he is there for all of them."""
KEPT: Final = 64 << 20
"""Bytes of pictures that are kept for the next notebook."""


class Borrowed(ModuleType):
    """Stands for vl-convert in a child.

    Parameters
    ----------
    easel : socket.socket
        Where charts go and pictures come from.
    """

    def __init__(self, easel: socket.socket) -> None:
        super().__init__(LIBRARY)
        self._easel = easel
        self._one_at_a_time = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        if name in DRAWS and sys.modules.get(LIBRARY) is self:
            return lambda *arguments, **options: self._draw(name, arguments, options)
        return getattr(self._own(), name)

    def _own(self) -> ModuleType:
        """Return the library itself, which takes this one's place from now on."""
        if sys.modules.get(LIBRARY) is self:
            del sys.modules[LIBRARY]
        return importlib.import_module(LIBRARY)

    def _draw(self, name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        try:
            asked = line({"draw": name, "arguments": arguments, "options": options})
        except (TypeError, ValueError):
            asked = None
        if asked is None or len(asked) > LONGEST:
            return getattr(self._own(), name)(*arguments, **options)
        with self._one_at_a_time:
            self._easel.sendall(asked)
            answer = json.loads(read_line(self._easel))
        if "error" in answer:
            raise ValueError(answer["error"])
        return b64decode(answer["bytes"]) if "bytes" in answer else answer["text"]


def serve(easel: socket.socket) -> None:
    """Draw what comes over the socket, until it ends."""
    library = importlib.import_module(LIBRARY)
    while asked := read_line(easel):
        order = json.loads(asked)
        try:
            drawn = getattr(library, order["draw"])(*order["arguments"], **order["options"])
        except Exception as error:  # whatever is wrong with a chart is for its maker to hear
            answer = {"error": str(error)}
        else:
            answer = {"text": drawn} if isinstance(drawn, str) else {"bytes": b64encode(drawn).decode()}
        easel.sendall(line(answer))


def line(content: Any) -> bytes:
    """Return content as one line of JSON.

    Raises
    ------
    TypeError, ValueError
        If it is none.
    """
    return json.dumps(content, allow_nan=False).encode() + b"\n"


def read_line(easel: socket.socket) -> bytes:
    """Read one line; empty at the end.

    Raises
    ------
    OSError
        If none comes, or one that is too long.
    """
    held = bytearray()
    while not held.endswith(b"\n"):
        piece = easel.recv(1 << 18)
        if not piece:
            return b""
        held += piece
        if len(held) > 2 * LONGEST:
            raise OSError("a picture is too large")
    return bytes(held)


class Studio:
    """The grading process's end: draughtsmen, and the pictures they have drawn.

    Parameters
    ----------
    start : callable
        Starts a draughtsman for a socket, in a folder, and returns what ends him.
    """

    def __init__(self, start: Callable[[socket.socket, str], Callable[[], None]]) -> None:
        self._start = start
        self._drawn: OrderedDict[bytes, bytes] = OrderedDict()
        self._size = 0
        self._usual: _Draughtsman | None = None
        self._one_at_a_time = threading.Lock()

    def draw(self, asked: bytes) -> bytes:
        """Return the picture for a chart, both as lines of JSON. What cannot be drawn is an error in words."""
        with self._one_at_a_time:
            key = hashlib.sha256(asked).digest()
            if key in self._drawn:
                self._drawn.move_to_end(key)
                return self._drawn[key]
            try:
                drawn = self._draw(asked)
            except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
                return line({"error": f"The chart could not be drawn: {error}."})
            self._drawn[key] = drawn
            self._size += len(drawn)
            while self._size > KEPT:
                self._size -= len(self._drawn.popitem(last=False)[1])
            return drawn

    def _draw(self, asked: bytes) -> bytes:
        order = json.loads(asked)
        if order["draw"] not in DRAWS:
            raise ValueError("it is not one of ours to draw")
        own = any(_expressions(order["arguments"])) or any(_expressions(order["options"]))
        draughtsman = _Draughtsman(self._start) if own or self._usual is None else self._usual
        if not own:
            self._usual = draughtsman
        try:
            return draughtsman.draw(asked)
        except OSError:
            self._usual, own = None if draughtsman is self._usual else self._usual, True
            raise
        finally:
            if own:
                draughtsman.end()

    def close(self) -> None:
        """End the draughtsman."""
        if self._usual is not None:
            self._usual.end()
            self._usual = None


class _Draughtsman:
    def __init__(self, start: Callable[[socket.socket, str], Callable[[], None]]) -> None:
        self._folder = TemporaryDirectory(prefix="course-draughtsman-", ignore_cleanup_errors=True)
        self._easel, theirs = socket.socketpair()
        self._easel.settimeout(SECONDS)
        with theirs:
            self._end = start(theirs, self._folder.name)

    def draw(self, asked: bytes) -> bytes:
        self._easel.sendall(asked)
        if drawn := read_line(self._easel):
            return drawn
        raise OSError("the process that draws has ended")

    def end(self) -> None:
        self._easel.close()
        self._end()
        self._folder.cleanup()


def _expressions(content: Any) -> Iterator[str]:
    """Yield every text in a chart that may be an expression."""
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
    """Numbers the parts of pictures as one process would that draws them all: vl-convert counts on from the last."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def number(self, drawn: bytes) -> bytes:
        """Return a picture, as a line of JSON, with the numbers it would have had."""
        answer = json.loads(drawn)
        if not isinstance(text := answer.get("text"), str):
            return drawn
        found: dict[str, set[int]] = {}
        for _, name, number in re.findall(NUMBERED, text):
            found.setdefault(name, set()).add(int(number))
        places = {
            (name, str(number)): self._last.get(name, 0) + rank
            for name, numbers in found.items()
            for rank, number in enumerate(sorted(numbers), start=1)
        }
        for name, numbers in found.items():
            self._last[name] = self._last.get(name, 0) + len(numbers)
        return line({"text": re.sub(NUMBERED, lambda one: f"{one[1]}{one[2]}{places[one[2], one[3]]}", text)})

"""The learner's end of the bridge: it answers what the referee asks, while no cell runs.

It runs beside the learner's code and may be changed by it, so the referee believes nothing of what it says.
"""

from __future__ import annotations

import contextlib
import io
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from course.classroom.bridge.decode import ValueDecoder
from course.classroom.bridge.encode import TooMuchError, ValueEncoder, dump
from course.classroom.bridge.limits import LARGEST
from course.classroom.bridge.messages import Line, digest

PRINTED: Final = 1 << 16
"""Characters of what a function prints, at most."""


class Answerer:
    """Answers the referee's requests.

    Parameters
    ----------
    pipe : socket.socket
        Where requests arrive.
    names : callable
        Returns the notebook's names.
    """

    def __init__(self, pipe: socket.socket, names: Callable[[], Mapping[str, Any]]) -> None:
        self._line, self._names, self._folder = Line(pipe), names, Path.cwd()
        self._functions: list[Any] = []

    def answer(self) -> bool:
        """Wait for a request and answer it. Return whether there may be more."""
        try:
            number, kind, *parts = self._line.receive()
            self._line.send(self._reply(number, kind, parts))
        except (EOFError, OSError):
            return False
        return True

    def _reply(self, number: int, kind: str, parts: list[Any]) -> bytes:
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                reply = getattr(self, f"_{kind}")(*parts)
            # What showing a value prints is not the learner's.
            return dump([number, *reply, printed.getvalue()[:PRINTED] if kind == "call" else ""])
        except TooMuchError as error:
            return dump([number, "refused", f"it is too large to be checked: {error}", ""])
        except BaseException as error:  # whatever a learner's function raises, an exit and an interruption too
            text = printed.getvalue()[:PRINTED]
            try:
                return dump([number, "error", type(error).__name__, str(error)[: 1 << 16], text])
            except Exception:
                return dump([number, "error", "Exception", "an error that cannot be shown", text])

    def _name(self, name: str) -> list[Any]:
        try:
            value = self._names()[name]
        except KeyError:
            return ["absent"]
        return ["value", self._encode(value)]

    def _call(self, function: int, arguments: Any, options: Any) -> list[Any]:
        decode = ValueDecoder().decode
        return ["value", self._encode(self._functions[function](*decode(arguments), **decode(options)))]

    def _file(self, name: str, seen: str) -> list[Any]:
        path = self._folder / name
        try:
            # Not opened otherwise: a pipe would hang.
            if not path.is_file():
                return ["absent"]
            if (size := path.stat().st_size) > LARGEST // 2:
                raise TooMuchError(f"{size >> 20} MiB")
            content = path.read_bytes()
        except OSError:
            return ["absent"]
        return ["value", None if digest(content) == seen else self._encode(content)]

    def _encode(self, value: Any) -> Any:
        return ValueEncoder(self._remember).encode(value)

    def _remember(self, function: Any) -> int:
        self._functions.append(function)
        return len(self._functions) - 1

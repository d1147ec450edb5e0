"""The referee's end of the bridge: it asks the learner's kernel for a value, a call or a file."""

from __future__ import annotations

import socket
import sys
from collections.abc import Mapping
from typing import Any, Final

from course.classroom.bridge import stand_ins
from course.classroom.bridge.decode import DecodeError, ValueDecoder
from course.classroom.bridge.encode import ValueEncoder, dump
from course.classroom.bridge.messages import Line
from course.classroom.bridge.stand_ins import NotReceived

SECONDS_TO_STOP: Final = 2.0
"""How long a function may take to return after it was interrupted."""
PRINTED: Final = 1 << 16
"""Characters shown of what a function prints."""
ENDED: Final = "The Python that ran the notebook has ended, so nothing more can be checked."
ABSENT: Final = object()
"""Stands for a name or a file that the learner's kernel does not have."""


class Asker:
    """Asks the learner's kernel, one question after the other.

    Parameters
    ----------
    pipe : socket.socket
        Where to send questions.
    """

    def __init__(self, pipe: socket.socket) -> None:
        self._line = Line(pipe)
        self._number = 0
        self._ended = ""

    def name(self, name: str) -> Any:
        """Return the value of a name, as data; `ABSENT` if there is no such name.

        Raises
        ------
        NotReceived
            If the value cannot cross, or the learner's kernel does not answer.
        """
        return self._ask(name, "name", name)

    def file(self, name: str, seen: str) -> Any:
        """Return the content of a file in the learner's folder; None if its digest is `seen`, `ABSENT` if it is none.

        Raises
        ------
        NotReceived
            As `name`.
        """
        content = self._ask(name, "file", name, seen)
        return content if isinstance(content, bytes) or content is None else ABSENT

    def call(self, number: int, arguments: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
        """Call a function of the learner's, and return its result as data.

        Raises
        ------
        NotReceived
            As `name`.
        TypeError
            If an argument cannot cross.
        Exception
            What the function raises.
        """
        encoder = ValueEncoder(_refuse_function)
        return self._ask("the result", "call", number, encoder.encode(list(arguments)), encoder.encode(dict(options)))

    def _ask(self, what: str, *request: Any) -> Any:
        if self._ended:
            raise NotReceived(self._ended)
        self._number += 1
        try:
            self._line.send(dump([self._number, *request]))
            _, kind, *parts, printed = self._reply()
        except (OSError, EOFError):
            self._ended = ENDED
            raise NotReceived(self._ended) from None
        except (DecodeError, ValueError) as error:
            self._ended = f"The Python that ran the notebook does not answer as it should: {error}."
            raise NotReceived(self._ended) from None
        if isinstance(printed, str):
            sys.stdout.write(printed[:PRINTED])
        return self._read(what, kind, parts)

    def _reply(self) -> list[Any]:
        """Wait for the reply to the last request. If this is interrupted, so is the learner's kernel."""
        try:
            return self._next()
        except KeyboardInterrupt:
            self._line.wait_at_most(SECONDS_TO_STOP)
            try:
                self._next()
            except (OSError, EOFError, DecodeError):
                self._ended = "The Python that ran the notebook did not stop when it was interrupted."
            self._line.wait_at_most(None)
            raise

    def _next(self) -> list[Any]:
        # What was not asked for, or too late, is passed over.
        while (reply := self._line.receive())[0] != self._number:
            pass
        return reply

    def _read(self, what: str, kind: object, parts: list[Any]) -> Any:
        try:
            match kind, parts:
                case "absent", []:
                    return ABSENT
                case "value", [content]:
                    return ValueDecoder(self.call).decode(content)
                case "error", [str(name), str(message)]:
                    raise stand_ins.make_error(name, ValueDecoder().decode(message))
                case "refused", [str(why)]:
                    raise NotReceived(f"{what} has not arrived: {ValueDecoder().decode(why)[:200]}.")
        except DecodeError as error:
            raise NotReceived(f"{what} has not arrived: {error}.") from None
        raise NotReceived(f"{what} has not arrived: the reply is none.")


def _refuse_function(function: object) -> int:
    raise TypeError(f"a check cannot hand over {function!r}: only values cross, no functions")

"""Jupyter messages over one socket between the grading process and the child that runs a notebook.

A message is a line of JSON that says what follows (channel, kind, which request it answers, sizes), the message itself
as JSON, and its binary buffers. The line comes first so that a message too long to be kept need not be read to be
understood.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

LONGEST_LINE: Final = 4096
"""Bytes of the line before a message. A longer one is no line of ours."""


class FramingError(ValueError):
    """What came over the socket is no message."""


@dataclass(frozen=True)
class Envelope:
    """What the line before a message says.

    Parameters
    ----------
    channel : str
        Jupyter's name of the channel: ``shell``, ``iopub`` or ``control``.
    role : str
        Whose code a request is; empty on the way back. It is not in the message, which a notebook can look at.
    kind : str
        Jupyter's type of the message.
    parent : str
        The request that it answers, or nothing.
    sizes : tuple of int
        Bytes of the message and of each buffer.
    """

    channel: str
    role: str
    kind: str
    parent: str
    sizes: tuple[int, ...]

    @classmethod
    def read(cls, line: bytes) -> Envelope:
        """Read a line.

        Raises
        ------
        FramingError
            If it is none of ours.
        """
        try:
            channel, role, kind, parent, *sizes = json.loads(line)
        except (ValueError, TypeError) as error:
            raise FramingError(f"not the line before a message: {line[:80]!r}") from error
        texts, numbers = (channel, role, kind, parent), all(type(size) is int and size >= 0 for size in sizes)
        if not (sizes and numbers and all(isinstance(text, str) for text in texts)):
            raise FramingError(f"not the line before a message: {line[:80]!r}")
        return cls(channel, role, kind, parent, tuple(sizes))

    @property
    def size(self) -> int:
        """Bytes of everything that follows the line."""
        return sum(self.sizes)


def encode(
    channel: str,
    message: Mapping[str, Any],
    pack: Callable[[Any], bytes],
    buffers: Sequence[Any] = (),
    role: str = "",
) -> bytes:
    """Return a message as it goes over the socket; `pack` makes JSON of it."""
    raw = [memoryview(buffer).cast("B") for buffer in buffers]
    body = pack({**message, "buffers": []})
    parent = message["parent_header"].get("msg_id", "")
    line = json.dumps([channel, role, message["msg_type"], parent, len(body), *map(len, raw)])
    return b"".join([line.encode(), b"\n", body, *raw])


class Decoder:
    """Puts the pieces that a socket gives together to messages.

    Parameters
    ----------
    wanted : callable or None
        Says of an envelope whether its message is wanted. One that is not is passed over without being held in memory.
    """

    def __init__(self, wanted: Callable[[Envelope], bool] | None = None) -> None:
        self._asked = wanted
        self._held = bytearray()
        self._envelope: Envelope | None = None
        self._wanted = True
        self._to_skip = 0

    def feed(self, piece: bytes) -> Iterator[tuple[Envelope, dict[str, Any] | None]]:
        """Take the next piece and yield each message that is complete now, with None for one not wanted.

        Raises
        ------
        FramingError
            If the pieces make no message.
        """
        self._held += piece
        while True:
            if self._envelope is None:
                end = self._held.find(b"\n", 0, LONGEST_LINE)
                if end < 0:
                    if len(self._held) >= LONGEST_LINE:
                        raise FramingError("the line before a message does not end")
                    return
                self._envelope = Envelope.read(bytes(self._held[:end]))
                del self._held[: end + 1]
                self._wanted = self._asked is None or self._asked(self._envelope)
                self._to_skip = 0 if self._wanted else self._envelope.size
            envelope = self._envelope
            if not self._wanted:
                skipped = min(self._to_skip, len(self._held))
                del self._held[:skipped]
                self._to_skip -= skipped
                if self._to_skip:
                    return
                self._envelope = None
                yield envelope, None
            else:
                if len(self._held) < envelope.size:
                    return
                parts, start = [], 0
                for size in envelope.sizes:
                    parts.append(bytes(self._held[start : start + size]))
                    start += size
                del self._held[:start]
                self._envelope = None
                yield envelope, _message(envelope, parts)


def _message(envelope: Envelope, parts: list[bytes]) -> dict[str, Any]:
    """Read a message, which must be what its line said."""
    try:
        message = json.loads(parts[0])
        header, parent = message["header"], message["parent_header"]
        fits = (
            header["msg_type"] == message["msg_type"] == envelope.kind
            and isinstance(header["msg_id"], str)
            and parent.get("msg_id", "") == envelope.parent
            and isinstance(message["content"], dict)
            and isinstance(message["metadata"], dict)
        )
        header["date"] = datetime.fromisoformat(header["date"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise FramingError(f"a message of the type {envelope.kind!r} cannot be read") from error
    if not fits:
        raise FramingError(f"a message is not the {envelope.kind!r} that its line says")
    message["buffers"] = [memoryview(part) for part in parts[1:]]
    return dict(message)

"""Does an answer still say the same? A fingerprint of its data, taken without running code of the learner's."""

from __future__ import annotations

import hashlib
import pickle
from typing import Any, Final

LARGEST: Final = 1 << 20
"""Bytes of an answer that are compared; what is longer is compared up to here."""
MOST_CELLS: Final = 100_000
"""Cells of a table that are compared; of a larger one, only whether it is still the same."""


class _OpaqueError(Exception):
    """An object whose content cannot be told without running its own code."""


class _Digest:
    """A file that keeps nothing but a fingerprint of the first bytes written to it."""

    def __init__(self) -> None:
        self._hash, self._left = hashlib.blake2b(), LARGEST

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        self._hash.update(memoryview(data).cast("B")[: self._left])
        self._left -= size
        if self._left <= 0:
            raise EOFError
        return size

    def value(self) -> bytes:
        return self._hash.digest()


class _Pickler(pickle.Pickler):
    """Takes plain data and tables, and no object that could run the learner's code."""

    def reducer_override(self, thing: Any) -> Any:
        package = type(thing).__module__.partition(".")[0]
        if package == "pandas" and hasattr(thing, "columns"):
            if thing.size > MOST_CELLS:
                raise _OpaqueError
            columns = [thing.iloc[:, place].tolist() for place in range(thing.shape[1])]
            return tuple, ((thing.columns.tolist(), thing.index.tolist(), columns),)
        if package in ("pandas", "numpy", "datetime", "decimal", "fractions") or thing is tuple:
            return NotImplemented
        raise _OpaqueError


def fingerprint(value: Any) -> Any:
    """Return something that is equal as long as plain data says the same, and any other object is the same one."""
    digest = _Digest()
    try:
        _Pickler(digest, protocol=pickle.HIGHEST_PROTOCOL).dump(value)
    except EOFError:
        pass
    except Exception:  # whatever an object does when it is asked
        return id(value)
    return digest.value()

"""The sandbox of macOS, the one behind ``sandbox-exec`` and the App Store, for this process and what it starts."""

from __future__ import annotations

import ctypes
import json
from collections.abc import Iterable
from pathlib import Path

_SYSTEM = (
    "/System",
    "/usr/lib",
    "/usr/share",
    "/usr/bin",
    "/bin",
    "/Library/Fonts",
    "/private/var/db/timezone",
    "/dev",
)


def profile(readable: Iterable[Path], folder: Path) -> str:
    """Return the rules in the sandbox's own language: `folder` to write, `readable` and the system to read, no network.

    Paths are those the kernel sees, without links (``/private/tmp`` for ``/tmp``).
    """
    # A string of this language is written as one of JSON is.
    read = " ".join(f"(subpath {json.dumps(str(path.resolve()))})" for path in (*readable, *map(Path, _SYSTEM)))
    write = f"(subpath {json.dumps(str(folder.resolve()))})"
    return f"""(version 1)
(deny default)
(allow process-fork process-exec)
(allow signal (target same-sandbox))
(allow process-info* (target same-sandbox))
(allow sysctl-read)
(allow file-read-metadata)
(allow file-read* file-map-executable {read} {write})
(allow file-write* {write} (literal "/dev/null"))
(deny network*)
"""


def restrict(readable: Iterable[Path], folder: Path) -> None:
    """Enter the sandbox.

    Raises
    ------
    OSError
        If the system does not take the rules.
    """
    library = ctypes.CDLL("/usr/lib/libsystem_sandbox.dylib")
    message = ctypes.c_char_p()
    if library.sandbox_init(profile(readable, folder).encode(), ctypes.c_uint64(0), ctypes.byref(message)):
        raise OSError((message.value or b"the sandbox was refused").decode(errors="replace"))

"""The paths outside of its own folder that a submission may read and use."""

from __future__ import annotations

import site
import sys
import sysconfig
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).resolve().parents[2]
"""The folder of the package ``course``."""
_SYSTEM: Final = tuple(
    Path(name)
    for name in (
        "/bin", "/lib", "/lib32", "/lib64", "/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/share",
        "/usr/local/bin", "/usr/local/lib", "/usr/local/lib64", "/usr/local/share/fonts",
        "/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types", "/etc/timezone",
        "/sys/devices/system/cpu", "/var/cache/fontconfig",
    )
)  # fmt: skip
DEVICES: Final = tuple(Path("/dev") / name for name in ("null", "zero", "full", "random", "urandom"))
PROC_FILES: Final = tuple(
    Path("/proc") / name for name in ("cpuinfo", "filesystems", "loadavg", "meminfo", "stat", "uptime", "version")
)
"""Files in /proc about the machine as a whole."""


def readable_by_default() -> list[Path]:
    """Return what every submission may read.

    That is Python and its libraries, the system's programs, fonts and time zones, and the course's package and data. It
    includes no home folder, gradebook, solutions or temporary files.
    """
    python = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.exec_prefix), Path(sys.base_exec_prefix)}
    python |= {Path(path) for path in sysconfig.get_paths().values()}
    python |= {Path(path) for path in (*site.getsitepackages(), sys.executable)}
    return [path for path in (*sorted(python), PACKAGE, PACKAGE.parent / "data", *_SYSTEM) if path.exists()]

"""Pyodide's list of packages, our own: every package that the site holds, and what each needs."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from email import message_from_string
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# What packaging asks a platform before it decides whether a requirement counts.
_BROWSER: Final = {
    "sys_platform": "emscripten",
    "platform_system": "Emscripten",
    "platform_machine": "wasm32",
    "os_name": "posix",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
    "python_version": "3.13",
    "python_full_version": "3.13.2",
    "extra": "",
}


class BrowserSiteError(Exception):
    """The site cannot be built. The message says why, and what to do."""


def make(official: Mapping[str, Any], wheels: Iterable[Path]) -> dict[str, Any]:
    """Return the list of packages for a site.

    Parameters
    ----------
    official : mapping
        Pyodide's own list, with names and checksums of what its makers have compiled.
    wheels : iterable of path
        The wheels that lie beside the list in the site.

    Raises
    ------
    BrowserSiteError
        If a compiled wheel is not the one that Pyodide's makers published for this version.
    """
    by_name = {str(canonicalize_name(wheel.name.split("-")[0])): wheel for wheel in wheels}
    packages = {
        name: _pure(name, wheel, set(by_name)) if is_pure(wheel) else _compiled(name, wheel, official["packages"])
        for name, wheel in by_name.items()
    }
    return {"info": official["info"], "packages": packages}


def is_pure(wheel: Path) -> bool:
    """Whether a wheel runs on any machine."""
    return wheel.name.endswith("-none-any.whl")


def _compiled(name: str, wheel: Path, official: Mapping[str, Any]) -> dict[str, Any]:
    entry = official.get(name, {})
    if (entry.get("file_name"), entry.get("sha256")) != (wheel.name, sha256(wheel.read_bytes()).hexdigest()):
        raise BrowserSiteError(
            f"{wheel.name} is not as Pyodide's makers published it for the Pyodide of this site. "
            "Nothing is built with it; renew what course/classroom/lite/parts.py names."
        )
    return dict(entry)


def _pure(name: str, wheel: Path, names: set[str]) -> dict[str, Any]:
    with zipfile.ZipFile(wheel) as packed:
        inside = packed.namelist()
        (metadata,) = (file for file in inside if file.endswith(".dist-info/METADATA") and file.count("/") == 1)
        about = message_from_string(packed.read(metadata).decode())
    needs = {
        str(canonicalize_name(needed.name))
        for needed in map(Requirement, about.get_all("Requires-Dist", ()))
        if needed.marker is None or needed.marker.evaluate(_BROWSER)
    }
    return {
        "name": name,
        "version": about["Version"],
        "file_name": wheel.name,
        "sha256": sha256(wheel.read_bytes()).hexdigest(),
        "install_dir": "site",
        "package_type": "package",
        # Commands and the instructor's side need more than a browser has; what is not in the site is not asked for.
        "depends": sorted(needs & names),
        "imports": sorted({file.split("/")[0].removesuffix(".py") for file in inside if _importable(file)}),
    }


def _importable(file: str) -> bool:
    top, _, rest = file.partition("/")
    return file.endswith(".py") and (top.isidentifier() if rest else top.removesuffix(".py").isidentifier())

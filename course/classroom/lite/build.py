"""Put the site together: JupyterLab with our widgets, Pyodide with our list of packages, and the course's files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from course.classroom.lite import lock, pages, parts
from course.classroom.lite.lock import BrowserSiteError
from course.install import workspace
from course.wording.pages import render

SHARE: Final = workspace.PACKAGE / "share" / "jupyter"
KERNEL_PLUGIN: Final = "@jupyterlite/pyodide-kernel-extension:kernel"
EXTENSIONS: Final = ("anywidget", "@jupyter-widgets/jupyterlab-manager")
FIRST: Final = "notebooks/00-start-here.ipynb"
KEEPING: Final = Path(__file__).with_name("keeping.js")
MADE_HERE: Final = "jupyter-lite.json"
"""By this file a folder is known for a site, which the next build may replace."""

BY_NAME: Final = "let{path:a,name:i}=e,o=this._sessions.find(e=>e.name===i)"
BY_PATH: Final = BY_NAME.replace("e.name===i", "e.path===a")
"""How JupyterLite 0.8 finds what runs already. A lesson and its exercise have the same name; going by that, the one
that is opened second would wait for its Python for ever."""

LIKE_PANDAS_3: Final = {"PANDAS_COPY_ON_WRITE": "1"}
"""What makes pandas 2.3, which the site has, treat a copy as pandas 3 does, which is what other places have."""


def build(root: Path, output: Path) -> Path:
    """Build the site and return its folder.

    Parameters
    ----------
    root : pathlib.Path
        The checkout.
    output : pathlib.Path
        Where the site goes. A site that is there is replaced whole.

    Raises
    ------
    BrowserSiteError
        If something else is in the output folder, a part cannot be fetched, or JupyterLite fails.
    """
    if not pages.is_free(output, MADE_HERE):
        raise BrowserSiteError(
            f"{output} holds something that is no such site, so it is left alone. Name another folder."
        )
    kept = parts.fetch()
    with tempfile.TemporaryDirectory() as name:
        # JupyterLite's database of what is built is in here, so it cannot say that a removed site is up to date.
        place = Path(name)
        packages = _lay_pyodide(place / "pyodide", kept, root)
        _lay_course(place / "files", root)
        _write(place / MADE_HERE, _settings(packages))
        shutil.copy(SHARE / "labconfig" / "default_setting_overrides.json", place / "overrides.json")
        _write(place / "jupyter_lite_config.json", _recipe(place, kept))
        site = place / "site"
        _run_jupyterlite(place, site)
        _identify_notebooks_by_path(site)
        shutil.move(place / "pyodide", site / "static" / "pyodide")
        (site / "index.html").write_text(_front_page(place / "files"), encoding="utf-8")
        _tell_what_is_kept(site, place / "files")
        pages.put(site, output)
    return output


def _lay_pyodide(folder: Path, kept: Path, root: Path) -> list[str]:
    """Lay the runtime, every wheel and the list of them into a folder, and return the packages' names."""
    shutil.copytree(kept, folder)
    jupyterlite = parts.kernel(folder)
    parts.unpack_kernel_wheels(jupyterlite, folder)
    jupyterlite.unlink()
    parts.without_compiled_parts("markupsafe", folder)
    parts.own_wheel(root, folder)
    wheels = sorted(folder.glob("*.whl"))
    for wheel in wheels:
        parts.slim(wheel)
    listed = folder / "pyodide-lock.json"
    packages = lock.make(json.loads(listed.read_text(encoding="utf-8")), wheels)
    _write(listed, packages)
    return sorted(packages["packages"])


def _lay_course(folder: Path, root: Path) -> None:
    workspace.install_files(folder, version("completely-free"), origin=root)
    # It tells an upgrade which files are untouched; in the browser the site itself knows.
    shutil.rmtree(folder / workspace.RECORD.parent)


def _settings(packages: Iterable[str]) -> dict[str, Any]:
    page = json.loads((SHARE / "labconfig" / "page_config.json").read_text(encoding="utf-8"))
    kernel = {
        "pyodideUrl": "./static/pyodide/pyodide.mjs",
        "loadPyodideOptions": {"packages": list(packages), "env": LIKE_PANDAS_3},
    }
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "Completely Free?",
            "disabledExtensions": [name for name, off in page["disabledExtensions"].items() if off],
            "litePluginSettings": {KERNEL_PLUGIN: kernel},
        },
    }


def _recipe(place: Path, kept: Path) -> dict[str, Any]:
    return {
        "LiteBuildConfig": {
            "apps": ["lab"],
            "contents": [str(place / "files")],
            "federated_extensions": [
                *(str(parts.labextensions() / name) for name in EXTENSIONS),
                *map(str, (SHARE / "labextensions").iterdir()),
                str(parts.kernel(kept)),
            ],
            # Others this environment has, such as nbgrader's, would ask for a server that is not there.
            "ignore_sys_prefix": ["federated_extensions"],
            "no_sourcemaps": True,
            "no_unused_shared_packages": True,
            "settings_overrides": [str(place / "overrides.json")],
        }
    }


def _run_jupyterlite(place: Path, site: Path) -> None:
    command = [sys.executable, "-m", "jupyterlite_core", "build", "--output-dir", str(site)]
    done = subprocess.run(command, cwd=place, env=_own_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise BrowserSiteError(f"JupyterLite could not build the site:\n{(done.stdout + done.stderr).strip()[-4000:]}")


def _identify_notebooks_by_path(site: Path) -> None:
    """Make JupyterLite identify a running notebook by its path, not by its name."""
    scripts = {path: path.read_text(encoding="utf-8") for path in (site / "build").glob("*.js")}
    matching = [path for path, script in scripts.items() if BY_NAME in script]
    if len(matching) != 1:
        raise BrowserSiteError(
            "This JupyterLite is not the one that was mended here (BY_NAME in course/classroom/lite/build.py). Does a "
            "lesson's exercise now open from its link? Then take that out."
        )
    matching[0].write_text(scripts[matching[0]].replace(BY_NAME, BY_PATH), encoding="utf-8")


def _tell_what_is_kept(site: Path, files: Path) -> None:
    """Make JupyterLab's page say, before the first cell, when nothing is kept and what has a newer version."""
    shutil.copy(KEEPING, site)
    notebooks = sorted(path for folder in ("notebooks", "exercises") for path in (files / folder).rglob("*.ipynb"))
    versions = {path.relative_to(files).as_posix(): sha256(path.read_bytes()).hexdigest()[:16] for path in notebooks}
    _write(site / "versions.json", versions)
    page = site / "lab" / "index.html"
    text = page.read_text(encoding="utf-8")
    if text.count("</head>") != 1:
        raise BrowserSiteError(f"JupyterLite's page has another form than expected, so {KEEPING.name} has no place.")
    script = f'<script type="module" src="../{KEEPING.name}"></script>'
    page.write_text(text.replace("</head>", f"{script}\n</head>"), encoding="utf-8")


def _own_environment() -> dict[str, str]:
    """Leave out what a person may have set for another site of theirs."""
    return {name: value for name, value in os.environ.items() if not name.startswith("JUPYTERLITE_")}


def _front_page(files: Path) -> str:
    """Return the page at the site's own address, which goes on to lesson 00."""
    lessons = sorted((files / "notebooks").glob("*.ipynb"))
    return render(__package__, "index.html.j2", first=FIRST, lessons=lessons)


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")

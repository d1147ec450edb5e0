"""A real JupyterLab for tests: a server in a folder of its own, and a page that works in it as a learner does."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Route, ViewportSize

import course

SHARE = Path(course.__file__).parent / "share"
START_SECONDS = 90
VIEWPORT: Final[ViewportSize] = {"width": 1280, "height": 900}
READY_MS = 60_000
RUN_MS = 120_000

# Neither is about the course, and both ask the network or cover a corner of the page.
QUIET = {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}


def is_outside(address: str) -> bool:
    """Whether a request to this address would leave the machine."""
    parts = urlsplit(address)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in ("127.0.0.1", "localhost")


@contextmanager
def page_without_network(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """Open a page in a fresh profile that cannot leave this machine, and list the addresses for which it tries."""
    context = browser.new_context(viewport=VIEWPORT)
    tried: list[str] = []

    def refuse(route: Route) -> None:
        tried.append(route.request.url)
        route.abort()

    context.route(is_outside, refuse)
    page = context.new_page()
    page.on("websocket", lambda socket: tried.append(socket.url) if is_outside(socket.url) else None)
    yield page, tried
    context.close()


@dataclass(frozen=True)
class LabServer:
    """A running JupyterLab.

    Parameters
    ----------
    url : str
        Address, without a slash at the end.
    root : Path
        The folder it shows. Kernels start beside their notebook.
    """

    url: str
    root: Path

    def api(self, path: str, method: str = "GET") -> Any:
        """Call the server's own interface, for example ``api("api/kernels")``, and return what it answers."""
        request = urllib.request.Request(f"{self.url}/{path}", method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def stop_kernels(self) -> None:
        """Shut every kernel down, so that the next test starts afresh."""
        for kernel in self.api("api/kernels"):
            self.api(f"api/kernels/{kernel['id']}", "DELETE")


@contextmanager
def lab_server(home: Path, *options: str, program: str = "jupyterlab") -> Iterator[LabServer]:
    """Run JupyterLab in `home` until the block ends.

    Nothing of the person's own Jupyter (settings, kernels, workspaces) is read or changed: every folder it could use
    is below `home`.

    Parameters
    ----------
    home : Path
        An empty folder. Notebooks go to ``home/work``.
    *options : str
        More command line options for ``jupyter lab``.
    program : str
        The module that is run: JupyterLab, or ``notebook`` for Notebook 7, which is made of the same parts.

    Raises
    ------
    RuntimeError
        If it does not answer in time; the message ends with its log.
    """
    root = home / "work"
    root.mkdir()
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "share",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    settings = home / "settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps(QUIET), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", program, "--no-browser", "--allow-root"),
        *("--expose-app-in-browser", "--ServerApp.disable_check_xsrf=True"),
        *("--IdentityProvider.token=", "--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=0"),
        *(f"--ServerApp.port={port}", f"--ServerApp.root_dir={root}", *options),
    ]
    log = home / "lab.log"
    environment = {**os.environ, **{name: str(home / folder) for name, folder in folders.items()}}
    # What `course lab` adds, so that tests meet what learners do.
    environment["JUPYTER_CONFIG_PATH"] = str(SHARE / "jupyter")
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=root, env=environment, stdout=output, stderr=subprocess.STDOUT)
    server = LabServer(f"http://127.0.0.1:{port}", root)
    try:
        _wait_until_up(server, process, log)
        yield server
        server.stop_kernels()
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_up(server: LabServer, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            server.api("api/status")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"JupyterLab did not start. Its log:\n{log.read_text()[-4000:]}")


def notebook_of(cells: Sequence[str]) -> dict[str, Any]:
    """Return a notebook of code cells, as a notebook file holds it."""
    blank: dict[str, Any] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    return {
        "cells": [{**blank, "id": f"cell-{number}", "source": source} for number, source in enumerate(cells)],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


class Lab:
    """JupyterLab as one person sees it. Tests may use `page` for anything not offered here."""

    def __init__(self, page: Page, server: LabServer) -> None:
        self.page = page
        self.server = server
        self.root = server.root

    def write(self, name: str, cells: Sequence[str]) -> Path:
        """Write a notebook of code cells into the folder JupyterLab shows, and return its path."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(notebook_of(cells)), encoding="utf-8")
        return path

    def open(self, notebook: Path) -> None:
        """Open a notebook that is below the folder JupyterLab shows, and wait for its kernel."""
        path = notebook.relative_to(self.root).as_posix()
        self.page.goto(f"{self.server.url}/lab/tree/{path}?reset")
        self.wait_until_open(path)

    def reload(self) -> None:
        """Reload the page, as a learner who comes back. The kernel goes on."""
        path = self.page.evaluate("jupyterapp.shell.currentWidget.context.path")
        self.page.reload()
        self.wait_until_open(path)

    def wait_until_idle(self) -> None:
        """Wait until the notebook's kernel has nothing to do."""
        self.page.wait_for_function(
            "() => jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'", timeout=RUN_MS
        )

    def run_all(self) -> None:
        """Run every cell and wait.

        Raises
        ------
        AssertionError
            If a cell ends in an error; the message is that error.
        """
        self.page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
        self.wait_until_idle()
        errors = [output for cell in self.outputs() for output in cell if output["output_type"] == "error"]
        assert not errors, "\n".join(f"{error['ename']}: {error['evalue']}" for error in errors)

    def outputs(self) -> list[list[dict[str, Any]]]:
        """Return each code cell's outputs, as the notebook would store them."""
        outputs: list[list[dict[str, Any]]] = self.page.evaluate(
            """() => jupyterapp.shell.currentWidget.content.model.toJSON().cells
                     .filter(cell => cell.cell_type === 'code').map(cell => cell.outputs)"""
        )
        return outputs

    def save(self) -> None:
        """Save the notebook, as Ctrl+S does."""
        self.page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")

    def theme(self, name: str) -> None:
        """Change to ``"light"`` or ``"dark"``."""
        self.page.evaluate(
            "theme => jupyterapp.commands.execute('apputils:change-theme', { theme })", f"JupyterLab {name.title()}"
        )
        light = "true" if name == "light" else "false"
        self.page.wait_for_function("light => document.body.dataset.jpThemeLight === light", arg=light)

    def wait_until_open(self, path: str) -> None:
        """Wait until a notebook is shown and its kernel has nothing to do."""
        self.page.wait_for_function(
            "path => window.jupyterapp?.shell.currentWidget?.context?.path === path", arg=path, timeout=READY_MS
        )
        self.page.evaluate("() => jupyterapp.shell.currentWidget.revealed")
        self.wait_until_idle()


class KeptLab(Lab):
    """JupyterLab in a page that several tests use one after the other, because loading it takes longer than they do."""

    def open(self, notebook: Path) -> None:
        """Open a notebook as from the list of files, and wait for its kernel; the first one loads the page."""
        if not self.page.evaluate("() => 'jupyterapp' in window"):
            super().open(notebook)
            return
        path = notebook.relative_to(self.root).as_posix()
        self.page.evaluate("path => { jupyterapp.commands.execute('docmanager:open', { path }) }", path)
        self.wait_until_open(path)

    def tidy(self) -> None:
        """Close everything without saving, and put back what a test may have changed in the page."""
        self.page.evaluate(
            """() => {
              for (const widget of [...jupyterapp.shell.widgets('main')]) widget.dispose();
              delete document.body.dataset.vscodeThemeKind;
            }"""
        )
        self.server.stop_kernels()
        self.page.set_viewport_size(VIEWPORT)
        self.theme("light")

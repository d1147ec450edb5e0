"""A campus on this machine: its hub, and people who come from a learning platform."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import requests
from oauthlib.oauth1 import SIGNATURE_TYPE_BODY, Client

from tests.classroom.hub.person import Person
from tests.gradebook import ROOT

DEPLOY = ROOT / "deploy"
# ngshare needs an older SQLAlchemy than the course, so an environment of its own; the Makefile makes it.
NGSHARE = Path(sys.prefix, "ngshare", "bin", "python")
KEY, SECRET = "our-platform", "0123456789abcdef0123456789abcdef"
START_SECONDS, STOP_SECONDS = 120, 60


class Launched(Person):
    """Somebody who opens the course with a link in a learning platform (LTI 1.1)."""

    def launch(self, secret: str = SECRET, **fields: str) -> requests.Response:
        """Do what a browser does after the click: send the form that the platform has signed."""
        return self.send(self.signed_form(secret, **fields))

    def signed_form(self, secret: str = SECRET, **said_too: str) -> dict[str, str]:
        """Return the form with the platform's signature."""
        fields = {
            "lti_message_type": "basic-lti-launch-request",
            "lti_version": "LTI-1p0",
            "resource_link_id": "the-course",
            "user_id": self.name,
            "roles": "Learner",
            **said_too,
        }
        platform = Client(KEY, client_secret=secret, signature_type=SIGNATURE_TYPE_BODY)
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        _, _, body = platform.sign(f"{self.hub}/hub/lti/launch", "POST", urlencode(fields), form)
        return dict(parse_qsl(body))

    def send(self, form: Mapping[str, str]) -> requests.Response:
        """Send a form to where the platform sends people."""
        return self.browser.post(f"{self.hub}/hub/lti/launch", data=dict(form))


@dataclass(frozen=True)
class Campus:
    """A running hub, and the folder with everybody's homes."""

    address: str
    folder: Path
    log: Path

    def home(self, name: str) -> Path:
        """Return somebody's home; the instructor's class is in theirs."""
        return self.folder / "home" / name


@contextmanager
def running_campus(folder: Path, environment: Mapping[str, str]) -> Iterator[Campus]:
    """Run a campus until the block ends.

    Raises
    ------
    RuntimeError
        If it does not start; the message is what it said.
    """
    ports = _free_ports(4)
    for name in ("home", "etc"):
        (folder / name).mkdir(parents=True)
    shutil.copy(DEPLOY / "nbgrader_config.py", folder / "etc")
    ours = {"CAMPUS_FOLDER": str(folder), "CAMPUS_PORTS": " ".join(map(str, ports))}
    # The hub's own token for its proxy; the chart makes one too.
    ours |= {"CONFIGPROXY_AUTH_TOKEN": secrets.token_hex(16), "PYTHONPATH": str(ROOT), **environment}
    campus = Campus(f"http://127.0.0.1:{ports[0]}", folder, folder / "hub.log")
    command = [sys.executable, "-m", "jupyterhub", "--config", str(Path(__file__).with_name("hub_config.py"))]
    with (
        campus.log.open("wb") as log,
        subprocess.Popen(command, cwd=folder, env=os.environ | ours, stdout=log, stderr=log) as process,
    ):
        try:
            _wait_until_up(process, campus)
            yield campus
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=STOP_SECONDS)


def _wait_until_up(process: subprocess.Popen[bytes], campus: Campus) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if requests.get(f"{campus.address}/hub/api/", timeout=5).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.2)
    raise RuntimeError(campus.log.read_text(encoding="utf-8"))


def _free_ports(number: int) -> list[int]:
    taken = [socket.socket() for _ in range(number)]
    try:
        for taken_socket in taken:
            taken_socket.bind(("127.0.0.1", 0))
        return [taken_socket.getsockname()[1] for taken_socket in taken]
    finally:
        for taken_socket in taken:
            taken_socket.close()

"""A server that nobody uses is stopped, and nothing in it is lost."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.classroom.hub.running import CODE, RunningHub, running_hub
from tests.gradebook import sample_checkout

pytest.importorskip("jupyterhub", reason="JupyterHub is not installed: pip install 'completely-free[hub]'")
pytest.importorskip("nativeauthenticator", reason="its sign-up is not installed: pip install 'completely-free[hub]'")

from tests.classroom.hub.person import PATIENCE, Person

pytestmark = pytest.mark.nbgrader

LEDGER = {"whose": "ana"}


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningHub]:
    """Run a hub that waits for twelve seconds, in a place where clocks are nine hours ahead."""
    monkeypatch.setenv("TZ", "JST-9")
    course = sample_checkout(tmp_path / "course")
    with running_hub(tmp_path / "hub", course, "--code", CODE, "--idle", "0.2") as running:
        yield running


def test_an_idle_server_is_stopped_and_one_at_work_is_not_and_the_ledger_is_still_there(hub: RunningHub) -> None:
    ana, bo = Person(hub.address, "ana"), Person(hub.address, "bo")
    for person in (ana, bo):
        person.sign_up(CODE)
        person.log_in()
    for person in (ana, bo):
        person.wait_for_server()
    ana.write("exercises/ledger.json", json.dumps(LEDGER))

    deadline = time.monotonic() + PATIENCE
    while ana.about_me()["servers"]:
        assert time.monotonic() < deadline, "the idle server still runs"
        assert bo.read("")
        time.sleep(0.5)

    assert bo.about_me()["servers"][""]["ready"]
    assert json.loads((hub.folder / "learners/ana/exercises/ledger.json").read_text()) == LEDGER
    ana.start_server()
    ana.wait_for_server()
    assert json.loads(ana.read("exercises/ledger.json")) == LEDGER

"""JupyterLab under `course lab` answers at once, because it uses our connection. How fast is in benchmarks/."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from course.cli import SHARE
from course.install.connection import PromptConnection


def test_the_shipped_configuration_names_a_connection_that_is_there() -> None:
    """A wrong name would keep JupyterLab from starting; that it works, every browser test shows."""
    shown = subprocess.run(
        [sys.executable, "-m", "jupyterlab", "--show-config-json"],
        env=os.environ | {"JUPYTER_CONFIG_PATH": str(SHARE / "jupyter")},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    named = json.loads(shown)["ServerApp"]["kernel_websocket_connection_class"]
    assert named == f"{PromptConnection.__module__}.{PromptConnection.__qualname__}"

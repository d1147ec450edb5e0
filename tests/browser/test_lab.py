"""The JupyterLab that the other browser tests work in does what they rely on."""

from __future__ import annotations

import pytest

from tests.browser.lab import Lab, is_outside

pytestmark = pytest.mark.browser


def test_a_notebook_runs_changes_theme_and_survives_a_reload(lab: Lab) -> None:
    lab.open(lab.write("plain.ipynb", ["answer = 6 * 7", "answer"]))
    lab.run_all()
    assert lab.outputs()[1][0]["data"]["text/plain"] == "42"
    lab.theme("dark")
    lab.theme("light")
    lab.save()
    lab.reload()
    assert lab.outputs()[1][0]["data"]["text/plain"] == "42"


def test_an_error_in_a_cell_is_reported(lab: Lab) -> None:
    lab.open(lab.write("folder/broken.ipynb", ["1 / 0"]))
    with pytest.raises(AssertionError, match="ZeroDivisionError: division by zero"):
        lab.run_all()


@pytest.mark.parametrize(
    ("address", "outside"),
    [
        ("http://127.0.0.1:8888/lab", False),
        ("ws://localhost:8888/api", False),
        ("data:image/png;base64,AA", False),
        ("blob:https://cdn.example/1", False),
        ("https://cdn.jsdelivr.net/npm/vega", True),
        ("wss://example.org/", True),
    ],
)
def test_only_addresses_on_this_machine_are_let_through(address: str, outside: bool) -> None:
    assert is_outside(address) is outside

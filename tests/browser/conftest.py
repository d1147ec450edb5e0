"""Fixtures for tests in a real JupyterLab: `server`, one for all of them, and `lab`, a window on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.lab import Lab, LabServer, lab_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """One JupyterLab for all tests, in a folder of its own."""
    with lab_server(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture
def lab(page: Page, server: LabServer) -> Iterator[Lab]:
    """JupyterLab in a fresh browser profile, without kernels of earlier tests."""
    yield Lab(page, server)
    server.stop_kernels()

"""Fixtures for tests in a real JupyterLab: `server`, one for all of them, and `lab` or `kept_lab`, a window on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.lab import KeptLab, Lab, LabServer, lab_server, page_without_network


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


@pytest.fixture(scope="session")
def kept_page(chromium: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A page for many tests, and the addresses outside this machine for which it has asked."""
    with page_without_network(chromium) as kept:
        yield kept


@pytest.fixture
def kept_lab(kept_page: tuple[Page, list[str]], server: LabServer) -> Iterator[Lab]:
    """JupyterLab in the page of earlier tests, without their kernels and notebooks."""
    page, tried = kept_page
    lab = KeptLab(page, server)
    yield lab
    lab.tidy()
    asked = tried[:]
    tried.clear()
    assert not asked, f"the page asked for addresses outside this machine: {asked}"

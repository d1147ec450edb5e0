"""Fixtures for tests in a real browser: `page` in Chromium without the network, and `lab`, a real JupyterLab."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.browser.lab import Lab, LabServer, is_outside, lab_server

# What Chromium would otherwise ask of the network, or of a screen, by itself.
SWITCHES = (
    "--no-sandbox",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--disable-quic",
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium where it is installed; elsewhere the one Playwright has fetched for itself."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page in a fresh profile that cannot reach the network. The test fails if anything on it tries."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    tried: list[str] = []

    def refuse(route: Route) -> None:
        tried.append(route.request.url)
        route.abort()

    context.route(is_outside, refuse)
    page = context.new_page()
    page.on("websocket", lambda socket: tried.append(socket.url) if is_outside(socket.url) else None)
    yield page
    context.close()
    assert not tried, f"the page asked for addresses outside this machine: {tried}"


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

"""Settings for all tests, and `page`: a page in Chromium without the network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.browser.lab import is_outside

# These machines are shared and noisy: how long an example takes says nothing about whether a promise is kept.
settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests in a browser last: from its first use on, Playwright keeps an event loop running in this process.

    A widget in a test after it would take that loop for a kernel's, and wait for it.
    """
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


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

"""Settings for all tests, and `page`: a page in Chromium without the network."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.lab import READY_MS, page_without_network

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

# These machines are shared and noisy: how long an example or a page takes says nothing about a promise.
settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")
expect.set_options(timeout=READY_MS)

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


def pytest_configure() -> None:
    """Let programs that tests start take Ctrl+C, even if a shell started the tests in the background.

    Such a shell has them ignore it, and a program inherits that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Share the tests out in our own groups."""
    from tests.scheduling import GroupScheduling

    return GroupScheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Keep Playwright's event loop out of the fixtures of tests without a browser."""
    with _without_loop_of_playwright(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Keep Playwright's event loop out of tests without a browser."""
    with _without_loop_of_playwright(item):
        return (yield)


@contextmanager
def _without_loop_of_playwright(item: pytest.Item) -> Iterator[None]:
    """Hide the event loop that Playwright leaves running in this thread from its first use on.

    A widget in a test without a browser would take that loop for a kernel's, and wait for it.
    """
    hidden = None if item.get_closest_marker("browser") else asyncio._get_running_loop()
    if hidden is None:
        yield
        return
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(hidden)


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
    with page_without_network(chromium) as (page, tried):
        yield page
    assert not tried, f"the page asked for addresses outside this machine: {tried}"

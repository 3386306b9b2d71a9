"""Chromium, and a real service on the bundled graph, for the tests that look at the pages."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from needs import need, need_libraries
from playwright.sync_api import Browser, sync_playwright
from service_process import served
from tab import AXE, FLAGS, find_chromium


@dataclass(frozen=True)
class Chromium:
    """A running Chromium, and the event loop by which Playwright speaks to it."""

    browser: Browser
    loop: asyncio.AbstractEventLoop


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service on the bundled graph, for all tests that only look."""
    with served(tmp_path_factory.mktemp("browser") / "log") as service:
        yield service.address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """Chromium of this machine, once for each process of the tests."""
    program = find_chromium()
    need(program, "Chromium: apt-get install chromium-headless-shell")
    need(AXE.is_file(), "axe-core: npm ci in tests/browser")
    need_libraries()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        yield Chromium(browser, loop)
        asyncio._set_running_loop(loop)
        browser.close()


@pytest.fixture
def browser(chromium: Chromium) -> Iterator[Browser]:
    """Chromium for the length of a test.

    Playwright leaves its event loop running in the thread, where no other test could then start one:
    so between the tests that use it the thread has none.
    """
    asyncio._set_running_loop(chromium.loop)
    yield chromium.browser
    asyncio._set_running_loop(None)

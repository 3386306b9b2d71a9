"""Chromium, and a real service on the bundled graph, for the tests that look at the pages."""

import shutil
from collections.abc import Iterator

import pytest
from needs import need, need_libraries
from playwright.sync_api import Browser, sync_playwright
from service_process import served
from tab import AXE, FLAGS


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service on the bundled graph, for all tests that only look."""
    with served(tmp_path_factory.mktemp("browser") / "log") as service:
        yield service.address


# Playwright keeps an event loop running in the thread, in which no other test could start its own:
# hence one browser for each module.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium of this machine."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    need(chromium is not None, "Chromium: apt-get install chromium")
    need(AXE.is_file(), "axe-core: npm ci in tests/browser")
    need_libraries()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=FLAGS)
        yield browser
        browser.close()

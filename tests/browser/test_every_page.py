"""Every page, at two widths: sound, and open to everyone."""

import pytest
from playwright.sync_api import Browser
from tab import tab

MISSING = "/no-such-page"
# What has tests of its own is looked at there: things, sources, positions, the timeline.
PAGES = [
    "/",
    "/search",
    "/search?q=iran",
    "/queries",
    "/queries/positions-of.html?holder=iran",
    "/network",
    "/network/actors",
    "/viewers",
    "/explore",
    "/explore?view=positions&issue=persian-gulf-security",
    "/sources",
    "/why",
    "/about",
    "/guide",
    "/guide/graph",
    "/guide/benchmarks",
    "/downloads",
    "/ontology",
    "/sparql",
    MISSING,
]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_sound(browser: Browser, site: str, path: str, thorough: bool) -> None:
    with tab(browser, site) as shown:
        shown.open(path)
        if path == MISSING:  # whose 404 the console tells
            shown.failed.clear()
            shown.errors.clear()
        shown.sound(path, thorough=thorough)

"""The page Ask: a query written, run, stopped, shared, in a real browser."""

from playwright.sync_api import Browser
from tab import tab


def test_a_query_runs(browser: Browser, site: str) -> None:
    with tab(browser, site) as shown:
        page = shown.open("/sparql")
        page.keyboard.press("Control+Enter")
        page.wait_for_selector(".yasr table")
        # YASR's own table writes a <style> element, for columns to be dragged by.
        assert [error for error in shown.errors if "inline style" not in error] == []
        assert shown.foreign == []

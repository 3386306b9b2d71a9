"""The page of time in a browser: what is drawn, what opens, what is found as one types."""

import pytest
from playwright.sync_api import Browser, expect
from tab import WIDTHS, tab

PAGES = ["/timeline", "/timeline?lasting=yes&actor=russia", "/timeline?kind=Signature"]
PROPOSALS = "#at-russian-gulf-security-proposals"


@pytest.mark.parametrize("path", PAGES)
def test_it_is_sound(browser: Browser, site: str, path: str, thorough: bool) -> None:
    with tab(browser, site) as shown:
        shown.open(path)
        shown.sound(path, (*WIDTHS, 1920), thorough=thorough)


def test_a_fuzzy_date_is_drawn_with_sides_that_fade(browser: Browser, site: str) -> None:
    with tab(browser, site) as shown:
        page = shown.open("/timeline")
        bar = page.locator(f"{PROPOSALS} .strip rect")
        assert "fade-both" in (bar.get_attribute("mask") or "")
        box, strip = bar.bounding_box(), page.locator(f"{PROPOSALS} .strip").bounding_box()
        # From 22 February 2001 to the end of 2002, on a scale of these two years.
        assert box and strip and box["width"] / strip["width"] == pytest.approx(678 / 730, abs=0.01)


def test_a_strip_stands_under_its_scale(browser: Browser, site: str) -> None:
    with tab(browser, site) as shown:
        page = shown.open("/timeline?from=2019&to=2020")
        lanes = page.locator(".year:not(.dateless) .lane").all()
        assert lanes
        for lane in lanes:
            axis = lane.locator(".axis").bounding_box()
            strips = lane.locator(".strip").all()
            assert strips
            for strip in strips:
                box = strip.bounding_box()
                assert axis and box
                assert (box["x"], box["width"]) == pytest.approx((axis["x"], axis["width"]), abs=1)


def test_a_telling_opens_its_quotation_by_keyboard(browser: Browser, site: str) -> None:
    with tab(browser, site) as shown:
        page = shown.open("/timeline")
        words = page.locator(f"{PROPOSALS} blockquote")
        expect(words).to_be_hidden()
        page.locator(f"{PROPOSALS} summary").focus()
        page.keyboard.press("Enter")
        expect(words).to_have_text("Almost 20 years ago, Moscow made proposals")


def test_what_came_about_leads_to_the_event(browser: Browser, site: str) -> None:
    with tab(browser, site) as shown:
        page = shown.open("/timeline")
        planned = page.locator("#at-moscow-tehran-relations-c25\\.1")
        planned.get_by_role("link", name="Fifteenth Astana-format meeting").click()
        expect(page.locator("#at-sochi-astana-meeting-2021-02")).to_be_in_viewport()


def test_events_are_found_as_one_types(browser: Browser, site: str) -> None:
    with tab(browser, site, WIDTHS[0]) as shown:
        page = shown.open("/timeline")
        page.get_by_role("searchbox", name="Find in this list").fill("sochi")
        expect(page.locator("#at-sochi-astana-meeting-2021-02")).to_be_visible()
        expect(page.locator("#at-jcpoa-conclusion")).to_be_hidden()
        expect(page.get_by_role("heading", name="2015")).to_be_hidden()
        expect(page.locator(".finding [role=status]")).to_contain_text(" of ")
        page.get_by_role("checkbox", name="Occurred").uncheck()
        expect(page.locator("#at-sochi-astana-meeting-2021-02")).to_be_hidden()
        expect(page.locator("#at-moscow-tehran-relations-c25\\.1")).to_be_visible()
        shown.sound("timeline-found", whole=False)


def test_without_scripts_all_of_it_is_there(browser: Browser, site: str) -> None:
    with tab(browser, site, java_script_enabled=False) as shown:
        page = shown.page
        page.goto(site + "/timeline")
        expect(page.locator(PROPOSALS)).to_be_visible()
        page.locator(f"{PROPOSALS} summary").click()
        expect(page.locator(f"{PROPOSALS} blockquote")).to_be_visible()

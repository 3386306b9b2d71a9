"""A tab of Chromium on a real service: it reaches no other host, and tells all that goes wrong."""

import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route, ViewportSize

AXE: Final = Path(__file__).with_name("node_modules") / "axe-core" / "axe.min.js"
Scheme = Literal["light", "dark"]
LEVELS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS: Final = (390, 1280)
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
# Chromium looks for its own hosts unless it is told not to.
FLAGS: Final = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]


def find_chromium() -> str | None:
    """Return the path of Chromium, if it is installed."""
    # The shell has no window around its pages, and takes half the processor time for a tab.
    names = ("chromium-headless-shell", "chromium", "chromium-browser")
    return next(filter(None, map(shutil.which, names)), None)


@dataclass
class Tab:
    """One tab; `page` is Playwright's, for what a test does with it."""

    page: Page
    address: str
    errors: list[str] = field(default_factory=list)
    """What the console said of errors and warnings, and what scripts threw."""
    foreign: list[str] = field(default_factory=list)
    """Addresses of other hosts that were asked for; none was reached."""
    failed: list[str] = field(default_factory=list)
    """Answers of 400 and above to anything that the page loaded."""

    def open(self, path: str) -> Page:
        """Open a path of the service and wait until nothing loads any more."""
        self.page.goto(self.address + path)
        self.page.wait_for_load_state("networkidle")
        return self.page

    def trouble(self) -> list[str]:
        """All that is wrong with what the tab shows now, in words; [] when it is sound.

        What is seen at a glance, and what axe-core finds by WCAG 2.2 A and AA and by its best
        practices, which takes a second or more.
        """
        return [*self.glance(), *self.barriers()]

    def glance(self) -> list[str]:
        """Console errors, other hosts, failed loads, and a page wider than its window."""
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return [
            *(f"console: {text}" for text in self.errors),
            *(f"another host: {address}" for address in self.foreign),
            *(f"failed: {text}" for text in self.failed),
            *([f"{wide} pixels wider than the window"] if wide > 0 else []),
        ]

    def sound(
        self,
        name: str,
        widths: Sequence[int] = WIDTHS,
        *,
        whole: bool = True,
        thorough: bool = False,
    ) -> None:
        """Fail on any trouble with what the tab shows at these widths; keep pictures by `name`.

        axe-core looks once, at the last width, unless the look is `thorough`: at each, light and dark.
        """
        for width in widths:
            self.page.set_viewport_size(_size(width))
            for scheme in SCHEMES:
                self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                self.picture(f"{name}-{width}-{scheme}", whole=whole)
                assert (self.trouble if thorough else self.glance)() == [], (width, scheme)
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        assert thorough or self.barriers() == []

    def barriers(self) -> list[str]:
        """What axe-core finds, a line for each element."""
        # As a CDP call, since the policy of the pages lets no script in that is not a file of ours.
        client = self.page.context.new_cdp_session(self.page)
        options = json.dumps({"runOnly": LEVELS, "resultTypes": ["violations"]})
        found = client.send(
            "Runtime.evaluate",
            {
                "expression": f"{AXE.read_text()};axe.run(document, {options})",
                "awaitPromise": True,
                "returnByValue": True,
            },
        )
        client.detach()
        violations = found["result"]["value"]["violations"]
        return [
            f"axe {each['id']}: {each['help']}: {node['html'][:200]}"
            for each in violations
            for node in each["nodes"]
        ]

    def picture(self, name: str, *, whole: bool = True) -> None:
        """Keep a picture in the folder that COMITY_PICTURES names, for people to look at."""
        if folder := os.environ.get("COMITY_PICTURES"):
            path = Path(folder) / (re.sub(r"[^\w.-]+", "-", name).strip("-") + ".png")
            self.page.screenshot(path=path, full_page=whole)


def _size(width: int) -> ViewportSize:
    return {"width": width, "height": 844 if width < 600 else 900}


@contextmanager
def tab(
    browser: Browser,
    address: str,
    width: int = 1280,
    scheme: Scheme = "light",
    **options: Any,
) -> Iterator[Tab]:
    """A tab of its own context: no cookies, no storage of another; 844 pixels high at 390."""
    context = browser.new_context(
        viewport=_size(width),
        color_scheme=scheme,
        reduced_motion="reduce",
        **options,
    )
    context.set_default_timeout(30_000)
    page = context.new_page()
    found = Tab(page, address)

    def guard(route: Route, request: Request) -> None:
        if request.url.startswith((address + "/", "data:", "blob:")):
            route.fallback()
        else:
            found.foreign.append(request.url)
            route.abort()

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            found.errors.append(message.text)

    context.route("**/*", guard)
    page.on("console", heard)
    page.on("pageerror", lambda error: found.errors.append(str(error)))
    page.on(
        "response",
        lambda answer: (
            found.failed.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None
        ),
    )
    try:
        yield found
    finally:
        context.close()

"""`make pictures`: the four pictures of the README, of a real service on the bundled graph."""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Final

sys.path.append(str(Path(__file__).resolve().parent.with_name("support")))

from PIL import Image
from playwright.sync_api import Page, sync_playwright
from service_process import served
from tab import FLAGS, find_chromium, tab

FOLDER: Final = Path(__file__).resolve().parents[2] / "service" / "web" / "static" / "pictures"
HEIGHT: Final = 800
MOST: Final = 150_000  # bytes of a picture
ASKED: Final = (
    "/sparql?query=PREFIX%20comity%3A%20%3Chttps%3A%2F%2Fw3id.org%2Fcomity%2Fontology%23%3E%0A"
    "PREFIX%20id%3A%20%3Chttps%3A%2F%2Fw3id.org%2Fcomity%2Fid%2F%3E%0A%0A"
    "SELECT%20%3Fissue%20%3Fstance%20%3Fwords%20WHERE%20%7B%0A"
    "%20%20%3Fposition%20comity%3Aholder%20id%3Airan%20%3B%20comity%3Aissue%20%3Fissue%20%3B%0A"
    "%20%20%20%20comity%3Astance%20%3Fstance%20%3B%20comity%3Aevidence%2Fcomity%3Awords%20%3Fwords%20.%0A%7D"
)
PAGES: Final = {
    "home": "/",
    "ask": ASKED,
    "read": "/sources/moscow-tehran-relations#f39.1",
    "positions": "/positions",
}


def main() -> int:
    """Take the pictures into a folder; 1 where one of them is too large for a README."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    chromium = find_chromium()
    if chromium is None:
        print("Chromium is missing: apt-get install chromium-headless-shell", file=sys.stderr)
        return 1
    with (
        tempfile.TemporaryDirectory() as logs,
        served(Path(logs) / "log") as service,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for name, path in PAGES.items():
            with tab(browser, service.address) as shown:
                take(shown.open(path), folder / f"{name}.png")
        browser.close()
    sizes = {name: (folder / f"{name}.png").stat().st_size for name in PAGES}
    print(*(f"{folder / name}.png {size:,} bytes" for name, size in sizes.items()), sep="\n")
    return int(max(sizes.values()) > MOST)


def take(page: Page, file: Path) -> None:
    """One picture, with as many colours as a page of text needs."""
    page.set_viewport_size({"width": 1280, "height": HEIGHT})
    page.wait_for_timeout(3_000)  # what a script draws has come to rest
    page.screenshot(path=file)
    with Image.open(file) as picture:
        picture.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    sys.exit(main())

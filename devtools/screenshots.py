"""`make screenshots`: the pictures of the README, from the simulated subnet in memory.

Also prints what the first visit weighs and when it first paints.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from devtools import chromium, demo
from devtools.paths import ROOT
from devtools.processes import Run
from devtools.reporting import Reporting
from devtools.simulation import demo_subnet

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

IMAGES = ROOT / "docs" / "images"
ROUNDS = 6
WIDE, PHONE = {"width": 1180, "height": 860}, {"width": 390, "height": 844}
PICTURES = {
    "network": ("", WIDE, "light"),
    "network-dark": ("", WIDE, "dark"),
    "validator": ("#/validators/6", WIDE, "light"),
    "miner": ("#/miners/12", WIDE, "light"),
    "phone": ("", PHONE, "light"),
}
"""File in `docs/images/` → page, size and colour scheme."""
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def main() -> None:
    """Make all pictures."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a third of a second

    IMAGES.mkdir(parents=True, exist_ok=True)
    with simulated() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.settle(), args=list(chromium.FLAGS)
        )
        weigh(browser, url)
        for name in PICTURES:
            picture(browser, url, name)
        browser.close()


@contextlib.contextmanager
def simulated() -> Iterator[str]:
    """URL of the subnet of the demo after some rounds."""
    subnet = demo_subnet(demo.NETUID, demo.VALIDATORS, demo.MINERS)
    with Run() as run:
        place = demo.start_in_process(run, subnet)
        reporting = Reporting(place.url, subnet)
        for _ in range(ROUNDS):
            reporting.post_round()
            time.sleep(demo.ROUND_SECONDS)
        reporting.post_round()
        time.sleep(demo.SWEEP_SECONDS)
        yield place.url


def weigh(browser: Browser, url: str) -> None:
    """Print bytes and first paint of the first visit."""
    page = browser.new_page()
    sizes: list[int] = []
    page.on("response", lambda answer: sizes.append(len(answer.body())))
    page.goto(url)
    page.wait_for_selector("tbody tr")
    paint = page.evaluate(PAINT)
    print(f"first visit: {len(sizes)} files, {sum(sizes) / 1000:.0f} KB, paint at {paint:.0f} ms")
    page.close()


def picture(browser: Browser, url: str, name: str) -> None:
    """Make one picture."""
    path, size, scheme = PICTURES[name]
    page = browser.new_page(
        viewport={"width": size["width"], "height": size["height"]},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page.goto(f"{url}/{path}")
    _settle(page)
    target: Path = IMAGES / f"{name}.png"
    page.screenshot(path=target)
    print(f"docs/images/{target.name}: {target.stat().st_size / 1000:.0f} KB")
    page.close()


def _settle(page: Page) -> None:
    page.wait_for_selector(".tile")
    page.wait_for_selector(".map canvas, .bars li")
    page.wait_for_load_state("networkidle")


if __name__ == "__main__":
    main()

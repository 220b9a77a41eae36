"""`make screenshots`: the pictures of the README, from the simulated subnet in memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from devtools import chromium
from devtools.paths import ROOT
from devtools.showcase import showcase

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

IMAGES = ROOT / "docs" / "images"
WIDE, PHONE = {"width": 1180, "height": 860}, {"width": 390, "height": 844}
TALL = {"width": 1180, "height": 1240}
PICTURES = {
    "network": ("", WIDE, "light"),
    "network-dark": ("", WIDE, "dark"),
    "validator": ("#/validators/6", WIDE, "light"),
    "miner": ("#/miners/12", TALL, "light"),
    "phone": ("", PHONE, "light"),
}
"""File in `docs/images/` → page, size and colour scheme."""


def main() -> None:
    """Make all pictures."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a third of a second

    IMAGES.mkdir(parents=True, exist_ok=True)
    with showcase() as url, sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        for name in PICTURES:
            picture(browser, url, name)
        browser.close()


def picture(browser: Browser, url: str, name: str) -> None:
    """Make one picture."""
    path, size, scheme = PICTURES[name]
    page = browser.new_page(
        viewport={"width": size["width"], "height": size["height"]},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page.goto(f"{url}/{path}")
    _settle(page)
    if path.startswith("#/miners"):
        _look_back(page)
    target: Path = IMAGES / f"{name}.png"
    page.screenshot(path=target)
    print(f"docs/images/{target.name}: {target.stat().st_size / 1000:.0f} KB")
    page.close()


def _look_back(page: Page) -> None:
    """Show the votes of the oldest round: they are open to all."""
    oldest = page.locator("#as-of option").last.get_attribute("value")
    page.select_option("#as-of", oldest)
    page.wait_for_selector(".mark")
    page.evaluate("scrollTo(0, document.querySelector('.field').offsetTop - 320)")


def _settle(page: Page) -> None:
    page.wait_for_selector(".tile")
    page.wait_for_selector(".map canvas, .bars li")
    page.wait_for_load_state("networkidle")


if __name__ == "__main__":
    main()

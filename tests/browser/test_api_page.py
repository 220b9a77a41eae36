"""The page about the HTTP interface, as people see it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, World, violations

pytestmark = pytest.mark.browser


def test_the_interface_is_one_click_away(world: World, visit: Visit) -> None:  # noqa: ARG001 - it sets the stage
    """From any page and back."""
    page = visit.open()

    page.get_by_role("link", name="API", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("HTTP interface")
    page.get_by_role("navigation").get_by_role("link", name="Validators").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Validators")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_passes_axe_and_fits_a_phone(visit: Visit, scheme: str) -> None:
    """In light and in dark; only tables scroll, inside themselves."""
    visit.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    visit.page.set_viewport_size({"width": 390, "height": 844})

    page = visit.open("api.html")

    expect(page.get_by_role("heading", name="/api/v1/miners/network-status")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert [] == violations(page)

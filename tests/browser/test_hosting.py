"""The dashboard as the hosting serves it."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.e2e]


def test_the_dashboard_runs_behind_the_hosting(visitor: Visit) -> None:
    """Under its Content-Security-Policy, with the functions behind the same address."""
    url = os.environ.get("QUORATE_URL")
    if not url:
        pytest.fail("QUORATE_URL is not set: run `make test`", pytrace=False)
    visitor.home = url + "/"
    answer = visitor.page.goto(visitor.home)
    assert answer is not None

    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Network")
    expect(visitor.page.get_by_text("Loading")).to_have_count(0, timeout=90_000)
    assert "script-src 'self'" in (answer.header_value("content-security-policy") or "")
    assert [] == visitor.complaints
    assert [] == [at for at in visitor.requests if not at.startswith(visitor.home)]

"""The dashboard's files in front of the functions."""

from __future__ import annotations

import pytest
from werkzeug.test import Client

from devtools.pages import Pages
from tests.unit.devtools.test_in_process import named


def client() -> Client:
    """Of the checkout's dashboard over an application that answers its name."""
    return Client(Pages(named("inside")))


def test_the_root_is_the_dashboard_with_the_headers_of_the_hosting() -> None:
    """As on the hosting, nothing but its own scripts may run."""
    answer = client().get("/")

    assert answer.mimetype == "text/html"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/app.js", "text/javascript"), ("/style.css", "text/css"), ("/icon.svg", "image/svg+xml")],
)
def test_files_have_their_types(path: str, expected: str) -> None:
    """A browser runs no module that calls itself something else."""
    assert expected == client().get(path).mimetype


@pytest.mark.parametrize("path", ["/api/v1/health", "/pages", "/../firebase.json", "/none.js"])
def test_whatever_is_no_file_goes_inside(path: str) -> None:
    """Folders and files outside the dashboard, too."""
    assert client().get(path).text.startswith("inside")


def test_the_dashboard_holds_no_inline_script_or_style() -> None:
    """The policy would forbid them."""
    page = client().get("/").text

    assert "style=" not in page
    assert "onclick" not in page
    assert page.count("<script") == page.count("<script src=")

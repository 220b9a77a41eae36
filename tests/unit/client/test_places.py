"""Where endpoints are, by the URL that one was given."""

from __future__ import annotations

import pytest
from quorate_client import places


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://q.example", "https://q.example/api/v1/validators/miner-status"),
        ("https://q.example/", "https://q.example/api/v1/validators/miner-status"),
        ("http://q.example:5000/api/v1", "http://q.example:5000/api/v1/validators/miner-status"),
        (
            "https://us-central1-p.cloudfunctions.net/submit-miner-status",
            "https://us-central1-p.cloudfunctions.net/submit-miner-status",
        ),
    ],
)
def test_reports_go_to_the_api_or_to_the_functions_own_url(url: str, expected: str) -> None:
    """A URL with a path of its own is the function's."""
    assert expected == places.submit_url(url)


def test_the_subnet_is_in_the_query() -> None:
    """It is signed with the path."""
    assert "https://q.example/api/v1/validators/miner-status?netuid=15" == places.submit_url(
        "https://q.example", 15
    )


def test_reads_stay_under_a_base_path() -> None:
    """A service behind another path keeps it."""
    assert "https://q.example/sn/miners/7/consensus?netuid=1&explain=true" == places.endpoint(
        "https://q.example/sn/", places.miner_path(7), 1, explain="true"
    )


@pytest.mark.parametrize(
    "url", ["q.example", "ftp://q.example", "https://", "https://q?x=1", "https://q/#a"]
)
def test_what_is_no_base_url_is_refused(url: str) -> None:
    """Before anything is sent."""
    with pytest.raises(ValueError, match=r"http or https URL|no query"):
        places.submit_url(url)

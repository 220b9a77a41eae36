"""Where the service's endpoints are, given its base URL or the URL of one function."""

from __future__ import annotations

from urllib.parse import quote, urlencode, urlsplit, urlunsplit

API = "/api/v1"
SUBMIT = "/validators/miner-status"
STATUS = "/miners/network-status"
STATS = "/validators/consensus-stats"
VALIDATORS = "/validators"
HISTORY = "/history"
HEALTH = "/health"
TASKS = "/tasks/assignments"


def miner_path(uid: int) -> str:
    """Path of one miner's consensus, under the API."""
    return f"/miners/{uid:d}/consensus"


def results_path(assignment_id: str) -> str:
    """Where the results of an assignment go, under the API."""
    return f"{TASKS}/{quote(assignment_id, safe='')}/results"


def endpoint(url: str, path: str, netuid: int | None = None, **query: str) -> str:
    """The endpoint `path` of the service at `url`, whose own path is the API's where it has none.

    Raises `ValueError` for anything but an http or https URL without query and fragment.
    """
    scheme, host, base = _parts(url)
    return urlunsplit((scheme, host, (base or API) + path, _query(netuid, query), ""))


def submit_url(url: str, netuid: int | None = None) -> str:
    """Where reports go: a URL with a path of its own is the submit function's, and stays."""
    scheme, host, base = _parts(url)
    if base in ("", API):
        return endpoint(url, SUBMIT, netuid)
    return urlunsplit((scheme, host, base, _query(netuid, {}), ""))


def _parts(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(f"{url!r} is no http or https URL")
    if parts.query or parts.fragment:
        raise ValueError(f"{url!r} must have no query and no fragment")
    return parts.scheme, parts.netloc, parts.path.rstrip("/")


def _query(netuid: int | None, others: dict[str, str]) -> str:
    return urlencode(others if netuid is None else {"netuid": str(netuid), **others})

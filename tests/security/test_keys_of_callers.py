"""Bearer keys: how they are compared, and what a guess learns."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest

from functions import _access
from functions._errors import KeyMissing, KeyUnknown
from shared.settings import ApiKey
from tests.security.conftest import load

SECRETS = [f"secret-{number}" for number in range(5)]
KEYS = tuple(
    ApiKey(
        name=secret, sha256=hashlib.sha256(secret.encode()).hexdigest(), scopes=frozenset({"audit"})
    )
    for secret in SECRETS
)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What the standard library's comparison was asked to compare."""
    asked: list[tuple[str, str]] = []
    compare = hmac.compare_digest

    def counted(one: str, other: str) -> bool:
        asked.append((one, other))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", counted)
    return asked


@pytest.mark.parametrize("secret", [*SECRETS, "unknown", SECRETS[0][:-1], KEYS[0].sha256])
def test_every_known_key_is_compared_whichever_matches(
    secret: str, compared: list[tuple[str, str]]
) -> None:
    """No early end, and only digests of equal length meet, in constant time."""
    try:
        found = _access.holder_of(f"Bearer {secret}", KEYS).name
    except KeyUnknown:
        found = None

    assert (secret if secret in SECRETS else None) == found
    digest = hashlib.sha256(secret.encode()).hexdigest()
    assert [(key.sha256, digest) for key in KEYS] == compared


@pytest.mark.parametrize(
    "header",
    [
        *(None, "", "Bearer", "Bearer ", "Basic c2VjcmV0LTA6", "secret-0", "Bearer\tsecret-0"),
        "Token secret-0",
    ],
)
def test_what_is_no_bearer_key_is_not_compared(
    header: str | None, compared: list[tuple[str, str]]
) -> None:
    """Another scheme, or nothing after it."""
    with pytest.raises(KeyMissing):
        _access.holder_of(header, KEYS)

    assert [] == compared


@pytest.mark.parametrize(
    "header",
    [
        "Bearer secret-0, Bearer secret-1",
        "Bearer secret-0 secret-1",
        "Bearer SECRET-0",
        "Bearer secret-0\0",
        "Bearer \u017fecret-0",
        "Bearer sécret-0",
        "Bearer \udcff",
    ],
)
def test_a_key_has_one_spelling(header: str) -> None:
    """Neither a list, nor another case, nor a character that looks or folds alike."""
    with pytest.raises(KeyUnknown):
        _access.holder_of(header, KEYS)


def test_without_any_key_configured_nobody_is_known() -> None:
    """An empty list is no open door."""
    with pytest.raises(KeyUnknown):
        _access.holder_of("Bearer x", ())


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("assign_tasks", "/api/v1/tasks/assignments"),
        ("complete_task", f"/api/v1/tasks/assignments/{'0' * 32}/results"),
    ],
)
def test_a_guess_learns_nothing_before_it_has_a_key(
    target: str, path: str, fresh: pytest.MonkeyPatch
) -> None:
    """The same refusal for a good body, a bad one, an unknown assignment: the key comes first."""
    keys = [{"name": "a", "sha256": KEYS[0].sha256, "scopes": ["read"]}]
    fresh.setenv("API_KEYS", json.dumps(keys))
    client = load(target)
    bodies = (b"{}", b"{", b'{"results":[]}', b"")
    unknown = {client.post(path, data=raw).get_json()["code"] for raw in bodies}
    reader = {"Authorization": "Bearer secret-0"}
    scope = {client.post(path, data=raw, headers=reader).get_json()["code"] for raw in bodies}

    assert ({"key_missing"}, {"scope_missing"}) == (unknown, scope)


@pytest.mark.parametrize("length", [0, 63, 65, 128])
def test_a_digest_that_is_no_sha256_is_no_key(length: int) -> None:
    """Settings refuse it, so that a comparison never ends at the length."""
    with pytest.raises(ValueError, match="sha256"):
        ApiKey(name="a", sha256="0" * length, scopes=frozenset({"read"}))

"""Nobody reaches the database past the functions: the rules refuse every client, whoever it is."""

from __future__ import annotations

import base64
import itertools
import json
import os
import random
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.emulator

PROJECT = f"demo-rules-{random.SystemRandom().randrange(10**9)}"
ROOT = f"projects/{PROJECT}/databases/(default)/documents"
COLLECTIONS = {
    "registry": "current",
    "validator_reports": "48_1",
    "consensus": "current",
    "rounds": "1",
    "slots": "7_5F_0",
    "outcomes": "7_5F",
    "assignments": "0" * 32,
    "dispatch": "counters",
    "anything_else": "x",
}
"""Collection of a subnet → a document that is there."""
FIELDS = {"fields": {"stake": {"doubleValue": 1e9}}}


def token(**claims: Any) -> str:
    """A token as the emulator takes it: unsigned, and believed to be Firebase's."""
    whole = {"iss": f"https://securetoken.google.com/{PROJECT}", "aud": PROJECT, **claims}
    parts = ({"alg": "none", "typ": "JWT"}, whole)
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()) for part in parts)
    return ".".join(part.rstrip(b"=").decode() for part in encoded) + "."


CLIENTS = {
    "without a token": {},
    "signed in": {"Authorization": f"Bearer {token(sub='mallory', user_id='mallory')}"},
    "with every claim": {
        "Authorization": f"Bearer {token(sub='root', user_id='root', admin=True, role='owner')}"
    },
}


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    """The REST interface of an emulator in which each collection has a document."""
    host = os.environ.get("FIRESTORE_EMULATOR_HOST")
    if not host:
        pytest.fail("FIRESTORE_EMULATOR_HOST is not set: run `make test`", pytrace=False)
    with httpx.Client(base_url=f"http://{host}/v1/", timeout=30) as client:
        for collection, name in COLLECTIONS.items():
            as_owner = {"Authorization": "Bearer owner"}
            path = f"{ROOT}/subnets/1/{collection}/{name}"
            client.patch(path, json=FIELDS, headers=as_owner).raise_for_status()
        yield client


def attempts(collection: str) -> dict[str, tuple[str, str, Any]]:
    """Operation → method, path and body."""
    folder = f"{ROOT}/subnets/1/{collection}"
    held = f"{folder}/{COLLECTIONS[collection]}"
    query = {"structuredQuery": {"from": [{"collectionId": collection}]}}
    everywhere = {
        "structuredQuery": {"from": [{"collectionId": collection, "allDescendants": True}]}
    }
    return {
        "get": ("GET", held, None),
        "list": ("GET", folder, None),
        "query": ("POST", f"{ROOT}/subnets/1:runQuery", query),
        "query all subnets": ("POST", f"{ROOT}:runQuery", everywhere),
        "batch get": ("POST", f"{ROOT}:batchGet", {"documents": [held]}),
        "create": ("POST", f"{folder}?documentId=new", FIELDS),
        "update": ("PATCH", held, FIELDS),
        "delete": ("DELETE", held, None),
        "commit": ("POST", f"{ROOT}:commit", {"writes": [{"update": {"name": held, **FIELDS}}]}),
    }


OPERATIONS = tuple(attempts("registry"))


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("collection", "operation"), list(itertools.product(COLLECTIONS, OPERATIONS))
)
def test_no_client_reads_or_writes_anything(
    client: str, collection: str, operation: str, http: httpx.Client
) -> None:
    """Every operation on every collection is 403, by whomever."""
    method, path, body = attempts(collection)[operation]

    answer = http.request(method, path, json=body, headers=CLIENTS[client])

    assert 403 == answer.status_code, answer.text
    assert "1000000000" not in answer.text


def test_the_functions_are_not_refused(http: httpx.Client) -> None:
    """The refusals above are the rules': the owner's credentials, which pass them, do read."""
    method, path, _ = attempts("registry")["get"]

    answer = http.request(method, path, headers={"Authorization": "Bearer owner"})

    assert 200 == answer.status_code
    assert 1e9 == answer.json()["fields"]["stake"]["doubleValue"]

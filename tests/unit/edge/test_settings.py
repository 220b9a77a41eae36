from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from shared.domain.policy import Policy
from shared.settings import ApiKey, BadSettings, load_settings, variables
from tests.unit.edge.hotkeys import SERVICE

DOCUMENT = Path(__file__).parents[3] / "docs" / "settings.md"
DIGEST = "a" * 64


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting is set but by the test."""
    for name in variables():
        monkeypatch.delenv(name, raising=False)


def test_without_any_variable_the_defaults_hold() -> None:
    """An empty environment gives subnet 1, Firestore, public reads and the default policy."""
    settings = load_settings()

    assert (1,) == settings.netuids
    assert "firestore" == settings.store
    assert "public" == settings.read_access
    assert Policy() == settings.policy


def test_the_first_netuid_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """`NETUIDS` is a list in the operator's order."""
    monkeypatch.setenv("NETUIDS", "15, 1,4")

    assert (15, 1, 4) == load_settings().netuids
    assert 15 == load_settings().default_netuid


@pytest.mark.parametrize("name", [field.name for field in fields(Policy)])
def test_every_number_of_the_policy_is_a_setting(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable of the upper-case name replaces the policy's default."""
    default = getattr(Policy(), name)
    pairs = dict.fromkeys(("tolerances", "scales"), '{"stake": [0, 0.5]}')
    given = pairs.get(name) or json.dumps(_changed(default))
    monkeypatch.setenv(name.upper(), given)

    assert default != getattr(load_settings().policy, name)


def _changed(default: float) -> float | bool:
    if isinstance(default, int):
        return not default if isinstance(default, bool) else default + 1
    return default * 1.1 or 0.5


def test_whole_numbers_stay_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quorum of 3 is three validators."""
    monkeypatch.setenv("MIN_CONSENSUS_VALIDATORS", "3")

    assert 3 == load_settings().policy.min_consensus_validators


def test_several_keys_may_be_valid_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """`API_KEYS` is a JSON list of name, digest and scopes."""
    keys = [{"name": n, "sha256": DIGEST, "scopes": ["read", "audit"]} for n in ("old", "new")]
    monkeypatch.setenv("API_KEYS", json.dumps(keys))

    expected = ApiKey(name="old", sha256=DIGEST, scopes=frozenset({"read", "audit"}))
    assert expected == load_settings().api_keys[0]
    assert "new" == load_settings().api_keys[1].name


def test_a_receiver_is_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """`RECEIVER_HOTKEY` is taken as it is when it is an ss58 address."""
    monkeypatch.setenv("RECEIVER_HOTKEY", SERVICE.address)

    assert SERVICE.address == load_settings().receiver_hotkey


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("NETUIDS", "1,1", "NETUIDS: .*twice"),
        ("NETUIDS", "1,x", r"NETUIDS\[1\]: .*integer"),
        ("NETUIDS", "70000", r"NETUIDS\[0\]: .*65535"),
        ("STORE", "redis", "STORE: .*'firestore' or 'memory'"),
        ("READ_ACCESS", "nobody", "READ_ACCESS: .*'public' or 'key'"),
        ("RECEIVER_HOTKEY", "5abc", "RECEIVER_HOTKEY: .*ss58"),
        ("API_KEYS", "{", "API_KEYS.*must be JSON"),
        ("API_KEYS", '[{"name":"a","sha256":"AB","scopes":["read"]}]', r"API_KEYS\[0\]\[sha256\]"),
        ("API_KEYS", f'[{{"name":"a","sha256":"{DIGEST}","scopes":[]}}]', r"\[scopes\]"),
        ("RATE_LIMIT_PER_MINUTE", "0", "RATE_LIMIT_PER_MINUTE: .*1"),
        ("MAX_NONCE_AGE", "nan", "MAX_NONCE_AGE: .*"),
        ("CONSENSUS_TIMEOUT", "soon", "CONSENSUS_TIMEOUT: .*number"),
        ("CONSENSUS_TIMEOUT", "-1", "CONSENSUS_TIMEOUT must be above 0"),
        ("CONSENSUS_TIMEOUT", "1e9", "REPORTING_WINDOW must not be shorter than CONSENSUS_TIMEOUT"),
        ("MAJORITY", "0.5", "MAJORITY must lie above 0.5"),
        ("TOLERANCES", '{"stake": [0]}', r"TOLERANCES\[stake\]"),
    ],
)
def test_a_bad_value_stops_the_start_and_names_variable_and_rule(
    name: str, value: str, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No deployment runs on settings that it did not understand."""
    monkeypatch.setenv(name, value)

    with pytest.raises(BadSettings, match=rule):
        load_settings()


def test_every_bad_variable_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two mistakes are one message, not two deployments."""
    monkeypatch.setenv("STORE", "x")
    monkeypatch.setenv("LOG_LEVEL", "x")

    with pytest.raises(BadSettings, match=r"STORE: .*LOG_LEVEL: "):
        load_settings()


def test_every_setting_is_documented_with_its_default() -> None:
    """`docs/settings.md` has one row per variable, and the default in it is the real one."""
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| (?:`(.*?)`|unset) \|", DOCUMENT.read_text(), re.MULTILINE
    )

    assert {name: _shown(default) for name, default in variables().items()} == dict(rows)


def _shown(default: Any) -> str:
    if default in (None, ""):
        return ""
    if isinstance(default, str):
        return default
    if default == (1,):
        return "1"
    plain = dict(default) if isinstance(default, Mapping) else default
    return json.dumps(plain, separators=(",", ":"))


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Terraform passes empty strings for what was left out."""
    monkeypatch.setenv("RECEIVER_HOTKEY", "")
    monkeypatch.setenv("CONSENSUS_TIMEOUT", "")

    assert load_settings().receiver_hotkey is None
    assert Policy() == load_settings().policy
    assert "" == os.environ["RECEIVER_HOTKEY"]

"""`quorate keys`: made, shown once, kept as digests, and accepted by the functions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.keys import app
from functions._access import holder_of
from functions._errors import KeyUnknown
from shared.settings import load_settings

Quorate = Callable[..., Result]
FILE = "api_keys.auto.tfvars.json"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Terraform is applied, and the command is run."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def quorate(folder: Path) -> Quorate:
    """Runs `quorate keys …` in the folder."""
    assert folder.is_dir()
    return lambda *arguments: CliRunner().invoke(app, [str(a) for a in arguments])


def test_a_key_is_shown_once_and_its_digest_is_kept(quorate: Quorate, folder: Path) -> None:
    """Standard output is the key alone; the file has what Terraform's variable wants."""
    made = quorate("create", "--scope", "dispatch", "--scope", "read", "--name", "proxy")
    key = made.stdout.strip()

    digest = hashlib.sha256(key.encode()).hexdigest()
    expected = {"api_keys": {"proxy": {"sha256": digest, "scopes": ["dispatch", "read"]}}}
    assert expected == json.loads((folder / FILE).read_text())
    assert key.startswith("quorate_")
    assert len(key) >= 50
    assert key not in made.stderr + (folder / FILE).read_text()
    assert made.stderr.endswith("valid after: terraform apply\n")


def test_the_functions_accept_what_was_made(
    quorate: Quorate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`keys list --setting` is the value of API_KEYS; after a revocation the key is unknown."""
    key = quorate("create", "--scope", "audit", "--name", "auditor").stdout.strip()
    monkeypatch.setenv("API_KEYS", quorate("list", "--setting").stdout)
    holder = holder_of(f"Bearer {key}", load_settings().api_keys)
    assert ("auditor", frozenset({"audit"})) == (holder.name, holder.scopes)

    quorate("revoke", "auditor")
    monkeypatch.setenv("API_KEYS", quorate("list", "--setting").stdout)

    with pytest.raises(KeyUnknown):
        holder_of(f"Bearer {key}", load_settings().api_keys)


def test_no_two_keys_are_alike(quorate: Quorate) -> None:
    """Names that nobody gave are made up, from the scopes."""
    made = [json.loads(quorate("create", "--scope", "read", "--json").stdout) for _ in range(8)]

    assert 8 == len({it["key"] for it in made}) == len({it["name"] for it in made})
    assert all(it["name"].startswith("read-") for it in made)


def test_an_old_and_a_new_key_stand_side_by_side(quorate: Quorate) -> None:
    """Rotation: the second is made before the first is revoked."""
    for name in ("proxy-1", "proxy-2"):
        quorate("create", "--scope", "dispatch", "--name", name)
    revoked = json.loads(quorate("revoke", "proxy-1", "--json").stdout)

    assert {"name": "proxy-1", "outcome": "revoked"} == revoked
    assert ["proxy-2"] == [key["name"] for key in json.loads(quorate("list", "--json").stdout)]


def test_what_else_the_file_says_stays(quorate: Quorate, folder: Path) -> None:
    """Other variables in the same file are not ours."""
    (folder / FILE).write_text('{"read_access": "key"}')
    quorate("create", "--scope", "read", "--name", "one")

    assert json.loads((folder / FILE).read_text())["read_access"] == "key"


def test_the_list_is_a_table_without_whole_digests(quorate: Quorate, folder: Path) -> None:
    """Enough of a digest to compare, and no more."""
    quorate("create", "--scope", "read", "--name", "one")
    digest = json.loads((folder / FILE).read_text())["api_keys"]["one"]["sha256"]
    table = quorate("list").stdout

    assert "one" in table
    assert f"{digest[:12]}…" in table
    assert digest not in table


def test_a_file_elsewhere_is_named(quorate: Quorate, folder: Path) -> None:
    """By option."""
    quorate("create", "--scope", "read", "--name", "one", "--file", folder / "keys.json")

    assert ["keys.json"] == [path.name for path in folder.iterdir()]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("create --scope write", "write is none of read, dispatch, audit"),
        ("create --scope read --name a/b", "--name: 1 to 64 letters"),
        ("create --scope read --name one", "has a key one already"),
        ("revoke two", "has no key two"),
    ],
)
def test_what_makes_no_sense_ends_with_2_and_changes_nothing(
    quorate: Quorate, folder: Path, arguments: str, message: str
) -> None:
    """It is said why."""
    quorate("create", "--scope", "read", "--name", "one")
    before = (folder / FILE).read_bytes()

    refused = quorate(*arguments.split())

    assert refused.exit_code == 2
    assert message in refused.stderr
    assert before == (folder / FILE).read_bytes()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", 'no object with an object "api_keys"'),
        ('{"api_keys": []}', 'no object with an object "api_keys"'),
        ('{"api_keys": {"a": 1}}', "api_keys.a: must be an object"),
        ('{"api_keys": {"a": {"sha256": "key", "scopes": ["read"]}}}', "api_keys.a.sha256: "),
        (f'{{"api_keys": {{"a": {{"sha256": "{64 * "0"}", "scopes": []}}}}}}', "api_keys.a.scopes"),
    ],
)
def test_a_file_that_is_none_of_keys_is_left_alone(
    quorate: Quorate, folder: Path, text: str, message: str
) -> None:
    """Place and rule are named; nothing of somebody's is overwritten."""
    (folder / FILE).write_text(text)

    refused = quorate("create", "--scope", "read")

    assert refused.exit_code == 2
    assert message in refused.stderr
    assert text == (folder / FILE).read_text()


def test_a_folder_that_is_not_there_gets_no_key(quorate: Quorate, folder: Path) -> None:
    """A key that could not be kept is not shown either."""
    refused = quorate("create", "--scope", "read", "--file", folder / "none" / FILE)

    assert (1, "") == (refused.exit_code, refused.stdout)
    assert "nothing was changed" in refused.stderr

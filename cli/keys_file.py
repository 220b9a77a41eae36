"""The file of API keys that Terraform reads: names, scopes and digests, never a key.

Terraform takes every `*.auto.tfvars.json` of its folder as values of variables; this one has
`{"api_keys": {NAME: {"sha256", "scopes"}}}`.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shared.settings import ApiKey

DEFAULT = Path("api_keys.auto.tfvars.json")
VARIABLE = "api_keys"


class UnusableKeys(ValueError):  # noqa: N818 - a fact about the file
    """The file is not one of keys; the message says where and why."""


@dataclass(frozen=True, slots=True)
class KeysFile:
    """The keys in a file, and whatever else it says, which stays."""

    path: Path
    keys: Mapping[str, ApiKey]
    rest: Mapping[str, Any]

    def with_key(self, key: ApiKey) -> KeysFile:
        """The same with one key more."""
        return KeysFile(self.path, {**self.keys, key.name: key}, self.rest)

    def without(self, name: str) -> KeysFile:
        """The same with one key less."""
        kept = {other: key for other, key in self.keys.items() if other != name}
        return KeysFile(self.path, kept, self.rest)

    def write(self) -> None:
        """Replace the file, whole or not at all; raises `OSError`."""
        entries = {name: _entry(key) for name, key in sorted(self.keys.items())}
        text = json.dumps({**self.rest, VARIABLE: entries}, indent=2, ensure_ascii=False) + "\n"
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).chmod(0o644)  # digests only: others who deploy may read them
            Path(name).replace(self.path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise


def read(path: Path) -> KeysFile:
    """The keys in a file, none where there is no file; raises `UnusableKeys` or `OSError`."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return KeysFile(path, {}, {})
    except ValueError as error:
        raise UnusableKeys(f"{path}: not JSON in UTF-8: {error}") from None
    entries = content.get(VARIABLE, {}) if isinstance(content, dict) else None
    if not isinstance(entries, dict):
        raise UnusableKeys(f'{path}: no object with an object "{VARIABLE}"')
    rest = {name: value for name, value in content.items() if name != VARIABLE}
    return KeysFile(path, {name: _key(path, name, it) for name, it in entries.items()}, rest)


def as_setting(keys: KeysFile) -> str:
    """The value of the setting `API_KEYS`."""
    listed = [{"name": name, **_entry(key)} for name, key in sorted(keys.keys.items())]
    return json.dumps(listed, separators=(",", ":"), ensure_ascii=False)


def _key(path: Path, name: str, entry: Any) -> ApiKey:
    from pydantic import ValidationError  # noqa: PLC0415 - loads late

    from shared.settings import ApiKey  # noqa: PLC0415 - the same

    if not isinstance(entry, dict):
        raise UnusableKeys(f"{path}: {VARIABLE}.{name}: must be an object")
    try:
        return ApiKey.model_validate({**entry, "name": name})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, (VARIABLE, name, *first["loc"])))
        raise UnusableKeys(f"{path}: {where}: {first['msg']}") from None


def _entry(key: ApiKey) -> dict[str, Any]:
    return {"sha256": key.sha256, "scopes": sorted(key.scopes)}

"""Who may read or dispatch: keys that are known by their digests only."""

from __future__ import annotations

import hashlib
import hmac

from functions._errors import KeyMissing, KeyUnknown, ScopeMissing
from shared.settings import ApiKey, Scope


def holder_of(authorization: str | None, keys: tuple[ApiKey, ...]) -> ApiKey:
    """The key in an `Authorization` header; raises `KeyMissing` or `KeyUnknown`.

    Every known digest is compared, each in constant time.
    """
    scheme, _, secret = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise KeyMissing("send a key as `Authorization: Bearer …`")
    digest = hashlib.sha256(secret.strip().encode("utf-8", "surrogateescape")).hexdigest()
    matching = [key for key in keys if hmac.compare_digest(key.sha256, digest)]
    if not matching:
        raise KeyUnknown("this key is not known here")
    return matching[0]


def require(key: ApiKey, scope: Scope) -> None:
    """Raise `ScopeMissing` unless the key covers this."""
    if scope not in key.scopes:
        raise ScopeMissing(f"this key does not have the scope {scope!r}")

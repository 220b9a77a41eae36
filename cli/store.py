"""The registry's place: Firestore, or the emulator that the environment names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from shared.domain.registry import Overrides, Registry
from shared.service.ports import (
    Conflict,
    RegistryStore,
    StoredRegistry,
    StoreError,
    Unavailable,
)

EMULATOR_PROJECT = "demo-quorate"
"""Project on the emulator where the environment names none, as `make up` has it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A registry store and how to call it in a sentence, which its errors begin with."""

    store: RegistryStore
    name: str

    def load(self, netuid: int) -> Registry | None:
        """The subnet's registry."""
        with _named(f"{self.name} did not give the registry"):
            return self.store.load(netuid)

    def read(self, netuid: int) -> StoredRegistry:
        """The same with the revisions of its parts."""
        with _named(f"{self.name} did not give the registry"):
            return self.store.read(netuid)

    def save(self, registry: Registry) -> None:
        """Replace the subnet's registry, whatever it is."""
        with _named(f"{self.name} did not take the registry"):
            self.store.save(registry)

    def replace(self, registry: Registry, revision: Any) -> None:
        """Replace the subnet's registry of this revision; raises `Conflict`."""
        with _named(f"{self.name} did not take the registry"):
            self.store.replace(registry, revision)

    def save_overrides(self, netuid: int, overrides: Overrides, revision: Any = None) -> None:
        """Replace what operators decided, of this revision; raises `Conflict`."""
        with _named(f"{self.name} did not take the decision"):
            self.store.save_overrides(netuid, overrides, revision)


def open_registry() -> Place:
    """By FIRESTORE_EMULATOR_HOST and GOOGLE_CLOUD_PROJECT; nothing is sent yet.

    Raises `Unavailable` where neither an emulator nor a project with credentials is named.
    """
    from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415 - loads half a second

    from shared.adapters.firestore import FirestoreRegistryStore, connect  # noqa: PLC0415 - the same

    emulator = os.environ.get("FIRESTORE_EMULATOR_HOST")
    project = os.environ.get("GOOGLE_CLOUD_PROJECT") or (EMULATOR_PROJECT if emulator else None)
    try:
        client = connect(project)
    except (GoogleAuthError, OSError) as error:
        raise Unavailable(
            "no Firestore: set FIRESTORE_EMULATOR_HOST, or GOOGLE_CLOUD_PROJECT and credentials"
            f" ({error})"
        ) from error
    where = f"the emulator at {emulator}" if emulator else "Firestore"
    return Place(FirestoreRegistryStore(client), f"{where}, project {client.project}")


@contextmanager
def _named(failure: str) -> Iterator[None]:
    from google.api_core.exceptions import GoogleAPIError  # noqa: PLC0415 - loads late

    try:
        yield
    except Conflict:
        raise  # the caller reads again
    except (StoreError, GoogleAPIError) as error:  # the latter: no rights, no such database
        raise StoreError(f"{failure}: {error}") from error

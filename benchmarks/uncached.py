"""The functions without the cache that an instance keeps: each request reads the snapshot anew."""

from __future__ import annotations

from shared.service import views

views.CACHED_SECONDS = 0.0

from main import get_network_status  # noqa: E402 - with the cache off

__all__ = ["get_network_status"]

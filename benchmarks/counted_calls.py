"""Firestore operations counted on the wire: what the calls of a client are billed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import grpc  # type: ignore[import-untyped] # it ships no types
from google.cloud import firestore

from shared.adapters.operations import Operations

SERVICE = "/google.firestore.v1.Firestore/"


class Calls(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):  # type: ignore[misc] # grpc ships no types
    """Counts as Firestore bills: documents asked for by name, whether they are there or not;
    results of a query, at least one; an aggregation as one (up to 1,000 entries); writes.
    """

    def __init__(self) -> None:
        """Nothing is counted yet."""
        self.total = Operations()

    def intercept_unary_unary(
        self, continuation: Callable[..., Any], details: Any, request: Any
    ) -> Any:
        """A commit, or a call that this benchmark does not know: that is an error."""
        self._require(details, "Commit")
        self.total.writes += len(request.writes)
        return continuation(details, request)

    def intercept_unary_stream(
        self, continuation: Callable[..., Any], details: Any, request: Any
    ) -> Any:
        """Documents by name, a query or an aggregation."""
        known = "BatchGetDocuments", "RunQuery", "RunAggregationQuery"
        match self._require(details, *known):
            case "BatchGetDocuments":
                self.total.reads += len(request.documents)
            case "RunAggregationQuery":
                self.total.reads += 1
            case _:
                return self._counted(continuation(details, request))
        return continuation(details, request)

    def _counted(self, answers: Iterator[Any]) -> Iterator[Any]:
        found = 0
        for answer in answers:
            found += "document" in answer
            yield answer
        self.total.reads += max(1, found)

    def _require(self, details: Any, *known: str) -> str:
        method = str(details.method).removeprefix(SERVICE)
        if method not in known:
            raise NotImplementedError(f"nobody has said what {method} costs")
        return method


class CountedClient(firestore.Client):
    """A client of the emulator whose calls are counted."""

    def __init__(self, project: str) -> None:
        """Like `shared.adapters.firestore.connect`."""
        super().__init__(project=project)
        self.calls = Calls()

    def _emulator_channel(self, transport: Any) -> Any:
        channel = super()._emulator_channel(transport)  # type: ignore[no-untyped-call] # it has no types
        return grpc.intercept_channel(channel, self.calls)

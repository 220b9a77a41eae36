"""Every Firestore query has its index: the emulator does not notice when one is missing."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

import pytest

from .sources import INDEXES, ROOT

Key = tuple[str, str]
"""(field, ASCENDING or DESCENDING)"""


@dataclass(frozen=True)
class Query:
    """One chain of `.where` and `.order_by` on a collection."""

    collection: str
    equal: tuple[str, ...]
    ordered: tuple[Key, ...]
    """Fields of inequalities and orders, in the order of the index."""

    @property
    def key(self) -> tuple[Key, ...]:
        """The composite index that it needs."""
        return (*((name, "ASCENDING") for name in sorted(self.equal)), *self.ordered)


def queries_in(source: str) -> list[Query]:
    """All queries of a module, each with the last collection named in its class."""
    found = []
    for owner in ast.walk(ast.parse(source)):
        if isinstance(owner, ast.ClassDef):
            collection = _collection_of(owner)
            chains = [_chain(node) for node in ast.walk(owner) if isinstance(node, ast.Call)]
            queries = [chain for chain in chains if {"where", "order_by"} & {n for n, _ in chain}]
            found += [_query(collection, chain) for chain in _longest(queries)]
    return found


def lacking(query: Query, indexes: dict[str, Any]) -> str | None:
    """What `firestore.indexes.json` lacks for this query, None if nothing."""
    if len(query.key) > 1:
        made = [
            tuple((it["fieldPath"], it["order"]) for it in index["fields"])
            for index in indexes["indexes"]
            if index["collectionGroup"] == query.collection
        ]
        return None if query.key in made else f"{query.collection}: no index {query.key}"
    exempt = {
        (it["collectionGroup"], it["fieldPath"])
        for it in indexes["fieldOverrides"]
        if not it["indexes"]
    }
    name = query.key[0][0]
    return f"{query.collection}.{name} is exempt" if (query.collection, name) in exempt else None


def _collection_of(owner: ast.ClassDef) -> str:
    named = [
        call.args[-1].value
        for call in ast.walk(owner)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "collection"
        and isinstance(call.args[-1], ast.Constant)
    ]
    return str(named[-1]) if named else f"collection of {owner.name}"


def _chain(call: ast.Call) -> list[tuple[str, ast.Call]]:
    """Method names and calls, outermost first."""
    steps = []
    node: ast.expr = call
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        steps.append((node.func.attr, node))
        node = node.func.value
    return steps


def _longest(chains: list[list[tuple[str, ast.Call]]]) -> list[list[tuple[str, ast.Call]]]:
    inner = {id(call) for chain in chains for _, call in chain[1:]}
    return [chain for chain in chains if id(chain[0][1]) not in inner]


def _query(collection: str, chain: list[tuple[str, ast.Call]]) -> Query:
    equal, ordered = [], {}
    for name, call in reversed(chain):
        if name == "where":
            field, operator = _filter(call)
            if operator == "==":
                equal.append(field)
            else:
                ordered[field] = "ASCENDING"
        elif name == "order_by":
            ordered[_text(call.args[0])] = _direction(call)
    return Query(collection, tuple(equal), tuple(ordered.items()))


def _filter(call: ast.Call) -> tuple[str, str]:
    built = call.keywords[0].value
    assert isinstance(built, ast.Call), "a filter is written where it is used"
    return _text(built.args[0]), _text(built.args[1])


def _direction(call: ast.Call) -> str:
    given = [it.value for it in call.keywords if it.arg == "direction"]
    return given[0].attr if given and isinstance(given[0], ast.Attribute) else "ASCENDING"


def _text(node: ast.expr) -> str:
    assert isinstance(node, ast.Constant), "fields and operators are written out"
    return str(node.value)


QUERIES = [
    query
    for folder in ("shared/adapters", "functions", "cli")
    for path in sorted((ROOT / folder).rglob("*.py"))
    for query in queries_in(path.read_text())
]


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_a_query_has_its_index(query: Query) -> None:
    """Composite queries have a composite index, single fields are not exempt from indexing."""
    assert lacking(query, INDEXES) is None


def test_the_queries_of_the_report_log_are_seen() -> None:
    """The check would be worth nothing if it found no query."""
    latest = Query("validator_reports", ("hotkey",), (("received_at", "DESCENDING"),))

    assert latest in QUERIES


SOURCE = """
class Log:
    def find(self):
        return self.rows().where(filter=FieldFilter("a", "==", 1)).order_by("b").limit(1).get()

    def rows(self):
        return self.client.collection("subnets", "1", "rows")
"""


@pytest.mark.parametrize(
    ("indexes", "complaint"),
    [
        ({"indexes": [], "fieldOverrides": []}, "rows: no index"),
        (
            {
                "indexes": [
                    {
                        "collectionGroup": "rows",
                        "fields": [
                            {"fieldPath": "a", "order": "ASCENDING"},
                            {"fieldPath": "b", "order": "DESCENDING"},
                        ],
                    }
                ],
                "fieldOverrides": [],
            },
            "rows: no index",
        ),
    ],
)
def test_a_missing_index_is_noticed(indexes: dict[str, Any], complaint: str) -> None:
    """No index, or one of another direction, is not enough."""
    (query,) = queries_in(SOURCE)

    assert str(lacking(query, indexes)).startswith(complaint)


def test_a_query_by_an_exempt_field_is_noticed() -> None:
    """A field that is exempt from indexing cannot be asked for."""
    exempt = {"collectionGroup": "rows", "fieldPath": "b", "indexes": []}
    query = Query("rows", (), (("b", "ASCENDING"),))

    assert lacking(query, {"indexes": [], "fieldOverrides": [exempt]}) == "rows.b is exempt"

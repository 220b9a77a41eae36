"""`make docs`: the HTTP interface as a page of the dashboard, `dashboard/api.html`.

Made from the very document that `/api/v1/openapi.json` serves, and committed, because the dashboard
is served as it lies: without a build, a script or a request to anybody else. A test keeps the two
in step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from devtools.api_schemas import Row, fields, phrase, schema_link
from devtools.paths import ROOT
from functions._openapi import document
from functions.get_openapi import VERSION

PAGE = ROOT / "dashboard" / "api.html"

CALLERS = {
    "hotkey": "a validator, by the signature of its hotkey (btauth/1)",
    "key": "holders of a key",
}
"""Security scheme → who that is."""

HEAD = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <meta name="description" content="The HTTP interface of Quorate">
  <title>HTTP interface · Quorate</title>
  <link rel="icon" href="icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="style.css">
</head>
<body>
  <a class="skip" href="#main">Skip to content</a>
  <header>
    <div class="bar">
      <a class="brand" href="./#/"><img src="icon.svg" alt="" width="26" height="26">Quorate</a>
      <nav aria-label="Pages">
        <a href="./#/">Network</a>
        <a href="./#/validators">Validators</a>
        <a href="api.html" aria-current="page">API</a>
      </nav>
    </div>
  </header>
  <main id="main" tabindex="-1">
"""
FOOT = """  </main>
</body>
</html>
"""


def render(openapi: Mapping[str, Any]) -> str:
    """The page of an OpenAPI 3.1 document as `functions._openapi` makes them."""
    operations = list(_operations(openapi))
    listed = "\n".join(_entry(path, method, found) for path, method, found in operations)
    described = "\n".join(_operation(path, method, found) for path, method, found in operations)
    schemas = openapi["components"]["schemas"]
    types = "\n".join(_schema(name, schemas[name]) for name in sorted(schemas))
    return (
        f"{HEAD}<h1>HTTP interface</h1>\n"
        f'<p class="quiet">OpenAPI {escape(openapi["openapi"])}, version'
        f" {escape(openapi['info']['version'])} of the interface. For programs:"
        ' <a href="api/v1/openapi.json">openapi.json</a>. What has a ? may be left out.</p>\n'
        '<section class="panel"><h2>Operations</h2>\n'
        f'<ul class="plain">\n{listed}\n</ul></section>\n'
        f"{described}\n"
        f'<section class="panel"><h2>Types</h2>\n{types}\n</section>\n{FOOT}'
    )


def _operations(openapi: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def _entry(path: str, method: str, operation: Mapping[str, Any]) -> str:
    name = escape(operation["operationId"])
    return (
        f'<li><a href="#{name}"><code>{method} {escape(path)}</code></a>'
        f" {escape(operation['summary'])}</li>"
    )


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> str:
    name = escape(operation["operationId"])
    parts = [
        f'<section class="panel" id="{name}"><h2><code>{method} {escape(path)}</code></h2>',
        f"<p>{escape(operation['summary'])}. For {_callers(operation['security'])}.</p>",
        _parameters(name, operation["parameters"]),
        _body(operation),
        _answers(operation["responses"]),
        "</section>",
    ]
    return "\n".join(filter(None, parts))


def _callers(security: list[Mapping[str, Any]]) -> str:
    if not security:
        return "anyone"
    names = [CALLERS[name] for each in security for name in each]
    return " or ".join(names) + (", or anyone if READ_ACCESS is public" if {} in security else "")


def _parameters(name: str, parameters: list[Mapping[str, Any]]) -> str:
    rows = [
        (each["name"], phrase(each["schema"]), f"in the {each['in']}", each.get("required", False))
        for each in parameters
    ]
    return _table(f"Parameters of {name}", ("Parameter", "Type", "Where"), rows) if rows else ""


def _body(operation: Mapping[str, Any]) -> str:
    if "requestBody" not in operation:
        return ""
    ((kind, content),) = operation["requestBody"]["content"].items()
    return f"<p>Body, <code>{escape(kind)}</code>: {phrase(content['schema'])}.</p>"


def _answers(responses: Mapping[str, Any]) -> str:
    said = [
        f"{escape('otherwise' if status == 'default' else status)}, <code>{escape(kind)}</code>:"
        f" {phrase(content['schema'])}"
        for status, response in responses.items()
        for kind, content in response["content"].items()
    ]
    return f"<p>Answer {'; '.join(said)}.</p>"


def _schema(name: str, schema: Mapping[str, Any]) -> str:
    described = f"<p>{escape(schema['description'])}</p>" if "description" in schema else ""
    heading = f'<h3 id="{schema_link(name)}">{escape(name)}</h3>'
    rows = fields(schema)
    if not rows:
        return f"{heading}{described}<p>{phrase(schema)}</p>"
    return heading + described + _table(name, ("Field", "Type", "Meaning"), rows)


def _table(caption: str, heads: tuple[str, str, str], rows: list[Row]) -> str:
    columns = "".join(f'<th scope="col">{head}</th>' for head in heads)
    body = "\n".join(
        f'<tr><th scope="row"><code>{escape(name)}</code>{"" if required else " ?"}</th>'
        f"<td>{kind}</td><td>{escape(text)}</td></tr>"
        for name, kind, text, required in rows
    )
    return (
        f'<div class="scroll prose" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f"<table><thead><tr>{columns}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def main() -> None:
    """Write the page."""
    PAGE.write_text(render(document(VERSION)), "utf-8")
    print(f"· {PAGE.relative_to(ROOT)}: {PAGE.stat().st_size} bytes")


if __name__ == "__main__":
    main()

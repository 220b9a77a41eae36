"""The dashboard's files as the hosting serves them, in front of an application."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from werkzeug.security import safe_join
from werkzeug.wrappers import Response

from devtools.paths import ROOT


class Pages:
    """A WSGI application: a file of `dashboard/` if there is one, else the application inside.

    Like the hosting: files come before rewrites, a folder is its `index.html`, and every file has
    the headers of `firebase.json`.
    """

    def __init__(self, inside: Any, root: Path = ROOT) -> None:
        """`root` is a checkout."""
        hosting = json.loads((root / "firebase.json").read_text())["hosting"]
        self._inside = inside
        self._folder = root / hosting["public"]
        self._headers = {
            each["key"]: each["value"] for rule in hosting["headers"] for each in rule["headers"]
        }

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        path = environ["PATH_INFO"].lstrip("/")
        name = path + "index.html" if path.endswith("/") or not path else path
        found = safe_join(str(self._folder), name)
        if found is None or not Path(found).is_file():
            answer: Iterable[bytes] = self._inside(environ, start_response)
            return answer
        return self._file(Path(found))(environ, start_response)

    def _file(self, path: Path) -> Response:
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return Response(path.read_bytes(), headers=self._headers, content_type=_with_charset(kind))


def _with_charset(kind: str) -> str:
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind

"""The whole system in one process: the functions behind one port, in-memory adapters, no cloud.

`python -m devtools.in_process PORT REGISTRY_FILE`. Routes are those of `firebase.json`, functions
those of `functions.yaml`; a stored report comes back as the CloudEvent that Firestore would send.
"""

from __future__ import annotations

import json
import os
import queue
import re
import sys
import threading
import time
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import functions_framework
import yaml
from flask import Flask
from werkzeug.exceptions import NotFound
from werkzeug.serving import WSGIRequestHandler, make_server

from cli import registry_file
from devtools.pages import Pages
from devtools.paths import ROOT
from devtools.ports import LOOPBACK
from functions import _wiring
from shared.adapters.memory import MemoryReportLog
from shared.domain.registry import Registry

PROJECT = "projects/demo-quorate"
DEFAULT_SWEEP_SECONDS = 60.0


class Site:
    """A WSGI application that sends each public path to its function."""

    def __init__(self, routes: Iterable[tuple[re.Pattern[str], Flask]]) -> None:
        """First route that matches wins, as on the hosting."""
        self._routes = tuple(routes)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        for pattern, app in self._routes:
            if pattern.fullmatch(environ["PATH_INFO"]):
                return app(environ, start_response)
        return NotFound()(environ, start_response)


def load_apps() -> dict[str, Flask]:
    """Function id → its application, for everything in `functions.yaml`."""
    manifest = yaml.safe_load((ROOT / "functions.yaml").read_text())
    return {
        name: functions_framework.create_app(  # type: ignore[no-untyped-call] # ships no types
            row["entryPoint"],
            str(ROOT / "main.py"),
            "http" if "httpsTrigger" in row else "cloudevent",
        )
        for name, row in manifest["endpoints"].items()
    }


def site(apps: Mapping[str, Flask], root: Path = ROOT) -> Site:
    """The public site by the rewrites of `firebase.json`."""
    rewrites = json.loads((root / "firebase.json").read_text())["hosting"]["rewrites"]
    return Site((_pattern(row["source"]), apps[row["function"]["functionId"]]) for row in rewrites)


def _pattern(source: str) -> re.Pattern[str]:
    """A hosting glob as an expression: `*` is anything but a slash, `**` anything."""
    parts = re.split(r"(\*\*?)", source)
    wild = {"**": ".*", "*": "[^/]*"}
    return re.compile("".join(wild.get(part) or re.escape(part) for part in parts))


class Events:
    """Delivers events to their functions, one after the other, in the background."""

    def __init__(self, apps: Mapping[str, Flask]) -> None:
        """Nothing is delivered before `start`."""
        self._apps = apps
        self._waiting: queue.SimpleQueue[tuple[str, dict[str, str], bytes]] = queue.SimpleQueue()

    def start(self) -> None:
        """Deliver from now on."""
        threading.Thread(target=self._deliver, daemon=True).start()

    def report_created(self, netuid: int, report_id: str) -> None:
        """What Firestore says when a report was stored."""
        document = f"subnets/{netuid}/validator_reports/{report_id}"
        attributes = {
            "type": "google.cloud.firestore.document.v1.written",
            "source": f"//firestore.googleapis.com/{PROJECT}/databases/(default)",
            "subject": f"documents/{document}",
            "document": document,
            "database": "(default)",
        }
        self._put("recompute-consensus", attributes, b"", "application/protobuf")

    def sweep(self) -> None:
        """What Pub/Sub says when the scheduler has published."""
        attributes = {
            "type": "google.cloud.pubsub.topic.v1.messagePublished",
            "source": f"//pubsub.googleapis.com/{PROJECT}/topics/timeout-sweeps",
        }
        data = json.dumps({"message": {"data": "e30=", "attributes": {}}}).encode()
        self._put("sweep-timeouts", attributes, data, "application/json")

    def _put(self, function: str, attributes: Mapping[str, str], data: bytes, kind: str) -> None:
        whole = {"specversion": "1.0", "id": str(uuid.uuid4()), **attributes}
        headers = {f"ce-{name}": value for name, value in whole.items()}
        self._waiting.put((function, {**headers, "content-type": kind}, data))

    def _deliver(self) -> None:
        clients = {name: app.test_client() for name, app in self._apps.items()}
        while True:
            function, headers, data = self._waiting.get()
            answer = clients[function].post("/", headers=headers, data=data)
            if answer.status_code >= 400:
                print(f"{function}: {answer.status_code} {answer.text}", file=sys.stderr)


class Quiet(WSGIRequestHandler):
    """Serves without a line per request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def serve(port: int, registry: Path) -> None:
    """Serve until the process ends."""
    apps = load_apps()
    events = Events(apps)
    stores = _wiring.stores()
    if not isinstance(stores.reports, MemoryReportLog):
        sys.exit("the in-process system needs STORE=memory")
    stores.reports.on_create.append(events.report_created)
    content = registry_file.parse(registry.read_text("utf-8"))
    netuid = _wiring.settings().default_netuid
    stores.registry.save(Registry(netuid, time.time(), content.neurons))
    events.start()
    threading.Thread(target=_sweep_for_ever, args=(events,), daemon=True).start()
    pages = Pages(site(apps))
    server = make_server(LOOPBACK, port, pages, threaded=True, request_handler=Quiet)
    server.serve_forever()


def _sweep_for_ever(events: Events) -> None:
    every = float(os.environ.get("SWEEP_SECONDS") or DEFAULT_SWEEP_SECONDS)
    while True:
        time.sleep(every)
        events.sweep()


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))

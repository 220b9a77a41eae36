"""A real Chromium over the real functions, with the stores in memory, all in this process."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from werkzeug.serving import make_server

from devtools import chromium
from devtools.in_process import Quiet, load_apps, site
from devtools.pages import Pages
from devtools.simulation import Subnet, demo_subnet
from functions import _wiring
from shared.domain.registry import Neuron, Registry
from shared.service.recompute import Recompute
from tests.builders import signed

DESKTOP = {"width": 1180, "height": 900}


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all; it ends with the package, because its loop is in nobody's way then."""
    path = os.environ.get("QUORATE_CHROMIUM") or chromium.find()
    if path is None:
        pytest.fail("there is no Chromium: run `make test`", pytrace=False)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=list(chromium.FLAGS))
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def home() -> Iterator[str]:
    """URL of the dashboard, in front of the functions."""
    server = make_server("127.0.0.1", 0, Pages(site(load_apps())), True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class World:
    """The subnet that the functions serve, and what becomes of it."""

    subnet: Subnet = field(default_factory=lambda: demo_subnet(1, validators=8, miners=64))
    rng: random.Random = field(default_factory=lambda: random.Random(7))

    def report(self, *uids: int, at: float | None = None) -> None:
        """Reports of these validators (all, if none is named) on all miners, and a snapshot.

        `at` in seconds makes all of it happen at another time than now.
        """
        now = round(at or time.time(), 3)
        for validator in self.subnet.validators:
            if not uids or validator.uid in uids:
                statuses = validator.report(self.subnet, self.rng, now)
                self.post(validator.uid, statuses, now)
        self.recompute(at)

    def copy(self, uid: int, original: int, rounds: int) -> None:
        """So many closed rounds in which validator `uid` says what `original` says."""
        began = time.time() - 60.0 * (rounds + 1)
        for number in range(rounds):
            at = round(began + 60 * number, 3)
            said = {v.uid: v.report(self.subnet, self.rng, at) for v in self.subnet.validators}
            for other, statuses in {**said, uid: said[original]}.items():
                self.post(other, statuses, at)
            self.recompute(at)
        self.recompute()

    def post(self, uid: int, statuses: Sequence[dict[str, object]], at: float) -> None:
        """One report, accepted."""
        hotkey = self.subnet.validators[uid].keypair.ss58_address
        _wiring.stores().reports.create(1, signed(uid, at, statuses, hotkey=hotkey))

    def recompute(self, at: float | None = None) -> None:
        """A snapshot as of then."""
        held = _wiring.stores()
        clock = _wiring.clock if at is None else lambda: at
        Recompute(held.reports, held.snapshots, held.registry, _wiring.settings().policy, clock)(1)
        # The page of the test before may have looked a moment ago, and found nothing.
        _wiring.views()._cache.clear()

    def register(self) -> None:
        """Write the registry."""
        validators = [
            Neuron(v.uid, v.keypair.ss58_address, v.stake, validator_permit=True)
            for v in self.subnet.validators
        ]
        miners = [Neuron(m.uid, m.hotkey, m.stake, axon=m.axon) for m in self.subnet.miners]
        _wiring.stores().registry.save(Registry(1, time.time(), (*validators, *miners)))


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A registered subnet without a report."""
    monkeypatch.setenv("STORE", "memory")
    _wiring.forget()
    made = World()
    made.register()
    yield made
    _wiring.forget()


@dataclass
class Visit:
    """A page with what went wrong on it and what it asked for."""

    page: Page
    home: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, path: str = "") -> Page:
        """Open a page of the dashboard, `#/validators` for example."""
        self.page.goto(self.home + path)
        return self.page

    def watch(self) -> None:
        """Note what the console says, what fails, and where requests go."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


@pytest.fixture
def visitor(browser: Browser, home: str) -> Iterator[Visit]:
    """A visit in which things may fail."""
    with _context(browser) as context:
        visit = Visit(context.new_page(), home)
        visit.watch()
        yield visit


@pytest.fixture
def visit(visitor: Visit) -> Iterator[Visit]:
    """A visit after which the console is clean and nobody else was asked for anything."""
    yield visitor
    assert [] == visitor.complaints
    assert [] == [url for url in visitor.requests if not url.startswith(visitor.home)]


def _context(browser: Browser) -> BrowserContext:
    return browser.new_context(viewport={"width": DESKTOP["width"], "height": DESKTOP["height"]})


AXE = Path(__file__).parents[2] / "devtools" / "node_modules" / "axe-core" / "axe.min.js"


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it stands: rule and elements."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{each['id']}: {[node['html'][:120] for node in each['nodes']]}"
        for each in found["violations"]
    ]

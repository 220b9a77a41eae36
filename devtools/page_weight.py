"""`make page-weight`: what each page of the dashboard weighs and when it first paints.

    make page-weight                                     the simulated subnet, on loopback
    make page-weight ARGS="--url https://quorate.example.org"    a deployment, as it is

A real Chromium opens each page several times with an empty cache; the median counts. Exit code 1
if a page is over a limit. In-process pages are sent as they lie, without the compression of a
hosting.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import httpx

from devtools import chromium
from devtools.showcase import showcase

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

VISITS = 3
MOST_BYTES = 300_000
LATEST_PAINT = 1000.0
"""Milliseconds from the request to the first text or picture."""

MEASURE = """() => {
  const parts = ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind));
  return {
    urls: parts.map((part) => part.name),
    bytes: parts.reduce((sum, part) => sum + part.transferSize, 0),
    paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
  };
}"""


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit with an empty cache, or the median of several."""

    path: str
    """The page, as after the host: "#/validators"."""
    requests: int
    foreign: int
    """Requests to another host."""
    sent: int
    """Bytes that came over the wire, headers included."""
    paint: float
    """Milliseconds until the first contentful paint."""
    complaints: int
    """Errors and warnings on the console."""

    def shortcomings(self) -> list[str]:
        """What is over its limit, in words."""
        limits = {
            f"{self.sent / 1000:.0f} KB": self.sent >= MOST_BYTES,
            f"first paint after {self.paint:.0f} ms": self.paint >= LATEST_PAINT,
            f"{self.foreign} requests to others": self.foreign > 0,
            f"{self.complaints} complaints on the console": self.complaints > 0,
        }
        return [words for words, is_over in limits.items() if is_over]


def typical(visits: Sequence[Visit]) -> Visit:
    """The medians of visits to one page; of what must not be at all, the most."""
    return Visit(
        path=visits[0].path,
        requests=round(median(visit.requests for visit in visits)),
        foreign=max(visit.foreign for visit in visits),
        sent=round(median(visit.sent for visit in visits)),
        paint=median(visit.paint for visit in visits),
        complaints=max(visit.complaints for visit in visits),
    )


def table(visits: Sequence[Visit]) -> str:
    """A line per page, marked by whether it keeps all limits."""
    head = f"  {'page':<18}{'requests':>9}{'to others':>11}{'KB':>7}{'paint, ms':>11}"
    rows = [
        f"{'✘' if visit.shortcomings() else '✔'} {visit.path or 'network':<18}{visit.requests:>9}"
        f"{visit.foreign:>11}{visit.sent / 1000:>7.0f}{visit.paint:>11.0f}"
        for visit in visits
    ]
    limits = f"below {MOST_BYTES / 1000:.0f} KB and {LATEST_PAINT:.0f} ms, nothing from others"
    return "\n".join([head, *rows, f"  limits: {limits}"])


def paths(url: str) -> list[str]:
    """The pages: those of one miner and one validator, too, where there are any."""
    network = httpx.get(f"{url}/api/v1/miners/network-status", timeout=30).json()
    validators = httpx.get(f"{url}/api/v1/validators", timeout=30).json()
    return [
        "",
        *[f"#/miners/{miner['uid']}" for miner in network["miners"][:1]],
        "#/validators",
        *[f"#/validators/{each['uid']}" for each in validators["validators"][-1:]],
        "api.html",
    ]


def visit(browser: Browser, url: str, path: str) -> Visit:
    """Open a page as somebody who has never been there."""
    context = browser.new_context()
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.type))
    page.on("pageerror", lambda _error: complaints.append("error"))
    page.goto(f"{url}/{path}")
    _settle(page)
    found = page.evaluate(MEASURE)
    context.close()
    return Visit(
        path=path,
        requests=len(found["urls"]),
        foreign=sum(not name.startswith(url) for name in found["urls"]),
        sent=found["bytes"],
        paint=found["paint"],
        complaints=complaints.count("error") + complaints.count("warning"),
    )


def _settle(page: Page) -> None:
    page.wait_for_selector("h1")
    page.wait_for_selector("[aria-busy]", state="detached")
    page.wait_for_load_state("networkidle")


def measure(url: str) -> list[Visit]:
    """Every page of the dashboard at this URL."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a third of a second

    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        found = [typical([visit(browser, url, path) for _ in range(VISITS)]) for path in paths(url)]
        browser.close()
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 if a page is over a limit."""
    parser = argparse.ArgumentParser(prog="python -m devtools.page_weight")
    parser.add_argument("--url", help="a deployment; by default the simulated subnet")
    given: str | None = parser.parse_args(arguments).url
    if given:
        visits = measure(given.rstrip("/"))
    else:
        with showcase() as url:
            visits = measure(url)
    print(table(visits))
    for each in visits:
        for words in each.shortcomings():
            print(f"✘ {each.path or 'network'}: {words}")
    return 1 if any(each.shortcomings() for each in visits) else 0


if __name__ == "__main__":
    sys.exit(main())

"""`quorate verify`: signatures, results and links of closed rounds, checked without trust."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from quorate_client.options import USAGE, counted, end, print_json, receiver_of

if TYPE_CHECKING:
    from cli.verification import Finding, SnapshotFile, Verdict

WRONG, UNCHECKED = 1, 3
"""Exit codes: something is wrong; something could not be checked."""

app = typer.Typer(
    subcommand_metavar="",
    context_settings={"allow_interspersed_args": True},  # options may follow the sources
)

Sources = Annotated[
    list[str],
    typer.Argument(
        help="Snapshot files, or URLs: a snapshot's, or an installation's; one given twice counts"
        " once."
    ),
]


@app.callback(invoke_without_command=True)
def verify(  # noqa: PLR0913, PLR0917 - options of a command line, given by name
    sources: Sources,
    key: Annotated[
        str | None,
        typer.Option("--key", envvar="QUORATE_KEY", help="API key of scope audit, for URLs."),
    ] = None,
    netuid: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The subnet that every record must be of.")
    ] = None,
    rounds: Annotated[
        int, typer.Option(min=0, help="Closed rounds to follow back from an installation's URL.")
    ] = 3,
    receiver: Annotated[
        str | None,
        typer.Option(
            callback=receiver_of,
            help="Hotkey that reports must be signed for: the installation's."
            "  [default: the one that each file claims]",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON.")] = False,
) -> None:
    """Check closed rounds and snapshots: every signature, hash and link, and the results anew.

    Nothing is believed but the validators' signatures. Exit code 0: all holds; 1: something is
    wrong; 2: a source cannot be read, or is of another subnet than --netuid; 3: nothing is wrong
    and something could not be checked.
    """
    from cli.verification import link_all, worst  # noqa: PLC0415 - the engine loads when it runs
    from cli.verification import verify as check  # noqa: PLC0415 - the same

    files = list(_files(sources, key, netuid, rounds))
    verdicts = [check(file, receiver) for file in _with_progress(files, as_json)]
    links = link_all(files)
    found = [finding for verdict in verdicts for finding in verdict.findings] + links
    word = worst(found)
    if as_json:
        print_json(_answer(word, verdicts, found))
    else:
        _show(word, verdicts, found)
        print(_trusted(verdicts, receiver))
    raise typer.Exit({"verified": 0, "wrong": WRONG, "unchecked": UNCHECKED}[word])


def _files(
    sources: Iterable[str], key: str | None, netuid: int | None, rounds: int
) -> Iterator[SnapshotFile]:
    """The records, from wherever; ends the command where one cannot be read."""
    from cli.verification import UnusableFile, read  # noqa: PLC0415 - loads when it runs
    from cli.verification.download import NotFetched, fetch  # noqa: PLC0415 - the same

    known: set[bytes] = set()
    for source in dict.fromkeys(sources):
        try:
            if source.startswith(("http://", "https://")):
                for file in fetch(source, key, netuid, rounds):
                    yield _of_subnet(netuid, file, source)
            elif (content := Path(source).read_bytes()) not in known:
                known.add(content)
                yield _of_subnet(netuid, read(content), source)
        except OSError as error:
            end(f"{source}: {error.strerror}", USAGE)
        except (UnusableFile, NotFetched) as error:
            end(f"{source}: {error}", USAGE)


def _of_subnet(netuid: int | None, file: SnapshotFile, source: str) -> SnapshotFile:
    """The record; ends the command where it is another subnet's than was asked for."""
    if netuid not in (None, file.netuid):
        end(f"{source}: {file.place} is of subnet {file.netuid}, and --netuid is {netuid}", USAGE)
    return file


def _with_progress(files: Sequence[SnapshotFile], is_silent: bool) -> Iterable[SnapshotFile]:
    from rich.console import Console  # noqa: PLC0415 - loads late
    from rich.progress import track  # noqa: PLC0415 - the same

    console = Console(stderr=True)
    hidden = is_silent or not console.is_terminal
    return track(files, "verifying", console=console, disable=hidden, transient=True)


def _answer(word: str, verdicts: Sequence[Verdict], findings: Iterable[Finding]) -> dict[str, Any]:
    return {
        "verdict": word,
        "records": [
            {
                "place": v.place,
                "netuid": v.netuid,
                "verdict": v.word,
                "signatures": v.signatures,
                "miners": v.miners,
                "claims": v.made.as_dict(),
            }
            for v in verdicts
        ],
        "findings": [asdict(finding) for finding in findings],
    }


def _trusted(verdicts: Iterable[Verdict], receiver: str | None) -> str:
    """What reports had to be signed for, and on whose word."""
    receivers = sorted({each.made.receiver_hotkey or "any" for each in verdicts})
    subnets = {each.made.default_netuid for each in verdicts}
    named = ("unknown" if subnet is None else str(subnet) for subnet in subnets)
    claimed = f"default subnet {', '.join(sorted(named))}"
    if receiver is None:
        return f"by the files' own claim: receiver {', '.join(receivers)}, {claimed}"
    return f"receiver {receiver}, as asked; by the files' own claim: {claimed}"


def _show(word: str, verdicts: Sequence[Verdict], findings: Sequence[Finding]) -> None:
    from rich.console import Console  # noqa: PLC0415 - loads late
    from rich.markup import escape  # noqa: PLC0415 - the same
    from rich.table import Table  # noqa: PLC0415 - the same

    console = Console()
    table = Table("record", "netuid", "signatures", "miners", "verdict")
    for each in verdicts:
        counts = (each.netuid, each.signatures, each.miners)
        table.add_row(each.place, *map(str, counts), each.word)
    console.print(table)
    for finding in findings:
        mark = "✘" if finding.grade == "wrong" else "?"
        console.print(
            escape(f"{mark} {finding.place}, {finding.where}: {finding.what}"), style=None
        )
    rounds = sum(each.place.startswith("round") for each in verdicts)
    signatures = sum(each.signatures for each in verdicts)
    summary = f"{counted(rounds, 'round')}, {counted(signatures, 'signature')}"
    console.print(f"{word}: {summary}", highlight=False)

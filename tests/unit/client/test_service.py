"""The client against the real functions, in memory: reports in, consensus out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from quorate_client import errors, ss58
from quorate_client.command import app
from quorate_client.exchange import Retries
from quorate_client.keys import ED25519, SeedKeypair
from quorate_client.proxy import Proxy
from quorate_client.reporter import Reporter
from typer.testing import CliRunner, Result

from functions import _wiring
from tests.unit.client.services import MINER, VALIDATORS, report_from, status_of_miner

ONCE = Retries(patience=0)


def quorate(*arguments: object, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments], env=env)


@pytest.fixture
def keyfile(tmp_path: Path) -> Path:
    """The first validator's hotkey file."""
    path = tmp_path / "hotkey"
    path.write_text(json.dumps({"secretSeed": "0x" + bytes([1] * 32).hex()}))
    return path


@pytest.fixture
def statuses(tmp_path: Path) -> Path:
    """A report of one miner as a file."""
    path = tmp_path / "statuses.json"
    path.write_text(json.dumps([status_of_miner()]))
    return path


def test_two_reports_make_a_consensus(live: str) -> None:
    """The miner is in the network's status, with both validators behind it."""
    report_from(live, 0)
    report_from(live, 1)
    with Proxy(live) as proxy:
        status, network = proxy.miner(9), proxy.network_status()

    assert ("consensus", [0, 1]) == (
        status["state"],
        status["consensus_status"]["consensus_validators"],
    )
    assert [9] == [miner["uid"] for miner in network["miners"]]


def test_a_second_read_is_answered_from_memory(live: str) -> None:
    """The service says that nothing changed; the content is the same object."""
    report_from(live, 0)
    with Proxy(live) as proxy:
        first, second = proxy.network_status(), proxy.network_status()

    assert first is second


@pytest.mark.parametrize(
    ("keypair", "uid", "epoch", "more", "kind"),
    [
        (SeedKeypair(bytes([7] * 32)), 0, 1, {}, errors.NotRegistered),
        (SeedKeypair(bytes([1] * 32), ED25519), 0, 1, {}, errors.NotRegistered),
        (MINER, 9, 1, {}, errors.NoPermit),
        (VALIDATORS[0], 1, 1, {}, errors.ForeignUid),
        (VALIDATORS[0], 0, 1, {"port": 0}, errors.Invalid),
        (VALIDATORS[0], 0, -1, {}, errors.Invalid),
    ],
)
def test_each_refusal_has_its_class(
    live: str, keypair: SeedKeypair, uid: int, epoch: int, more: dict[str, object], kind: type
) -> None:
    """The service's codes are those that the client knows."""
    with (
        Reporter(live, keypair, validator_uid=uid, retries=ONCE) as reporter,
        pytest.raises(errors.Refused) as refused,
    ):
        reporter.report([status_of_miner(**more)], epoch)

    assert kind is type(refused.value)


def test_an_epoch_that_goes_backwards_has_its_class(live: str) -> None:
    """After epoch 5 there is no epoch 4."""
    report_from(live, 0, epoch=5)

    with pytest.raises(errors.EpochBackwards):
        report_from(live, 0, epoch=4)


def test_a_subnet_that_is_not_served_is_not_found(live: str) -> None:
    """For readers and for validators."""
    with Proxy(live, netuid=99, retries=ONCE) as proxy, pytest.raises(errors.NotFound):
        proxy.stats()


def test_too_many_reports_say_when_to_come_back(live: str) -> None:
    """The thirteenth within a minute is refused with a time."""
    for _ in range(12):
        report_from(live, 0)

    with pytest.raises(errors.RateLimited) as refused:
        report_from(live, 0)
    assert refused.value.retry_after is not None


def test_the_command_reports_and_reads(live: str, keyfile: Path, statuses: Path) -> None:
    """`quorate report`, then status, miner and validators, as JSON."""
    given = ("--url", live, "--json")
    done = quorate(
        "report", statuses, "--keyfile", keyfile, "--validator-uid", 0, "--epoch", 3, *given
    )

    assert (0, 1) == (done.exit_code, json.loads(done.stdout)["miners_processed"])
    assert [9] == [m["uid"] for m in json.loads(quorate("status", *given).stdout)["miners"]]
    assert json.loads(quorate("miner", 9, *given).stdout)["miner_uid"] == 9
    assert json.loads(quorate("validators", *given).stdout)["miners"] == [9]


def test_the_command_shows_tables(live: str) -> None:
    """Without --json people read them; the URL may come from the environment."""
    report_from(live, 0, performance_score=0.2)
    report_from(live, 1, performance_score=0.9, ip="9.9.9.9")
    env = {"QUORATE_URL": live, "COLUMNS": "160"}

    assert MINER.ss58_address in quorate("status", env=env).stdout
    assert "conflicts" in quorate("miner", 9, env=env).stdout
    assert "2 of 4 validators active" in quorate("validators", env=env).stdout


def test_a_narrow_terminal_cuts_hotkeys_alone(live: str) -> None:
    """In 80 columns every heading and number stands whole."""
    report_from(live, 0)
    env = {"QUORATE_URL": live, "COLUMNS": "80"}
    miners = quorate("status", env=env).stdout.splitlines()
    validators = quorate("validators", env=env).stdout.splitlines()

    assert "uid score conf state perf load votes hotkey" == words(miners[2])
    assert words(miners[4]).startswith("9 ")
    assert {80} == {len(line) for line in (*miners[1:], *validators[1:])}
    assert "uid silent present agreement reputation quarantine hotkey" == words(validators[2])
    assert ["0", "s"] == words(validators[4]).split()[:3:2]


def words(line: str) -> str:
    """A line of a table without its frame."""
    return " ".join(line.replace("┃", " ").replace("│", " ").split())


def test_epistula_is_a_choice_of_the_command(
    live: str, keyfile: Path, statuses: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken where the service has a hotkey and it is named; unnamed, the refusal says so."""
    monkeypatch.setenv("RECEIVER_HOTKEY", MINER.ss58_address)
    _wiring.settings.forget()
    given = ("--keyfile", keyfile, "--validator-uid", 0, "--epoch", 3, "--scheme", "epistula")
    bound = ("--receiver", MINER.ss58_address)

    assert quorate("report", statuses, "--url", live, *given, *bound).exit_code == 0
    assert quorate("report", statuses, "--url", live, *given).stderr.startswith("WrongReceiver: ")


def test_shells_can_complete_the_command() -> None:
    """With what typer brings; `--install-completion` puts the same into the shell's start-up."""
    shown = quorate("--show-completion", "bash")

    assert (0, True) == (shown.exit_code, "_quorate_completion" in shown.stdout)


def test_validators_and_history_can_be_read(live: str) -> None:
    """Who may report, and no closed round yet of either."""
    report_from(live, 0)
    with Proxy(live) as proxy:
        uids = [validator["uid"] for validator in proxy.validators()["validators"]]
        rounds = [proxy.miner_history(9)["rounds"], proxy.validator_history(0, rounds=5)["rounds"]]

    assert ([0, 1, 2, 3], [[], []]) == (uids, rounds)


def test_a_body_as_posted_before_is_a_report_file(live: str, keyfile: Path, tmp_path: Path) -> None:
    """uid and epoch may stand in the file beside the statuses."""
    file = tmp_path / "body.json"
    body = {"validator_uid": 0, "epoch": 3, "miner_statuses": [status_of_miner()]}
    file.write_text(json.dumps(body))
    done = quorate("report", file, "--keyfile", keyfile, "--url", live)

    assert done.exit_code == 0
    assert done.stdout.startswith("validator 0, epoch 3: 1 miner kept as report ")


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("[", ["--epoch", "1"], "not JSON"),
        ("{}", ["--epoch", "1"], 'no array of objects, nor one in "miner_statuses"'),
        ("[1]", ["--epoch", "1"], "no array of objects"),
        ("[]", [], "give --epoch, or a whole number in the file"),
    ],
)
def test_a_report_file_that_cannot_be_used_ends_with_2(
    tmp_path: Path, keyfile: Path, content: str, options: list[str], message: str
) -> None:
    """File and reason are named, nothing is sent."""
    file = tmp_path / "statuses.json"
    file.write_text(content)
    refused = quorate("report", file, "--keyfile", keyfile, "--validator-uid", 0, *options)

    assert (2, True) == (refused.exit_code, message in refused.stderr)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", "a report has 1–1024 statuses, this one 0\n"),
        ('[{"uid": 9}, {"uid": 9}]', "uid 9 stands twice in the report\n"),
        ('[{"uid": 9, "stake": NaN}]', "the report is not JSON: stake of uid 9: "),
    ],
)
def test_statuses_that_cannot_be_reported_end_with_2(
    tmp_path: Path, keyfile: Path, content: str, message: str
) -> None:
    """What was given is at fault, not the service, which is not asked."""
    file = tmp_path / "statuses.json"
    file.write_text(content)
    nobody = ("--url", "http://127.0.0.1:9", "--validator-uid", 0, "--epoch", 1)
    refused = quorate("report", file, "--keyfile", keyfile, *nobody)

    assert (2, message) == (refused.exit_code, refused.stderr[: len(message)])


def test_a_stranger_is_told_as_whom_it_signed(live: str, tmp_path: Path, statuses: Path) -> None:
    """The hotkey, for whoever took the wrong key."""
    keyfile = tmp_path / "hotkey"
    keyfile.write_text(json.dumps({"secretSeed": bytes([7] * 32).hex()}))
    given = ("--keyfile", keyfile, "--validator-uid", 0, "--epoch", 1, "--url", live)
    refused = quorate("report", statuses, *given)

    signer = SeedKeypair(bytes([7] * 32)).ss58_address
    assert refused.exit_code == 1
    assert refused.stderr.startswith("NotRegistered: ")
    assert refused.stderr.endswith(f"; signed by {signer}\n")


@pytest.mark.parametrize(
    ("receiver", "why"),
    [
        ("nonsense", "'nonsense' is no ss58 address of 32 bytes with prefix 42"),
        ("O0", "'O0' is no ss58 address: not base58"),
        (f"{MINER.ss58_address[:-1]}1", "its checksum does not match"),
        (f"{MINER.ss58_address} ", "its checksum does not match"),
        (ss58.encode(MINER.public_key, prefix=0), "32 bytes with prefix 42"),
    ],
)
def test_a_receiver_that_is_no_address_ends_with_2(
    keyfile: Path, statuses: Path, receiver: str, why: str
) -> None:
    """The option is named and nothing is sent, whichever command takes it."""
    given = ("--receiver", receiver, "--keyfile", keyfile, "--url", "http://127.0.0.1:9")
    refusals = [quorate(*command, *given) for command in (("doctor",), ("report", statuses))]

    assert [2, 2] == [refused.exit_code for refused in refusals]
    assert all(refused.stderr.startswith("--receiver: ") for refused in refusals)
    assert all(refused.stderr.endswith(f"{why}\n") for refused in refusals)


def test_a_report_needs_a_key(statuses: Path) -> None:
    """One of wallet and key file, and one that exists."""
    given = ("report", statuses, "--validator-uid", 0, "--epoch", 1)
    neither = quorate(*given)
    absent = quorate(*given, "--wallet", "no-such-wallet-here/hot")

    assert (2, "give one of --wallet NAME/HOTKEY and --keyfile PATH\n") == (
        neither.exit_code,
        neither.stderr,
    )
    assert absent.exit_code == 2
    assert "no-such-wallet-here/hotkeys/hot: No such file" in absent.stderr


def test_a_refusal_ends_the_command_with_1(live: str) -> None:
    """Class and sentence stand on standard error."""
    refused = quorate("miner", 7, "--url", live)

    assert refused.exit_code == 1
    assert refused.stderr.startswith("UnknownMiner: ")

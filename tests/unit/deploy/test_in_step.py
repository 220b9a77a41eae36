"""One list of functions: manifest, hosting, entry points and Terraform never disagree."""

from __future__ import annotations

import inspect
import json
import re
from dataclasses import fields

import main
from functions._routes import PUBLIC_PATHS
from shared.adapters.firestore import FirestoreReportLog
from shared.domain.policy import Policy
from shared.service.kpis import Kpis
from shared.settings import variables

from .sources import (
    ENDPOINTS,
    EVENT,
    FIREBASE,
    HTTP,
    REWRITES,
    ROOT,
    terraform,
)


def test_every_entry_point_is_deployed_and_every_deployed_function_has_one() -> None:
    """`functions.yaml` and `main.py` name the same functions."""
    deployed = {it["entryPoint"] for it in ENDPOINTS.values()}

    assert main.ENTRY_POINTS == deployed


def test_every_entry_point_is_a_module_of_functions() -> None:
    """One module is one entry point, and no module is forgotten in `main.py`."""
    modules = {path.stem for path in (ROOT / "functions").glob("[a-z]*.py")}

    assert main.ENTRY_POINTS == modules


def test_a_function_is_named_like_its_entry_point() -> None:
    """Deployed names are kebab-case, Python names snake_case."""
    named = {name: it["entryPoint"].replace("_", "-") for name, it in ENDPOINTS.items()}

    assert {name: name for name in ENDPOINTS} == named


def test_every_function_is_called_by_http_or_by_an_event() -> None:
    """A function without a trigger, or with both, would be deployed but not as meant."""
    assert HTTP ^ EVENT == set(ENDPOINTS)


def test_every_http_function_has_one_public_path_and_no_path_leads_nowhere() -> None:
    """The hosting rewrites name each HTTP function once, and no other function."""
    led_to = [rewrite["function"]["functionId"] for rewrite in REWRITES]

    assert sorted(HTTP) == sorted(led_to)


def test_the_functions_know_the_paths_that_hosting_gives_them() -> None:
    """`functions/_routes.py` and `firebase.json` say the same."""
    hosted = {it["function"]["functionId"]: it["source"] for it in REWRITES}

    assert {name: re.sub(r"\{\w+\}", "*", path) for name, path in PUBLIC_PATHS.items()} == hosted


def test_hosting_looks_for_each_function_in_its_region() -> None:
    """A rewrite to another region would be a 404 after the next deploy."""
    wanted = {name: ENDPOINTS[name]["region"] for name in HTTP}

    assert wanted == {it["function"]["functionId"]: [it["function"]["region"]] for it in REWRITES}


def test_all_functions_share_one_region() -> None:
    """An event trigger lives where the database lives, and there is one database."""
    assert len({tuple(it["region"]) for it in ENDPOINTS.values()}) == 1


def test_concurrency_has_a_whole_cpu() -> None:
    """Cloud Functions serves several requests at once only with a whole cpu."""
    starved = {name for name, it in ENDPOINTS.items() if it["concurrency"] > 1 > it["cpu"]}

    assert set() == starved


def test_recompute_listens_where_reports_are_written() -> None:
    """The trigger's document pattern is the path of the report log."""
    pattern = ENDPOINTS["recompute-consensus"]["eventTrigger"]["eventFilterPathPatterns"]
    collections = re.findall(r'"(\w+)"', inspect.getsource(FirestoreReportLog._collection))

    assert {"document": "{}/{{netuid}}/{}/{{report}}".format(*collections)} == pattern


def test_every_failed_event_comes_again() -> None:
    """Without `retry` the platform drops an event that failed."""
    assert all(ENDPOINTS[name]["eventTrigger"]["retry"] is True for name in EVENT)


def test_the_runtime_is_the_one_we_test_with() -> None:
    """`firebase.json` decides the Python of the emulator and of Terraform."""
    assert FIREBASE["functions"]["runtime"] == "python311"


def test_terraform_knows_every_policy_number() -> None:
    """The expression by which Terraform reads the sources finds exactly the policy's fields."""
    found = re.search(r'policy_names = .*regexall\("\(\?m\)(.+)", text', terraform("locals.tf"))
    files = re.search(r"policy_files = \[for name in (\[.+?\])", terraform("locals.tf"))
    assert found
    assert files
    texts = [(ROOT / f"shared/domain/{name}.py").read_text() for name in json.loads(files[1])]
    names = [name for text in texts for name in re.findall(rf"(?m){found[1]}", text)]

    assert [it.name for it in fields(Policy)] == names


def test_terraform_sets_every_setting_that_an_operator_decides() -> None:
    """Settings are given by a variable, by the policy or by the secret; the rest is local."""
    only_local = {
        "STORE",
        "FUNCTIONS_EMULATOR",
        "FUNCTION_REGION",
        "ALLOW_PRIVATE_AXONS",
        "CHAIN_BLOCK_SECONDS",
    }
    own = set(variables()) - {it.name.upper() for it in fields(Policy)} - only_local
    text = terraform("locals.tf") + terraform("functions.tf")

    assert own == {name for name in own if re.search(rf"\b{name}\b", text)}


def test_terraform_measures_fields_that_the_sweep_logs() -> None:
    """Each KPI's metric reads a field of the line `sweep`: the name of a key figure."""
    measured = set(re.findall(r'field = "(\w+)"', terraform("metrics.tf")))

    assert measured <= {it.name for it in fields(Kpis)}
    assert len(measured) == 5

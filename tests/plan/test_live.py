"""The plan of every unit of every environment, as AWS would get it on an empty account.

`tests/plan/live/<environment>.yaml` holds an inventory for each unit (see tests/plan/inventory.py). Those of dev are
complete. The plans of the others are compared with dev, and their inventories have only what differs.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

from policies.iam import statements
from policies.worlds.configuration import of_tree
from tests.copies import copy_of_the_repository
from tests.plan.accept import report
from tests.plan.environments import ENVIRONMENTS, INVENTORIES, REGIONS, plans
from tests.plan.inventory import Planned, differences
from tools.livetree import layout
from tools.livetree.combined import plan_environment
from tools.project import ROOT

UNITS = sorted({place.in_environment for place in layout.units()})

# Attributes with a name that AWS has once in an account or region, and types named only within another resource.
NAMES = ("name", "bucket", "function_name", "alarm_name", "dashboard_name")
NAMED_WITHIN_ANOTHER = {
    "aws_api_gateway_model",
    "aws_api_gateway_request_validator",
    "aws_iam_role_policy",
    "aws_s3_bucket_notification",
}

# Resources that AWS has no tags for. A type that is not listed must carry all tags.
WITHOUT_TAGS = {
    "aws_api_gateway_account",
    "aws_api_gateway_deployment",
    "aws_api_gateway_gateway_response",
    "aws_api_gateway_integration",
    "aws_api_gateway_method",
    "aws_api_gateway_method_settings",
    "aws_api_gateway_model",
    "aws_api_gateway_request_validator",
    "aws_api_gateway_resource",
    "aws_backup_selection",
    "aws_cloudwatch_dashboard",
    "aws_cloudwatch_event_archive",
    "aws_cloudwatch_event_target",
    "aws_cloudwatch_log_resource_policy",
    "aws_ecr_lifecycle_policy",
    "aws_ecr_repository_policy",
    "aws_iam_role_policy",
    "aws_kms_alias",
    "aws_lambda_function_event_invoke_config",
    "aws_lambda_permission",
    "aws_route_table_association",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_notification",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
    "aws_sns_topic_subscription",
    "aws_wafv2_web_acl_association",
    "aws_wafv2_web_acl_logging_configuration",
}

# What a network has only while functions run in it.
IN_NETWORK = r"_vpc_endpoint\.interface|_group\.endpoints|_rule\.(to_interfaces|from_functions)"

# PLT-13: attribute, value where the environment is destroyable, value where it is not.
GUARDS = {
    "aws_dynamodb_table": ("deletion_protection_enabled", False, True),
    "aws_ecr_repository": ("force_delete", True, False),
    "aws_kms_key": ("deletion_window_in_days", 7, 30),
    "aws_s3_bucket": ("force_destroy", True, False),
    "aws_secretsmanager_secret": ("recovery_window_in_days", 0, 30),
}

every_environment = pytest.mark.parametrize("environment", ENVIRONMENTS)


def resources(environment: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(place, type, attributes known before apply) of each planned resource."""
    for unit, planned in plans(environment).items():
        for address, attributes in planned.resources.items():
            yield f"{unit}: {address}", planned.types[address], dict(attributes)


def of_a_deployment(environment: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Like `resources`, without what the deployments of an account share."""
    return (found for found in resources(environment) if found[0].split("/")[1] != layout.SHARED_SYSTEM)


def inventories() -> Iterator[Any]:
    for path in sorted(INVENTORIES.glob("*.yaml")):
        for unit, inventory in yaml.safe_load(path.read_text()).items():
            marks = pytest.mark.requirement(*inventory.get("requirements", ["PLT-40"]))
            yield pytest.param(path.stem, unit, inventory, marks=marks, id=f"{path.stem}/{unit}")


@pytest.mark.requirement("PLT-40")
@pytest.mark.parametrize(("environment", "unit", "inventory"), list(inventories()))
def test_a_unit_plans_what_its_inventory_says(environment: str, unit: str, inventory: dict[str, Any]) -> None:
    assert unit in plans(environment), f"live/{environment}/{unit} is no longer there: remove its inventory"
    found = differences(inventory, plans(environment)[unit])
    if found:
        pytest.fail(report(found, INVENTORIES / f"{environment}.yaml", unit), pytrace=False)


@pytest.mark.requirement("PLT-40")
def test_every_unit_has_an_inventory() -> None:
    """In one of its regions: the others plan the same, as the test below says."""
    listed = {unit.split("/", 1)[1] for unit in yaml.safe_load((INVENTORIES / "dev.yaml").read_text())}
    lacking = {unit for unit in UNITS if unit.split("/", 1)[1] not in listed}
    assert [
        f"live/dev/{unit} has no inventory: run `.venv/bin/python -m tests.plan.test_live {unit}`, and put what it "
        "prints into tests/plan/live/dev.yaml, with the values that matter"
        for unit in sorted(lacking)
    ] == []


@pytest.mark.requirement("PLT-03", "PLT-40")
@every_environment
def test_a_unit_plans_the_same_resources_in_each_of_its_regions(environment: str) -> None:
    planned = {unit: set(found.resources) for unit, found in plans(environment).items()}
    of_unit: dict[str, dict[str, set[str]]] = {}
    for unit, addresses in planned.items():
        region, _, rest = unit.partition("/")
        of_unit.setdefault(rest, {})[region] = addresses
    assert {rest: regions for rest, regions in of_unit.items() if len(set(map(frozenset, regions.values()))) > 1} == {}


@pytest.mark.requirement("PLT-03", "PLT-40")
@pytest.mark.parametrize("environment", [name for name in ENVIRONMENTS if name != "dev"])
def test_an_environment_plans_the_resources_of_dev(environment: str) -> None:
    def addresses(name: str) -> set[str]:
        own = rf"\b({re.escape(name)}|{re.escape(ENVIRONMENTS[name].suffix)})\b"
        places = {re.sub(own, "<environment>", place) for place, _, _ in resources(name)}
        backups = {place for place in places if "module.backups" in place}
        assert bool(backups) == ENVIRONMENTS[name].backups
        interfaces = {place for place in places if re.search(IN_NETWORK, place)}
        assert bool(interfaces) == ENVIRONMENTS[name].functions_in_vpc
        return places - backups - interfaces

    assert addresses(environment) == addresses("dev")


@pytest.mark.requirement("PLT-11")
@every_environment
def test_every_resource_carries_the_default_tags(environment: str) -> None:
    untagged = []
    for place, kind, attributes in resources(environment):
        tags = attributes.get("tags_all") or {}
        whole = {"Environment", "DataClassification", "Compliance", "Owner", "ManagedBy"} <= set(tags)
        scope = "shared" if place.split("/")[1] == layout.SHARED_SYSTEM else environment
        if kind not in WITHOUT_TAGS and not (whole and tags["Environment"] == scope):
            untagged.append(f"{place}: {tags}")
    assert untagged == []


@pytest.mark.requirement("PLT-11")
@every_environment
def test_what_holds_payments_is_tagged_as_confidential_and_in_scope_of_pci_dss(environment: str) -> None:
    tags = plans(environment)["us-east-1/payment-events/data"].resources["module.audit_table.aws_dynamodb_table.this"][
        "tags_all"
    ]
    assert (tags["DataClassification"], tags["Compliance"]) == ("confidential", "pci-dss")


@pytest.mark.requirement("PLT-11")
@pytest.mark.parametrize("unit", ["eu-central-1/transaction-files/data", "us-east-1/csv-upload/data"])
@every_environment
def test_what_holds_transactions_of_people_is_tagged_as_personal_data(environment: str, unit: str) -> None:
    data = plans(environment)[unit].resources
    for store in ("module.bucket.aws_s3_bucket.this", "module.transactions_table.aws_dynamodb_table.this"):
        tags = data[store]["tags_all"]
        assert (tags["DataClassification"], tags["Compliance"]) == ("personal", "gdpr")


@pytest.mark.requirement("PLT-12")
@every_environment
def test_the_suffix_is_part_of_every_name(environment: str) -> None:
    suffix = ENVIRONMENTS[environment].suffix
    part = re.compile(rf"(^|[-_/]){re.escape(suffix)}($|[-_/])")
    named = [
        (f"{place}.{attribute}", attributes[attribute])
        for place, kind, attributes in of_a_deployment(environment)
        for attribute in NAMES
        if kind not in NAMED_WITHIN_ANOTHER and attributes.get(attribute)
    ]
    assert len(named) > len(UNITS)
    assert [(place, name) for place, name in named if not part.search(name)] == []


@pytest.mark.requirement("TXF-50")
@every_environment
def test_functions_run_in_the_network_only_where_the_setting_says_so(environment: str) -> None:
    in_vpc = ENVIRONMENTS[environment].functions_in_vpc
    assert in_vpc == (environment == "prod")
    service = plans(environment)["eu-central-1/transaction-files/service"]
    functions = [found for address, found in service.resources.items() if "aws_lambda_function.this" in address]
    network = yaml.safe_load((ROOT / "modules/systems/transaction-files/network/mock_outputs.yaml").read_text())
    assert len(functions) == 2
    for function in functions:
        placed = [(found["subnet_ids"], found["security_group_ids"]) for found in function["vpc_config"]]
        assert placed == ([(network["subnet_ids"], [network["security_group_id"]])] if in_vpc else [])


@pytest.mark.requirement("TXF-50")
def test_a_change_of_the_setting_replaces_nothing(tmp_path: Path) -> None:
    """What both plans have differs in where the functions run only, which Lambda changes in place."""
    root = copy_of_the_repository(tmp_path / "repository")
    file = root / "live" / "dev" / "environment.yaml"
    file.write_text(file.read_text() + "functions_in_vpc: true\n")
    modules = plan_environment("dev", root)["planned_values"]["root_module"]["child_modules"]
    of_unit = {module["address"].removeprefix("module."): Planned.of(module, {}) for module in modules}
    changed, added = set(), set()
    for unit in ("network", "service"):
        place = f"eu-central-1/transaction-files/{unit}"
        outside, inside = plans("dev")[place], of_unit[place.replace("/", "_")]
        assert outside.resources.keys() <= inside.resources.keys()
        added |= inside.resources.keys() - outside.resources.keys()
        for address, attributes in outside.resources.items():
            names = attributes.keys() | inside.resources[address].keys()
            changed |= {
                (outside.types[address], name)
                for name in names
                if attributes.get(name) != inside.resources[address].get(name)
            }
    assert changed == {("aws_lambda_function", "vpc_config")}
    assert len(added) == 4
    assert [address for address in added if not re.search(IN_NETWORK, address)] == []


@pytest.mark.requirement("TXF-50")
def test_what_the_code_of_functions_in_the_network_may_do_passes_its_endpoints() -> None:
    """The emulator does not enforce policies of endpoints, so a permission that is missing there shows on AWS only."""
    own = ENVIRONMENTS["prod"].account_id
    network = plans("prod")["eu-central-1/transaction-files/network"]
    passing: dict[str, list[Any]] = {}
    for address, found in network.resources.items():
        if network.types[address] == "aws_vpc_endpoint":
            [statement] = json.loads(found["policy"])["Statement"]
            assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": own}}
            passing[found["service_name"].rpartition(".")[2]] = statement["Action"]
    needed: dict[str, set[str]] = {}
    # From the source: a plan does not know a policy that names a queue.
    for policy in of_tree(str(ROOT / "modules")).of("aws_iam_role_policy"):
        if policy.root.endswith("transaction-files/service") and policy.name != "network":
            for statement in statements(policy.get("policy")):
                # Lambda itself consumes queues and writes logs and traces, outside of the network.
                if statement.allows and statement.sid not in ("Consume", "Log", "Trace"):
                    for action in statement.actions:
                        needed.setdefault(action.partition(":")[0], set()).add(action)
    # The services use the keys.
    needed.pop("kms")
    assert {name: sorted(actions) for name, actions in needed.items()} == {
        name: sorted(actions) for name, actions in passing.items()
    }


@pytest.mark.requirement("PLT-12")
def test_what_an_account_has_once_is_planned_alike_for_every_deployment_in_it() -> None:
    """Only the account may differ. Otherwise the deployments would change it back and forth."""

    def shared(environment: str) -> dict[str, Any]:
        text = json.dumps(plans(environment)["us-east-1/account/data"].resources, sort_keys=True)
        read: dict[str, Any] = json.loads(text.replace(ENVIRONMENTS[environment].account_id, "<account>"))
        return read

    assert shared("dev") == shared("staging") == shared("prod")


@pytest.mark.requirement("PLT-13")
@every_environment
def test_what_is_not_destroyable_is_guarded_and_what_is_leaves_nothing(environment: str) -> None:
    destroyable = ENVIRONMENTS[environment].destroyable
    seen, wrong = set(), []
    for place, kind, attributes in resources(environment):
        if kind in GUARDS:
            seen.add(kind)
            name, open_, guarded = GUARDS[kind]
            is_open = destroyable and place.split("/")[1] != layout.SHARED_SYSTEM
            if attributes.get(name) != (open_ if is_open else guarded):
                wrong.append(f"{place}.{name} is {attributes.get(name)}")
    assert wrong == []
    assert seen == set(GUARDS)


@pytest.mark.requirement("PLT-03", "PLT-13")
@every_environment
def test_an_environment_stays_in_its_account_and_a_unit_in_its_region(environment: str) -> None:
    account = ENVIRONMENTS[environment].account_id
    arn = re.compile(r"arn:aws:(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]*):(?P<account>\d*):")
    mocked = "000000000000"  # of a unit that a mock stands for, in the region that the specification gives the system
    own, foreign = 0, []
    for place, _, attributes in resources(environment):
        region, system = place.split("/")[:2]
        for found in arn.finditer(json.dumps(attributes)):
            own += found["account"] == account
            here = found["region"] in ("", region) and found["account"] in ("", account)
            by_mock = found["account"] == mocked and found["region"] in ("", REGIONS.get(system, region))
            if not here and not by_mock:
                foreign.append(f"{place}: {found[0]}")
    assert foreign == []
    assert own > 0


@pytest.mark.requirement("PLT-13")
@every_environment
def test_logs_are_kept_as_long_as_the_environment_says_and_under_a_key(environment: str) -> None:
    planned = of_a_deployment(environment)
    groups = [(place, found) for place, kind, found in planned if kind == "aws_cloudwatch_log_group"]
    assert groups
    for place, found in groups:
        assert found["retention_in_days"] == ENVIRONMENTS[environment].log_retention_days, place
        assert found["kms_key_id"].startswith("arn:aws:kms:"), place


@pytest.mark.requirement("EVT-41")
@every_environment
def test_every_function_and_dead_letter_queue_is_watched(environment: str) -> None:
    alarms = {found["alarm_name"] for _, kind, found in resources(environment) if kind == "aws_cloudwatch_metric_alarm"}
    suffix = ENVIRONMENTS[environment].suffix
    mocks = yaml.safe_load((ROOT / "modules/systems/payment-events/service/mock_outputs.yaml").read_text())
    wanted = {
        f"event-processing-{function}-{what}-{suffix}"
        for function in mocks["functions"]
        for what in ("errors", "throttles", "dead-letters")
    }
    wanted |= {f"event-processing-executions-{what}-{suffix}" for what in ("failed", "timed-out")}
    wanted |= {f"event-processing-rule-failed-invocations-{suffix}"}
    assert wanted - alarms == set()


@pytest.mark.requirement("EVT-10", "EVT-20")
@every_environment
def test_functions_of_payments_are_named_as_the_catalogue_says(environment: str) -> None:
    suffix = ENVIRONMENTS[environment].suffix
    service = plans(environment)["us-east-1/payment-events/service"]
    names = {
        found["function_name"] for address, found in service.resources.items() if "aws_lambda_function.this" in address
    }
    assert names == {
        f"event-processing-{function}-{suffix}"
        for function in ("event-trigger", "event-validator", "event-processor", "event-enricher")
    }


def started_inventory(unit: str) -> str:
    """The start of a new unit's inventory: how many resources of each type dev plans there."""
    counts = dict(sorted(Counter(plans("dev")[unit].types.values()).items()))
    return yaml.safe_dump({unit: {"counts": counts}}, sort_keys=False)


def test_an_inventory_can_be_started_from_the_plan() -> None:
    unit = "us-east-1/foundation/monitoring"
    started = yaml.safe_load(started_inventory(unit))
    assert started[unit]["counts"]["aws_budgets_budget"] == 1
    assert differences(started[unit], plans("dev")[unit]) == []


if __name__ == "__main__":
    print("\n".join(started_inventory(unit) for unit in sys.argv[1:]))


@pytest.mark.requirement("EVT-32", "WHK-22")
@every_environment
def test_every_log_group_is_one_that_a_key_of_its_system_admits(environment: str) -> None:
    """AWS refuses a log group whose key does not admit it, in the apply only; the emulator creates it."""
    admitted: dict[str, set[str]] = {}
    for place, kind, attributes in resources(environment):
        if kind == "aws_kms_key":
            for statement in json.loads(attributes["policy"])["Statement"]:
                context = (
                    statement.get("Condition", {}).get("ArnLike", {}).get("kms:EncryptionContext:aws:logs:arn", [])
                )
                patterns = [context] if isinstance(context, str) else context
                admitted.setdefault(place.split("/")[1], set()).update(patterns)
    refused = []
    for place, kind, attributes in resources(environment):
        if kind == "aws_cloudwatch_log_group" and "name" in attributes:
            region, system = place.split("/")[:2]
            arn = f"arn:aws:logs:{region}:{ENVIRONMENTS[environment].account_id}:log-group:{attributes['name']}"
            if not any(fnmatchcase(arn, pattern) for pattern in admitted.get(system, ())):
                refused.append(f"{place}: add {attributes['name']} to the logs key of modules/systems/{system}/data")
    assert refused == []
    assert admitted

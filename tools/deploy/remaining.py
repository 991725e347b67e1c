"""What only a person can do after an apply, by the state of the account: confirm an e-mail, set a secret."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tools.deploy.target import Target
from tools.livetree import layout
from tools.project import ROOT


def left_to_do(target: Target, where: Path) -> Iterator[str]:
    """A line for each thing that is left to do in the units of a folder of the live tree; those not applied have none.

    A webhook's signing secret has no value until somebody makes one, and AWS sends no alarm to an address that has not
    confirmed its subscription: https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.confirm.html
    """
    for place in layout.units(target.environment):
        if not (ROOT / str(place)).is_relative_to(where):
            continue
        outputs, region, system = target.outputs_if_applied(place), place.region, place.system
        if "alarm_topic" in outputs and not _is_confirmed(target, region, outputs["alarm_topic"]["arn"]):
            yield (
                f"{system} sends its alarms to nobody yet: confirm the subscription in the e-mail that AWS sent to "
                f"{target.settings.alarm_email}"
            )
        if "signing_secret" in outputs and not _has_value(target, region, outputs["signing_secret"]["arn"]):
            on = "" if target.emulator else " --target aws"
            yield (
                f"{system} returns 503 for every request until there is a signing secret: "
                f"`tools/pipelines system rotate-secret {system} --env {target.environment}{on}`"
            )


def _is_confirmed(target: Target, region: str, topic_arn: str) -> bool:
    pages = target.client("sns", region).get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn)
    subscriptions = [each for page in pages for each in page["Subscriptions"] if each["Protocol"] == "email"]
    return any(each["SubscriptionArn"].startswith("arn:") for each in subscriptions)


def _has_value(target: Target, region: str, secret_arn: str) -> bool:
    described = target.client("secretsmanager", region).describe_secret(SecretId=secret_arn)
    return bool(described.get("VersionIdsToStages"))

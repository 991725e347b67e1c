"""Keys of what AWS services write to."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator

from policies import iam
from policies.model import MISSING, Resource, options
from policies.rule import rule
from policies.rules._keys import key_of
from policies.rules._policies import forms, resource_policies

NEEDED = ("kms:Decrypt", "kms:GenerateDataKey")
# The encryption context that a service gives with each use of the key.
CONTEXTS = {
    "aws_sns_topic": "kms:encryptioncontext:aws:sns:topicarn",
    "aws_sqs_queue": "kms:encryptioncontext:aws:sqs:arn",
}


@rule(
    "CKV_FEP_29",
    "Keys of queues and topics admit the services that send there",
    "aws_sns_topic",
    "aws_sqs_queue",
    rows=("TXF-30", "TXF-41", "EVT-01", "EVT-03"),
    reading={
        'Amazon SQS Developer Guide, "Configuring KMS permissions for AWS services"': "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html#compatibility-with-aws-services",
    },
    fix="Add the service to the key's policy with `kms:Decrypt` and `kms:GenerateDataKey`, under a condition.",
)
def keys_admit_the_services_that_send(resource: Resource) -> Iterator[str]:
    """A service that may send but may not use the key loses what it sends, and nobody sees an error. No emulator
    refuses it either.
    """
    senders = {
        who
        for statements in forms(resource_policies(resource))
        for statement in statements
        if statement.allows
        for kind, who in statement.principals
        if kind == "Service"
    }
    for option in options(resource.get("kms_master_key_id")):
        key = key_of(option)
        if option is MISSING or key is None:
            continue
        for statements in iam.policies(key.get("policy")):
            for sender in sorted(senders):
                about = [statement for statement in statements if _is_about(statement, CONTEXTS[resource.type])]
                if missing := [action for action in NEEDED if not _allowed(about, sender, action)]:
                    yield f"{sender} may send, but {key.address} does not allow it {' and '.join(missing)}"


def _allowed(statements: list[iam.Statement], service: str, action: str) -> bool:
    return any(
        statement.allows
        and ("Service", service) in statement.principals
        and any(fnmatch.fnmatchcase(action, allowed) for allowed in statement.actions)
        for statement in statements
    )


def _is_about(statement: iam.Statement, context: str) -> bool:
    """Whether a statement admits this kind of resource. One that requires another encryption context does not."""
    asked = {name.lower() for names in statement.conditions.values() for name in names}
    contexts = {name for name in asked if name.startswith("kms:encryptioncontext:")}
    return not contexts or context in contexts

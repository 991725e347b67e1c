"""The few statements that a policy of a resource may consist of.

A statement is understood as a whole: who (principal), what (actions), on what (resource), when (conditions). It passes
when it is one of the statements that are known for its resource. Any other principal, operator, key or value is none of
them: `ArnNotEquals`, `...IfExists`, `NotPrincipal`, a wildcard, another account, a condition more or less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from policies import iam, owned
from policies.model import MISSING, Resource, decode, options, text

Test = Callable[[tuple[str, ...]], bool]
"""Whether the values of an element or of a condition are right."""


def only(*wanted: str) -> Test:
    """All of these and nothing else, in any order."""
    return lambda values: len(values) == len(wanted) and set(values) == set(wanted)


def some_of(*wanted: str) -> Test:
    """At least one of these, and nothing else."""
    return lambda values: bool(values) and set(values) <= set(wanted)


@dataclass(frozen=True)
class Known:
    """A statement that is known."""

    said: str
    """What it is for, with its article: "the refusal of requests without TLS"."""
    effect: str
    principals: Test
    """Of texts such as "AWS *" and "Service sns.amazonaws.com"."""
    actions: Test
    resources: Test
    conditions: Mapping[str, Mapping[str, Test]] = field(default_factory=dict)
    """By operator, then by key in lower case."""
    needed: bool = False
    """Whether the policy must have it."""

    def differences(self, statement: iam.Statement) -> list[str]:
        """What is different in a statement; empty for one that this is."""
        found = []
        if statement.effect != self.effect:
            found.append(f"Effect is {statement.effect}")
        if statement.not_principals or statement.not_actions or statement.not_resources:
            found.append("it names what it leaves out (NotPrincipal, NotAction, NotResource)")
        who = tuple(f"{kind} {name}" for kind, name in statement.principals)
        for name, test, values in (
            ("Principal", self.principals, who),
            ("Action", self.actions, statement.actions),
            ("Resource", self.resources, statement.resources),
        ):
            if not test(values):
                found.append(f"{name} is {', '.join(values) or 'not there'}")
        return found + list(self._other_conditions(statement))

    def distance(self, statement: iam.Statement) -> int:
        """How far a statement is from this one: who and what say more about what is meant than the rest."""
        who = tuple(f"{kind} {name}" for kind, name in statement.principals)
        meant = [self.principals(who), self.actions(statement.actions), statement.effect == self.effect]
        return len(self.differences(statement)) + 2 * meant.count(False)

    def _other_conditions(self, statement: iam.Statement) -> Iterator[str]:
        given = {
            (operator, name.lower()): values
            for operator, names in statement.conditions.items()
            for name, values in names.items()
        }
        for operator, names in self.conditions.items():
            for name, test in names.items():
                values = given.pop((operator, name), None)
                if values is None:
                    yield f"the condition {operator} on {name} is not there"
                elif not test(values):
                    yield f"the condition {operator} on {name} is {', '.join(values)}"
        for operator, name in given:
            yield f"it has the condition {operator} on {name}"


def unknown_statements(policy: Any, known: Iterable[Known]) -> Iterator[str]:
    """Say which statements of a policy are none of those that are known, and which that it must have are not there.

    Raises Undecidable for a policy that is not known.
    """
    known = list(known)
    yield from other_versions(policy)
    for statements in iam.policies(policy):
        missing = [one for one in known if one.needed]
        for statement in statements:
            if any(not one.differences(statement) for one in known):
                missing = [one for one in missing if one.differences(statement)]
                continue
            nearest = min(known, key=lambda one: one.distance(statement), default=None)
            if nearest is None:
                yield f"{statement} is no statement that is known here"
            else:
                yield (
                    f"{statement} is no statement that is known: as {nearest.said} it would be right, but "
                    f"{'; '.join(nearest.differences(statement))}"
                )
        for one in missing:
            yield f"it does not have {one.said}"


def other_versions(policy: Any) -> Iterator[str]:
    """Say that a policy is not in the language of 2012: in the one before, variables are plain text."""
    for option in options(policy):
        document = decode(option) if option is not MISSING else {}
        if isinstance(document, Mapping) and document.get("Version") != LANGUAGE:
            yield f"Version is {document.get('Version', 'not set')}: it must be {LANGUAGE}"


LANGUAGE: Final = "2012-10-17"

# What is common ------------------------------------------------------------------------------------------------------

ANY: Final = only("*")
NOTHING: Final = some_of()
EVERYBODY: Final = only("AWS *")


@dataclass(frozen=True)
class Here:
    """The place of a resource, and the tests that need it."""

    resource: Resource
    account: str
    region: str

    @classmethod
    def of(cls, resource: Resource) -> Here:
        return cls(resource, *resource.world.place(resource))

    def arns(self) -> tuple[str, ...]:
        """The texts that name the resource itself."""
        return tuple(owned.arn_texts(self.resource))

    def itself(self, *tails: str) -> Test:
        """The resource itself, in each of these forms: its ARN and what follows."""
        own = self.arns()
        wanted = [{f"{arn}{tail}" for arn in own} for tail in tails or ("",)]
        return lambda values: len(values) == len(wanted) and all(set(values) & one for one in wanted)

    def one_of(self, *types: str) -> Test:
        """ARNs of resources of these types in the same system."""
        found = owned.index(self.resource)

        def test(values: tuple[str, ...]) -> bool:
            named = [found.find(value) for value in values]
            return bool(named) and all(one is not None and not one[1] and one[0].type in types for one in named)

        return test

    def like(self, *types: str) -> Test:
        """Patterns that match resources of these types, wide in nothing but the name."""
        found = owned.index(self.resource)

        def test(values: tuple[str, ...]) -> bool:
            return bool(values) and all(
                (self.is_narrow(value) and found.matched(value, *types)) or found.find(value) in self._exactly(types)
                for value in values
            )

        return test

    def _exactly(self, types: tuple[str, ...]) -> list[tuple[Resource, str]]:
        found = owned.index(self.resource).by_arn.values()
        return [(resource, "") for resource in found if resource.type in types]

    def is_narrow(self, pattern: str) -> bool:
        """Whether a pattern names service, region and account, and begins and ends a name with more than a wildcard."""
        parts = pattern.split(":", 5)
        if len(parts) < 6 or parts[:2] != ["arn", "aws"] or any(sign in "".join(parts[2:5]) for sign in "*?"):
            return False
        if parts[3] not in ("", self.region) or parts[4] not in ("", self.account):
            return False
        name = parts[5]
        return not any(sign in name for sign in "*?") or (name[0] not in "*?" and name[-1] not in "*?")

    def root(self) -> Test:
        return only(f"AWS arn:aws:iam::{self.account}:root")

    def of_account(self) -> Test:
        return only(self.account)

    def tls(self, action: str, *tails: str) -> Known:
        return Known(
            "the refusal of requests without TLS",
            "Deny",
            EVERYBODY,
            only(action),
            self.itself(*tails),
            {"Bool": {"aws:securetransport": only("false")}},
            needed=True,
        )


def service(*names: str) -> Test:
    return only(*(f"Service {name}" for name in names))


# Queues, topics, buckets ---------------------------------------------------------------------------------------------

# The services that send to a queue with their own principal, and the types of their sources.
SENDERS: Final = {
    "events.amazonaws.com": ("aws_cloudwatch_event_rule", "aws_cloudwatch_event_bus"),
    "sns.amazonaws.com": ("aws_sns_topic",),
}


def of_queue(queue: Resource) -> list[Known]:
    here = Here.of(queue)
    return [
        here.tls("sqs:*"),
        *(
            Known(
                f"a sender {name}",
                "Allow",
                service(name),
                only("sqs:SendMessage"),
                here.itself(),
                {"ArnEquals": {"aws:sourcearn": here.one_of(*types)}},
            )
            for name, types in SENDERS.items()
        ),
    ]


def of_topic(topic: Resource) -> list[Known]:
    here = Here.of(topic)
    return [
        here.tls("sns:Publish"),
        Known(
            "the account's own roles",
            "Allow",
            here.root(),
            only("sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:Publish", "sns:Subscribe"),
            here.itself(),
        ),
        Known(
            "alarms as publishers",
            "Allow",
            service("cloudwatch.amazonaws.com"),
            only("sns:Publish"),
            here.itself(),
            {"ArnLike": {"aws:sourcearn": only(f"arn:aws:cloudwatch:{here.region}:{here.account}:alarm:*")}},
        ),
    ]


def of_image_repository(policy: Resource) -> list[Known]:
    """What Lambda needs, and would write itself (`policy` is the `aws_ecr_repository_policy`). No resource is named:
    https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#images-permissions
    """
    here = Here.of(policy)
    return [
        Known(
            "the pull by Lambda for a function of the account",
            "Allow",
            service("lambda.amazonaws.com"),
            only("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
            only(),
            {"ArnLike": {"aws:sourcearn": only(f"arn:aws:lambda:{here.region}:{here.account}:function:*")}},
            needed=True,
        )
    ]


_SSE: Final = "s3:x-amz-server-side-encryption"


def of_bucket(policy: Resource) -> list[Known]:
    """The statements of a bucket's policy; `policy` is the `aws_s3_bucket_policy`. All of them are needed."""
    bucket = bucket_of(policy)
    here = Here.of(bucket if bucket is not None else policy)
    everything = here.itself("", "/*") if bucket is not None else NOTHING
    objects = here.itself("/*") if bucket is not None else NOTHING
    false, true = only("false"), only("true")

    def deny(said: str, conditions: Mapping[str, Mapping[str, Test]]) -> Known:
        return Known(said, "Deny", EVERYBODY, only("s3:PutObject"), objects, conditions, needed=True)

    return [
        Known("the account's own roles", "Allow", here.root(), only("s3:*"), everything, needed=True),
        Known(
            "the refusal of requests without TLS",
            "Deny",
            EVERYBODY,
            only("s3:*"),
            everything,
            {"Bool": {"aws:securetransport": false}},
            needed=True,
        ),
        deny("the refusal of other encryption", {"Null": {_SSE: false}, "StringNotEquals": {_SSE: only("aws:kms")}}),
        deny(
            "the refusal of other keys",
            {
                "Null": {f"{_SSE}-aws-kms-key-id": false},
                "StringNotEquals": {f"{_SSE}-aws-kms-key-id": only(*_default_keys(policy))},
            },
        ),
        deny("the refusal of encryption without a key", {"Null": {_SSE: false, f"{_SSE}-aws-kms-key-id": true}}),
        deny("the refusal of keys of senders", {"Null": {f"{_SSE}-customer-algorithm": false}}),
    ]


def _default_keys(policy: Resource) -> list[str]:
    """The key that the bucket of a policy encrypts with by default, as a text."""
    bucket = bucket_of(policy)
    found = [
        text(key)
        for one in policy.world.of("aws_s3_bucket_server_side_encryption_configuration", near=policy)
        if bucket is not None and is_named(one.get("bucket"), bucket)
        for key in options(one.get("rule.apply_server_side_encryption_by_default.kms_master_key_id"))
        if key
    ]
    return found or ["its own key"]


def bucket_of(part: Resource) -> Resource | None:
    """The bucket that a part of a bucket, such as its policy, names."""
    found = [bucket for bucket in part.world.of("aws_s3_bucket", near=part) if is_named(part.get("bucket"), bucket)]
    return found[0] if len(found) == 1 else None


def is_named(value: Any, bucket: Resource) -> bool:
    names = {owned.reference_text(bucket, name) for name in ("id", "bucket")} | {
        text(name) for name in options(bucket.get("bucket")) if name
    }
    return all(bool(option) and text(option) in names for option in options(value))


# Keys ----------------------------------------------------------------------------------------------------------------

_USE: Final = some_of(
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKey*",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
_CONTEXT: Final = "kms:encryptioncontext:"


def of_key(key: Resource) -> list[Known]:
    """The account's root, and services for the resources that they name in each use ("encryption context")."""
    here = Here.of(key)
    contexts = (
        ("cloudwatch.amazonaws.com", "aws:sns:topicarn", ("aws_sns_topic",)),
        ("events.amazonaws.com", "aws:events:event-bus:arn", ("aws_cloudwatch_event_bus",)),
        ("events.amazonaws.com", "aws:sqs:arn", ("aws_sqs_queue",)),
        ("lambda.amazonaws.com", "aws:lambda:functionarn", ("aws_lambda_function",)),
        (f"logs.{here.region}.amazonaws.com", "aws:logs:arn", ("aws_cloudwatch_log_group",)),
        ("sns.amazonaws.com", "aws:sqs:arn", ("aws_sqs_queue",)),
        ("sqs.amazonaws.com", "aws:sqs:arn", ("aws_sqs_queue",)),
    )
    known = [Known("the account's root", "Allow", here.root(), only("kms:*"), ANY, needed=True)]
    for name, context, types in contexts:
        test = _logs(here) if types == ("aws_cloudwatch_log_group",) else here.like(*types)
        for operator in ("ArnEquals", "ArnLike"):
            conditions = {operator: {f"{_CONTEXT}{context}": test}}
            known.append(Known(f"use by {name}", "Allow", service(name), _USE, ANY, conditions))
    delivered = only(f"arn:aws:logs:{here.region}:{here.account}:*")
    tables = owned.index(key)
    return [
        *known,
        # Without an encryption context: EventBridge asks whether the key is there.
        Known(
            "a look by events.amazonaws.com",
            "Allow",
            service("events.amazonaws.com"),
            only("kms:DescribeKey"),
            ANY,
            {"StringEquals": {"aws:sourceaccount": here.of_account()}},
        ),
        Known(
            "delivery of logs",
            "Allow",
            service("delivery.logs.amazonaws.com"),
            only("kms:Decrypt"),
            ANY,
            {"StringEquals": {f"{_CONTEXT}sourcearn": delivered}},
        ),
        Known(
            "use by s3.amazonaws.com",
            "Allow",
            service("s3.amazonaws.com"),
            _USE,
            ANY,
            {
                "ArnEquals": {"aws:sourcearn": here.one_of("aws_s3_bucket")},
                "StringEquals": {"aws:sourceaccount": here.of_account()},
            },
        ),
        Known(
            "use by dynamodb.amazonaws.com",
            "Allow",
            service("dynamodb.amazonaws.com"),
            _USE,
            ANY,
            {
                "StringEquals": {
                    f"{_CONTEXT}aws:dynamodb:subscriberid": here.of_account(),
                    f"{_CONTEXT}aws:dynamodb:tablename": lambda values: (
                        bool(values)
                        and all(
                            tables.find(f"arn:aws:dynamodb:{here.region}:{here.account}:table/{value}") is not None
                            for value in values
                        )
                    ),
                }
            },
        ),
    ]


def _logs(here: Here) -> Test:
    """Log groups. Only a wildcard can stand for the id of an API, after which API Gateway names a group."""
    groups = here.like("aws_cloudwatch_log_group")
    prefix = f"arn:aws:logs:{here.region}:{here.account}:log-group:API-Gateway-Execution-Logs_*/"
    return lambda values: (
        bool(values)
        and all((value.startswith(prefix) and "*" not in value[len(prefix) :]) or groups((value,)) for value in values)
    )


# Roles ---------------------------------------------------------------------------------------------------------------


def of_trust(role: Resource) -> list[Known]:
    """Who may take a role: one service, and where the service says for whom it acts, only for this account."""
    here = Here.of(role)
    account = {"StringEquals": {"aws:sourceaccount": here.of_account()}}
    tail = f"{here.region}:{here.account}"
    conditions: dict[str, Mapping[str, Mapping[str, Test]]] = {
        "apigateway.amazonaws.com": {},
        "backup.amazonaws.com": account,
        "events.amazonaws.com": {"ArnEquals": {"aws:sourcearn": here.one_of("aws_cloudwatch_event_rule")}},
        "lambda.amazonaws.com": {},
        "states.amazonaws.com": {
            **account,
            "ArnLike": {"aws:sourcearn": only(f"arn:aws:states:{tail}:stateMachine:*")},
        },
        "vpc-flow-logs.amazonaws.com": {
            **account,
            "ArnLike": {"aws:sourcearn": only(f"arn:aws:ec2:{tail}:vpc-flow-log/*")},
        },
    }
    return [
        Known(f"trust in {name}", "Allow", service(name), only("sts:AssumeRole"), only(), wanted)
        for name, wanted in conditions.items()
    ]


# Log deliveries ------------------------------------------------------------------------------------------------------


def of_log_deliveries(policy: Resource) -> list[Known]:
    """The forms that AWS documents for EventBridge, WAF and Step Functions, in this account."""
    here = Here.of(policy)
    tail = f"{here.region}:{here.account}"
    groups = f"arn:aws:logs:{tail}:log-group"
    event_bridge = service("delivery.logs.amazonaws.com", "events.amazonaws.com")
    events = only(f"{groups}:/aws/events/*:*")
    return [
        Known("streams of EventBridge", "Allow", event_bridge, only("logs:CreateLogStream"), events),
        Known(
            "events of EventBridge",
            "Allow",
            event_bridge,
            only("logs:PutLogEvents"),
            events,
            {"ArnLike": {"aws:sourcearn": only(f"arn:aws:events:{tail}:rule/*")}},
        ),
        Known(
            "deliveries",
            "Allow",
            service("delivery.logs.amazonaws.com"),
            only("logs:CreateLogStream", "logs:PutLogEvents"),
            only(f"{groups}:/aws/vendedlogs/*:log-stream:*", f"{groups}:aws-waf-logs-*:log-stream:*"),
            {
                "ArnLike": {"aws:sourcearn": only(f"arn:aws:logs:{tail}:*")},
                "StringEquals": {"aws:sourceaccount": here.of_account()},
            },
        ),
    ]


POLICIES: Final[dict[str, tuple[str, Callable[[Resource], list[Known]]]]] = {
    "aws_cloudwatch_log_resource_policy": ("policy_document", of_log_deliveries),
    "aws_ecr_repository_policy": ("policy", of_image_repository),
    "aws_iam_role": ("assume_role_policy", of_trust),
    "aws_kms_key": ("policy", of_key),
    "aws_s3_bucket_policy": ("policy", of_bucket),
    "aws_sns_topic": ("policy", of_topic),
    "aws_sqs_queue": ("policy", of_queue),
}
"""For each type with a policy: the attribute, and the statements that are known for a resource of it."""

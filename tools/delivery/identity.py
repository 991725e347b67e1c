"""Who plans and who applies: the roles of an account that workflows become, without a stored key (PLT-50, PLT-52).

What a role may do follows from the services that the modules use. Both roles keep to a permissions boundary, which
also binds whatever is attached to them later.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from botocore.exceptions import ClientError

from tools.errors import Failure
from tools.livetree import layout, settings
from tools.livetree.reading.source import Source
from tools.livetree.reading.subset import BackendSettings
from tools.project import files

Kind = Literal["plan", "apply"]
KINDS: Final[tuple[Kind, ...]] = ("plan", "apply")

# GitHub's provider of tokens, and the audience that configure-aws-credentials asks for:
# https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
ISSUER: Final = "token.actions.githubusercontent.com"
AUDIENCE: Final = "sts.amazonaws.com"

PREFIX: Final = "financial-event-pipelines"
BOUNDARY: Final = f"{PREFIX}-boundary"
# Policies attached to the roles may have 6,144 characters, white space not counted:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
POLICY_LIMIT: Final = 6144

# The service prefix of IAM by the beginning of a resource type, the first that fits.
SERVICES: Final[Mapping[str, str]] = {
    "aws_api_gateway_": "apigateway",
    "aws_backup_": "backup",
    "aws_budgets_": "budgets",
    "aws_cloudwatch_event_": "events",
    "aws_cloudwatch_log_": "logs",
    "aws_cloudwatch_": "cloudwatch",
    "aws_default_": "ec2",
    "aws_dynamodb_": "dynamodb",
    "aws_ecr_": "ecr",
    "aws_flow_log": "ec2",
    "aws_iam_": "iam",
    "aws_kms_": "kms",
    "aws_lambda_": "lambda",
    "aws_route_table": "ec2",
    "aws_s3_": "s3",
    "aws_secretsmanager_": "secretsmanager",
    "aws_security_group": "ec2",
    "aws_sfn_": "states",
    "aws_sns_": "sns",
    "aws_sqs_": "sqs",
    "aws_subnet": "ec2",
    "aws_vpc": "ec2",
    "aws_wafv2_": "wafv2",
}
# AWS Backup keeps its copies by a service of its own; the quotas are what `pipelines env apply` looks at first.
_BESIDE: Final = ("backup-storage", "servicequotas")

# What reads data, and no plan or apply needs: items, messages, secrets, logs, what is encrypted.
DATA_READS: Final = (
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:GetRecords",
    "dynamodb:PartiQLSelect",
    "dynamodb:Query",
    "dynamodb:Scan",
    "ecr:GetDownloadUrlForLayer",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "logs:GetLogRecord",
    "logs:GetQueryResults",
    "logs:StartLiveTail",
    "logs:StartQuery",
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:GetSecretValue",
    "sqs:ReceiveMessage",
    "states:DescribeExecution",
    "states:GetActivityTask",
    "states:GetExecutionHistory",
)
OBJECT_READS: Final = ("s3:GetObject", "s3:GetObjectVersion")
# The first words of actions that look at configuration; two services have others.
_VERBS: Final = ("Describe*", "Get*", "List*")
_OTHER_VERBS: Final = {"apigateway": ("GET",), "budgets": ("Describe*", "List*", "View*")}
_ROLE_CHANGES: Final = (
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:PutRolePolicy",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
)
# New identities, and new ways to become one.
_IDENTITIES: Final = (
    "iam:AddUserToGroup",
    "iam:CreateAccessKey",
    "iam:CreateGroup",
    "iam:CreateLoginProfile",
    "iam:CreateOpenIDConnectProvider",
    "iam:CreateSAMLProvider",
    "iam:CreateServiceSpecificCredential",
    "iam:CreateUser",
    "iam:DeleteRolePermissionsBoundary",
    "iam:PutRolePermissionsBoundary",
    "iam:UpdateOpenIDConnectProviderThumbprint",
    "iam:AddClientIDToOpenIDConnectProvider",
)
_STATES_GONE: Final = (
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:DeleteObjectVersion",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
)


@dataclass(frozen=True)
class Ground:
    """What bootstrap knows of an account: its environments and regions, and where their states are kept."""

    account_id: str
    environments: tuple[str, ...]
    regions: tuple[str, ...]
    bucket: str
    lock_table: str
    state_key_arn: str
    """Empty where the states have no key of their own."""
    state_region: str

    @classmethod
    def of(cls, environment: str, backend: BackendSettings, state_key_arn: str) -> Ground:
        """The account of an environment, which may be that of others, too. Raises Failure for wrong settings."""
        account = settings.load(environment).account_id
        names = tuple(name for name in layout.environments() if settings.load(name).account_id == account)
        regions = {place.region for place in layout.units() if place.environment in names}
        return cls(
            account_id=account,
            environments=names,
            # Budgets, and other services without regions, answer in us-east-1.
            regions=tuple(sorted(regions | {backend.region, "us-east-1"})),
            bucket=backend.bucket,
            lock_table=backend.dynamodb_table,
            state_key_arn=state_key_arn,
            state_region=backend.region,
        )

    def arn(self, service: str, resource: str, region: str = "") -> str:
        return f"arn:aws:{service}:{region}:{self.account_id}:{resource}"

    @property
    def states(self) -> str:
        return f"arn:aws:s3:::{self.bucket}"

    @property
    def locks(self) -> str:
        return self.arn("dynamodb", f"table/{self.lock_table}", self.state_region)


def role_name(kind: Kind) -> str:
    """The name of a role: every account has one of each kind."""
    return f"{PREFIX}-{kind}"


def role_arn(environment: str, kind: Kind) -> str:
    """The role of an environment's account. Raises Failure for wrong settings."""
    return f"arn:aws:iam::{settings.load(environment).account_id}:role/{role_name(kind)}"


def services() -> list[str]:
    """The services, as IAM names them, that the resources of the modules belong to.

    Raises Failure for a type of resource whose service is not known.
    """
    blocks = (block for path in files("modules/*.tf") for block in Source.read(path).body.named("resource"))
    return sorted({_service(type_) for type_, _ in (block.labels for block in blocks) if type_.startswith("aws_")})


def _service(type_: str) -> str:
    for beginning, service in SERVICES.items():
        if type_.startswith(beginning):
            return service
    raise Failure(
        f"nobody says which service {type_} belongs to, and so whether an apply may make one",
        where="SERVICES in tools/delivery/identity.py",
        do="add the beginning of the type, with the service prefix of its actions in IAM",
    )


def trust(ground: Ground, kind: Kind, repository: str) -> dict[str, Any]:
    """Who becomes a role: for plans, pull requests and the main branch of a repository ("owner/name"); for applies,
    only jobs in the GitHub environments of the account's environments.

    https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims
    """
    if kind == "plan":
        subjects = [f"repo:{repository}:pull_request", f"repo:{repository}:ref:refs/heads/main"]
    else:
        subjects = [f"repo:{repository}:environment:{name}" for name in ground.environments]
    return _policy(
        {
            "Effect": "Allow",
            "Principal": {"Federated": ground.arn("iam", f"oidc-provider/{ISSUER}")},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": subjects}},
        }
    )


def permissions(ground: Ground, kind: Kind) -> dict[str, Any]:
    """What a role may do."""
    return _policy(*(_plans(ground) if kind == "plan" else _applies(ground)))


def boundary(ground: Ground) -> dict[str, Any]:
    """What neither role may do, whatever is attached to it: reach other services, make identities, change what
    bootstrap has made, read data.
    """
    used = [*services(), *_BESIDE]
    own = [ground.arn("iam", f"role/{role_name(kind)}") for kind in KINDS]
    own += [ground.arn("iam", f"policy/{PREFIX}-*"), ground.arn("iam", f"oidc-provider/{ISSUER}")]
    statements: list[dict[str, Any]] = [
        {"Sid": "Services", "Effect": "Allow", "Action": [f"{service}:*" for service in used], "Resource": "*"},
        {"Sid": "NoIdentities", "Effect": "Deny", "Action": list(_IDENTITIES), "Resource": "*"},
        {
            "Sid": "NotWhatBootstrapMade",
            "Effect": "Deny",
            "NotAction": ["iam:Get*", "iam:List*"],
            "Resource": own,
        },
        {
            "Sid": "StatesStay",
            "Effect": "Deny",
            "Action": list(_STATES_GONE),
            "Resource": [ground.states, f"{ground.states}/*"],
        },
        {"Sid": "LocksStay", "Effect": "Deny", "Action": "dynamodb:DeleteTable", "Resource": ground.locks},
        *_no_data(ground),
    ]
    if ground.state_key_arn:
        gone = ["kms:DisableKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"]
        statements.append({"Sid": "KeyStays", "Effect": "Deny", "Action": gone, "Resource": ground.state_key_arn})
    return _policy(*statements)


def _plans(ground: Ground) -> Iterator[dict[str, Any]]:
    yield {"Sid": "ReadConfiguration", "Effect": "Allow", "Action": list(_reads(services())), "Resource": "*"}
    yield {"Sid": "ReadStates", "Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{ground.states}/*"}
    if ground.state_key_arn:
        yield {"Sid": "DecryptStates", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": ground.state_key_arn}


def _reads(used: Iterable[str]) -> Iterator[str]:
    """The actions that look at configuration."""
    for service in [*used, "servicequotas"]:
        yield from (f"{service}:{verb}" for verb in _OTHER_VERBS.get(service, _VERBS))
    # The provider has AWS validate the definition of a workflow while it plans.
    yield "states:ValidateStateMachineDefinition"


def _applies(ground: Ground) -> Iterator[dict[str, Any]]:
    managed = [f"{service}:*" for service in [*services(), *_BESIDE] if service != "iam"]
    yield {
        "Sid": "Manage",
        "Effect": "Allow",
        "Action": managed,
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": list(ground.regions)}},
    }
    # Names that an account has once say their region, so these are the roles of units and no others.
    roles = [ground.arn("iam", f"role/*-{region}{rest}") for region in ground.regions for rest in ("", "-*")]
    yield {"Sid": "ReadRoles", "Effect": "Allow", "Action": ["iam:Get*", "iam:List*"], "Resource": "*"}
    yield {"Sid": "ManageRoles", "Effect": "Allow", "Action": list(_ROLE_CHANGES), "Resource": roles}
    receivers = ["apigateway", "backup", "events", "lambda", "scheduler", "states", "vpc-flow-logs"]
    yield {
        "Sid": "PassRoles",
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": roles,
        "Condition": {"StringEquals": {"iam:PassedToService": [f"{name}.amazonaws.com" for name in receivers]}},
    }


def _no_data(ground: Ground) -> Iterator[dict[str, Any]]:
    yield {"Sid": "NoData", "Effect": "Deny", "Action": list(DATA_READS), "NotResource": [ground.locks]}
    # An apply looks whether an artefact is there already.
    kept = [f"{ground.states}/*", f"arn:aws:s3:::artifacts-*-{ground.account_id}-*/*"]
    yield {"Sid": "NoObjects", "Effect": "Deny", "Action": list(OBJECT_READS), "NotResource": kept}


def _policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def ensure_identity(iam: Any, ground: Ground, repository: str) -> Iterator[str]:
    """Make what is missing of the provider of tokens, the policies and the roles, and correct what is otherwise.

    Gives a line for each thing made or corrected: none where all is as it should be. Raises botocore's ClientError for
    what AWS refuses.
    """
    check_repository(repository)
    provider = ground.arn("iam", f"oidc-provider/{ISSUER}")
    found = _ask(iam.get_open_id_connect_provider, OpenIDConnectProviderArn=provider)
    if found is None:
        iam.create_open_id_connect_provider(Url=f"https://{ISSUER}", ClientIDList=[AUDIENCE])
        yield f"provider of tokens {ISSUER}"
    elif AUDIENCE not in found["ClientIDList"]:
        iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=provider, ClientID=AUDIENCE)
        yield f"audience {AUDIENCE} of {ISSUER}"
    yield from _ensure_policy(iam, ground, BOUNDARY, boundary(ground))
    for kind in KINDS:
        yield from _ensure_policy(iam, ground, role_name(kind), permissions(ground, kind))
        yield from _ensure_role(iam, ground, kind, trust(ground, kind, repository))


def check_repository(repository: str) -> None:
    """Raise Failure for what is no "owner/name": a wildcard would let other repositories become the roles."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+", repository):
        raise Failure(
            f"{repository!r} is not a repository on GitHub",
            where="`--repository`",
            do="give its owner and its name, as acme/pipelines",
            status=2,
        )


def _ensure_policy(iam: Any, ground: Ground, name: str, wanted: dict[str, Any]) -> Iterator[str]:
    arn = ground.arn("iam", f"policy/{name}")
    found = _ask(iam.get_policy, PolicyArn=arn)
    if found is None:
        iam.create_policy(PolicyName=name, PolicyDocument=_text(wanted))
        yield f"policy {name}"
        return
    version = found["Policy"]["DefaultVersionId"]
    if iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"] == wanted:
        return
    # A policy has at most five versions; the older ones are of no use.
    for old in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
        if not old["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=arn, VersionId=old["VersionId"])
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=_text(wanted), SetAsDefault=True)
    yield f"what policy {name} says"


def _ensure_role(iam: Any, ground: Ground, kind: Kind, wanted: dict[str, Any]) -> Iterator[str]:
    name, bound = role_name(kind), ground.arn("iam", f"policy/{BOUNDARY}")
    found = _ask(iam.get_role, RoleName=name)
    if found is None:
        iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=_text(wanted),
            Description=f"Workflows that {kind} Financial Event Pipelines",
            # An apply of a whole environment can take longer than an hour.
            MaxSessionDuration=7200,
            PermissionsBoundary=bound,
        )
        yield f"role {name}"
    else:
        if found["Role"]["AssumeRolePolicyDocument"] != wanted:
            iam.update_assume_role_policy(RoleName=name, PolicyDocument=_text(wanted))
            yield f"who becomes role {name}"
        if found["Role"].get("PermissionsBoundary", {}).get("PermissionsBoundaryArn") != bound:
            iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=bound)
            yield f"boundary of role {name}"
    arn = ground.arn("iam", f"policy/{name}")
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    if arn not in [each["PolicyArn"] for each in attached]:
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)
        yield f"what role {name} may do"


def _ask(call: Any, **arguments: str) -> Any:
    """What AWS answers; None where there is no such thing."""
    try:
        return call(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchEntity":
            return None
        raise


def _text(policy: dict[str, Any]) -> str:
    return json.dumps(policy, separators=(",", ":"))


def github_environments(ground: Ground, repository: str) -> list[tuple[list[str], str]]:
    """The command lines of `gh`, each with its input, that make the GitHub environments of an account.

    Only protected branches deploy. An environment that is not destroyable waits for a reviewer, who is not the one that
    started the run; GitHub asks for the names of the reviewers in the settings of the environment.
    """
    commands = []
    for name in ground.environments:
        body: dict[str, Any] = {
            "deployment_branch_policy": {"protected_branches": True, "custom_branch_policies": False},
            "prevent_self_review": not settings.load(name).destroyable,
        }
        line = ["gh", "api", "--method", "PUT", f"repos/{repository}/environments/{name}", "--input", "-"]
        commands.append((line, json.dumps(body)))
    return commands

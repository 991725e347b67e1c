"""Errors of AWS and its SDK, for a person: what is wrong, where, what to do.

Credentials can be missing, expired, wrong, or another account's; a permission or a region can be missing; AWS can be
out of reach. Each of these may come of any call, also of one in the middle of a command.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

import boto3
from boto3.exceptions import Boto3Error
from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

from tools.errors import WRONG_INPUT, Failure
from tools.livetree.layout import LIVE, SETTINGS_FILE

if TYPE_CHECKING:
    from collections.abc import Callable

# Codes of every service, and those of some: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
UNKNOWN: Final = frozenset(
    {
        "AuthFailure", "InvalidAccessKeyId", "InvalidClientTokenId", "InvalidSignatureException", "InvalidToken",
        "MissingAuthenticationToken", "SignatureDoesNotMatch", "UnrecognizedClientException",
    }
)  # fmt: skip
CLOCK: Final = frozenset({"RequestTimeTooSkewed", "RequestInTheFuture"})
DENIED: Final = frozenset(
    {"403", "AccessDenied", "AccessDeniedException", "AuthorizationError", "Forbidden", "UnauthorizedOperation"}
)
NOT_IN_REGION: Final = frozenset({"OptInRequired", "SubscriptionRequiredException"})
GONE: Final = frozenset(
    {
        "AWS.SimpleQueueService.NonExistentQueue", "NotFound", "NotFoundException", "QueueDoesNotExist",
        "ResourceNotFoundException",
    }
)  # fmt: skip
BUSY: Final = frozenset(
    {
        "InternalError", "InternalFailure", "InternalServerError", "ProvisionedThroughputExceededException",
        "RequestLimitExceeded", "ServiceUnavailable", "SlowDown", "Throttling", "ThrottlingException",
        "TooManyRequestsException",
    }
)  # fmt: skip

LOG_IN: Final = "log in (`aws sso login`), or set AWS_PROFILE or the AWS_ACCESS_KEY_ID family for this account"
UNREACHABLE: Final = (exceptions.ConnectionError, exceptions.HTTPClientError)
INCOMPLETE: Final = (
    exceptions.CredentialRetrievalError,
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
)
LOGGED_OUT: Final = (exceptions.SSOError, exceptions.TokenRetrievalError, exceptions.NoAuthTokenError)
MISCONFIGURED: Final = (
    exceptions.ConfigNotFound,
    exceptions.ConfigParseError,
    exceptions.InvalidConfigError,
    exceptions.ProfileNotFound,
)
WITHOUT_REGION: Final = (exceptions.InvalidRegionError, exceptions.NoRegionError)


def explain(error: BaseException) -> Failure | None:
    """An error of AWS, or of the connection to it, for a person; None for an error that is a bug of ours."""
    if isinstance(error, Boto3Error) and error.__context__ is not None:
        return explain(error.__context__)  # as a failed upload, which is told without its code
    if isinstance(error, ClientError):
        return _refusal(error)
    if not isinstance(error, BotoCoreError):
        return None
    problem = str(error).rstrip(".")
    if isinstance(error, INCOMPLETE):
        return _credentials(f"there are no AWS credentials: {problem}")
    if isinstance(error, LOGGED_OUT):
        return _credentials(f"the AWS login has ended: {problem}")
    if isinstance(error, MISCONFIGURED):
        return Failure(
            f"the AWS configuration cannot be used: {problem}",
            where=_source(),
            do="name a profile that `aws configure list-profiles` lists, or fix the file",
            status=WRONG_INPUT,
        )
    if isinstance(error, WITHOUT_REGION):
        return Failure(
            f"there is no usable AWS region: {problem}",
            where="AWS_REGION, AWS_DEFAULT_REGION",
            do="set AWS_REGION to the region of the unit, such as us-east-1",
            status=WRONG_INPUT,
        )
    if isinstance(error, UNREACHABLE):
        return Failure(
            f"no answer came: {problem}",
            where="the network between this machine and the service, its proxy, or the emulator",
            do="on AWS look at the network and HTTPS_PROXY; on the emulator run `make up`",
        )
    return None


def check_account(environment: str, account_id: str) -> None:
    """Ask AWS whose credentials these are, before anything is done with them.

    Raises Failure when they are not of the environment's account, and what `explain` tells.
    """
    try:
        found = boto3.session.Session().client("sts", region_name="us-east-1").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        failure = explain(error)
        if failure is None:
            raise
        raise failure from error
    if found != account_id:
        raise Failure(
            f"the credentials are of account {found}, and {environment} is in {account_id}",
            where=f"{LIVE}/{environment}/{SETTINGS_FILE}, account_id; {_source()}",
            do="use credentials of that account, or fix account_id",
            status=WRONG_INPUT,
        )


def _refusal(error: ClientError) -> Failure | None:
    code, operation = str(error.response["Error"].get("Code")), error.operation_name
    message = str(error.response["Error"].get("Message", "")).strip().rstrip(".")
    said = f"{operation}: {code}" + (f", {message}" if message and message != code else "")
    if code in EXPIRED:
        return _credentials(f"the AWS credentials have expired ({said})")
    if code in UNKNOWN:
        return _credentials(f"AWS does not accept the credentials ({said})")
    choices: dict[frozenset[str], Callable[[], Failure]] = {
        CLOCK: lambda: Failure(
            f"this machine's clock and AWS's differ too much ({said})",
            where="the date and time of this machine",
            do="set the clock, then run the command again",
            status=WRONG_INPUT,
        ),
        DENIED: lambda: Failure(
            f"the credentials do not permit it ({said})",
            where=_source(),
            do=f"use a role that may call {operation}; if it may, a policy of the resource or organisation denies it",
        ),
        NOT_IN_REGION: lambda: Failure(
            f"the account cannot use this service or region ({said})",
            where=_source(),
            do="enable the region in the account's settings, or take another region in live/",
            status=WRONG_INPUT,
        ),
        GONE: lambda: Failure(
            f"what the state names is not there any more ({said})",
            where=_source(),
            do="apply the environment again (`make apply`), which makes what is missing",
        ),
        BUSY: lambda: Failure(
            f"AWS could not do it at this moment ({said})", where=_source(), do="run the command again in a minute"
        ),
    }
    return next((make() for codes, make in choices.items() if code in codes), None)


def _credentials(problem: str) -> Failure:
    return Failure(problem, where=_source(), do=LOG_IN, status=WRONG_INPUT)


def _source() -> str:
    """Where this process's credentials come from, as a person would look for them."""
    names: dict[str, Any] = {
        name: os.environ.get(name) for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID")
    }
    if profile := names["AWS_PROFILE"] or names["AWS_DEFAULT_PROFILE"]:
        return f"the AWS profile {profile}"
    if names["AWS_ACCESS_KEY_ID"]:
        return "the environment variables AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN"
    return "the default AWS profile (neither AWS_PROFILE nor AWS_ACCESS_KEY_ID is set)"

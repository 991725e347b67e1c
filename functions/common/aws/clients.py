"""Clients of AWS services, and which of their errors are transient."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, overload

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from functions.common.errors import TransientError

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_events import EventBridgeClient
    from types_boto3_lambda import LambdaClient
    from types_boto3_s3 import S3Client
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_sns import SNSClient
    from types_boto3_sqs import SQSClient

Service = Literal["dynamodb", "events", "lambda", "s3", "secretsmanager", "sns", "sqs"]

# Three attempts of at most 1 + 3 s, with the pauses between them, end well before the functions' timeout. What still
# fails then is reported by name, and retried from outside.
#
# Most of a call is botocore's processor time. A fifth of that went into two things that a function does not need: it
# checked the arguments against the service's model, which type checks and the service do as well, and it built the same
# user agent twice for each call.
_CONFIG = Config(
    connect_timeout=1,
    parameter_validation=False,
    read_timeout=3,
    retries={"mode": "standard", "total_max_attempts": 3},
    user_agent="financial-event-pipelines",
)

# Forms of S3 are signed by version 2 unless a client asks for 4, and S3 takes no encrypted object by such a form
# (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html).
_S3_CONFIG = _CONFIG.merge(Config(signature_version="s3v4"))

_TRANSIENT_CODES = frozenset(
    {
        "InternalFailure",
        "InternalServerError",
        "KmsThrottled",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)


@overload
def client(service: Literal["dynamodb"], region: str) -> DynamoDBClient: ...
@overload
def client(service: Literal["events"], region: str) -> EventBridgeClient: ...
@overload
def client(service: Literal["lambda"], region: str) -> LambdaClient: ...
@overload
def client(service: Literal["s3"], region: str) -> S3Client: ...
@overload
def client(service: Literal["secretsmanager"], region: str) -> SecretsManagerClient: ...
@overload
def client(service: Literal["sns"], region: str) -> SNSClient: ...
@overload
def client(service: Literal["sqs"], region: str) -> SQSClient: ...
def client(service: Service, region: str) -> object:
    """A client with retries (mode `standard`) and timeouts. Made once, when the handler is imported."""
    return boto3.client(service, region_name=region, config=_S3_CONFIG if service == "s3" else _CONFIG)


@contextmanager
def transient_errors(doing: str) -> Iterator[None]:
    """Turn a throttle, a timeout or a fault of the service into TransientError. Every other error is raised unchanged.

    `doing` begins the message: "writing to the audit table".
    """
    try:
        yield
    except ClientError as error:
        if not _may_pass(error):
            raise
        raise TransientError(f"{doing}: {error.response['Error']['Code']}") from error
    except (ConnectionError, HTTPClientError) as error:
        raise TransientError(f"{doing}: {type(error).__name__}") from error


def _may_pass(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error.response["Error"].get("Code") in _TRANSIENT_CODES or status == 429 or status >= 500

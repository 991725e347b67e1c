"""Calls that carry many items, for a third of the processor time that botocore takes for them.

Most of such a call is botocore's serializer, which walks every attribute of every item by the model of the service.
Here msgspec encodes the items. All else stays botocore's: endpoint, credentials, signature, retries, checksums, errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_ITEMS: Final = "TransactItems"


def encode_items_fast(client: DynamoDBClient) -> None:
    """Let msgspec encode the items of all calls of `transact_write_items` that this client makes; twice does no harm.

    The items are in the JSON of DynamoDB (`{"amount": {"N": "10.25"}}`), and hold no bytes: botocore alone would
    encode those in base64.
    """
    events = client.meta.events
    for event, handler in (("before-parameter-build", _set_aside), ("before-call", _put_in)):
        events.register(f"{event}.dynamodb.TransactWriteItems", handler, unique_id=f"{__name__}.{event}")


def _set_aside(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    # The first item stays: botocore finds the endpoint by it, and checks it where a client checks arguments.
    context[_ITEMS] = params[_ITEMS]
    params[_ITEMS] = params[_ITEMS][:1]


def _put_in(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    body = msgspec.json.decode(params["body"])
    params["body"] = msgspec.json.encode(body | {_ITEMS: context.pop(_ITEMS)})

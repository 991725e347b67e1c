from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit

from tests.emulator.fidelity.account import Account
from tests.emulator.fidelity.test_api_function_errors import url

TELLS_HEADERS = """
import json

def handler(event, context):
    told = {part: {name: value for name, value in event[part].items() if name.lower().startswith("x-")}
            for part in ("headers", "multiValueHeaders")}
    return {"statusCode": 200, "body": json.dumps(told)}
"""


def test_of_a_header_that_is_sent_twice_a_function_gets_the_last_value_and_both(account: Account) -> None:
    address = urlsplit(url(account, TELLS_HEADERS))
    connection = http.client.HTTPConnection(str(address.hostname), address.port)
    connection.putrequest("GET", address.path)
    for name, value in (("X-Signature", "first"), ("X-Once", "a, b"), ("X-Signature", "second")):
        connection.putheader(name, value)
    connection.endheaders()
    told = json.loads(connection.getresponse().read())
    connection.close()
    assert told["headers"] == {"x-signature": "second", "x-once": "a, b"}
    assert told["multiValueHeaders"] == {"x-signature": ["first", "second"], "x-once": ["a, b"]}

from __future__ import annotations

import urllib3

from tests.emulator.fidelity.account import REGION, Account
from tests.emulator.fidelity.test_api_function_errors import url

ANSWERS_ITS_HOST = """
def handler(event, context):
    context = event["requestContext"]
    return {"statusCode": 200, "body": f'{context["domainPrefix"]} {context["domainName"]}'}
"""


def test_a_function_knows_the_host_that_its_api_is_called_under(account: Account) -> None:
    address = url(account, ANSWERS_ITS_HOST)
    api = address.split("/")[-3]
    answer = urllib3.request("GET", address).data.decode()
    assert answer == f"{api} {api}.execute-api.{REGION}.amazonaws.com"

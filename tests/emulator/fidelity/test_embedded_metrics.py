from __future__ import annotations

from tests.emulator.fidelity.account import Account

MEASURES = """
import json

def handler(event, context):
    print(json.dumps({
        "_aws": {"Timestamp": 0, "CloudWatchMetrics": [{
            "Namespace": "PaymentEvents", "Dimensions": [["provider"]],
            "Metrics": [{"Name": "Accepted", "Unit": "Count"}],
        }]},
        "provider": "stripe", "Accepted": [2, 3],
    }))
    print('{"_aws": "nothing that is a metric"}')
"""


def test_a_line_in_the_embedded_metric_format_becomes_a_metric(account: Account) -> None:
    account.function("validator", MEASURES)
    assert account.invoke("validator") == (None, None)
    assert account.metric("PaymentEvents", "Accepted", provider="stripe") == 5
    assert any("nothing that is a metric" in line for line in account.lines("/aws/lambda/validator"))

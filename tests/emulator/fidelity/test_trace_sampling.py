from __future__ import annotations

import json

from tests.emulator.fidelity.account import Account

TELLS_ITS_TRACE = """
import os

def handler(event, context):
    print("traced")
    return os.environ["_X_AMZN_TRACE_ID"]
"""


def test_the_first_invocation_of_a_second_is_sampled_and_few_of_the_others(account: Account) -> None:
    account.function("validator", TELLS_ITS_TRACE)
    client = account.client("lambda")
    client.update_function_configuration(FunctionName="validator", TracingConfig={"Mode": "Active"})
    traces = [json.loads(client.invoke(FunctionName="validator")["Payload"].read()) for _ in range(100)]

    assert all(trace.startswith("Root=1-") for trace in traces)
    assert traces[0].endswith(";Sampled=1")
    sampled = [trace for trace in traces if trace.endswith(";Sampled=1")]
    # One a second, and 1 in 20 of the others: for 60 of 100 they would have to take a minute.
    assert len(sampled) < 60
    assert {trace.rpartition(";")[2] for trace in traces} == {"Sampled=0", "Sampled=1"}

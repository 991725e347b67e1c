from __future__ import annotations

import json

from tests.emulator.fidelity.account import ECHOES, RAISES, Account, statement
from tools.waiting import wait_for

ALL = statement(["sqs:SendMessage"])


def _invoke(account: Account, event: object) -> None:
    account.client("lambda").invoke(FunctionName="trigger", InvocationType="Event", Payload=json.dumps(event))


def test_what_fails_for_good_is_a_dead_letter_that_holds_the_event(account: Account) -> None:
    url, arn = account.queue("letters")
    account.function("trigger", RAISES, ALL, DeadLetterConfig={"TargetArn": arn})
    _invoke(account, {"amount": "10.25"})
    letter = account.receive(url)
    assert json.loads(letter["body"]) == {"amount": "10.25"}
    assert letter["attributes"]["ErrorMessage"] == "amount is negative"
    assert (letter["attributes"]["ErrorCode"], len(letter["attributes"]["RequestID"])) == ("200", 36)
    assert account.metric("AWS/Lambda", "Invocations", FunctionName="trigger") == 3


def test_a_destination_gets_a_record_of_the_invocation(account: Account) -> None:
    url, arn = account.queue("failures")
    account.function("trigger", RAISES, ALL)
    account.client("lambda").put_function_event_invoke_config(
        FunctionName="trigger", MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": arn}}
    )
    _invoke(account, {"amount": "10.25"})
    record = json.loads(account.receive(url)["body"])
    assert record["requestPayload"] == {"amount": "10.25"}
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 1
    assert record["responsePayload"]["errorType"] == "InvalidEvent"


def test_a_role_that_may_not_send_loses_the_dead_letter_and_says_so_in_a_metric(account: Account) -> None:
    url, arn = account.queue("letters")
    account.function("trigger", RAISES, DeadLetterConfig={"TargetArn": arn})
    account.client("lambda").put_function_event_invoke_config(FunctionName="trigger", MaximumRetryAttempts=0)
    _invoke(account, {})
    assert wait_for(lambda: account.metric("AWS/Lambda", "DeadLetterErrors", FunctionName="trigger"), "the metric") == 1
    assert account.depth(url) == 0


def test_a_dead_letter_that_sqs_does_not_take_is_lost_and_said_so_in_a_metric(account: Account) -> None:
    url, arn = account.queue("letters")
    account.function("trigger", RAISES, ALL, DeadLetterConfig={"TargetArn": arn})
    account.client("lambda").put_function_event_invoke_config(FunctionName="trigger", MaximumRetryAttempts=0)
    _invoke(account, {"payload": "a\uffff"})
    assert wait_for(lambda: account.metric("AWS/Lambda", "DeadLetterErrors", FunctionName="trigger"), "the metric") == 1
    assert account.depth(url) == 0


def test_a_function_that_is_switched_off_fails_at_once(account: Account) -> None:
    url, arn = account.queue("failures")
    account.function("trigger", ECHOES, ALL)
    client = account.client("lambda")
    client.put_function_event_invoke_config(
        FunctionName="trigger", DestinationConfig={"OnFailure": {"Destination": arn}}
    )
    client.put_function_concurrency(FunctionName="trigger", ReservedConcurrentExecutions=0)
    _invoke(account, {})
    assert json.loads(account.receive(url)["body"])["requestContext"]["condition"] == "ZeroReservedConcurrency"


def test_a_throttled_attempt_does_not_count_as_a_retry(account: Account) -> None:
    done, arn = account.queue("successes")
    slow = "import time\ndef handler(event, context): time.sleep(event)"
    account.function("trigger", slow, ALL)
    client = account.client("lambda")
    client.put_function_event_invoke_config(
        FunctionName="trigger", MaximumRetryAttempts=0, DestinationConfig={"OnSuccess": {"Destination": arn}}
    )
    client.put_function_concurrency(FunctionName="trigger", ReservedConcurrentExecutions=1)
    _invoke(account, 2)
    _invoke(account, 0)
    assert sorted(json.loads(account.receive(done)["body"])["requestPayload"] for _ in range(2)) == [0, 2]
    assert account.metric("AWS/Lambda", "Throttles", FunctionName="trigger") >= 1

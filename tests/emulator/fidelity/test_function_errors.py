from __future__ import annotations

from tests.emulator.fidelity.account import RAISES, Account

COUNTS_AND_RAISES_ONCE = """
calls = 0

def handler(event, context):
    global calls
    calls += 1
    if calls == 1:
        raise TimeoutError("no answer")
    return calls
"""


def test_an_exception_is_answered_with_its_class_its_message_and_where_it_was_raised(account: Account) -> None:
    account.function("validator", RAISES)
    answer, kind = account.invoke("validator")
    assert (kind, answer["errorType"], answer["errorMessage"]) == ("Unhandled", "InvalidEvent", "amount is negative")
    assert "index.py" in answer["stackTrace"][-1]
    assert any("[ERROR] InvalidEvent: amount is negative" in line for line in account.lines("/aws/lambda/validator"))


def test_the_execution_environment_outlives_an_exception(account: Account) -> None:
    account.function("validator", COUNTS_AND_RAISES_ONCE)
    assert account.invoke("validator")[1] == "Unhandled"
    assert account.invoke("validator") == (2, None)


def test_what_cannot_be_imported_is_named_as_such(account: Account) -> None:
    account.function("validator", "import no_such_module\ndef handler(event, context): pass")
    answer, kind = account.invoke("validator")
    assert (kind, answer["errorType"]) == ("Unhandled", "Runtime.ImportModuleError")
    assert "no_such_module" in answer["errorMessage"]


def test_an_exception_at_import_keeps_its_class(account: Account) -> None:
    account.function("validator", "raise KeyError('TABLE')")
    assert account.invoke("validator")[0]["errorType"] == "KeyError"


def test_a_handler_that_ends_the_process_is_an_exit_error(account: Account) -> None:
    account.function("validator", "import os\ndef handler(event, context): os._exit(1)")
    assert account.invoke("validator")[0]["errorType"] == "Runtime.ExitError"


def test_an_answer_that_looks_like_an_error_is_none(account: Account) -> None:
    account.function("validator", "def handler(event, context): return {'errorType': 'InvalidEvent'}")
    assert account.invoke("validator") == ({"errorType": "InvalidEvent"}, None)

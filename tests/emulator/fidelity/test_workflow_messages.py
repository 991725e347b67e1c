from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.fidelity.account import Account, statement

SEND = statement("sqs:SendMessage")


def _sends(account: Account, queue_url: str, body: str) -> str:
    """A workflow of one step, which sends a message that a JSONata expression makes. Returns its ARN."""
    step = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Arguments": {"QueueUrl": queue_url, "MessageBody": body},
        "End": True,
    }
    definition: dict[str, Any] = {"QueryLanguage": "JSONata", "StartAt": "step", "States": {"step": step}}
    return account.state_machine("workflow", definition, SEND)


@pytest.mark.parametrize("body", ["{% $states.input %}", "{% $string($states.input) %}"])
def test_a_message_that_sqs_does_not_take_fails_the_step(account: Account, body: str) -> None:
    url, _ = account.queue("letters")
    execution = account.execute(_sends(account, url, body), {"payload": "a\ufffe"})
    assert execution["status"] == "FAILED"
    assert "InvalidMessageContents" in execution["error"]
    assert account.depth(url) == 0


@pytest.mark.parametrize("body", ["{% $states.input %}", "{% $string($states.input) %}"])
def test_other_characters_arrive_as_they_are(account: Account, body: str) -> None:
    url, _ = account.queue("letters")
    account.execute(_sends(account, url, body), {"payload": "é語😀"})
    assert account.receive(url)["body"] == '{"payload":"é語😀"}'


def test_an_escaped_character_passes_and_is_read_as_itself(account: Account) -> None:
    url, _ = account.queue("letters")
    escaped = r"{% $replace($string($states.input), '\ufffe', '\\ufffe') %}"
    account.execute(_sends(account, url, escaped), {"payload": "a\ufffe"})
    assert json.loads(account.receive(url)["body"]) == {"payload": "a\ufffe"}

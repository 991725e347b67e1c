from __future__ import annotations

from tests.emulator.fidelity.account import Account


def test_a_receive_that_does_not_wait_misses_messages_and_one_that_waits_does_not(account: Account) -> None:
    sqs = account.client("sqs")
    url, _ = account.queue("letters")
    sqs.send_message(QueueUrl=url, MessageBody="one")

    def found(wait_s: int) -> int:
        answer = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=wait_s, VisibilityTimeout=0)
        return len(answer.get("Messages", []))

    assert sorted(found(0) for _ in range(3)) == [0, 1, 1]
    assert [found(1) for _ in range(3)] == [1, 1, 1]

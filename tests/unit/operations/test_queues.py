"""Every message of a queue is seen once, however SQS answers, and all are there for others afterwards."""

from __future__ import annotations

from itertools import islice

import pytest

from tests.unit.operations.fake_sqs import FakeSqs
from tools.errors import Failure
from tools.operations.queues import Message, delete, in_batches, look, read, release

URL = "https://queue"


def bodies(messages: list[Message]) -> list[int]:
    return sorted(int(message.text) for message in messages)


def test_a_look_finds_every_message_once_and_leaves_all_visible() -> None:
    sqs = FakeSqs(*map(str, range(6010)), call_s=0.1)
    assert bodies(look(sqs.client, [URL])) == list(range(6010))
    assert len(sqs.visible()) == 6010
    assert sqs.calls.count("release") == 601


def test_one_empty_answer_is_not_the_end() -> None:
    sqs = FakeSqs("0", "1")
    hidden = iter([True, False])

    def hide_at_first() -> None:
        for message in sqs.messages:
            message.visible_at = sqs.now + 1 if next(hidden, False) else message.visible_at

    sqs.on_receive = hide_at_first
    assert bodies(look(sqs.client, [URL])) == [0, 1]


def test_a_queue_that_takes_longer_to_read_than_messages_stay_hidden_is_read_to_an_end() -> None:
    sqs = FakeSqs(*map(str, range(3000)), call_s=3.0)
    found = bodies(look(sqs.client, [URL]))
    assert len(found) == len(set(found))
    assert sqs.calls.count("receive") < 300


def test_a_queue_that_is_filled_as_fast_as_it_is_read_has_an_end() -> None:
    sqs = FakeSqs("0", "1", "2", call_s=1.5)
    sqs.on_receive = lambda: sqs.put("9")
    found = bodies(look(sqs.client, [URL]))
    assert found[:3] == [0, 1, 2]
    assert sqs.calls.count("receive") < 10
    assert sqs.visible() == sqs.messages


def test_a_reader_who_stops_leaves_the_rest_visible() -> None:
    sqs = FakeSqs(*map(str, range(30)))
    reading = read(sqs.client, URL)
    [first] = islice(reading, 1)
    reading.close()
    assert len(sqs.visible()) == 29
    release(sqs.client, [first])
    assert len(sqs.visible()) == 30


def test_messages_are_deleted_ten_a_call() -> None:
    sqs = FakeSqs(*map(str, range(25)))
    delete(sqs.client, list(read(sqs.client, URL)))
    assert sqs.messages == []
    assert sqs.calls.count("delete") == 3


def test_what_is_not_deleted_is_told() -> None:
    sqs = FakeSqs("0")
    [message] = read(sqs.client, URL)
    sqs.messages[0].receipt = "another reader's"
    with pytest.raises(Failure, match=r"1 of 1 messages could not be deleted \(ReceiptHandleIsInvalid\)"):
        delete(sqs.client, [message])


def test_a_batch_is_bounded_by_number_and_by_bytes() -> None:
    assert [len(batch) for batch in in_batches(range(25))] == [10, 10, 5]
    assert [len(batch) for batch in in_batches([100_000] * 5, size=lambda bytes_: bytes_)] == [2, 2, 1]

from __future__ import annotations

import uuid

from tests.emulator.fidelity.account import Account
from tools.emulator import control


def test_the_log_of_the_emulator_names_a_topic_and_nothing_of_its_messages(
    account: Account, emulator: control.Emulator
) -> None:
    client, marker = account.client("sns"), f"cardholder-{uuid.uuid4().hex}"
    topic = client.create_topic(Name=f"topic-{uuid.uuid4().hex}")["TopicArn"]
    client.publish(TopicArn=topic, Message=marker)
    client.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[{"Id": "1", "Message": marker}])
    client.publish(PhoneNumber="+15555550100", Message=marker)
    log = emulator.log.read_text()
    assert f"publish to {topic}" in log
    assert marker not in log

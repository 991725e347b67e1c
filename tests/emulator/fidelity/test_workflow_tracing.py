from __future__ import annotations

from tests.emulator.fidelity.account import Account

NOTHING = {"StartAt": "step", "States": {"step": {"Type": "Pass", "End": True}}}


def test_a_state_machine_keeps_whether_it_is_traced(account: Account) -> None:
    client = account.client("stepfunctions")
    machine = account.state_machine("workflow", NOTHING, tracingConfiguration={"enabled": True})
    assert client.describe_state_machine(stateMachineArn=machine)["tracingConfiguration"] == {"enabled": True}
    client.update_state_machine(stateMachineArn=machine, roleArn=account.role("another", trusts="states.amazonaws.com"))
    assert client.describe_state_machine(stateMachineArn=machine)["tracingConfiguration"] == {"enabled": True}
    client.update_state_machine(stateMachineArn=machine, tracingConfiguration={"enabled": False})
    assert client.describe_state_machine(stateMachineArn=machine)["tracingConfiguration"] == {"enabled": False}

"""Express executions of a burst wait their turn; so do asynchronous invocations (`asynchronous_invocation`).

https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html (Express: high event rates)

On AWS each execution of a burst has a machine of its own. ministack starts a thread for each, and a process for every
step that runs beside another: see `tools/emulator/pace.py`.
"""

from __future__ import annotations

from typing import Final

from ministack.services import stepfunctions

from tools.emulator import pace, places

RESTORES: Final = (
    "Step Functions, Lambda: a burst runs a few at a time (else functions time out on the machine's few cores)"
)


def apply() -> None:
    run = places.take(stepfunctions, "_run_execution", "996dff84e0e0")

    def run_in_turn(execution_arn: str) -> None:
        execution = stepfunctions._executions.get(execution_arn) or {}
        machine = stepfunctions._state_machines.get(execution.get("stateMachineArn")) or {}
        if machine.get("type") != "EXPRESS":
            run(execution_arn)
            return
        with pace.EXECUTIONS:
            run(execution_arn)

    places.put(stepfunctions, "_run_execution", run_in_turn)

"""A state machine keeps its `tracingConfiguration`.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html

ministack drops it, so that a second plan would turn tracing on again.
"""

from __future__ import annotations

import json
from typing import Any, Final

from ministack.services import stepfunctions

from tools.emulator import places

RESTORES: Final = "Step Functions: `tracingConfiguration` is kept (else the second plan is not empty)"


def apply() -> None:
    create = places.take(stepfunctions, "_create_state_machine", "4bc1231dda69")
    update = places.take(stepfunctions, "_update_state_machine", "476e0deee6a3")

    def keep(data: dict[str, Any], answer: Any) -> Any:
        status, _, body = answer
        arn = data.get("stateMachineArn") or (json.loads(body).get("stateMachineArn") if status == 200 else None)
        machine = stepfunctions._state_machines.get(arn) if status == 200 else None
        if machine is not None:
            machine["tracingConfiguration"] = data.get(
                "tracingConfiguration", machine.get("tracingConfiguration", {"enabled": False})
            )
        return answer

    def create_traced(data: dict[str, Any]) -> Any:
        return keep(data, create(data))

    def update_traced(data: dict[str, Any]) -> Any:
        return keep(data, update(data))

    places.put(stepfunctions, "_create_state_machine", create_traced)
    places.put(stepfunctions, "_update_state_machine", update_traced)

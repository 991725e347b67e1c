"""A VPC endpoint keeps the policy that it was created with.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html (`policyDocument`)

ministack neither keeps nor returns it, so that the second plan is not empty.
"""

from __future__ import annotations

from typing import Any, Final
from xml.sax.saxutils import escape

from ministack.services import ec2

from tools.emulator import places

RESTORES: Final = "EC2: the policy of a VPC endpoint is kept (else the second plan is not empty)"


def apply() -> None:
    create = places.take(ec2, "_create_vpc_endpoint", "d5a50e265189")
    fields = places.take(ec2, "_vpce_fields_xml", "645fd486d622")

    def create_with_policy(params: Any) -> Any:
        before = set(ec2._vpc_endpoints)
        answer = create(params)
        for created in set(ec2._vpc_endpoints) - before:
            ec2._vpc_endpoints[created]["PolicyDocument"] = ec2._p(params, "PolicyDocument")
        return answer

    def fields_with_policy(endpoint: dict[str, Any], tag: str = "item") -> str:
        text: str = fields(endpoint, tag)
        policy = endpoint.get("PolicyDocument")
        if not policy:
            return text
        return text.replace("<ownerId>", f"<policyDocument>{escape(policy)}</policyDocument><ownerId>", 1)

    places.put(ec2, "_create_vpc_endpoint", create_with_policy)
    places.put(ec2, "_vpce_fields_xml", fields_with_policy)

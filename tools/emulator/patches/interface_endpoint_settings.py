"""An interface endpoint keeps its security groups, and whether it has the service's private name.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html (`groupSet`, `privateDnsEnabled`)

ministack keeps neither, so that the second plan is not empty.
"""

from __future__ import annotations

from typing import Any, Final

from ministack.services import ec2

from tools.emulator import places

RESTORES: Final = (
    "EC2: an interface endpoint keeps its security groups and private name (else the second plan is not empty)"
)


def apply() -> None:
    create = places.take(ec2, "_create_vpc_endpoint", "d5a50e265189")
    fields = places.take(ec2, "_vpce_fields_xml", "645fd486d622")

    def create_with_settings(params: Any) -> Any:
        before = set(ec2._vpc_endpoints)
        answer = create(params)
        for created in set(ec2._vpc_endpoints) - before:
            ec2._vpc_endpoints[created]["SecurityGroupIds"] = ec2._parse_member_list(params, "SecurityGroupId")
            ec2._vpc_endpoints[created]["PrivateDnsEnabled"] = ec2._p(params, "PrivateDnsEnabled") or "false"
        return answer

    def fields_with_settings(endpoint: dict[str, Any], tag: str = "item") -> str:
        text: str = fields(endpoint, tag)
        groups = "".join(f"<item><groupId>{group}</groupId></item>" for group in endpoint.get("SecurityGroupIds", []))
        private = endpoint.get("PrivateDnsEnabled", "false")
        settings = f"<groupSet>{groups}</groupSet><privateDnsEnabled>{private}</privateDnsEnabled>"
        return text.replace("<ownerId>", f"{settings}<ownerId>", 1)

    places.put(ec2, "_create_vpc_endpoint", create_with_settings)
    places.put(ec2, "_vpce_fields_xml", fields_with_settings)

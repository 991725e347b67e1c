"""A security-group rule for all protocols is the same rule whether or not it names ports.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html (-1 is all ports, whatever is named)

ministack compares the ports too, so that revoking the default egress rule of a group leaves it in place and the
second plan is not empty.
"""

from __future__ import annotations

from typing import Any, Final

from ministack.services import ec2

from tools.emulator import places

RESTORES: Final = (
    "EC2: a rule for all protocols matches without its ports (else the default egress rule cannot be revoked)"
)


def apply() -> None:
    match = places.take(ec2, "_rules_match", "df4e365e7322")

    def match_without_ports(one: dict[str, Any], other: dict[str, Any]) -> bool:
        return bool(match(_meant(one), _meant(other)))

    places.put(ec2, "_rules_match", match_without_ports)


def _meant(rule: dict[str, Any]) -> dict[str, Any]:
    if rule.get("IpProtocol") != "-1":
        return rule
    return {name: value for name, value in rule.items() if name not in ("FromPort", "ToPort")}

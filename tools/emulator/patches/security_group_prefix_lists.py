"""A rule of a security group may name prefix lists, such as those of gateway endpoints, and says so when it is read.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html (`PrefixListIds`)
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRule.html (`prefixListId`)

ministack drops them, so that rules for two prefix lists are one rule, and the second plan fails.
"""

from __future__ import annotations

from typing import Any, Final
from xml.sax.saxutils import escape

from ministack.services import ec2

from tools.emulator import places

RESTORES: Final = "EC2: a security-group rule keeps its prefix lists (else rules for two endpoints are one)"


def apply() -> None:
    parse = places.take(ec2, "_parse_ip_permissions", "7c2dbe7668af")
    rule_xml = places.take(ec2, "_sg_rule_xml", "1827f3e2af78")

    def parse_with_lists(params: Any, prefix: str) -> list[dict[str, Any]]:
        rules: list[dict[str, Any]] = parse(params, prefix)
        for number, rule in enumerate(rules, start=1):
            rule["PrefixListIds"] = _named(params, f"{prefix}.{number}.PrefixListIds")
        return rules

    def rule_xml_with_lists(sg_id: str, rule: dict[str, Any], is_egress: bool = False) -> str:
        if not rule.get("PrefixListIds"):
            return str(rule_xml(sg_id, rule, is_egress))
        # ministack writes a rule for a range of addresses as it should be written; only the element's name differs.
        as_range = {**rule, "PrefixListIds": [], "SecurityGroupRuleId": ec2._sg_rule_id(sg_id, is_egress, rule)}
        as_range["Description"] = ec2._sg_rule_description(rule)
        as_range["IpRanges"] = [{"CidrIp": escape(named["PrefixListId"])} for named in rule["PrefixListIds"]]
        return str(rule_xml(sg_id, as_range, is_egress)).replace("cidrIpv4>", "prefixListId>")

    places.put(ec2, "_parse_ip_permissions", parse_with_lists)
    places.put(ec2, "_sg_rule_xml", rule_xml_with_lists)


def _named(params: Any, prefix: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    while named := ec2._p(params, f"{prefix}.{len(found) + 1}.PrefixListId"):
        description = ec2._p(params, f"{prefix}.{len(found) + 1}.Description")
        found.append({"PrefixListId": named} | ({"Description": description} if description else {}))
    return found

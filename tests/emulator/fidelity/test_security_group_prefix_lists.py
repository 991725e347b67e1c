from __future__ import annotations

from tests.emulator.fidelity.account import Account


def test_rules_for_two_prefix_lists_are_two_rules_that_name_them(account: Account) -> None:
    client = account.client("ec2")
    vpc = client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = client.create_security_group(GroupName="functions", Description="functions", VpcId=vpc)["GroupId"]
    names = [f"com.amazonaws.us-east-1.{service}" for service in ("s3", "dynamodb")]
    lists = client.describe_prefix_lists(Filters=[{"Name": "prefix-list-name", "Values": names}])["PrefixLists"]
    wanted = {found["PrefixListId"] for found in lists}
    assert len(wanted) == 2
    created = {}
    for named in wanted:
        https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
        entry = {"PrefixListId": named, "Description": f"to {named}"}
        answer = client.authorize_security_group_egress(
            GroupId=group, IpPermissions=[{**https, "PrefixListIds": [entry]}]
        )
        created[answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]] = named
    rules = client.describe_security_group_rules(SecurityGroupRuleIds=[*created])["SecurityGroupRules"]
    assert {rule["SecurityGroupRuleId"]: rule["PrefixListId"] for rule in rules} == created
    assert {rule["Description"] for rule in rules} == {f"to {named}" for named in wanted}
    assert not any("CidrIpv4" in rule for rule in rules)

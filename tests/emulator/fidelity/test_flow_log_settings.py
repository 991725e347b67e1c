from __future__ import annotations

from tests.emulator.fidelity.account import Account


def test_a_flow_log_keeps_its_settings_and_tags(account: Account) -> None:
    client = account.client("ec2")
    vpc = client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    role = "arn:aws:iam::111111111111:role/flow-logs"
    [created] = client.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogGroupName="/aws/vpc/orders",
        DeliverLogsPermissionArn=role,
        MaxAggregationInterval=60,
        TagSpecifications=[{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "Name", "Value": "orders"}]}],
    )["FlowLogIds"]
    [found] = client.describe_flow_logs(FlowLogIds=[created])["FlowLogs"]
    assert (found["DeliverLogsPermissionArn"], found["MaxAggregationInterval"]) == (role, 60)
    assert found["LogFormat"].startswith("${version} ${account-id} ${interface-id}")
    assert found["Tags"] == [{"Key": "Name", "Value": "orders"}]

from __future__ import annotations

from tests.emulator.fidelity.account import Account


def test_an_interface_endpoint_keeps_its_security_groups_and_private_name(account: Account) -> None:
    client = account.client("ec2")
    vpc = client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = client.create_security_group(GroupName="endpoints", Description="endpoints", VpcId=vpc)["GroupId"]
    subnet = client.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/26")["Subnet"]["SubnetId"]
    created = client.create_vpc_endpoint(
        VpcId=vpc,
        VpcEndpointType="Interface",
        ServiceName="com.amazonaws.us-east-1.sqs",
        SubnetIds=[subnet],
        SecurityGroupIds=[group],
        PrivateDnsEnabled=True,
    )["VpcEndpoint"]["VpcEndpointId"]
    [found] = client.describe_vpc_endpoints(VpcEndpointIds=[created])["VpcEndpoints"]
    assert [each["GroupId"] for each in found["Groups"]] == [group]
    assert found["PrivateDnsEnabled"] is True

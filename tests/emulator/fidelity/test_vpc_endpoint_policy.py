from __future__ import annotations

import json

from tests.emulator.fidelity.account import Account, document, statement


def test_an_endpoint_keeps_its_policy(account: Account) -> None:
    client = account.client("ec2")
    vpc = client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    policy = document(statement("s3:GetObject", "arn:aws:s3:::files/*", Principal="*"))
    endpoint = client.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3", PolicyDocument=policy)[
        "VpcEndpoint"
    ]
    described = client.describe_vpc_endpoints(VpcEndpointIds=[endpoint["VpcEndpointId"]])["VpcEndpoints"][0]
    assert json.loads(described["PolicyDocument"]) == json.loads(policy)

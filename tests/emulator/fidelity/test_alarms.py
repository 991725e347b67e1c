from __future__ import annotations

import json
import urllib.request
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from tests.emulator.fidelity.account import Account, document, statement

SPACE = "{http://monitoring.amazonaws.com/doc/2010-08-01/}"


def _query(account: Account, action: str, **params: str) -> ElementTree.Element:
    """The answer to a request of the Query protocol, which Terraform's provider speaks and boto3 no longer does."""
    credential = f"{account.id}/20260101/us-east-1/monitoring/aws4_request"
    request = urllib.request.Request(  # noqa: S310 -- the emulator's own address
        account.client("cloudwatch").meta.endpoint_url,
        data=urlencode({"Action": action, "Version": "2010-08-01", **params}).encode(),
        headers={
            "Authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0",
            "Content-Type": "application/x-www-form-urlencoded",
        },
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        return ElementTree.fromstring(answer.read())  # noqa: S314 -- the emulator's own answer


def _plain(element: ElementTree.Element) -> Any:
    """An element as text, a list of its members, or a mapping of its children."""
    if len(element) == 0:
        return element.text or ""
    if all(child.tag == f"{SPACE}member" for child in element):
        return [_plain(child) for child in element]
    return {child.tag.removeprefix(SPACE): _plain(child) for child in element}


def _described(account: Account, name: str) -> dict[str, Any]:
    answer = _query(account, "DescribeAlarms", **{"AlarmNames.member.1": name})
    (alarm,) = _plain(answer.find(f"{SPACE}DescribeAlarmsResult/{SPACE}MetricAlarms"))  # type: ignore[arg-type]
    return dict(alarm)


def test_an_alarm_on_a_metric_reads_back_over_the_query_protocol(account: Account) -> None:
    _query(
        account,
        "PutMetricAlarm",
        **{
            "AlarmName": "letters",
            "Namespace": "AWS/SQS",
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions.member.1.Name": "QueueName",
            "Dimensions.member.1.Value": "validator-dlq",
            "Statistic": "Maximum",
            "Period": "300",
            "EvaluationPeriods": "1",
            "Threshold": "0",
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            "InsufficientDataActions.member.1": account.arn("sns", "alarms"),
        },
    )
    alarm = _described(account, "letters")
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": "validator-dlq"}]
    assert (alarm["Statistic"], alarm["Period"], alarm["TreatMissingData"]) == ("Maximum", "300", "notBreaching")
    assert alarm["InsufficientDataActions"] == [account.arn("sns", "alarms")]


def test_an_alarm_on_metric_math_reads_back_over_the_query_protocol(account: Account) -> None:
    stat = "Metrics.member.2.MetricStat"
    _query(
        account,
        "PutMetricAlarm",
        **{
            "AlarmName": "error-rate",
            "EvaluationPeriods": "1",
            "Threshold": "1",
            "ComparisonOperator": "GreaterThanThreshold",
            "Metrics.member.1.Id": "rate",
            "Metrics.member.1.Expression": "100 * errors",
            "Metrics.member.1.ReturnData": "true",
            "Metrics.member.2.Id": "errors",
            "Metrics.member.2.ReturnData": "false",
            f"{stat}.Stat": "Sum",
            f"{stat}.Period": "60",
            f"{stat}.Metric.Namespace": "AWS/Lambda",
            f"{stat}.Metric.MetricName": "Errors",
            f"{stat}.Metric.Dimensions.member.1.Name": "FunctionName",
            f"{stat}.Metric.Dimensions.member.1.Value": "router",
        },
    )
    alarm = _described(account, "error-rate")
    rate, errors = alarm["Metrics"]
    assert rate == {"Id": "rate", "Expression": "100 * errors", "ReturnData": "true"}
    assert errors["MetricStat"]["Metric"]["Dimensions"] == [{"Name": "FunctionName", "Value": "router"}]
    assert (errors["MetricStat"]["Period"], errors["ReturnData"]) == ("60", "false")
    assert "MetricName" not in alarm


def _alarm_on_errors(account: Account, topic: str) -> None:
    account.client("cloudwatch").put_metric_alarm(
        AlarmName="errors", Namespace="AWS/Lambda", MetricName="Errors", Statistic="Sum", Period=60,
        EvaluationPeriods=1, Threshold=0, ComparisonOperator="GreaterThanThreshold", AlarmActions=[topic],
        Dimensions=[{"Name": "FunctionName", "Value": "router"}],
    )  # fmt: skip


def test_an_alarm_changes_only_when_it_is_told_to(account: Account) -> None:
    client = account.client("cloudwatch")
    _alarm_on_errors(account, account.arn("sns", "alarms"))
    other = [{"Name": "FunctionName", "Value": "another"}]
    client.put_metric_data(
        Namespace="AWS/Lambda", MetricData=[{"MetricName": "Errors", "Value": 1, "Dimensions": other}]
    )
    assert client.describe_alarms(AlarmNames=["errors"])["MetricAlarms"][0]["StateValue"] == "INSUFFICIENT_DATA"
    client.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="a test")
    assert client.describe_alarms(AlarmNames=["errors"])["MetricAlarms"][0]["StateValue"] == "ALARM"


def test_an_alarm_notifies_a_topic_that_admits_cloudwatch_and_no_other(account: Account) -> None:
    sns, cloudwatch = account.client("sns"), account.client("cloudwatch")
    url, queue = account.queue("mail", admits="sns.amazonaws.com")
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"})
    _alarm_on_errors(account, topic)
    for principal, state in (("lambda.amazonaws.com", "ALARM"), ("cloudwatch.amazonaws.com", "OK")):
        policy = document(statement("sns:Publish", topic, Principal={"Service": principal}))
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
        cloudwatch.set_alarm_state(AlarmName="errors", StateValue=state, StateReason="a test")
        cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="a test")
    assert json.loads(account.receive(url)["body"])["OldStateValue"] == "OK"

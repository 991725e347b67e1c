"""An API and a bucket reach a function only with its permission for them.

https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html#apigateway-permissions
https://docs.aws.amazon.com/lambda/latest/dg/with-s3.html (`lambda:InvokeFunction` for `s3.amazonaws.com`)

Without it API Gateway answers 500 `Internal server error`, and S3 refuses the notification when it is configured
(https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html), or sends nothing when the
permission is gone since. An integration with `credentials` acts in that role instead. ministack asks neither for a
permission.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import apigateway_v1, lambda_svc, s3

from tools.emulator import deliveries, places

RESTORES: Final = "Lambda: API Gateway and S3 need a permission to invoke a function"


def apply() -> None:
    for name, fingerprint in (
        ("_invoke_lambda_proxy_v1", "5651a96fa7ba"),
        ("_invoke_lambda_custom_v1", "79d47dae9d00"),
    ):
        places.put(apigateway_v1, name, _with_permission(places.take(apigateway_v1, name, fingerprint)))
    notify = places.take(s3, "_deliver_event_to_lambda", "0bdd18b38925")

    def notify_with_permission(arn: str, event: dict[str, Any], bucket_region: str) -> None:
        bucket = event["Records"][0]["s3"]["bucket"]["name"]
        if _admits_bucket(arn, bucket):
            notify(arn, event, bucket_region)
        else:
            s3.logger.warning("%s does not admit the bucket %s", arn, bucket)

    places.put(s3, "_deliver_event_to_lambda", notify_with_permission)
    validate = places.take(s3, "_validate_notification_configs", "780d0ff4d6e7")

    def validate_with_permission(
        configs: list[dict[str, Any]], region: str, bucket: str = "", skip_destination_validation: bool = False
    ) -> Any:
        refused = validate(configs, region, bucket, skip_destination_validation)
        if refused or skip_destination_validation:
            return refused
        functions = [config["arn"] for config in configs if config["type"] == "lambda"]
        unreachable = [
            arn
            for arn in functions
            if not (lambda_svc._get_func_record_for_ref(arn)[1] and _admits_bucket(arn, bucket))
        ]
        problem = "Unable to validate the following destination configurations: " + ", ".join(unreachable)
        return s3._invalid_notification_config(problem) if unreachable else None

    places.put(s3, "_validate_notification_configs", validate_with_permission)


def _with_permission(invoke: Callable[..., Any]) -> Callable[..., Any]:
    async def invoke_with_permission(
        integration: dict[str, Any], api_id: str, stage: str, *rest: Any, **options: Any
    ) -> Any:
        account = options.get("owner_account_id") or get_account_id()
        region = options.get("owner_region") or get_region()
        _, resource, _, method = rest[:4]
        source = f"arn:aws:execute-api:{region}:{account}:{api_id}/{stage}/{method}{resource['path']}"
        function = apigateway_v1._extract_lambda_ref_from_integration_uri(integration.get("uri", ""))
        with request_scope(account, region):
            admitted = bool(integration.get("credentials")) or _admits("apigateway.amazonaws.com", function, source)
        if not admitted:
            return apigateway_v1._gw_error("API_CONFIGURATION_ERROR", "Internal server error")
        return await invoke(integration, api_id, stage, *rest, **options)

    return invoke_with_permission


def _admits_bucket(function: str, bucket: str) -> bool:
    return _admits("s3.amazonaws.com", function, f"arn:aws:s3:::{bucket}")


def _admits(service: str, function: str, source_arn: str) -> bool:
    """Whether a function admits a service for a resource; one that does not exist is for the caller to notice."""
    _, config, _ = lambda_svc._get_func_record_for_ref(function)
    if not config:
        return True
    arn = config["FunctionArn"]
    policy = lambda_svc.function_policy_for_arn(arn)
    return policy is not None and deliveries.policy_admits(policy[0], service, "lambda:InvokeFunction", arn, source_arn)
